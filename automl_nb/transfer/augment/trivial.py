"""One change of a random kind and a random strength: nothing to tune.

TrivialAugment in its wide form (Müller & Hutter 2021, arXiv 2103.10158): kinds and 31
strengths all alike likely. Its shift of 32 pixels is a seventh of a side of 224 here, whatever the
picture's size.
"""

from __future__ import annotations

import numpy as np

from automl_nb.transfer.augment.base import Augmentation
from automl_nb.transfer.augment.operations import OPERATIONS, Reach, change

_STRENGTHS = 30
_WIDE = Reach(turn=135.0, shear=0.99, shift=32 / 224, factor=0.99, bits=6)


class Trivial(Augmentation):
    """Augmentation ``trivial``."""

    name = "trivial"
    modality = "image"

    def picture(self, pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One of fourteen changes."""
        name = str(rng.choice(list(OPERATIONS)))
        strength = int(rng.integers(0, _STRENGTHS + 1)) / _STRENGTHS
        return change(pixels, name, strength, _WIDE, rng)
