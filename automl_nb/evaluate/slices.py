"""The main metric on parts of the rows: what one number over all rows hides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from automl_nb.core.types import Interval, Task
from automl_nb.evaluate.bootstrap import interval
from automl_nb.evaluate.decide import Thresholds

MOST_SLICES = 12  # the largest of each division


@dataclass(frozen=True)
class Slice:
    """One part of the rows.

    Attributes:
        of: What divides the rows, such as ``"script of 'review'"``.
        name: What this part's rows have in common, such as ``"Cyrillic"``.
        n_rows: How many were judged.
        score: The objective's metric on them.
    """

    of: str
    name: str
    n_rows: int
    score: Interval


def slices_of(
    metric: str,
    y: np.ndarray,
    scores: np.ndarray,
    task: Task,
    divisions: Mapping[str, Sequence[str]],
    *,
    thresholds: Thresholds | None = None,
    seed: int = 0,
) -> tuple[Slice, ...]:
    """Judge each part of each division, the largest parts first.

    Args:
        metric: A name of the metric registry.
        y: The truth, as `metrics.evaluate` takes it.
        scores: (n, k) float64.
        task: Says what `y` means.
        divisions: (n,) names of the rows' parts, by what divides them; one that doesn't
            divide the rows is left out.
        thresholds: How label metrics decide.
        seed: Seeds the intervals' draws.

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> task = Task(TaskKind.BINARY, "label", ("no", "yes"))
        >>> scores = np.array([[0.9, 0.1], [0.8, 0.2], [0.9, 0.1]])
        >>> found = slices_of("accuracy", np.array([0, 0, 1]), scores, task, {"shop": "aab"})
        >>> [(one.name, one.n_rows, one.score.value) for one in found]
        [('a', 2, 1.0), ('b', 1, 0.0)]
    """
    made: list[Slice] = []
    for of, names in divisions.items():
        parts = np.asarray(list(names), dtype=object)
        found, counts = np.unique(parts, return_counts=True)
        if len(found) < 2:
            continue
        for name in found[np.argsort(-counts, kind="stable")][:MOST_SLICES]:
            rows = np.flatnonzero(parts == name)
            score = interval(metric, y[rows], scores[rows], task, thresholds=thresholds, seed=seed)
            made.append(Slice(of, str(name), len(rows), score))
    return tuple(made)
