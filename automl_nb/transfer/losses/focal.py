"""Focal loss: rows that are answered well already count less.

l = -sum_k w_k t_k (1 - p_k)^gamma log p_k (Lin et al. 2017, "Focal loss for dense object
detection", arXiv 1708.02002, equation 5); the sum runs over both answers of each label where a
row may have several, and over the shares of a mixed row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.space import Float, Space
from automl_nb.core.types import TaskKind
from automl_nb.transfer.losses.base import Loss, RowLoss, beside, log_shares

if TYPE_CHECKING:
    import torch

    from automl_nb.transfer.base import TrialContext


class Focal(Loss):
    """Loss ``focal``: cross-entropy for gamma 0; ever fewer rows count as gamma grows."""

    name = "focal"
    kinds = (TaskKind.BINARY, TaskKind.MULTICLASS, TaskKind.MULTILABEL)

    def space(self) -> Space:
        """How fast the weight of a row falls as its answer gets better."""
        said = "how much less rows count that are answered well"
        return Space((Float("focal_gamma", 0.0, 10.0, 2.0, summary=said),))

    def prepare(self, context: TrialContext, rows: np.ndarray, config: dict[str, Any]) -> RowLoss:
        """Weights of the classes are the trial's; several labels a row have none."""
        from torch.nn import functional as F  # noqa: N812 - torch's own habit

        kind, gamma = context.task.kind, float(config.get("focal_gamma", 2.0))
        weight = self.class_weight(context, rows, config)

        def faded(logs: torch.Tensor) -> torch.Tensor:
            # The slope of x^gamma at 0 isn't finite below gamma 1, so p stays short of 1.
            missed = -logs.clamp(max=-1e-7).expm1()
            return -(missed**gamma) * logs

        def measure(margins: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            if kind is TaskKind.MULTILABEL:
                yes, no = faded(F.logsigmoid(margins)), faded(F.logsigmoid(-margins))
                return (targets * yes + (1.0 - targets) * no).mean(1)
            shares = targets if weight is None else targets * beside(weight, margins)
            return (shares * faded(log_shares(margins))).sum(1)

        return measure
