"""EfficientNet-Lite as a plain torch module.

The architecture is EfficientNet (Tan and Le 2019, arXiv 1905.11946) as its authors
changed it for small devices: no squeeze-and-excitation, ReLU6 for swish, and a
stem and head that don't grow with the width.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

MODEL_TYPE = "efficientnet-lite"
BN_EPSILON = 1e-3
DIMENSION = 1280


class Variant(NamedTuple):
    """How a member of the family is scaled (table of the paper's authors' release)."""

    width: float
    depth: float
    pixels: int


VARIANTS = {
    "lite0": Variant(1.0, 1.0, 224),
    "lite1": Variant(1.0, 1.1, 240),
    "lite2": Variant(1.1, 1.2, 260),
}

# Of each stage: blocks, kernel, stride, expansion, channels out (table 1 of the paper).
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def scaled_channels(channels: int, width: float) -> int:
    """Channels times `width`, to a multiple of 8 that is at least 90% of it.

    Example:
        >>> scaled_channels(24, 1.1), scaled_channels(320, 1.1)
        (24, 352)
    """
    wanted = channels * width
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


def channels_of(variant: Variant) -> list[int]:
    """Channels that each stage gives.

    Example:
        >>> channels_of(VARIANTS["lite2"])
        [16, 24, 48, 88, 120, 208, 352]
    """
    return [scaled_channels(stage[-1], variant.width) for stage in STAGES]


def repeats_of(variant: Variant) -> list[int]:
    """Blocks of each stage; the first and the last stage aren't repeated more.

    Example:
        >>> repeats_of(VARIANTS["lite2"])
        [1, 3, 3, 4, 4, 5, 1]
    """
    inner = [math.ceil(stage[0] * variant.depth) for stage in STAGES[1:-1]]
    return [STAGES[0][0], *inner, STAGES[-1][0]]


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow's "SAME": the odd pixel goes right and below."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002 (torch's name)
        """Convolve (n, c, h, w) to (n, d, ceil(h / stride), ceil(w / stride))."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        down, right = (
            max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
            for side in input.shape[-2:]
        )
        if down % 2 == 0 and right % 2 == 0:  # even padding needs no copy
            pad = (down // 2, right // 2)
            return functional.conv2d(
                input, self.weight, self.bias, self.stride, pad, 1, self.groups
            )
        padded = functional.pad(
            input, (right // 2, right - right // 2, down // 2, down - down // 2)
        )
        return functional.conv2d(padded, self.weight, self.bias, self.stride, 0, 1, self.groups)


def _step(
    channels_in: int,
    channels_out: int,
    *,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
    bend: bool = True,
) -> nn.Sequential:
    """Convolution, batch normalisation and, if `bend`, ReLU6."""
    convolution = SameConv(channels_in, channels_out, kernel, stride, groups=groups, bias=False)
    normalise = nn.BatchNorm2d(channels_out, eps=BN_EPSILON, momentum=0.01)
    return nn.Sequential(convolution, normalise, *([nn.ReLU6()] if bend else []))


class Block(nn.Module):
    """An inverted bottleneck: widen, convolve by channel, narrow; add the input if it fits."""

    def __init__(
        self, channels_in: int, channels_out: int, *, kernel: int, stride: int, expansion: int
    ) -> None:
        super().__init__()
        wide = channels_in * expansion
        self.expand = _step(channels_in, wide) if expansion > 1 else nn.Identity()
        self.depthwise = _step(wide, wide, kernel=kernel, stride=stride, groups=wide)
        self.project = _step(wide, channels_out, bend=False)
        self.adds_input = stride == 1 and channels_in == channels_out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, channels_in, h, w) to (n, channels_out, h / stride, w / stride)."""
        out: torch.Tensor = self.project(self.depthwise(self.expand(x)))
        return out + x if self.adds_input else out


class EfficientNetLite(nn.Module):
    """A picture to 1,280 features; the classes' layer is left out.

    Args:
        variant: A key of `VARIANTS`.

    Example:
        >>> net = EfficientNetLite("lite0").eval()
        >>> net(torch.zeros(2, 3, 64, 64)).shape
        torch.Size([2, 1280])
    """

    def __init__(self, variant: str) -> None:
        super().__init__()
        self.variant = variant
        scaled = VARIANTS[variant]
        self.stem = _step(3, 32, kernel=3, stride=2)
        blocks: list[nn.Module] = []
        channels = 32
        stages = zip(STAGES, repeats_of(scaled), channels_of(scaled), strict=True)
        for (_, kernel, stride, expansion, _), repeats, wanted in stages:
            for repeat in range(repeats):
                step = stride if repeat == 0 else 1
                blocks.append(
                    Block(channels, wanted, kernel=kernel, stride=step, expansion=expansion)
                )
                channels = wanted
        self.blocks = nn.ModuleList(blocks)
        self.head = _step(channels, DIMENSION)

    @property
    def config(self) -> dict[str, str]:
        """What ``config.json`` holds beside saved weights."""
        return {"model_type": MODEL_TYPE, "variant": self.variant}

    def feature_map(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, 3, h, w) normalised pixels to the (n, 1280, h / 32, w / 32) last map."""
        x = self.stem(pixels)
        for block in self.blocks:
            x = block(x)
        mapped: torch.Tensor = self.head(x)
        return mapped

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, 3, h, w) normalised pixels to (n, 1280): the map's mean over all places."""
        return self.feature_map(pixels).mean((2, 3))


def rename_released(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The released weights under this module's names; the classes' layer is dropped."""
    parts = {"_conv_stem": "stem.0", "_conv_head": "head.0"}
    inside = {
        "_expand_conv": "expand.0",
        "_bn0": "expand.1",
        "_depthwise_conv": "depthwise.0",
        "_bn1": "depthwise.1",
        "_project_conv": "project.0",
        "_bn2": "project.1",
    }
    outside = {**parts, "_bn0": "stem.1", "_bn1": "head.1"}
    renamed = {}
    for name, tensor in state.items():
        if name.startswith("_fc."):
            continue
        if name.startswith("_blocks."):
            _, index, part, leaf = name.split(".")
            renamed[f"blocks.{index}.{inside[part]}.{leaf}"] = tensor
        else:
            part, leaf = name.split(".")
            renamed[f"{outside[part]}.{leaf}"] = tensor
    return renamed


def fuse(net: EfficientNetLite) -> EfficientNetLite:
    """Fold each batch normalisation into the convolution before it, for speed.

    w' = w g / sqrt(v + e); b' = b - m g / sqrt(v + e).
    Outputs agree to rounding; the result can't be trained.
    """
    for module in net.modules():
        if isinstance(module, nn.Sequential) and isinstance(module[0], SameConv):
            _fold(module)
    return net


def _fold(step: nn.Sequential) -> None:
    convolution, normalise = step[0], step[1]
    assert isinstance(convolution, SameConv)
    assert isinstance(normalise, nn.BatchNorm2d)
    assert normalise.running_mean is not None
    assert normalise.running_var is not None
    scale = normalise.weight / torch.sqrt(normalise.running_var + normalise.eps)
    convolution.weight = nn.Parameter(
        convolution.weight * scale[:, None, None, None], requires_grad=False
    )
    convolution.bias = nn.Parameter(
        normalise.bias - normalise.running_mean * scale, requires_grad=False
    )
    step[1] = nn.Identity()
