"""Cross-entropy of margins with the classes' log shares added: rare classes must win by more.

l = -sum_k t_k log softmax(m + tau log pi)_k with pi the classes' shares of the training rows
(Menon et al. 2021, "Long-tail learning via logit adjustment", arXiv 2007.07314, equation 10).
Answers are given without what was added, so that with tau 1 they are those for classes of equal
size: good for measures that count classes alike, not for the log loss of rows as they come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.space import Float, Space
from automl_nb.transfer.losses.base import Loss, RowLoss, beside, class_counts, class_margins

if TYPE_CHECKING:
    import torch

    from automl_nb.transfer.base import TrialContext


class LogitAdjusted(Loss):
    """Loss ``logit-adjusted``: takes the place of the trial's class weights."""

    name = "logit-adjusted"

    def space(self) -> Space:
        """How much of the shares is taken out: 0 nothing, 1 all."""
        said = "by how much rare classes must win"
        return Space((Float("logit_tau", 0.0, 3.0, 1.0, summary=said),))

    def class_weight(
        self, context: TrialContext, rows: np.ndarray, config: dict[str, Any]
    ) -> np.ndarray:
        """Its answers lean as those of weights pi^-tau would; their mean is 1."""
        leaning = np.exp(-self._added(context, rows, config))
        scaled: np.ndarray = leaning / leaning.mean()
        return scaled

    def prepare(self, context: TrialContext, rows: np.ndarray, config: dict[str, Any]) -> RowLoss:
        """Soft targets are taken as they are."""
        added = self._added(context, rows, config)

        def measure(margins: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            handicapped = class_margins(margins) + beside(added, margins)
            return -(targets * handicapped.log_softmax(dim=1)).sum(1)

        return measure

    def _added(self, context: TrialContext, rows: np.ndarray, config: dict[str, Any]) -> np.ndarray:
        counts = class_counts(context, rows)
        added: np.ndarray = float(config.get("logit_tau", 1.0)) * np.log(counts / counts.sum())
        return added
