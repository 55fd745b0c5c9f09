"""The training of a network: how its learning rate went, and where it began to over-fit."""

from __future__ import annotations

import math

import numpy as np

from automl_nb.core.show.messages import say
from automl_nb.core.show.words import number
from automl_nb.core.state import Curve, Trial
from automl_nb.evaluate.words import label
from automl_nb.explained.base import Explanation, Facts, Moment, Step
from automl_nb.explained.words import drawn, told
from automl_nb.report.ink import Ink, colour
from automl_nb.report.picture import Picture, quiet_grid
from automl_nb.transfer.loop import WARM_UP, rate_share

_FEWEST = 4  # points of a curve from which its shape can be seen
_MOST = 60
_STEPS = 100  # in which the schedule is drawn
_GROWN = {"boosting"}  # what grows trees rather than making passes over the rows


def _told(curve: Curve, name: str) -> list[float]:
    """A measure at each report, NaN where it wasn't told."""
    values = curve.metrics.get(name, [])
    return [*values, *[math.nan] * (len(curve.resource) - len(values))]


def _short(value: float) -> str:
    """Epochs or trees, no more exact than a person needs them."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _finished(moment: Moment) -> list[tuple[Trial, Curve]]:
    """Trials that have come to their end, with their curves."""
    trials, curves = moment.state.trials, moment.state.curves
    ended = [trials[name] for name in curves if name in trials]
    return [(one, curves[one.trial]) for one in ended if one.status == "done"]


def _network(moment: Moment) -> tuple[Trial, Curve] | None:
    """The first network that was tuned: its reports tell the loss of the rows it learns from."""
    return next((pair for pair in _finished(moment) if "train_loss" in pair[1].metrics), None)


def _record_warm_up(moment: Moment) -> Facts | None:
    found = _network(moment)
    if found is None:
        return None
    trial, curve = found
    rate = trial.config.get("lr")
    points = zip(curve.resource, _told(curve, "train_loss"), strict=True)
    return {
        "model": trial.trial,
        "epochs": round(curve.total, 3),
        "ended": round(curve.resource[-1], 3),
        "rate": rate if isinstance(rate, int | float) else None,
        "losses": [[round(at, 3), round(loss, 4)] for at, loss in points if math.isfinite(loss)],
    }


def _tell_warm_up(facts: Facts) -> Explanation:
    return Explanation(
        "warm-up",
        say("explain.warm_up.title"),
        told(
            "explain.warm_up",
            "why",
            "then",
            "rate" if facts["rate"] else "",
            model=label(facts["model"]),
            warm=WARM_UP,
            epochs=_short(facts["epochs"]),
            rate=f"{facts['rate']:.2g}" if facts["rate"] else "",
        ),
        lambda figure, ink: _draw_warm_up(figure, facts, ink),
        (6.0, 2.7),
        say("explain.warm_up.alt", warm=WARM_UP, epochs=_short(facts["epochs"])),
    )


def _draw_warm_up(figure: Picture, facts: Facts, ink: Ink) -> None:
    ax, total = figure.subplots(), float(facts["epochs"])
    shares = [rate_share(step, _STEPS) for step in range(_STEPS + 1)]
    places = np.linspace(0.0, total, _STEPS + 1)
    ax.axvspan(0.0, WARM_UP * total, color=ink.faint, alpha=0.15, linewidth=0)
    words = drawn("explain.warm_up.share")
    ax.plot(places, shares, color=colour(0), linewidth=2, label=words)
    ax.set_xlabel(drawn("explain.epochs"))
    ax.set_ylabel(words)
    ax.set(xlim=(0.0, total), ylim=(0.0, 1.08))
    ax.text(WARM_UP * total * 1.1, 0.06, f"← {drawn('explain.warm_up.part')}", fontsize=8.5)
    quiet_grid(ax, ink)
    if len(facts["losses"]) > 1:
        other = ax.twinx()
        at, losses = zip(*facts["losses"], strict=True)
        words = drawn("explain.loss.train")
        other.plot(at, losses, "--o", color=colour(1), markersize=3, label=words)
        other.set_ylabel(words)
        other.spines["right"].set_visible(True)
        figure.legend(loc="outside upper left", ncols=2)


def _record_fit(moment: Moment) -> Facts | None:
    """Of a tuned network as soon as there is one; else the longest curve at the end of the run."""
    found = _network(moment)
    if found is None and moment.over:
        told_losses = [
            pair
            for pair in _finished(moment)
            if np.isfinite(_told(pair[1], "loss")).sum() >= _FEWEST
        ]
        found = max(told_losses, key=lambda pair: len(pair[1].resource), default=None)
    if found is None or np.isfinite(_told(found[1], "loss")).sum() < 2:
        return None
    trial, curve = found
    held, at = np.array(_told(curve, "loss")), np.array(curve.resource)
    some = _thinned(np.isfinite(held), int(np.nanargmin(held)))
    train = np.array(_told(curve, "train_loss"))
    return {
        "model": trial.trial,
        "unit": "trees" if trial.strategy in _GROWN else "epochs",
        "at": at[some].round(3).tolist(),
        "held": held[some].round(5).tolist(),
        "train": [round(x, 5) if math.isfinite(x) else None for x in train[some].tolist()],
    }


def _thinned(known: np.ndarray, kept: int) -> np.ndarray:
    """Positions of at most so many points, the kept one and the last among them."""
    rows = np.flatnonzero(known)
    step = -(-len(rows) // _MOST)
    return np.unique([*rows[::step], rows[-1], kept])


def _tell_fit(facts: Facts) -> Explanation:
    held, at = np.array(facts["held"]), facts["at"]
    kept = int(held.argmin())
    train = [value for value in facts["train"] if value is not None]
    case = "start" if at[kept] == 0 else "over" if kept < len(held) - 1 else "falling"
    return Explanation(
        "over-fitting",
        say("explain.fit.title"),
        told(
            "explain.fit",
            "both" if len(train) > 1 else "one",
            case,
            model=label(facts["model"]),
            at=_short(at[kept]),
            unit=say(f"explain.{facts['unit']}"),
            least=number(float(held[kept])),
            last=number(float(held[-1])),
        ),
        lambda figure, ink: _draw_fit(figure, facts, ink),
        (6.0, 2.8),
        say(
            "explain.fit.alt",
            least=number(float(held[kept])),
            at=_short(at[kept]),
            unit=say(f"explain.{facts['unit']}"),
            last=number(float(held[-1])),
        ),
    )


def _draw_fit(figure: Picture, facts: Facts, ink: Ink) -> None:
    ax, at = figure.subplots(), np.array(facts["at"])
    held = np.array(facts["held"])
    train = np.array([math.nan if x is None else x for x in facts["train"]])
    mark = "o" if len(at) <= 20 else ""
    ax.plot(
        at,
        held,
        "-",
        marker=mark,
        markersize=3,
        color=colour(0),
        linewidth=2,
        label=drawn("explain.loss.held"),
    )
    if np.isfinite(train).sum() > 1:
        ax.plot(
            at,
            train,
            "--",
            marker=mark,
            markersize=3,
            color=colour(1),
            label=drawn("explain.loss.train"),
        )
    kept = int(held.argmin())
    ax.axvline(at[kept], color=ink.faint, linestyle=":", linewidth=1.2)
    ax.plot(
        at[kept], held[kept], "D", color=colour(2), markersize=7, label=drawn("explain.fit.kept")
    )
    ax.set_xlabel(drawn(f"explain.{facts['unit']}"))
    ax.set_ylabel(drawn("explain.loss"))
    quiet_grid(ax, ink)
    figure.legend(loc="outside upper left", ncols=3)


warm_up = Step(_record_warm_up, _tell_warm_up)
over_fitting = Step(_record_fit, _tell_fit)
