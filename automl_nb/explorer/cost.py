"""What a network costs on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from automl_nb.features.image import PICTURES_A_BATCH, FrozenImage
from automl_nb.features.text import TOKENS_A_BATCH, FrozenText
from automl_nb.zoo.backbone import Backbone

if TYPE_CHECKING:
    import torch
    from torch import nn

_LENGTH = 64  # tokens of the text whose activations are counted


@dataclass(frozen=True)
class Cost:
    """Figures of one network.

    Attributes:
        parameters: Number of weights.
        items_per_s: Texts or pictures encoded in a second here.
        memory_bytes: Weights and the activations of one batch, while encoding.
        disk_bytes: Weights as a saved model holds them.
    """

    parameters: int
    items_per_s: float
    memory_bytes: int
    disk_bytes: int


def cost_of(encoder: FrozenText | FrozenImage, frame: pd.DataFrame) -> Cost:
    """Measure, on rows like these.

    Args:
        encoder: Fitted on rows like these.
        frame: Some rows.
    """
    network = encoder.backbone
    weights = [*network.module.parameters(), *network.module.buffers()]
    stored = sum(tensor.numel() * tensor.element_size() for tensor in weights)
    seconds = encoder.estimate_s(frame)
    return Cost(
        parameters=sum(tensor.numel() for tensor in network.module.parameters()),
        items_per_s=len(frame) / seconds if seconds > 0 else float("nan"),
        memory_bytes=stored + activations(network, encoder.device),
        disk_bytes=stored,
    )


def activations(network: Backbone, device: str = "cpu") -> int:
    """Bytes of what passes between a network's parts for one batch, at its widest point.

    One item is run and the largest input and output of any part counted together; a batch
    takes as many times as much.
    """
    import torch

    kind = device.partition(":")[0]
    widest = 0

    def heard(_module: nn.Module, inputs: Any, output: Any) -> None:
        nonlocal widest
        widest = max(widest, _bytes(inputs) + _bytes(output))

    parts = [part for part in network.module.modules() if not list(part.children())]
    hooks = [part.register_forward_hook(heard) for part in parts]
    try:
        with torch.inference_mode():
            network.embed(_one(network))
    finally:
        for hook in hooks:
            hook.remove()
    if network.tokenizer is not None:
        return widest * (TOKENS_A_BATCH[kind] // _LENGTH)
    return widest * PICTURES_A_BATCH[kind]


def _one(network: Backbone) -> dict[str, torch.Tensor]:
    import torch

    if network.tokenizer is not None:
        length = min(_LENGTH, network.tokenizer.max_length)
        ids = torch.full((1, length), 5, device=network.device)
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    size = 224 if network.picture_spec is None else network.picture_spec.size
    return {"pixels": torch.zeros(1, 3, size, size, device=network.device)}


def _bytes(value: Any) -> int:
    import torch

    if isinstance(value, torch.Tensor):
        return value.numel() * value.element_size()
    if isinstance(value, tuple | list):
        return sum(map(_bytes, value))
    return 0
