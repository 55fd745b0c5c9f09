"""The interval of answers that are all right, of which a bootstrap knows no mistakes.

Every resample of rows that are all right is all right, so that the percentiles leave no room
for the mistakes that so many rows can't show. What n of n right answers allow for is known exactly
(Clopper and Pearson 1934, Biometrika 26; "If nothing goes wrong, is everything all right?",
Hanley and Lippman-Hand 1983, JAMA 249; for the ROC area Obuchowski and Lieber 2002, "Confidence
bounds when the estimated ROC area is 1.0", Academic Radiology 9).
"""

from __future__ import annotations

import numpy as np

from automl_nb.core.types import Interval, TaskKind
from automl_nb.evaluate.metric import Metric

BY_CLASS = ("balanced_accuracy", "f1", "precision", "recall", "mcc")  # hang on the smallest class
EVENLY = ("f1_weighted", "f1_micro", "precision_weighted", "recall_weighted")
BY_RANK = ("roc_auc", "pr_auc")
LEFT_OUT = 0.025  # at either end of a 95% interval
_SPLITS = 65  # ways to divide the doubt between rows of the class and others


def least_share(n_rows: int) -> float:
    """The lower end of the 95% interval of a share, when `n_rows` of as many are right.

    Example:
        >>> round(least_share(8), 3), round(least_share(114), 3)
        (0.631, 0.968)
    """
    return float(LEFT_OUT ** (1.0 / n_rows))


def least_auc(n_of_class: int, n_others: int) -> float:
    """The lower end of the 95% interval of a ROC area that is 1 on so many rows.

    It holds whatever the scores' distribution. Of m = min(n_of_class, n_others) pairs that share
    no row each is ordered rightly with the chance A, the true area, and all of them must be where
    the rows are ordered without a mistake: the chance of that is A^m at most.

    Example:
        >>> round(least_auc(12, 24), 3), round(least_auc(500, 500), 3)
        (0.735, 0.993)
    """
    return least_share(min(n_of_class, n_others))


def least_precision(n_of_class: int, n_others: int) -> float:
    """The lower end of the 95% interval of an average precision that is 1 on so many rows.

    The lowest among scores by which a share of the class ranks below all others and a share of
    the others above all the class: as large as leaves 2.5% chance to meet none of them. The
    precision behind a share u of the class is u / (u + k), with k of the others' share.

    Example:
        >>> round(least_precision(12, 24), 3), round(least_precision(500, 500), 3)
        (0.571, 0.964)
    """
    ratio = n_others / n_of_class
    ranked = np.linspace(least_share(n_of_class), 1.0, _SPLITS)  # of the class, above the others
    above = ratio * (1.0 - np.minimum(1.0, LEFT_OUT / ranked**n_of_class) ** (1.0 / n_others))
    areas = _precision_up_to(ranked, above) + (
        _precision_up_to(np.ones(1), np.full(1, ratio)) - _precision_up_to(ranked, ratio)
    )
    return float(areas.min())


def _precision_up_to(u: np.ndarray, k: np.ndarray | float) -> np.ndarray:
    """The area under v / (v + k) for v from 0 to u."""
    k = np.maximum(k, 1e-12)
    area: np.ndarray = u - k * np.log1p(u / k)
    return area


def widened(metric: Metric, found: Interval, y: np.ndarray, kind: TaskKind) -> Interval:
    """The interval with room where all rows are right, or none is.

    Args:
        metric: Shares of right answers, Matthews' correlation and areas by rank are widened.
        found: By the percentiles of resamples.
        y: The truth.
        kind: What `y` means.
    """
    if found.low != found.high:
        return found
    if metric.name in BY_RANK:
        return _ranked(metric, found, y, kind)
    if metric.needs != "labels" or metric.bounds[1] != 1.0:
        return found
    room = 1.0 - least_share(_rows(metric, y))
    if found.value == 1.0:
        return Interval(1.0, 1.0 - room, 1.0)
    is_least = found.value == 0.0 == metric.bounds[0]
    return Interval(0.0, 0.0, room) if is_least else found


def _ranked(metric: Metric, found: Interval, y: np.ndarray, kind: TaskKind) -> Interval:
    """That of an area by rank: a mean over classes is no less sure than the least sure of them."""
    if found.value != 1.0:
        return found
    least = least_auc if metric.name == "roc_auc" else least_precision
    return Interval(1.0, min(least(of, others) for of, others in _sides(y, kind)), 1.0)


def _sides(y: np.ndarray, kind: TaskKind) -> list[tuple[int, int]]:
    """How many rows each class that is ranked has, and how many are others."""
    if kind is TaskKind.MULTILABEL:
        counts = y.sum(axis=0).astype(int)
    elif kind is TaskKind.BINARY:
        counts = np.array([np.sum(y == 1)])
    else:
        counts = np.unique(y, return_counts=True)[1]
    return [(int(n), len(y) - int(n)) for n in counts if 0 < n < len(y)]


def _rows(metric: Metric, y: np.ndarray) -> int:
    """How many rows the metric hangs on."""
    by_class = metric.name.startswith(BY_CLASS) and metric.name not in EVENLY
    if by_class and y.ndim == 1:
        return int(np.unique(y, return_counts=True)[1].min())
    return len(y)
