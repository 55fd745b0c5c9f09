"""The interval of answers that are all right, of which a bootstrap knows no mistakes.

Every resample of rows that are all right is all right, so that the percentiles leave no room
for the mistakes that so many rows can't show. What n of n right answers allow for is known exactly
(Clopper and Pearson 1934, Biometrika 26).
"""

from __future__ import annotations

import numpy as np

from automl_nb.core.types import Interval
from automl_nb.evaluate.metric import Metric

BY_CLASS = ("balanced_accuracy", "f1", "precision", "recall")  # hang on the smallest class
EVENLY = ("f1_weighted", "f1_micro", "precision_weighted", "recall_weighted")
LEFT_OUT = 0.025  # at either end of a 95% interval


def least_share(n_rows: int) -> float:
    """The lower end of the 95% interval of a share, when `n_rows` of as many are right.

    Example:
        >>> round(least_share(8), 3), round(least_share(114), 3)
        (0.631, 0.968)
    """
    return float(LEFT_OUT ** (1.0 / n_rows))


def widened(metric: Metric, found: Interval, y: np.ndarray) -> Interval:
    """The interval of a share of right answers, with room where all rows are right, or none is.

    Args:
        metric: Only those of decided labels between 0 and 1 are widened.
        found: By the percentiles of resamples.
        y: The truth.
    """
    if metric.needs != "labels" or metric.bounds != (0.0, 1.0) or found.low != found.high:
        return found
    room = 1.0 - least_share(_rows(metric, y))
    if found.value == 1.0:
        return Interval(1.0, 1.0 - room, 1.0)
    return Interval(0.0, 0.0, room) if found.value == 0.0 else found


def _rows(metric: Metric, y: np.ndarray) -> int:
    """How many rows the metric hangs on."""
    by_class = metric.name.startswith(BY_CLASS) and metric.name not in EVENLY
    if by_class and y.ndim == 1:
        return int(np.unique(y, return_counts=True)[1].min())
    return len(y)
