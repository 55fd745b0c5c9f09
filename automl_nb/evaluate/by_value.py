"""Metrics of predicted numbers, in the label's own unit (R2 has none)."""

from __future__ import annotations

import numpy as np

from automl_nb.evaluate.judged import Judged
from automl_nb.evaluate.metric import REGRESSION, of_rows


@of_rows("values", *REGRESSION, greater_is_better=False, bounds=(0.0, np.inf))
def rmse(rows: Judged) -> np.ndarray:
    """Root of the mean squared error."""
    error: np.ndarray = np.sqrt(rows.mean((rows.predicted - rows.y) ** 2))
    return error


@of_rows("values", *REGRESSION, greater_is_better=False, bounds=(0.0, np.inf))
def mae(rows: Judged) -> np.ndarray:
    """Mean absolute error."""
    return rows.mean(np.abs(rows.predicted - rows.y))


@of_rows("values", *REGRESSION, bounds=(-np.inf, 1.0))
def r2(rows: Judged) -> np.ndarray:
    """Share of the variance explained.

    Where all true values are equal: 1 if every answer is right, else 0. NaN for one row.
    """
    if len(rows.y) < 2:
        return np.full(rows.weights.shape[1], np.nan)
    centred = rows.y - rows.y.mean()
    unexplained = rows.mean((rows.predicted - rows.y) ** 2)
    variance = rows.mean(centred**2) - rows.mean(centred) ** 2
    varies = variance > np.finfo(np.float64).eps * max(1.0, float((centred**2).max()))
    return np.where(varies, 1.0 - unexplained / variance, np.where(unexplained == 0, 1.0, 0.0))


@of_rows("values", *REGRESSION, greater_is_better=False, bounds=(0.0, np.inf))
def medae(rows: Judged) -> np.ndarray:
    """Median absolute error."""
    errors = np.abs(rows.predicted - rows.y)
    order = np.argsort(errors, kind="stable")
    passed = np.cumsum(rows.weights[order], axis=0)
    half = rows.total / 2.0
    lower = errors[order][(passed >= half).argmax(axis=0)]
    upper = errors[order][(passed > half).argmax(axis=0)]
    middle: np.ndarray = (lower + upper) / 2.0
    return middle
