"""How a picture becomes the numbers that an image backbone was trained on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from automl_nb.core.errors import WeightsError

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

Fit = Literal["squash", "crop"]


@dataclass(frozen=True)
class PictureSpec:
    """Size and scale of an image backbone's input.

    Attributes:
        size: Pixels on each side that the network sees.
        mean: Of red, green and blue, with pixels in [0, 1].
        std: Likewise.
        resize: The shorter side before a centre crop of `size`.
        interpolation: bilinear, bicubic, nearest or lanczos.
    """

    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    resize: int
    interpolation: str = "bicubic"

    def frame(self, picture: Image, fit: Fit = "squash") -> Image:
        """An RGB picture at the network's size.

        Args:
            picture: Any size, RGB.
            fit: "squash" keeps all that can be seen, at the cost of its proportions;
                "crop" keeps the proportions and loses the border, as in training.
        """
        from PIL.Image import Resampling

        way = Resampling[self.interpolation.upper()]
        if fit == "squash":
            return picture.resize((self.size, self.size), way)
        scale = self.resize / min(picture.size)
        wide, high = (max(self.size, round(side * scale)) for side in picture.size)
        left, top = (wide - self.size) // 2, (high - self.size) // 2
        resized = picture.resize((wide, high), way)
        return resized.crop((left, top, left + self.size, top + self.size))

    def pixels(self, picture: Image, fit: Fit = "squash") -> np.ndarray:
        """An RGB picture as (size, size, 3) uint8, ready for `tensor`."""
        return np.asarray(self.frame(picture, fit), dtype=np.uint8)

    def tensor(self, pixels: np.ndarray, device: str = "cpu") -> torch.Tensor:
        """(n, size, size, 3) uint8 to (n, 3, size, size) float32, channels last.

        Each value becomes (x / 255 - mean) / std.
        """
        import torch

        mean, std = (torch.tensor(values, device=device) for values in (self.mean, self.std))
        values = torch.from_numpy(pixels).to(device).float()
        return values.div_(255).sub_(mean).div_(std).permute(0, 3, 1, 2)


IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
# Pillow's numbers, as preprocessor_config.json holds them.
_RESAMPLING = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic"}


def spec_from_config(config: Mapping[str, Any], default_size: int) -> PictureSpec:
    """The spec that a ``preprocessor_config.json`` describes.

    Raises:
        WeightsError: A field cannot be understood.

    Example:
        >>> spec_from_config({"size": {"shortest_edge": 256}, "crop_size": 224}, 224).resize
        256
    """
    try:
        resize = _side(config.get("size"), default_size)
        crops = config.get("do_center_crop", "crop_size" in config)
        size = _side(config.get("crop_size"), default_size) if crops else resize
        if "crop_pct" in config and config["crop_pct"] and not crops:
            resize = round(size / float(config["crop_pct"]))
        mean = _colours(config.get("image_mean", IMAGENET_MEAN))
        std = _colours(config.get("image_std", IMAGENET_STD))
        way = _RESAMPLING[int(config.get("resample", 3))]
    except (TypeError, ValueError, KeyError) as error:
        raise _bad_spec(config) from error
    if size < 1 or min(std) <= 0:
        raise _bad_spec(config)
    return PictureSpec(size, mean, std, max(resize, size), way)


def _colours(values: Iterable[Any]) -> tuple[float, float, float]:
    red, green, blue = values
    return float(red), float(green), float(blue)


def _bad_spec(config: Mapping[str, Any]) -> WeightsError:
    return WeightsError(
        "An image backbone's preprocessor_config.json must hold a size, mean and std.",
        received=dict(config),
        hint="Use the file that came with the weights.",
    )


def _side(size: object, default: int) -> int:
    if size is None:
        return default
    if isinstance(size, Mapping):
        for key in ("shortest_edge", "height"):
            if key in size:
                return int(size[key])
        raise ValueError("no side")
    return int(size)  # type: ignore[call-overload,no-any-return]
