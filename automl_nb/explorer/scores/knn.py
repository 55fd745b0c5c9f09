"""The nearest other rows by cosine: what a space knows without any training."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from automl_nb.explorer.scores.base import Evidence, quality, targets_of

K = 5


class KnnScore:
    """Score ``knn``: each row is answered by its five nearest other rows.

    A neighbour's vote weighs as much as its cosine, at least next to nothing.

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> X = np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0]])
        >>> KnnScore()(Evidence(X, np.array([0, 0, 1, 1]), TaskKind.BINARY))
        1.0
    """

    name: ClassVar[str] = "knn"

    def applies(self, given: Evidence) -> str:
        """Wherever there is another row."""
        return "" if len(given.y) > 1 else "it needs two rows"

    def __call__(self, given: Evidence) -> float:
        """Between 0 and 1 for classes; R² otherwise."""
        X = np.asarray(given.features, dtype=np.float64)
        unit = X / np.maximum(np.linalg.norm(X, axis=1, keepdims=True), 1e-12)
        near = unit @ unit.T
        np.fill_diagonal(near, -np.inf)
        k = min(K, len(near) - 1)
        rows = np.argpartition(-near, k - 1, axis=1)[:, :k]
        weights = np.maximum(np.take_along_axis(near, rows, axis=1), 1e-9)
        votes = np.einsum("nk,nkc->nc", weights, targets_of(given.y, given.kind)[rows])
        return quality(votes / weights.sum(axis=1, keepdims=True), given.y, given.kind)
