"""How far the classes' means lie apart, in the unit of the spread of all rows."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from automl_nb.explorer.scores.base import Evidence, needs_classes

_PLENTY = 5  # rows a column from which the plain covariance can be trusted


class HScore:
    """Score ``h-score``: tr(cov(f)⁻¹ cov(E[f|y])) (Bao et al. 2019).

    With fewer than 5 rows a column the covariance is shrunk (Ledoit & Wolf 2004) and the
    spread of the means by as much, as Ibrahim et al. 2021 (arXiv 2110.06893) have it:
    tr(cov_a⁻¹ (1 - a) cov(E[f|y])).

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> y = np.arange(40) % 2
        >>> X = np.random.default_rng(0).normal(size=(40, 1)) * 0.01 + y[:, None]
        >>> round(HScore()(Evidence(X, y, TaskKind.BINARY)), 2)
        1.0
    """

    name: ClassVar[str] = "h-score"

    def applies(self, given: Evidence) -> str:
        """Where each row has one class."""
        return needs_classes(given)

    def __call__(self, given: Evidence) -> float:
        """From 0 to the number of classes less one."""
        X = np.asarray(given.inner, dtype=np.float64)
        X = X - X.mean(axis=0)
        n, d = X.shape
        _, codes, counts = np.unique(given.y, return_inverse=True, return_counts=True)
        means = np.zeros((len(counts), d))
        np.add.at(means, codes, X)
        means /= counts[:, None]
        if n >= _PLENTY * d:
            covariance, kept = X.T @ X / n, 1.0
        else:
            from sklearn.covariance import ledoit_wolf

            covariance, shrinkage = ledoit_wolf(X, assume_centered=True)
            kept = 1.0 - float(shrinkage)
        # Columns that never change, or repeat others, take no part.
        whitened = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True) @ means.T
        return kept * float(((means.T * whitened) @ (counts / n)).sum())
