"""Which rows are held out, how they were drawn, and why."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from automl_nb.core.show.messages import say
from automl_nb.core.types import Task, TaskKind
from automl_nb.evaluate.words import label
from automl_nb.explained.base import Explanation, Facts, Moment, Step
from automl_nb.explained.words import drawn, told
from automl_nb.report.ink import Ink, colour, shown
from automl_nb.report.picture import Picture, quiet_grid

_MOST_BARS = 8
_RULES = ("column", "group", "time", "stratified", "random")


def _record(moment: Moment) -> Facts:
    """How many rows of each class (or range of values) each part has."""
    dataset, settings = moment.bench.dataset, moment.bench.settings
    count = _counter(dataset.y, dataset.task)
    sealed = dataset.test
    tested = [0] * len(count.names) if sealed is None else sealed.counted(count).tolist()
    learnt = count(dataset.y).tolist()
    order = np.argsort(learnt, kind="stable")[::-1] if count.by_class else np.arange(len(learnt))
    kept = order[:_MOST_BARS]
    return {
        "label": dataset.task.label,
        "kind": dataset.task.kind.value,
        "rule": _rule(settings, dataset.task, given=sealed is not None and "given" in dataset.how),
        "named": settings.split_column or settings.group or settings.time_column,
        "learnt": len(dataset.development),
        "tested": 0 if sealed is None else sealed.n_rows,
        "folds": len(dataset.folds),
        "fit": dataset.n_train,
        "judge": dataset.n_valid,
        "bars": [[count.names[i], learnt[i], tested[i]] for i in kept],
        "left_out": len(order) - len(kept),
    }


class _Counter:
    """Rows of each class, of each label, or of each tenth of the values' range."""

    def __init__(self, names: list[str], edges: np.ndarray | None) -> None:
        self.names, self._edges = names, edges
        self.by_class = edges is None

    def __call__(self, y: np.ndarray) -> np.ndarray:
        if self._edges is not None:
            return np.bincount(np.searchsorted(self._edges, y), minlength=len(self.names))
        return (
            y.sum(axis=0).astype(int) if y.ndim > 1 else np.bincount(y, minlength=len(self.names))
        )


def _counter(y: np.ndarray, task: Task) -> _Counter:
    if task.kind.is_classification:
        return _Counter(list(task.classes), None)
    low, high = np.quantile(y, [0.02, 0.98]).tolist()
    edges = np.unique(np.linspace(low, high, _MOST_BARS - 1))
    inner = [f"{low:.4g} … {high:.4g}" for low, high in pairwise(edges)]
    return _Counter([f"≤ {edges[0]:.4g}", *inner, f"> {edges[-1]:.4g}"], edges)


def _rule(settings: Any, task: Task, *, given: bool) -> str:
    """By what rows were drawn: given, column, group, time, stratified or random."""
    if given:
        return "given"
    for rule, option in (
        ("column", settings.split_column),
        ("group", settings.group),
        ("time", settings.time_column),
    ):
        if option:
            return rule
    if settings.split in _RULES:
        return str(settings.split)
    return "stratified" if task.kind.is_classification else "random"


def _tell(facts: Facts) -> Explanation:
    values = {name: facts[name] for name in ("learnt", "tested", "folds", "fit", "judge")}
    values["total"] = facts["learnt"] + facts["tested"]
    several = facts["folds"] > 1
    return Explanation(
        "split",
        say("explain.split.title"),
        told(
            "explain.split",
            "sealed" if facts["tested"] else "nothing_sealed",
            f"by_{facts['rule']}" if facts["tested"] else "",
            "folds" if several else "one_fold",
            named=label(facts["named"] or ""),
            label=label(facts["label"]),
            **values,
        ),
        lambda figure, ink: _draw(figure, facts, ink),
        (6.2, 0.85 + 0.27 * len(facts["bars"])),
        _alt(facts),
    )


def _alt(facts: Facts) -> str:
    bars = "; ".join(
        f"{label(name)}: {learnt} / {tested}" for name, learnt, tested in facts["bars"]
    )
    return say("explain.split.alt", bars=bars)


def _draw(figure: Picture, facts: Facts, ink: Ink) -> None:
    ax, bars = figure.subplots(), facts["bars"]
    places = np.arange(len(bars))
    learnt, tested = (np.array([bar[i] for bar in bars], dtype=float) for i in (1, 2))
    ax.barh(places, learnt, 0.7, color=colour(0), label=drawn("explain.split.learnt"))
    if facts["tested"]:
        words = drawn("explain.split.tested")
        ax.barh(places, tested, 0.7, left=learnt, color=colour(1), hatch="///", label=words)
    ax.set_yticks(places, [shown(bar[0]) for bar in bars])
    ax.invert_yaxis()
    many = TaskKind(facts["kind"]) is TaskKind.MULTILABEL
    ax.set_xlabel(drawn("explain.rows_with" if many else "explain.rows"))
    ax.xaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]
    quiet_grid(ax, ink, "x")
    figure.legend(loc="outside upper left", ncols=2, borderpad=0)


split = Step(_record, _tell)
