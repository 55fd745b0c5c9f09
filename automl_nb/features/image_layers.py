"""Pictures through every stage of a frozen pretrained network, computed once side by side."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.features.image import FrozenImage
from automl_nb.features.layers import MOST_LAYERS, check_most, spread
from automl_nb.zoo.architectures import cut_of
from automl_nb.zoo.backbone import Backbone, picture_features
from automl_nb.zoo.card import BackboneCard

if TYPE_CHECKING:
    import torch
    from torch import nn


class ImageLayers(FrozenImage):
    """A column of pictures as the mean-pooled output of several stages of a frozen backbone.

    Early stages know edges and textures, late ones things; which of them a task needs is found
    out (Yosinski et al. 2014, arXiv 1411.1792). A stage is a run of blocks whose maps have one
    shape, and its last block is read; where all blocks have the same, as in vision transformers,
    blocks are evenly spread. What the network pools itself comes last. A network whose family
    can't be cut between its blocks gives that alone. A missing picture is a row of zeros.

    Args:
        column: Paths, bytes or Pillow pictures.
        backbone: A catalogue name, hub id, folder or card.
        most: Layers at most, the pooled features counted.
        views: "one", or "flip" for the mean with the mirrored picture (twice the time).
        fit: "squash" resizes the whole picture, "crop" cuts its middle out.
        root: The folder that relative paths start from.
        dtype: auto (measured), float32, bfloat16 or float16.
        device: The torch device.

    Example:
        >>> list(ImageLayers("logo").widths.items())[-3:]
        [('block 15', 192), ('block 16', 320), ('pooled', 1280)]
    """

    name = "image-layers"
    version = 1

    def __init__(
        self,
        column: str,
        backbone: str | BackboneCard = "efficientnet-lite0",
        *,
        most: int = MOST_LAYERS,
        views: str = "one",
        fit: str = "squash",
        root: str | Path | None = None,
        dtype: str = "auto",
        device: str = "cpu",
    ) -> None:
        super().__init__(
            column, backbone, views=views, fit=fit, root=root, dtype=dtype, device=device
        )
        self.most = check_most(most)
        self._stages: dict[int, int] | None = None

    def settings(self) -> dict[str, Any]:
        """Number of layers, views and framing."""
        return {"most": self.most, **super().settings()}

    @property
    def widths(self) -> dict[str, int]:
        """Columns of each layer by its name, in the order of the block's columns."""
        inner = {f"block {number + 1}": width for number, width in self.stages.items()}
        return {**inner, "pooled": self.backbone.card.dimension}

    @property
    def dimension(self) -> int:
        """Columns of the block."""
        return sum(self.widths.values())

    @property
    def stages(self) -> dict[int, int]:
        """The blocks that are read, counted from 0, with their widths."""
        if self._stages is None:
            self._stages = _stages_of(self.backbone, self.spec.size, self.most - 1)
        return self._stages

    def _forward(self, pixels: np.ndarray, dtype: torch.dtype, rows: np.ndarray) -> np.ndarray:
        import torch

        from automl_nb.zoo.precision import in_dtype, within

        module = in_dtype(self.backbone, dtype)
        with within(self.device, dtype):
            batch = self.spec.tensor(pixels[rows], self.device)
            views = [batch, batch.flip(3)] if self.views == "flip" else [batch]
            seen = torch.stack([self._layers(module, view) for view in views]).mean(0)
        vectors: np.ndarray = seen.cpu().numpy()
        return vectors

    def _layers(self, module: nn.Module, batch: torch.Tensor) -> torch.Tensor:
        """(n, dimension) float32."""
        import torch

        with _recorded(module, self.card, self.stages) as maps:
            last = picture_features(module, batch).float()
        return torch.cat([*(pooled(maps[number]) for number in self.stages), last], dim=1)


def pooled(states: torch.Tensor) -> torch.Tensor:
    """(n, c, h, w) maps or (n, tokens, c) states to their (n, c) float32 means."""
    return states.float().mean(dim=(2, 3) if states.ndim == 4 else 1)


def _stages_of(backbone: Backbone, side: int, most: int) -> dict[int, int]:
    """The blocks to read and their widths, from one empty picture."""
    import torch

    blocks = _blocks(backbone.module, backbone.card)
    with torch.no_grad(), _recorded(backbone.module, backbone.card, range(len(blocks))) as maps:
        empty = torch.zeros(1, 3, side, side, device=backbone.device)
        picture_features(backbone.module, empty)
    shapes = [tuple(maps[number].shape) for number in range(len(blocks))]
    last = [number for number, (a, b) in enumerate(pairwise(shapes)) if a != b]
    if not last:  # all alike
        numbers = spread(len(blocks), most) if most > 1 else []
    else:
        ends = [*last, len(blocks) - 1]
        numbers = [ends[place] for place in spread(len(ends), most)] if most > 1 else ends[-1:]
    return {number: pooled(maps[number]).shape[1] for number in numbers}


def _blocks(module: nn.Module, card: BackboneCard) -> list[nn.Module]:
    cut = cut_of(card.family)
    return [] if cut is None else list(module.get_submodule(cut.layers).children())


@contextmanager
def _recorded(
    module: nn.Module, card: BackboneCard, numbers: Any
) -> Iterator[dict[int, torch.Tensor]]:
    """What these blocks give while this thread lets the network compute.

    The network is shared: what another thread has it compute meanwhile is none of ours.
    """
    maps: dict[int, torch.Tensor] = {}
    thread = threading.get_ident()

    def keep(number: int) -> Any:
        def hook(_module: nn.Module, _given: Any, out: Any) -> None:
            if threading.get_ident() == thread:
                maps[number] = out if hasattr(out, "ndim") else out[0]

        return hook

    blocks = _blocks(module, card)
    hooks = [blocks[number].register_forward_hook(keep(number)) for number in numbers]
    try:
        yield maps
    finally:
        for hook in hooks:
            hook.remove()
