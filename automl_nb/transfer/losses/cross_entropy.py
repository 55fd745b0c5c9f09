"""Cross-entropy with label smoothing; squared error for values.

l = -sum_k w_k q_k log p_k with q = (1 - s) t + s / k (Szegedy et al. 2016, arXiv 1512.00567).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.space import Float, Space
from automl_nb.core.types import TaskKind
from automl_nb.transfer.losses.base import Loss, RowLoss, beside, class_margins

if TYPE_CHECKING:
    import torch

    from automl_nb.transfer.base import TrialContext


class CrossEntropy(Loss):
    """Loss ``cross-entropy``: the usual one of every kind of task."""

    name = "cross-entropy"
    kinds = tuple(TaskKind)

    def space(self) -> Space:
        """How much of each label is shared among all classes."""
        return Space(
            (Float("smoothing", 0.0, 0.5, 0.05, summary="share of a label given to all classes"),)
        )

    def prepare(self, context: TrialContext, rows: np.ndarray, config: dict[str, Any]) -> RowLoss:
        """Weights of the classes are the trial's."""
        from torch.nn import functional as F  # noqa: N812 - torch's own habit

        kind, smoothing = context.task.kind, float(config.get("smoothing", 0.05))
        weight = self.class_weight(context, rows, config)

        def measure(margins: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            if kind is TaskKind.REGRESSION:
                return F.mse_loss(margins, targets, reduction="none").mean(1)
            if kind is TaskKind.MULTILABEL:
                losses = F.binary_cross_entropy_with_logits(margins, targets, reduction="none")
                return losses.mean(1)
            return F.cross_entropy(
                class_margins(margins),
                targets,
                weight=None if weight is None else beside(weight, margins),
                label_smoothing=smoothing,
                reduction="none",
            )

        return measure
