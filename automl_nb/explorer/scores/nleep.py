"""LEEP for networks without a source head: a mixture of Gaussians stands in for it."""

from __future__ import annotations

import warnings
from typing import ClassVar

import numpy as np

from automl_nb.explorer.scores.base import Evidence, needs_classes
from automl_nb.explorer.scores.leep import leep

_ENERGY = 0.8  # of the variance that the principal components keep
_PER_CLASS = 5  # components a class, as the paper has it
_ROWS = 10  # rows a component at least, so that a component isn't a row


class NLeep:
    """Score ``nleep`` (Li et al. 2021, arXiv 2011.11200).

    Principal components that hold 80% of the variance, a mixture of Gaussians with 5 components
    a class on them (diagonal, and no more than a tenth of the rows), and LEEP on the
    probabilities of the components.

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> y = np.arange(60) % 2
        >>> X = np.random.default_rng(0).normal(size=(60, 4)) + 9 * y[:, None]
        >>> NLeep()(Evidence(X, y, TaskKind.BINARY)) > -0.01
        True
    """

    name: ClassVar[str] = "nleep"

    def applies(self, given: Evidence) -> str:
        """Where each row has one class and there are rows for two components."""
        few = "" if len(given.y) >= 2 * _ROWS else f"it needs {2 * _ROWS} rows"
        return needs_classes(given) or few

    def __call__(self, given: Evidence) -> float:
        """At most 0."""
        X = np.asarray(given.features, dtype=np.float64)
        X = principal(X - X.mean(axis=0))
        n_classes = len(np.unique(given.y))
        components = max(2, min(_PER_CLASS * n_classes, len(X) // _ROWS))
        return leep(responsibilities(X, components, given.seed), given.y)


def principal(X: np.ndarray) -> np.ndarray:
    """(n, p) the fewest principal components of centred rows that hold 80% of the variance.

    Scaled so that the first has variance 1.
    """
    U, singular, _ = np.linalg.svd(X, full_matrices=False)
    held = np.cumsum(singular**2)
    if held[-1] <= 0:
        return np.zeros((len(X), 1))
    p = int(np.searchsorted(held, _ENERGY * held[-1])) + 1
    return np.asarray(U[:, :p] * (singular[:p] / singular[0] * np.sqrt(len(X))))


def responsibilities(X: np.ndarray, components: int, seed: int) -> np.ndarray:
    """(n, components) probabilities of a Gaussian mixture's components."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(
        components, covariance_type="diag", reg_covar=1e-4, max_iter=30, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a rough mixture is enough
        return np.asarray(mixture.fit(X).predict_proba(X))
