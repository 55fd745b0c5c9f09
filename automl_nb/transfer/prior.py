"""The floor of every leaderboard: class shares, or the mean, whatever the row says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np

from automl_nb.core.types import TaskKind
from automl_nb.transfer.base import Blocks, Trial, TrialContext
from automl_nb.transfer.crossfit import crossfit, one_vs_rest


class Constant:
    """Gives every row the same scores, (k,)."""

    def __init__(self, scores: np.ndarray) -> None:
        self.scores = np.asarray(scores, dtype=np.float64)

    def predict(self, blocks: Blocks) -> np.ndarray:
        """(n, k): the scores once a row."""
        return np.tile(self.scores, (len(blocks.frame), 1))

    def save(self, folder: Path) -> dict[str, Any]:
        """Write nothing: the scores are part of the JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        return {"scores": self.scores.tolist()}

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` gave."""
        del folder
        return cls(np.array(config["scores"]))


class Prior:
    """Strategy ``prior``."""

    name = "prior"

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Always."""
        del context, inputs
        return ""

    def grid(self, context: TrialContext) -> list[dict[str, Any]]:
        """Nothing to set."""
        del context
        return [{}]

    def fit(
        self,
        context: TrialContext,
        inputs: tuple[str, ...],
        rows: np.ndarray,
        config: dict[str, Any],
    ) -> Constant:
        """Class shares with one imagined row a class (Laplace), or the mean."""
        del inputs, config
        targets = one_vs_rest(context.task, context.y[rows]).astype(np.float64)
        if context.task.kind is TaskKind.REGRESSION:
            return Constant(targets.mean(axis=0))
        extra = 2.0 if context.task.kind is TaskKind.MULTILABEL else float(targets.shape[1])
        return Constant((targets.sum(axis=0) + 1.0) / (len(rows) + extra))

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Count."""
        return crossfit(self, context, inputs, config)
