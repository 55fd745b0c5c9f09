"""From a network's layers and a text's tokens to one vector."""

from __future__ import annotations

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

    def __call__(self, states: Any) -> list[torch.Tensor]:
        """The (n, length, d) states of each part.

        Raises:
            SettingError: The network has fewer layers than asked for.
        """
        return [self._one(part, states) for part in self.parts]

    def _one(self, part: str, states: Any) -> torch.Tensor:
        import torch

        last: torch.Tensor = states.last_hidden_state
        if part == "last":
            return last
        layers = states.hidden_states
        if part == "mean":  # the embeddings, the first of these, aren't a layer
            return torch.stack([layer.float() for layer in layers[1:]]).mean(0)
        if int(part) >= len(layers):
            raise SettingError(
                f"This backbone's layers are numbered up to {len(layers) - 1}.", received=part
            )
        chosen: torch.Tensor = layers[int(part)]
        return chosen


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
        import torch

        states = states.float()
        if self.name == "cls":
            return states[:, 0]
        if self.name == "max":
            return states.masked_fill(mask.unsqueeze(-1) == 0, -torch.inf).amax(1)
        return mean_over_tokens(states, mask)
