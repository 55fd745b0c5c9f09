"""Two changes of random kinds with one fixed strength.

RandAugment with N = 2 and M = 9 of 30 (Cubuk et al. 2020, arXiv 1909.13719,
with the reaches of AutoAugment's operations).
"""

from __future__ import annotations

import numpy as np

from automl_nb.transfer.augment.base import Augmentation
from automl_nb.transfer.augment.operations import OPERATIONS, Reach, change

_CHANGES, _STRENGTH = 2, 9 / 30
_REACH = Reach(turn=30.0, shear=0.3, shift=150 / 331, factor=0.9, bits=4)


class Rand(Augmentation):
    """Augmentation ``rand``."""

    name = "rand"
    modality = "image"

    def picture(self, pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One after another; the same kind may come twice."""
        for name in rng.choice(list(OPERATIONS), _CHANGES):
            pixels = change(pixels, str(name), _STRENGTH, _REACH, rng)
        return pixels
