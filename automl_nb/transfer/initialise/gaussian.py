"""Heads by Bayes' rule from Gaussian classes that share one covariance S.

m_k = s (x' S^-1 mu_k - mu_k' S^-1 mu_k / 2) + log pi_k, with S the identity for ``class-means``
(the nearest mean wins: Snell et al. 2017, "Prototypical networks", arXiv 1703.05175)
and the pooled covariance within classes for ``lda``, shrunk towards a multiple of the identity
(Fisher 1936; Ledoit & Wolf 2004, "A well-conditioned estimator").

The sharpness s is no part of the rule. Features may have any length (often 1, where all distances
are small), and with many of them the Gaussians are too sure: s is the one number of least log loss
on the training rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_nb.core.types import TaskKind
from automl_nb.transfer.crossfit import row_weights
from automl_nb.transfer.initialise.base import Initialiser
from automl_nb.transfer.linear import LinearPredictor

if TYPE_CHECKING:
    from automl_nb.transfer.base import TrialContext

_UNSEEN = 0.5  # rows that a class without any counts as
_RANGE = 6.0  # powers of e around one standard deviation of the margins
Discriminants = tuple[np.ndarray, np.ndarray]


class ClassMeans(Initialiser):
    """Initialiser ``class-means``: the nearest mean wins."""

    name = "class-means"
    kinds = (TaskKind.BINARY, TaskKind.MULTICLASS, TaskKind.MULTILABEL)

    def discriminants(self, features: np.ndarray, y: np.ndarray, k: int) -> Discriminants:
        """(d, k) coefficients and (k,) intercepts, before sharpness and shares.

        Args:
            features: (n, d), float64.
            y: (n,) class positions.
            k: Classes; one without rows sits at the mean of all.
        """
        means = _means(features, y, k)
        return means.T, -0.5 * (means**2).sum(axis=1)

    def head(self, features: np.ndarray, context: TrialContext) -> LinearPredictor:
        """Bayes' rule for the classes, or for each label and its absence."""
        X, task = np.asarray(features, dtype=np.float64), context.task
        weight = row_weights(context, np.arange(len(X)))
        if task.kind is TaskKind.MULTICLASS:
            coef, intercept = self._rule(X, context.y, len(task.classes), weight)
            return LinearPredictor((), coef, intercept, task.kind)
        labels = context.y.reshape(len(X), -1).astype(np.int64)
        rules = [self._rule(X, labels[:, j], 2, weight) for j in range(labels.shape[1])]
        coef = np.column_stack([coef[:, 1] - coef[:, 0] for coef, _ in rules])
        intercept = np.array([shift[1] - shift[0] for _, shift in rules])
        return LinearPredictor((), coef, intercept, task.kind)

    def _rule(
        self, X: np.ndarray, y: np.ndarray, k: int, weight: np.ndarray | None
    ) -> Discriminants:
        coef, intercept = self.discriminants(X, y, k)
        weight = np.ones(len(y)) if weight is None else weight
        counts = np.maximum(np.bincount(y, weights=weight, minlength=k), _UNSEEN)
        shares = np.log(counts / counts.sum())
        s = sharpness(X @ coef + intercept, shares, y, weight)
        return s * coef, s * intercept + shares


class Lda(ClassMeans):
    """Initialiser ``lda``: directions in which classes scatter count less."""

    name = "lda"

    def discriminants(self, features: np.ndarray, y: np.ndarray, k: int) -> Discriminants:
        """As `ClassMeans.discriminants`."""
        means = _means(features, y, k)
        solved = np.linalg.solve(shared_covariance(features - means[y]), means.T)
        return solved, -0.5 * (means.T * solved).sum(axis=0)


def shared_covariance(scatter: np.ndarray) -> np.ndarray:
    """(d, d) Ledoit-Wolf covariance of rows that are already centred by class.

    Args:
        scatter: (n, d) rows minus their class's mean.
    """
    from sklearn.covariance import ledoit_wolf

    found: np.ndarray = ledoit_wolf(scatter, assume_centered=True)[0]
    mean = float(np.trace(found)) / len(found)
    if not mean > 1e-30:  # rows that are all alike have no scatter
        return np.eye(len(found))
    return found + 1e-9 * mean * np.eye(len(found))


def sharpness(margins: np.ndarray, shares: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """The factor of least log loss for margins to which log shares are added.

    Args:
        margins: (n, k).
        shares: (k,) logarithms.
        y: (n,) class positions.
        weight: (n,) weights of the rows.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    spread = float(np.std(margins - margins.mean(axis=1, keepdims=True)))
    if not spread > 1e-9 * float(np.abs(margins).max()):
        return 1.0  # all that differs is rounding
    rows = np.arange(len(y))

    def loss(power: float) -> float:
        made = np.exp(power) / spread * margins + shares
        return float(np.average(logsumexp(made, axis=1) - made[rows, y], weights=weight))

    found = minimize_scalar(loss, bounds=(-_RANGE, _RANGE), method="bounded")
    return float(np.exp(found.x)) / spread


def _means(X: np.ndarray, y: np.ndarray, k: int) -> np.ndarray:
    one = np.eye(k)[y]
    counts = one.sum(axis=0)[:, None]
    means: np.ndarray = one.T @ X / np.maximum(counts, 1)
    return np.where(counts > 0, means, X.mean(axis=0))
