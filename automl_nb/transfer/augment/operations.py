"""The fourteen changes to pictures that TrivialAugment and RandAugment draw from.

Each takes a picture and a strength, from -1 to 1 where a change has two directions, else from 0
to 1; strength 0 changes nothing, but for ``contrast-stretch`` and ``equalise``, which have none.
What a turn or a shift uncovers gets the mean colour of the picture's border.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class Reach:
    """How far the changes go at strength 1.

    Attributes:
        turn: Degrees.
        shear: Sideways for each pixel down.
        shift: Share of a side.
        factor: Of brightness, contrast, colour, sharpness, about 1.
        bits: Taken from a colour's eight.
    """

    turn: float
    shear: float
    shift: float
    factor: float
    bits: int


Change = Callable[["Image.Image", float, Reach], "Image.Image"]


def _border(image: Image.Image) -> tuple[int, ...]:
    pixels = np.asarray(image)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return tuple(int(value) for value in edge.mean(axis=0).round())


def _moved(image: Image.Image, matrix: tuple[float, ...]) -> Image.Image:
    """The affine map from the result's to the picture's coordinates, about the centre."""
    from PIL import Image

    a, b, c, d, e, f = matrix
    x, y = image.width / 2, image.height / 2
    data = (a, b, c + x - a * x - b * y, d, e, f + y - d * x - e * y)
    return image.transform(
        image.size,
        Image.Transform.AFFINE,
        data,
        Image.Resampling.BILINEAR,
        fillcolor=_border(image),
    )


def _turned(image: Image.Image, strength: float, reach: Reach) -> Image.Image:
    angle = np.deg2rad(strength * reach.turn)
    c, s = float(np.cos(angle)), float(np.sin(angle))
    return _moved(image, (c, s, 0.0, -s, c, 0.0))


def _enhanced(name: str) -> Change:
    def change(image: Image.Image, strength: float, reach: Reach) -> Image.Image:
        from PIL import ImageEnhance

        tool: Any = getattr(ImageEnhance, name)
        changed: Image.Image = tool(image).enhance(1.0 + strength * reach.factor)
        return changed

    return change


def _fewer_colours(image: Image.Image, strength: float, reach: Reach) -> Image.Image:
    from PIL import ImageOps

    return ImageOps.posterize(image, 8 - round(strength * reach.bits))


def _solarised(image: Image.Image, strength: float, reach: Reach) -> Image.Image:
    from PIL import ImageOps

    del reach
    return ImageOps.solarize(image, round(256 * (1.0 - strength)))


def _stretched(image: Image.Image, strength: float, reach: Reach) -> Image.Image:
    from PIL import ImageOps

    del strength, reach
    return ImageOps.autocontrast(image)


def _equalised(image: Image.Image, strength: float, reach: Reach) -> Image.Image:
    from PIL import ImageOps

    del strength, reach
    return ImageOps.equalize(image)


TWO_WAYS: dict[str, Change] = {
    "turn": _turned,
    "shear-x": lambda image, s, reach: _moved(image, (1.0, s * reach.shear, 0.0, 0.0, 1.0, 0.0)),
    "shear-y": lambda image, s, reach: _moved(image, (1.0, 0.0, 0.0, s * reach.shear, 1.0, 0.0)),
    "shift-x": lambda image, s, reach: _moved(
        image, (1.0, 0.0, s * reach.shift * image.width, 0.0, 1.0, 0.0)
    ),
    "shift-y": lambda image, s, reach: _moved(
        image, (1.0, 0.0, 0.0, 0.0, 1.0, s * reach.shift * image.height)
    ),
    "brightness": _enhanced("Brightness"),
    "contrast": _enhanced("Contrast"),
    "colour": _enhanced("Color"),
    "sharpness": _enhanced("Sharpness"),
}
ONE_WAY: dict[str, Change] = {
    "nothing": lambda image, _, __: image,
    "fewer-colours": _fewer_colours,
    "solarise": _solarised,
    "contrast-stretch": _stretched,
    "equalise": _equalised,
}
OPERATIONS = {**ONE_WAY, **TWO_WAYS}


def change(
    pixels: np.ndarray, name: str, strength: float, reach: Reach, rng: np.random.Generator
) -> np.ndarray:
    """One change of a picture, in a random direction where it has two.

    Args:
        pixels: (high, wide, 3) uint8.
        name: A key of `OPERATIONS`.
        strength: From 0 to 1.
        reach: How far strength 1 goes.
        rng: Draws the direction.
    """
    from PIL import Image

    signed = -strength if name in TWO_WAYS and rng.random() < 0.5 else strength
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.array(OPERATIONS[name](image, signed, reach))
