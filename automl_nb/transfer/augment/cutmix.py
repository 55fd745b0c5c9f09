"""A box of one picture put into another, and their answers mixed by the areas.

The box has the picture's shape, a share 1 - l of its area with l from Beta(1, 1), and a random
centre; what sticks out is cut off, and the answers' shares follow what is left (Yun et al. 2019,
"CutMix", arXiv 1905.04899, equations 1 and 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_nb.transfer.augment.base import Augmentation

if TYPE_CHECKING:
    import torch

_ALPHA = 1.0


class Cutmix(Augmentation):
    """Augmentation ``cutmix``: for pictures."""

    name = "cutmix"
    modality = "image"
    mixes = True

    def batch(
        self, inputs: dict[str, torch.Tensor], targets: torch.Tensor, rng: np.random.Generator
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """One box for the whole batch, each row's from another row."""
        high, wide = inputs["pixels"].shape[-2:]
        rows, columns = box(high, wide, float(rng.beta(_ALPHA, _ALPHA)), rng)
        partner = rng.permutation(len(targets))
        pixels = inputs["pixels"].clone()
        pixels[..., rows, columns] = inputs["pixels"][partner][..., rows, columns]
        area = (rows.stop - rows.start) * (columns.stop - columns.start)
        return {**inputs, "pixels": pixels}, targets.lerp(targets[partner], area / (high * wide))


def box(high: int, wide: int, kept: float, rng: np.random.Generator) -> tuple[slice, slice]:
    """Rows and columns of a box that leaves a share of the picture, cut off at its border.

    Example:
        >>> box(10, 10, 0.0, np.random.default_rng(0))
        (slice(3, 10, None), slice(1, 10, None))
    """
    side = np.sqrt(1.0 - kept)
    y, x = int(rng.integers(high)), int(rng.integers(wide))
    h, w = int(high * side), int(wide * side)
    top, left = max(0, y - h // 2), max(0, x - w // 2)
    bottom, right = min(high, y - h // 2 + h), min(wide, x - w // 2 + w)
    return slice(top, bottom), slice(left, right)
