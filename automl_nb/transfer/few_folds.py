"""The run's folds brought together to fewer, where each costs the training of a network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from automl_nb.data.split import Fold


def few_folds(folds: Sequence[Fold], most: int) -> tuple[Fold, ...]:
    """At most so many folds over the same judged rows.

    Neighbouring folds are judged together and fitted on what is fitted on in all of them,
    so that groups stay whole and later rows never teach earlier ones. Folds that would leave
    nothing to fit on stay apart.

    Args:
        folds: The run's folds.
        most: How many are wanted, from 1.

    Example:
        >>> rows = np.arange(6)
        >>> six = [Fold(np.delete(rows, i), rows[i : i + 1]) for i in rows]
        >>> [(fold.fit.tolist(), fold.judge.tolist()) for fold in few_folds(six, 2)]
        [([3, 4, 5], [0, 1, 2]), ([0, 1, 2], [3, 4, 5])]
    """
    if len(folds) <= most:
        return tuple(folds)
    parts = np.array_split(np.arange(len(folds)), most)
    return tuple(made for part in parts for made in _together([folds[i] for i in part]))


def _together(folds: list[Fold]) -> list[Fold]:
    judge = np.unique(np.concatenate([fold.judge for fold in folds]))
    shared = reduce(np.intersect1d, [fold.fit for fold in folds])
    fit = np.setdiff1d(shared, judge)
    return [Fold(fit, judge)] if len(fit) else folds
