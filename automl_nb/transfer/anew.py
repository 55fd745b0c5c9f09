"""Networks whose weights are drawn anew, all or some, before anything is learnt."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.zoo.backbone import Backbone, hash_weights
from automl_nb.zoo.depth import depths
from automl_nb.zoo.redraw import random_network

if TYPE_CHECKING:
    import torch
    from torch import nn

    from automl_nb.transfer.tuning import Network

_CALIBRATING = 128  # rows that tell the statistics of a batch normalisation


def draw_anew(network: Network, rows: np.ndarray, seed: int, depth: int | None = None) -> None:
    """Let a network start from random weights of its family, in its top blocks or everywhere.

    Networks here learn with the batch normalisation that they came with, so those among
    the new weights are given the statistics of some training rows.

    Args:
        network: Reads with the new weights from now on.
        rows: (n,) training rows.
        seed: Of the weights.
        depth: How many blocks from the top; None for the whole network.
    """
    old = network.backbone
    module = copy.deepcopy(old.module)
    fresh = random_network(old.module, seed).to(old.device).state_dict()
    depth_of = depths(module)
    lowest = 0 if depth is None else max(depth_of.values()) - depth + 1
    drawn = {name for name, level in depth_of.items() if level >= lowest}
    for name, parameter in module.named_parameters():
        if name in drawn:
            parameter.data.copy_(fresh[name])
    made = Backbone(old.card, module, "", old.tokenizer, old.picture_spec)
    norms = list(_norms(module, lambda name: f"{name}.weight" in drawn))
    if norms:
        _calibrate(made, norms, _some(network, rows, seed))
    network.start_from(replace(made, weights_sha=hash_weights(module)))


def _some(network: Network, rows: np.ndarray, seed: int) -> Iterator[dict[str, torch.Tensor]]:
    some = np.random.default_rng(seed).permutation(rows)[:_CALIBRATING]
    for start in range(0, len(some), network.batch):
        yield network.on_device(network.load(some[start : start + network.batch], None))


def _norms(module: nn.Module, wanted: Callable[[str], bool]) -> Iterator[Any]:
    from torch.nn.modules.batchnorm import _BatchNorm

    for name, part in module.named_modules():
        if isinstance(part, _BatchNorm) and wanted(name):
            yield part


def _calibrate(
    backbone: Backbone, norms: list[Any], batches: Iterable[dict[str, torch.Tensor]]
) -> None:
    """Mean and variance of these normalisations, averaged over the batches."""
    import torch

    with _averaging(norms), torch.no_grad():
        for inputs in batches:
            backbone.embed(inputs)


@contextmanager
def _averaging(norms: list[Any]) -> Iterator[None]:
    """Batch normalisations that take the mean over all batches as their statistics."""
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
            norm.eval()
