"""Networks in the number format that is fastest here, without touching the originals."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from automl_nb.zoo.backbone import Backbone

if TYPE_CHECKING:
    import torch
    from torch import nn

# Computing copies live as long as the backbone that they were made of.
_copies: WeakKeyDictionary[Backbone, dict[torch.dtype, nn.Module]] = WeakKeyDictionary()


def in_dtype(backbone: Backbone, dtype: torch.dtype) -> nn.Module:
    """The backbone's network for inference in `dtype`, to be run `within` it.

    Only the weights of matrix products and convolutions are held in `dtype`; norms,
    embeddings and sums stay float32 and are shared with the original. That is as fast
    as casting everything, and twice as exact. Convolutional networks come with their
    channels last in memory, and with folded normalisations where the family is ours.
    """
    import torch

    is_image = backbone.card.modality == "image"
    if dtype == torch.float32 and not is_image:
        return backbone.module
    made = _copies.setdefault(backbone, {})
    if dtype not in made:
        made[dtype] = _picture_copy(backbone, dtype) if is_image else _cast(backbone.module, dtype)
    return made[dtype]


@contextmanager
def within(device: str, dtype: torch.dtype) -> Iterator[None]:
    """No gradients, and products in `dtype`."""
    import torch

    kind = torch.device(device).type
    mixed = dtype != torch.float32
    with torch.inference_mode(), torch.autocast(kind, dtype=dtype, enabled=mixed):
        yield


def _picture_copy(backbone: Backbone, dtype: torch.dtype) -> nn.Module:
    import torch

    from automl_nb.zoo.efficientnet_lite import EfficientNetLite, fuse

    module = copy.deepcopy(backbone.module)
    if isinstance(module, EfficientNetLite):
        module = fuse(module)
    made = _cast(module, dtype)
    for tensor in made.parameters():
        if tensor.dim() == 4:
            tensor.data = tensor.data.contiguous(memory_format=torch.channels_last)
    return made


def _cast(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    from torch import nn

    shared: dict[int, object] = {}
    for part in module.modules():
        products = isinstance(part, nn.Linear | nn.Conv2d)
        for tensor in (*part.parameters(recurse=False), *part.buffers(recurse=False)):
            shared.setdefault(
                id(tensor),
                nn.Parameter(tensor.to(dtype), requires_grad=False) if products else tensor,
            )
    return copy.deepcopy(module, shared)
