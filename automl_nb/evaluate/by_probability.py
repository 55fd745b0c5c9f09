"""Metrics of whether the probabilities themselves are right."""

from __future__ import annotations

import numpy as np

from automl_nb.core.types import TaskKind
from automl_nb.evaluate.judged import Judged
from automl_nb.evaluate.metric import CLASSIFICATION, of_rows
from automl_nb.evaluate.reliability import equal_mass_bins, stated

EPSILON = float(np.finfo(np.float64).eps)  # the same guard against log 0 as scikit-learn's


@of_rows("probabilities", *CLASSIFICATION, greater_is_better=False, bounds=(0.0, np.inf))
def log_loss(rows: Judged) -> np.ndarray:
    """Mean surprise at the truth, -log p, in nats (for multi-label the mean over labels)."""
    if rows.multilabel:
        kept = np.clip(rows.scores, EPSILON, 1.0 - EPSILON)
        surprise = -np.where(rows.y > 0, np.log(kept), np.log1p(-kept))
        return rows.mean(surprise.mean(axis=1))
    given = rows.scores[np.arange(len(rows.y)), rows.y]
    return rows.mean(-np.log(np.clip(given, EPSILON, 1.0 - EPSILON)))


@of_rows("probabilities", *CLASSIFICATION, greater_is_better=False, bounds=(0.0, 2.0))
def brier(rows: Judged) -> np.ndarray:
    """Mean squared error of the probabilities (Brier 1950).

    Of the positive class for two classes, summed over classes for more, the mean over
    labels for multi-label.
    """
    if rows.task.kind is TaskKind.BINARY:
        return rows.mean((rows.scores[:, 1] - rows.y) ** 2)
    squares = (rows.scores - rows.truth) ** 2
    return rows.mean(squares.mean(axis=1) if rows.multilabel else squares.sum(axis=1))


@of_rows("probabilities", *CLASSIFICATION, greater_is_better=False)
def ece(rows: Judged) -> np.ndarray:
    """Expected calibration error over 15 bins of equal mass (fewer under 150 answers).

    The bins are laid once over all rows, and kept for every weighting.
    """
    said, came_true = stated(rows.y, rows.scores, rows.task)
    bins, gaps = equal_mass_bins(said), said - came_true
    columns = [np.where(bins == member, gaps, 0.0) for member in range(bins.max() + 1)]
    total = rows.total
    if rows.multilabel:
        columns = [column.sum(axis=1) for column in columns]
        total = total * rows.scores.shape[1]
    error: np.ndarray = np.abs(rows.weights.T @ np.column_stack(columns)).sum(axis=1) / total
    return error
