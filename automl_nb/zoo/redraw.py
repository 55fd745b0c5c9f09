"""A network of the same shape with random weights, drawn as its family draws them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from automl_nb.zoo.architectures import ARCHITECTURES

if TYPE_CHECKING:
    from torch import nn


def random_network(module: nn.Module, seed: int) -> nn.Module:
    """A fresh network of the same family and size, on the CPU, in eval mode, without gradients.

    Families of transformers draw what their config says, N(0, 0.02^2) for most; our
    EfficientNet-Lite draws N(0, 2 / fan_out) as its authors do (He et al. 2015,
    arXiv 1502.01852).

    Args:
        module: Of a family in `automl_nb.zoo.architectures`.
        seed: The same one gives the same weights; torch's own state is left as it was.

    Example:
        >>> from automl_nb.zoo.load import load_backbone
        >>> module = load_backbone("efficientnet-lite0").module
        >>> fresh = random_network(module, 0)
        >>> [*fresh.state_dict()] == [*module.state_dict()]
        True
    """
    import torch

    from automl_nb.zoo.efficientnet_lite import EfficientNetLite

    own = isinstance(module, EfficientNetLite)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = _own(module) if own else _of_transformers(module)
    return made.eval().requires_grad_(False)


def _own(module: Any) -> nn.Module:
    from torch import nn

    made = type(module)(module.variant)
    for part in made.modules():
        if isinstance(part, nn.Conv2d):
            high, wide = part.kernel_size
            fan_out = high * wide * part.out_channels // part.groups
            nn.init.normal_(part.weight, 0.0, (2.0 / fan_out) ** 0.5)
    network: nn.Module = made
    return network


def _of_transformers(module: Any) -> nn.Module:
    config = copy.deepcopy(module.config)
    architecture = ARCHITECTURES[config.model_type]
    options = {"add_pooling_layer": False} if architecture.has_pooler else {}
    made: nn.Module = type(module)(config, **options)
    return made
