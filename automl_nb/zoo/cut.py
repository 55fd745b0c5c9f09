"""A network cut in two between its layers: what the lower part gives, the upper part reads.

The lower part is the network without the upper layers, the upper part the network without
the lower ones; what comes before or after the layers lets everything through. Both share
their weights with the whole.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from torch import nn

from automl_nb.core.errors import SettingError
from automl_nb.zoo.architectures import Cut, cut_of
from automl_nb.zoo.backbone import Backbone

if TYPE_CHECKING:
    import torch


class PassThrough(nn.Module):
    """Stands for a part of a network and gives back what it is given.

    Args:
        instead_of: The part, which is still asked for all else, such as its number format.
    """

    def __init__(self, instead_of: nn.Module) -> None:
        super().__init__()
        self._instead_of = (instead_of,)  # in a tuple, so that its weights are none of ours

    def forward(self, *given: Any, **named: Any) -> torch.Tensor:
        """The first floating-point tensor among the arguments."""
        import torch

        tensors = (v for v in (*given, *named.values()) if isinstance(v, torch.Tensor))
        return next(tensor for tensor in tensors if tensor.is_floating_point())

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self._instead_of[0], name)

    def __deepcopy__(self, memo: dict[int, Any]) -> PassThrough:
        return self


def lower_part(backbone: Backbone, layers: int, module: nn.Module | None = None) -> nn.Module:
    """The network without its `layers` upper layers; see `states_below` for what it gives.

    Args:
        backbone: The whole.
        layers: How many are left out.
        module: Instead of the backbone's network, one of the same parts.

    Raises:
        SettingError: Networks of this family can't be cut, or have too few layers.
    """
    whole = backbone.module if module is None else module
    cut, stack = _parts(backbone, whole, layers)
    changed: dict[int, nn.Module] = {id(stack): nn.ModuleList(list(stack)[:-layers])}
    return _with(whole, changed | _passing(whole, cut.above))


def upper_part(backbone: Backbone, layers: int) -> Backbone:
    """The `layers` upper layers, to be given ``inputs_embeds`` and a mask, or a map as ``pixels``.

    Raises:
        SettingError: Networks of this family can't be cut, or have too few layers.
    """
    cut, stack = _parts(backbone, backbone.module, layers)
    changed: dict[int, nn.Module] = {id(stack): nn.ModuleList(list(stack)[-layers:])}
    module = _with(backbone.module, changed | _passing(backbone.module, cut.below))
    config: Any = module.config
    if hasattr(config, "num_hidden_layers"):
        config.num_hidden_layers = layers
    return replace(backbone, module=module)


def joined(backbone: Backbone, upper: Backbone, layers: int) -> Backbone:
    """The whole again, with the weights that the upper part has now."""
    cut, stack = _parts(backbone, backbone.module, layers)
    _, tuned = _parts(backbone, upper.module, layers)
    changed: dict[int, nn.Module] = {
        id(stack): nn.ModuleList([*list(stack)[:-layers], *tuned]),
        **{
            id(backbone.module.get_submodule(name)): upper.module.get_submodule(name)
            for name in _there(backbone.module, cut.above)
        },
    }
    return replace(backbone, module=_with(backbone.module, changed))


def states_below(lower: nn.Module, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """What the upper layers read: (n, length, d) of texts, (n, ...) of pictures."""
    if "pixels" not in inputs:
        states: torch.Tensor = lower(**inputs).last_hidden_state
        return states
    feature_map: Any = getattr(lower, "feature_map", None)
    pixels = inputs["pixels"]
    found: torch.Tensor = (
        lower(pixels).last_hidden_state if feature_map is None else feature_map(pixels)
    )
    return found


def upper_layers(backbone: Backbone, module: nn.Module, layers: int) -> list[list[Any]]:
    """Parameters from the top down: what comes after the layers, then each upper layer.

    Args:
        backbone: Whose family it is.
        module: The whole network, a copy of it, or its upper part.
        layers: How many.

    Raises:
        SettingError: Networks of this family can't be cut, or have too few layers.
    """
    cut, stack = _parts(backbone, module, layers)
    above = [
        p for name in _there(module, cut.above) for p in module.get_submodule(name).parameters()
    ]
    return [above, *([*layer.parameters()] for layer in reversed(list(stack)[-layers:]))]


def _parts(backbone: Backbone, module: nn.Module, layers: int) -> tuple[Cut, nn.ModuleList]:
    cut = cut_of(backbone.card.family)
    stack = module.get_submodule(cut.layers) if cut else None
    if cut is None or not isinstance(stack, nn.ModuleList) or not 0 < layers <= len(stack):
        most = len(stack) if isinstance(stack, nn.ModuleList) else 0
        raise SettingError(
            f"Between 1 and {most} upper layers can be tuned by themselves."
            if most
            else "Only networks that can be cut between their layers are tuned in part.",
            received=f"{layers} layers of {backbone.card.name}",
            hint="Leave layers out for the usual third." if most else "Use strategy='finetune'.",
        )
    return cut, stack


def _with(module: nn.Module, changed: dict[int, nn.Module]) -> nn.Module:
    """A copy that shares all weights, but for the parts (by id) that are others."""
    shared: dict[int, Any] = {id(t): t for t in (*module.parameters(), *module.buffers())}
    return copy.deepcopy(module, shared | changed)


def _passing(module: nn.Module, names: tuple[str, ...]) -> dict[int, nn.Module]:
    parts = [module.get_submodule(name) for name in _there(module, names)]
    return {id(part): PassThrough(part) for part in parts}


def _there(module: nn.Module, names: tuple[str, ...]) -> list[str]:
    """Those that this network has: some parts depend on its config."""
    return [name for name in names if name in dict(module.named_modules())]
