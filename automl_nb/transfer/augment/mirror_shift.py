"""Mirrored half of the time, shifted by up to a twelfth: a change that most pictures bear."""

from __future__ import annotations

import numpy as np

from automl_nb.transfer.augment.base import Augmentation


class MirrorShift(Augmentation):
    """Augmentation ``mirror-shift``."""

    name = "mirror-shift"
    modality = "image"

    def picture(self, pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The border's colours fill what the shift uncovers."""
        if rng.random() < 0.5:
            pixels = pixels[:, ::-1]
        reach = max(1, pixels.shape[0] // 12)
        down, right = rng.integers(-reach, reach + 1, 2)
        padded = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
        high, wide = pixels.shape[:2]
        return padded[reach + down : reach + down + high, reach + right : reach + right + wide]
