"""Maximum mean discrepancy of two data sets.

MMD^2 = mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean_{i, j} k(x_i, y_j), the
unbiased estimate (Gretton et al. 2012, JMLR 13, eq. 3), with k(x, y) = exp(-|x - y|^2 / 2 s^2)
and s the median distance of all rows.
"""

from __future__ import annotations

import numpy as np

from automl_nb.explorer.similarity.base import Sample, check_alike
from automl_nb.explorer.similarity.gauss import squared_distances

_MOST = 1000  # rows of each; the kernel grows with their square


class Mmd:
    """Similarity ``mmd``: the root of the unbiased MMD^2, and 0 where that is negative."""

    name = "mmd"

    def distance(self, a: Sample, b: Sample) -> float:
        """Between 0 and about 1.4.

        Example:
            >>> rows = np.random.default_rng(0).normal(size=(60, 2))
            >>> a, b = (Sample(rows + shift, np.zeros(60, int)) for shift in (0, 1))
            >>> Mmd().distance(a, a) == 0.0 < Mmd().distance(a, b)
            True
        """
        check_alike(a, b)
        return float(np.sqrt(max(0.0, mmd2(_some(a.features), _some(b.features)))))


def mmd2(x: np.ndarray, y: np.ndarray) -> float:
    """The unbiased estimate of MMD^2 of (n, d) and (m, d) rows; it may be negative."""
    rows = np.vstack([x, y])
    squared = squared_distances(rows, rows)
    width = float(np.median(squared[np.triu_indices(len(rows), 1)])) if len(rows) > 1 else 0.0
    if width == 0.0:
        width = float(squared.mean()) or 1.0
    kernel = np.exp(-squared / (2.0 * width))
    n = len(x)
    return (
        _mean_off_diagonal(kernel[:n, :n])
        + _mean_off_diagonal(kernel[n:, n:])
        - 2.0 * float(kernel[:n, n:].mean())
    )


def _mean_off_diagonal(kernel: np.ndarray) -> float:
    n = len(kernel)
    if n == 1:
        return 1.0
    return float(kernel.sum() - np.trace(kernel)) / (n * (n - 1))


def _some(rows: np.ndarray) -> np.ndarray:
    if len(rows) <= _MOST:
        return rows
    chosen = np.random.default_rng(0).permutation(len(rows))[:_MOST]
    return rows[np.sort(chosen)]
