"""Cosine nearest neighbours: no training, a good check on any frozen space."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from scipy import sparse

from automl_nb.core.space import Int, Space
from automl_nb.core.types import TaskKind
from automl_nb.features.base import join_blocks
from automl_nb.transfer.base import Blocks, Trial, TrialContext
from automl_nb.transfer.crossfit import crossfit, one_vs_rest

_CHUNK = 1024
_SHARPNESS = 20.0  # a neighbour's vote is exp(20 cos), so that near ones outvote far ones
MOST_ROWS = 50_000


class KnnPredictor:
    """Votes of the k nearest training rows.

    Args:
        inputs: Keys of the dense blocks.
        memory: (n, d) float16 unit rows.
        targets: (n, c) float32 votes.
        k: Neighbours.
        prior: (c,) imagined votes, so that no class gets exactly nothing.
    """

    def __init__(
        self,
        inputs: tuple[str, ...],
        memory: np.ndarray,
        targets: np.ndarray,
        k: int,
        kind: TaskKind,
    ) -> None:
        self.inputs, self.memory, self.targets, self.k, self.kind = inputs, memory, targets, k, kind
        self._unit = memory.astype(np.float32)

    def predict(self, blocks: Blocks) -> np.ndarray:
        """(n, c) shares of the votes, or the weighted mean of the values."""
        queries = _unit_rows(np.asarray(join_blocks([blocks[key] for key in self.inputs])))
        parts = [self._votes(queries[i : i + _CHUNK]) for i in range(0, len(queries), _CHUNK)]
        if not parts:
            return np.zeros((0, self.targets.shape[1]))
        return np.vstack(parts)

    def _votes(self, queries: np.ndarray) -> np.ndarray:
        near = queries @ self._unit.T
        k = min(self.k, near.shape[1])
        rows = np.argpartition(-near, k - 1, axis=1)[:, :k]
        close = np.take_along_axis(near, rows, axis=1)
        weight = np.exp(_SHARPNESS * (close - close.max(axis=1, keepdims=True))).astype(np.float64)
        ends = np.arange(0, rows.size + 1, k)  # a sparse product gathers no (n, k, c) targets
        chosen = sparse.csr_matrix((weight.ravel(), rows.ravel(), ends), shape=near.shape)
        votes = chosen @ self.targets.astype(np.float64)
        total = weight.sum(axis=1, keepdims=True)
        if self.kind is TaskKind.REGRESSION:
            return np.asarray(votes / total)
        shares = (votes + 0.5 * self.targets.mean(axis=0)) / (total + 0.5)
        if self.kind is TaskKind.MULTILABEL:
            return np.asarray(shares)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def save(self, folder: Path) -> dict[str, Any]:
        """Write ``memory.npy`` and ``targets.npy``."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "memory.npy", self.memory, allow_pickle=False)
        np.save(folder / "targets.npy", self.targets, allow_pickle=False)
        return {"inputs": list(self.inputs), "k": self.k, "kind": self.kind.value}

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` wrote."""
        return cls(
            tuple(config["inputs"]),
            np.load(folder / "memory.npy", allow_pickle=False),
            np.load(folder / "targets.npy", allow_pickle=False),
            int(config["k"]),
            TaskKind(config["kind"]),
        )


class Knn:
    """Strategy ``knn``."""

    name = "knn"

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Dense blocks of at most 50,000 rows."""
        if len(context.y) > MOST_ROWS:
            return f"it keeps every row, and {len(context.y):,} are too many"
        if any(sparse.issparse(context.blocks[key]) for key in inputs):
            return "distances in sparse columns say little"
        return "" if inputs else "it needs features"

    def space(self) -> Space:
        """The size of the neighbourhood."""
        return Space((Int("k", 1, 200, 10, log=True, summary="neighbours"),))

    def grid(self, context: TrialContext) -> list[dict[str, Any]]:
        """A few neighbourhood sizes."""
        del context
        return [{"k": k} for k in (10, 30, 5)]

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Remember, judge."""
        return crossfit(self, context, inputs, config)

    def fit(
        self,
        context: TrialContext,
        inputs: tuple[str, ...],
        rows: np.ndarray,
        config: dict[str, Any],
    ) -> KnnPredictor:
        """Keep these rows."""
        memory = _unit_rows(np.hstack([np.asarray(context.blocks[key][rows]) for key in inputs]))
        targets = one_vs_rest(context.task, context.y[rows]).astype(np.float32)
        return KnnPredictor(
            inputs, memory.astype(np.float16), targets, int(config["k"]), context.task.kind
        )


def _unit_rows(X: np.ndarray) -> np.ndarray:
    norm = np.linalg.norm(X, axis=1, keepdims=True)
    return np.asarray(X / np.maximum(norm, 1e-12), dtype=np.float32)
