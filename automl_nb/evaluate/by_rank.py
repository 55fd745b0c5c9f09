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
    others, sought, heavy = score[~positive], score[positive], weights[positive]
    order = np.argsort(others)
    below = np.searchsorted(others, sought, "left", sorter=order)
    up_to = np.searchsorted(others, sought, "right", sorter=order)
    passed = _cumulated(weights[~positive][order])
    wins = np.einsum("pb,pb->b", heavy, passed[below] + passed[up_to]) / 2.0
    area: np.ndarray = wins / (heavy.sum(axis=0) * passed[-1])
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
    heavy = weights[order][is_positive]
    found = _cumulated(heavy)
    seen = _cumulated(weights[order])[met]
    precision = np.divide(found[met_positive], seen, out=np.zeros_like(seen), where=seen > 0)
    area: np.ndarray = np.einsum("pb,pb->b", heavy, precision) / found[-1]
    return area


def _cumulated(weights: np.ndarray) -> np.ndarray:
    """(n + 1, b) running sums from 0."""
    sums = np.zeros((len(weights) + 1, weights.shape[1]))
    np.cumsum(weights, axis=0, out=sums[1:])
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
