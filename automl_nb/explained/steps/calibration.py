"""What calibration changed: whether probabilities came true before and after it."""

from __future__ import annotations

import numpy as np

from automl_nb.core.show.messages import say
from automl_nb.core.show.words import number
from automl_nb.core.types import TaskKind
from automl_nb.evaluate.calibration import reliability_curve
from automl_nb.explained.base import Explanation, Facts, Moment, Step
from automl_nb.explained.words import drawn, told
from automl_nb.report.ink import Ink, colour
from automl_nb.report.picture import Picture, quiet_grid

_CHANGED = 0.02  # of a temperature, from which the change is worth a word


def _record(moment: Moment) -> Facts | None:
    bench = moment.bench
    best, task = bench.champion, bench.dataset.task
    if not moment.over or best is None or bench.kept_score is not None:  # an earlier process's
        return None
    if not task.kind.is_classification or best.knows_nothing:
        return None
    scored = [np.isfinite(one.oof).all(axis=1) for one, _, _ in best.members]
    rows = np.flatnonzero(np.logical_and.reduce([*scored, np.isfinite(best.oof).all(axis=1)]))
    raw = np.sum([weight * one.oof[rows] for one, weight, _ in best.members], axis=0)
    answers = bench.dataset.y[rows]
    curves = {}
    for name, scores in (("before", raw), ("after", best.oof[rows])):
        curve = reliability_curve(answers, scores, task)
        curves[name] = {
            "said": np.round(curve.said, 4).tolist(),
            "true": np.round(curve.observed, 4).tolist(),
            "gap": round(curve.error, 4),
            "loss": round(bench.judge.loss(scores, rows), 4),
        }
    own = [temperature.value for _, _, temperature in best.members]
    return {
        "model": best.name,
        "kind": task.kind.value,
        "rows": len(rows),
        "temperature": round(own[0] * best.temperature.value, 3) if len(own) == 1 else None,
        "temperatures": [round(value, 3) for value in (*own, best.temperature.value)],
        **curves,
    }


def _case(facts: Facts) -> str:
    """calmer, bolder, same, or several where members have temperatures of their own."""
    whole = facts["temperature"]
    if whole is None:
        return "several"
    if abs(whole - 1.0) < _CHANGED:
        return "same"
    return "calmer" if whole > 1.0 else "bolder"


def _tell(facts: Facts) -> Explanation:
    before, after = facts["before"], facts["after"]
    values = {
        "rows": facts["rows"],
        "t": number(float(facts["temperature"] or 1.0)),
        "low": number(min(facts["temperatures"])),
        "high": number(max(facts["temperatures"])),
        "before": number(before["gap"]),
        "after": number(after["gap"]),
        "loss_before": number(before["loss"]),
        "loss_after": number(after["loss"]),
    }
    return Explanation(
        "calibration",
        say("explain.calibration.title"),
        told("explain.calibration", "why", _case(facts), "changed", **values),
        lambda figure, ink: _draw(figure, facts, ink),
        (4.6, 3.5),
        say("explain.calibration.alt", **values),
    )


def _draw(figure: Picture, facts: Facts, ink: Ink) -> None:
    ax = figure.subplots()
    ax.plot([0, 1], [0, 1], ":", color=ink.faint, label=drawn("explain.calibration.honest"))
    for place, (name, mark) in enumerate((("before", "s"), ("after", "o"))):
        curve, hue = facts[name], colour(1 - place)
        words = f"{drawn(f'explain.calibration.{name}')} (ECE {number(curve['gap'])})"
        dash = "--" if place == 0 else "-"
        ax.plot(
            curve["said"], curve["true"], dash, marker=mark, color=hue, markersize=4, label=words
        )
    chosen = TaskKind(facts["kind"]) is TaskKind.MULTICLASS
    ax.set_xlabel(drawn("explain.calibration.top" if chosen else "explain.calibration.said"))
    ax.set_ylabel(drawn("explain.calibration.true"))
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    quiet_grid(ax, ink)
    figure.legend(loc="outside upper left", ncols=1)


calibration = Step(_record, _tell)
