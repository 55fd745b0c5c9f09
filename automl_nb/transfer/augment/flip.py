"""Pictures mirrored left to right, half of the time."""

from __future__ import annotations

import numpy as np

from automl_nb.transfer.augment.base import Augmentation


class Flip(Augmentation):
    """Augmentation ``flip``: not for writing, arrows, or anything else with a left and a right."""

    name = "flip"
    modality = "image"

    def picture(self, pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Mirrored, or as it is."""
        return np.ascontiguousarray(pixels[:, ::-1]) if rng.random() < 0.5 else pixels
