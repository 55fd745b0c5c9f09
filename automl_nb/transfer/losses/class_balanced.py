"""Cross-entropy with classes weighed by how many different rows they can be said to have.

l = -sum_k w_k t_k log p_k, w_k proportional to (1 - beta) / (1 - beta^n_k), their sum the number
of classes (Cui et al. 2019, "Class-balanced loss based on effective number of samples",
arXiv 1901.05555, equation 4). Beta 0 weighs all classes alike, near 1 by 1 / n_k.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.space import Float, Space
from automl_nb.transfer.losses.base import Loss, RowLoss, beside, class_counts, log_shares

if TYPE_CHECKING:
    import torch

    from automl_nb.transfer.base import TrialContext


def effective_weights(counts: np.ndarray, beta: float) -> np.ndarray:
    """(k,) weights whose sum is k, from the (k,) rows of the classes.

    Example:
        >>> effective_weights(np.array([10, 1000]), 0.999).round(2).tolist()
        [1.97, 0.03]
    """
    weights = (1.0 - beta) / (1.0 - np.power(beta, counts, dtype=np.float64))
    scaled: np.ndarray = weights * len(counts) / weights.sum()
    return scaled


class ClassBalanced(Loss):
    """Loss ``class-balanced``: its own weights take the place of the trial's class weights."""

    name = "class-balanced"

    def space(self) -> Space:
        """How far the weights go: the first 1 / (1 - beta) rows of a class count most."""
        said = "how much more rare classes weigh; 0 for alike"
        return Space((Float("balance_beta", 0.0, 0.99999, 0.999, summary=said),))

    def class_weight(
        self, context: TrialContext, rows: np.ndarray, config: dict[str, Any]
    ) -> np.ndarray:
        """From the training rows' counts."""
        return effective_weights(
            class_counts(context, rows), float(config.get("balance_beta", 0.999))
        )

    def prepare(self, context: TrialContext, rows: np.ndarray, config: dict[str, Any]) -> RowLoss:
        """Soft targets share their class's weight."""
        weight = self.class_weight(context, rows, config)

        def measure(margins: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            return -(targets * beside(weight, margins) * log_shares(margins)).sum(1)

        return measure
