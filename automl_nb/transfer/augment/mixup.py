"""Pictures laid over each other, and their answers mixed by the same shares.

x' = l x_i + (1 - l) x_j, y' = l y_i + (1 - l) y_j with l from Beta(a, a), a = 0.2, drawn once a
batch (Zhang et al. 2018, "mixup: Beyond empirical risk minimization", arXiv 1710.09412).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_nb.transfer.augment.base import Augmentation

if TYPE_CHECKING:
    import torch

_ALPHA = 0.2


class Mixup(Augmentation):
    """Augmentation ``mixup``: token ids can't be mixed, so it is for pictures."""

    name = "mixup"
    modality = "image"
    mixes = True

    def batch(
        self, inputs: dict[str, torch.Tensor], targets: torch.Tensor, rng: np.random.Generator
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """Each row with another of the batch; a row that meets itself stays."""
        share = float(rng.beta(_ALPHA, _ALPHA))
        partner = rng.permutation(len(targets))
        mixed = {key: value.lerp(value[partner], 1.0 - share) for key, value in inputs.items()}
        return mixed, targets.lerp(targets[partner], 1.0 - share)
