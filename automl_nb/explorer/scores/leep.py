"""How well the classes that a network was trained on foretell the new ones."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from automl_nb.explorer.scores.base import Evidence, needs_classes


class Leep:
    """Score ``leep`` (Nguyen et al. 2020, arXiv 2002.12462): mean log Σ_z P(y|z) θ(z).

    A network that comes without the head of its source task has nothing to say here;
    ``nleep`` puts a mixture of Gaussians in the head's place.

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> theta = np.array([[1.0, 0.0], [0.0, 1.0]])
        >>> Leep()(Evidence(theta, np.array([0, 1]), TaskKind.BINARY, source=theta))
        0.0
    """

    name: ClassVar[str] = "leep"

    def applies(self, given: Evidence) -> str:
        """Where the network has a source head and each row one class."""
        return needs_classes(given) or ("" if given.source is not None else "no source head")

    def __call__(self, given: Evidence) -> float:
        """At most 0."""
        assert given.source is not None
        return leep(given.source, given.y)


def leep(theta: np.ndarray, y: np.ndarray) -> float:
    """Mean log of the expected empirical prediction.

    Args:
        theta: (n, z) probabilities of source classes, rows summing to 1.
        y: (n,) class positions.

    Example:
        >>> round(leep(np.full((4, 2), 0.5), np.array([0, 1, 0, 1])), 4)
        -0.6931
    """
    joint = np.zeros((int(y.max()) + 1, theta.shape[1]))
    np.add.at(joint, y, np.asarray(theta, dtype=np.float64))
    given_source = joint / np.maximum(joint.sum(axis=0, keepdims=True), 1e-300)
    likely = (given_source[y] * theta).sum(axis=1)
    return float(np.log(np.maximum(likely, 1e-300)).mean())
