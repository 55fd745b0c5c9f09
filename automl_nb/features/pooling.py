"""From a network's layers and a text's tokens to one vector."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from automl_nb.core.errors import SettingError
from automl_nb.zoo.backbone import mean_over_tokens

if TYPE_CHECKING:
    import torch

POOLINGS = ("mean", "cls", "max")


@dataclass(frozen=True)
class LayerChoice:
    """Which layers' states are read.

    Attributes:
        parts: Each "last", "mean" or a layer's number as text; 0 is the embeddings.
    """

    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> LayerChoice:
        """Read "last", "mean", a number, or several joined by "+".

        Raises:
            SettingError: A part is none of these.

        Example:
            >>> LayerChoice.parse("last+mean").parts
            ('last', 'mean')
        """
        parts = tuple(part.strip() for part in str(text).split("+"))
        if not all(part in {"last", "mean"} or part.isdecimal() for part in parts):
            raise SettingError(
                "Layers must be last, mean or a layer's number.",
                received=text,
                hint="Join several by '+', such as layers='last+mean'.",
            )
        return cls(parts)

    @property
    def name(self) -> str:
        """The choice as `parse` reads it."""
        return "+".join(self.parts)

    @property
    def reads_inside(self) -> bool:
        """Whether the states of inner layers are needed."""
        return self.parts != ("last",)

    def __call__(self, states: Any, pool: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        """Pool the states of each part.

        Args:
            states: What the network gave, with ``last_hidden_state`` and ``hidden_states``.
            pool: From (n, length, d) states to (n, d).

        Returns:
            (n, parts * d), each part's vectors of length 1. The mean over layers is
            that of their pooled vectors; the embeddings aren't counted as a layer.

        Raises:
            SettingError: The network has fewer layers than asked for.
        """
        import torch

        parts = []
        for part in self.parts:
            layers = self._layers(part, states)
            pooled = torch.stack([pool(layer) for layer in layers]).mean(0)
            parts.append(torch.nn.functional.normalize(pooled, dim=1))
        return torch.cat(parts, 1)

    def _layers(self, part: str, states: Any) -> Sequence[torch.Tensor]:
        if part == "last":
            return [states.last_hidden_state]
        layers: Sequence[torch.Tensor] = states.hidden_states
        if part == "mean":
            return layers[1:]
        if int(part) >= len(layers):
            raise SettingError(
                f"This backbone's layers are numbered up to {len(layers) - 1}.", received=part
            )
        return [layers[int(part)]]


@dataclass(frozen=True)
class Pooling:
    """How a text's tokens become one vector: their mean, maximum, or the first's."""

    name: str

    @classmethod
    def parse(cls, name: str) -> Pooling:
        """The pooling of this name.

        Raises:
            SettingError: There is none.
        """
        if name not in POOLINGS:
            raise SettingError(f"Pooling must be one of {', '.join(POOLINGS)}.", received=name)
        return cls(name)

    def __call__(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(n, length, d) states to (n, d) float32, reading the places with mask 1."""
        if self.name == "cls":
            return states[:, 0].float()
        if self.name == "max":
            return states.float().masked_fill(mask.unsqueeze(-1) == 0, -math.inf).amax(1)
        return mean_over_tokens(states.float(), mask)
