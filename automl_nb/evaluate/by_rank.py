"""Metrics of how well scores rank the rows of a class above the others.

With more than two classes each class is held against the rest and the mean is taken over
the classes for which a value exists. A part with one class only has no value (NaN).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from automl_nb.core.types import TaskKind
from automl_nb.evaluate.judged import Judged
from automl_nb.evaluate.metric import CLASSIFICATION, of_rows

# (n,) bool is of the class, (n,) score, (n, b) weights -> (b,) values
RankOfOne = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@of_rows("probabilities", *CLASSIFICATION)
def roc_auc(rows: Judged) -> np.ndarray:
    """Chance that a row of the class is scored above one that isn't (area under the ROC curve)."""
    return _one_against_rest(rows, auc_of_one)


@of_rows("probabilities", *CLASSIFICATION)
def pr_auc(rows: Judged) -> np.ndarray:
    """Average precision: the step-wise area under the precision-recall curve."""
    return _one_against_rest(rows, average_precision_of_one)


def auc_of_one(positive: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mann-Whitney's statistic, ties counted half.

    Args:
        positive: (n,) bool.
        score: (n,) any numbers.
        weights: (n, b).

    Returns:
        (b,) float64, NaN where one side has no weight.
    """
    others = np.flatnonzero(~positive)
    others = others[np.argsort(score[others])]
    low, sought, heavy = score[others], score[positive], weights[positive]
    below, up_to = np.searchsorted(low, sought, "left"), np.searchsorted(low, sought, "right")
    passed = _cumulated(weights[others])
    wins = _dot(heavy, passed[below] + passed[up_to]) / 2.0
    area: np.ndarray = wins / (heavy.sum(axis=0) * passed[-1].astype(np.float64))
    return area


def average_precision_of_one(
    positive: np.ndarray, score: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Mean precision at the rows of the class, met from the highest score down.

    Rows of equal score are met together. Shapes as in `auc_of_one`; NaN where the class
    has no weight.
    """
    order = np.argsort(-score)
    falling, is_positive = -score[order], positive[order]
    # How many rows (of the class, and in all) have been met once a row's whole tie has.
    met = np.searchsorted(falling, falling[is_positive], "right")
    met_positive = np.searchsorted(falling[is_positive], falling[is_positive], "right")
    heavy = weights[order[is_positive]]
    found = _cumulated(heavy)
    seen = _cumulated(weights[order])[met]
    precision = found[met_positive] / np.maximum(seen, 1e-300, dtype=np.float64)
    area: np.ndarray = _dot(heavy, precision) / found[-1]
    return area


def _cumulated(weights: np.ndarray) -> np.ndarray:
    """(n + 1, b) running sums from 0."""
    sums = np.empty((len(weights) + 1, weights.shape[1]), weights.dtype)
    sums[0] = 0.0
    np.cumsum(weights, axis=0, out=sums[1:])
    return sums


def _dot(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(b,) float64 sums of the products of two (p, b) matrices."""
    sums: np.ndarray = np.einsum("pb,pb->b", left, right, dtype=np.float64)
    return sums


def _one_against_rest(rows: Judged, rank: RankOfOne) -> np.ndarray:
    if rows.task.kind is TaskKind.BINARY:
        return rank(rows.y == 1, rows.scores[:, 1], rows.weights)
    values = np.full((rows.scores.shape[1], rows.weights.shape[1]), np.nan)
    for position in range(rows.scores.shape[1]):
        positive = rows.truth[:, position] > 0
        if positive.any() and not positive.all():
            values[position] = rank(positive, rows.scores[:, position], rows.weights)
    known = ~np.isnan(values)
    mean: np.ndarray = np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0)
    return mean
