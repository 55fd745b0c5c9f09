"""Texts through every layer of a frozen pretrained network, computed once side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from automl_nb.features.layers import MOST_LAYERS, check_most, spread
from automl_nb.features.pooling import LayerChoice
from automl_nb.features.text import FrozenText
from automl_nb.zoo.card import BackboneCard

if TYPE_CHECKING:
    import torch


class TextLayers(FrozenText):
    """A text column as the unit-norm features of several layers of a frozen backbone.

    What a task needs lies often in a middle layer (Tenney, Das & Pavlick 2019, arXiv
    1905.05950): a head that chooses among layers needs them all. Of a deep network `most` are
    taken, evenly spread; the last is always among them.

    Args:
        column: The column to read.
        backbone: A catalogue name, hub id, folder or card.
        most: Layers at most, the embeddings counted.
        pooling: How tokens become one vector: mean, cls or max.
        max_length: Most tokens read of a text; None as in `FrozenText`.
        dtype: auto (measured), float32, bfloat16 or float16.
        device: The torch device.

    Example:
        >>> import pandas as pd
        >>> encoder = TextLayers("review", "minilm-l3")
        >>> frame = pd.DataFrame({"review": ["a fine tea"]})
        >>> encoder.fit(frame)
        >>> encoder.widths
        {'embeddings': 384, 'layer 1': 384, 'layer 2': 384, 'layer 3': 384}
        >>> encoder.transform(frame).shape
        (1, 1536)
    """

    name = "text-layers"
    version = 1

    def __init__(
        self,
        column: str,
        backbone: str | BackboneCard = "minilm-l6",
        *,
        most: int = MOST_LAYERS,
        pooling: str = "mean",
        max_length: int | None = None,
        dtype: str = "auto",
        device: str = "cpu",
    ) -> None:
        super().__init__(
            column, backbone, pooling=pooling, max_length=max_length, dtype=dtype, device=device
        )
        self.layers = EveryLayer(most=check_most(most))
        self.most = most

    def settings(self) -> dict[str, Any]:
        """Number of layers, pooling and length."""
        return {
            "most": self.most,
            "pooling": self.pooling.name,
            "max_length": self.max_length,
        }

    @property
    def widths(self) -> dict[str, int]:
        """Columns of each layer by its name, in the order of the block's columns."""
        backbone = self.backbone
        config: Any = backbone.module.config
        numbers = spread(int(config.num_hidden_layers) + 1, self.most)
        return {_named(number): backbone.card.dimension for number in numbers}

    @property
    def dimension(self) -> int:
        """Columns of the block."""
        return sum(self.widths.values())


@dataclass(frozen=True)
class EveryLayer(LayerChoice):
    """Every layer's vectors of length 1 side by side, or `most` of them, evenly spread."""

    parts: tuple[str, ...] = ("all",)
    most: int = MOST_LAYERS

    def __call__(self, states: Any, pool: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        """Pool the states of each layer, see `LayerChoice`."""
        numbers = spread(len(states.hidden_states), self.most)
        return LayerChoice(tuple(map(str, numbers)))(states, pool)


def _named(number: int) -> str:
    return f"layer {number}" if number else "embeddings"
