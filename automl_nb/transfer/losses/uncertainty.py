"""Outputs weighed by how sure each can be: hard ones count less, as learnt from the rows.

l = mean_k (exp(-s_k) l_k + s_k / 2) with l_k the loss of output k and s_k its log variance, which
the optimiser trains with the network (Kendall, Gal & Cipolla 2018, "Multi-task learning using
uncertainty to weigh losses", arXiv 1705.07115, equation 10 with s = log sigma^2). At its best s_k
is log(2 l_k), so that what is made small is the outputs' mean log loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from automl_nb.core.types import Task, TaskKind
from automl_nb.transfer.losses.base import Loss, RowLoss

if TYPE_CHECKING:
    from automl_nb.transfer.base import TrialContext

_SUREST = -6.0  # log variance: an output that is learnt by heart mustn't drown all others


class UncertaintyRows(nn.Module):
    """Binary cross-entropy of each label, weighed.

    Attributes:
        log_variance: (k,); 0 weighs all labels alike.
    """

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.log_variance = nn.Parameter(torch.zeros(outputs))

    def forward(self, margins: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """(n,) losses."""
        losses = nn.functional.binary_cross_entropy_with_logits(margins, targets, reduction="none")
        variance = self.log_variance.clamp(min=_SUREST)
        return (torch.exp(-variance) * losses + variance / 2.0).mean(1)


class Uncertainty(Loss):
    """Loss ``uncertainty``: for several labels a row; weights of classes don't apply."""

    name = "uncertainty"
    kinds = (TaskKind.MULTILABEL,)

    def refuses(self, task: Task) -> str:
        """One output has nothing to be weighed against."""
        if task.kind in self.kinds:
            return ""
        return (
            f"the loss '{self.name}' weighs the outputs of a multilabel task against each other, "
            f"and this {task.kind.value} task has one output"
        )

    def prepare(self, context: TrialContext, rows: np.ndarray, config: dict[str, Any]) -> RowLoss:
        """All labels count alike to begin with."""
        del rows, config
        return UncertaintyRows(len(context.task.classes))
