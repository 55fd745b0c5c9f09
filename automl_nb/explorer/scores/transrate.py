"""The bits that the classes save in coding the features."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from automl_nb.explorer.scores.base import Evidence, needs_classes

EPSILON = 1e-4
_CLASSES = 3


class TransRate:
    """Score ``transrate`` (Huang et al. 2022, arXiv 2106.09362).

    R(Z) - Σ_c n_c/n R(Z_c) with the coding rate R(Z) = ½ log det(I + Z'Z / (n ε)), of features
    that are centred and scaled to a mean squared length of 1, so that networks compare.

    As published, a class isn't centred on its own mean. The means of two classes lie on one line
    with the mean of all, so that it can't see how far they are apart; it asks for three.

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> y = np.arange(60) % 3
        >>> X = np.random.default_rng(0).normal(size=(60, 3)) * 0.01 + np.eye(3)[y]
        >>> tight = TransRate()(Evidence(X, y, TaskKind.MULTICLASS))
        >>> tight > TransRate()(Evidence(X, np.sort(y), TaskKind.MULTICLASS))
        True
    """

    name: ClassVar[str] = "transrate"

    def applies(self, given: Evidence) -> str:
        """Where each row has one of three classes or more."""
        few = given.is_single and len(np.unique(given.y)) < _CLASSES
        return "it can't tell two classes" if few else needs_classes(given)

    def __call__(self, given: Evidence) -> float:
        """In nats; more where the classes are more alike inside."""
        Z = np.asarray(given.inner, dtype=np.float64)
        Z = Z - Z.mean(axis=0)
        size = float(np.sqrt((Z**2).sum(axis=1).mean()))
        Z = Z / size if size > 0 else Z
        inside = sum(
            float((given.y == c).mean()) * coding_rate(Z[given.y == c]) for c in np.unique(given.y)
        )
        return coding_rate(Z) - inside


def coding_rate(Z: np.ndarray) -> float:
    """½ log det(I + Z'Z / (n ε)), by the smaller of Z'Z and ZZ'.

    Example:
        >>> coding_rate(np.zeros((3, 2)))
        0.0
    """
    n, d = Z.shape
    gram = Z.T @ Z if d <= n else Z @ Z.T
    return 0.5 * float(np.linalg.slogdet(np.eye(len(gram)) + gram / (n * EPSILON))[1])
