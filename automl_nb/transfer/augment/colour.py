"""Brightness, contrast and colour changed by up to 40% each, in random order.

Howard 2013, "Some improvements on deep convolutional neural network based image classification",
arXiv 1312.5402.
"""

from __future__ import annotations

import numpy as np

from automl_nb.transfer.augment.base import Augmentation

_REACH = 0.4


class Colour(Augmentation):
    """Augmentation ``colour``: not where the colour is what tells classes apart."""

    name = "colour"
    modality = "image"

    def picture(self, pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Factors from 0.6 to 1.4."""
        from PIL import Image, ImageEnhance

        image = Image.fromarray(np.ascontiguousarray(pixels))
        changes = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)
        for position in rng.permutation(len(changes)):
            factor = rng.uniform(1.0 - _REACH, 1.0 + _REACH)
            image = changes[position](image).enhance(factor)
        return np.array(image)
