"""A random part of the picture, brought back to its size.

The part has 35 to 100% of the area and sides in a ratio from 3:4 to 4:3 (Szegedy et al. 2015,
"Going deeper with convolutions", arXiv 1409.4842, section 6, where it has 8% at least: with a
thousand rows, parts that don't show the thing any more do harm).
"""

from __future__ import annotations

import numpy as np

from automl_nb.transfer.augment.base import Augmentation

_LEAST_AREA = 0.35
_TRIES = 10


class Crop(Augmentation):
    """Augmentation ``crop``: random resized crops."""

    name = "crop"
    modality = "image"

    def picture(self, pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Bilinear; a picture too narrow for any such part stays as it is."""
        from PIL import Image

        high, wide = pixels.shape[:2]
        for _ in range(_TRIES):
            area = rng.uniform(_LEAST_AREA, 1.0) * high * wide
            ratio = np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3)))
            h, w = round(np.sqrt(area / ratio)), round(np.sqrt(area * ratio))
            if not (0 < h <= high and 0 < w <= wide):
                continue
            top, left = rng.integers(0, high - h + 1), rng.integers(0, wide - w + 1)
            part = Image.fromarray(np.ascontiguousarray(pixels[top : top + h, left : left + w]))
            return np.array(part.resize((wide, high), Image.Resampling.BILINEAR))
        return pixels
