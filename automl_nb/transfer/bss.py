"""Batch spectral shrinkage: what the source knows and the task doesn't need is let go.

eta * sum_{i=1..k} s_{-i}^2 is added to the loss, where s_{-i} are the smallest singular values
of the (n, d) features of a batch (Chen et al. 2019, "Catastrophic forgetting meets negative
transfer", NeurIPS 2019,
https://proceedings.neurips.cc/paper/2019/file/c6bff625bdb0393992c9d4db0c6bbe45-Paper.pdf). Features
are counted in units of their root mean square, so that eta
means the same for features of unit length as for those of the paper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_nb.core.space import Float, Int, Space
from automl_nb.transfer.tuner import Tuner

if TYPE_CHECKING:
    import torch

    from automl_nb.transfer.student import Student


class BatchSpectralShrinkage(Tuner):
    """Strategy ``bss``: the usual recipe, and the weakest directions of the features."""

    name = "bss"

    def space(self) -> Space:
        """The eta and k of the equation, at the paper's values."""
        return Space(
            (
                Float("eta", 1e-5, 1.0, 1e-3, log=True, summary="weight of the penalty"),
                Int("k", 1, 8, 1, summary="how many of the smallest singular values"),
            )
        )

    def regulariser(
        self, student: Student, inputs: dict[str, torch.Tensor], features: torch.Tensor
    ) -> torch.Tensor | None:
        """The penalty; none where a batch has too few rows to have weak directions."""
        del inputs
        k = self.setting(student.config, "k")
        if min(features.shape) <= k:
            return None
        eta: float = self.setting(student.config, "eta")
        return eta * weakest(features, k)


def weakest(features: torch.Tensor, k: int) -> torch.Tensor:
    """The sum of the k smallest squared singular values, in units of the mean square.

    Args:
        features: (n, d), with gradients; their scale is taken as given.
        k: Less than both n and d.
    """
    import torch

    unit = features.detach().square().mean().clamp(min=1e-12)
    values: torch.Tensor = torch.linalg.svdvals(features.float())
    return values[-k:].square().sum() / unit
