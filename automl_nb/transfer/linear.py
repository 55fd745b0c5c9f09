"""The one linear predictor.

Whatever was scaled, centred or projected while fitting ends up in one coefficient a column,
so that predicting is a single product.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from scipy import sparse, special

from automl_nb.core.types import TaskKind
from automl_nb.features.base import Matrix, join_blocks
from automl_nb.transfer.base import Blocks


class LinearPredictor:
    """Scores from joined blocks: link(X coef + intercept).

    Args:
        inputs: Keys of the blocks, in the order of the rows of `coef`.
        coef: (d, k) float32; for two classes (d, 1), the positive one's margin.
        intercept: (k,) or (1,).
        kind: Softmax for classes, a sigmoid a column for multi-label, none for regression.
    """

    def __init__(
        self, inputs: tuple[str, ...], coef: np.ndarray, intercept: np.ndarray, kind: TaskKind
    ) -> None:
        self.inputs = inputs
        self.coef = np.asarray(coef, dtype=np.float32)
        self.intercept = np.asarray(intercept, dtype=np.float64)
        self.kind = kind

    def margins(self, blocks: Blocks) -> np.ndarray:
        """(n, k) values before the link."""
        matrix = join_blocks([blocks[key] for key in self.inputs])
        return np.asarray(matrix @ self.coef, dtype=np.float64) + self.intercept

    def predict(self, blocks: Blocks) -> np.ndarray:
        """(n, k) float64 scores, see `automl_nb.transfer.base.Predictor`."""
        return link(self.margins(blocks), self.kind)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write ``coef.npy`` and ``intercept.npy``."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "coef.npy", self.coef, allow_pickle=False)
        np.save(folder / "intercept.npy", self.intercept, allow_pickle=False)
        return {"inputs": list(self.inputs), "kind": self.kind.value}

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` wrote."""
        return cls(
            tuple(config["inputs"]),
            np.load(folder / "coef.npy", allow_pickle=False),
            np.load(folder / "intercept.npy", allow_pickle=False),
            TaskKind(config["kind"]),
        )


def link(margins: np.ndarray, kind: TaskKind) -> np.ndarray:
    """Margins to scores.

    Example:
        >>> link(np.array([[0.0]]), TaskKind.BINARY).tolist()
        [[0.5, 0.5]]
    """
    if kind is TaskKind.REGRESSION:
        return margins
    if kind is TaskKind.MULTILABEL:
        return np.asarray(special.expit(margins))
    if margins.shape[1] == 1:
        positive = special.expit(margins[:, 0])
        return np.column_stack([1.0 - positive, positive])
    return np.asarray(special.softmax(margins, axis=1))


def shared_scale(block: Matrix) -> tuple[np.ndarray | None, float]:
    """(d,) centre and one scale for a whole dense block; a sparse one stays as it is.

    With them a penalty means the same for every encoder.
    """
    if sparse.issparse(block):
        return None, 1.0
    return dense_scale(np.asarray(block))


def dense_scale(dense: np.ndarray) -> tuple[np.ndarray, float]:
    """(d,) centre and one scale for a dense block."""
    centre = dense.mean(axis=0, dtype=np.float64)
    spread = float(np.sqrt(np.mean(dense.var(axis=0, dtype=np.float64).sum())))
    return centre, 1.0 / spread if spread > 1e-12 else 1.0
