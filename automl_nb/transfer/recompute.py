"""Layers that keep only their inputs: all else is computed again on the way back.

Memory falls from all intermediate results of all layers to those of one, for a third more
time (Chen et al. 2016, "Training deep nets with sublinear memory cost", arXiv 1604.06174).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from automl_nb.transfer.tuning import stack_of


@contextmanager
def recomputed(module: nn.Module) -> Iterator[None]:
    """Within it a forward pass keeps the inputs of each layer alone.

    The library's own switch works in training mode only, which networks here never enter
    (they learn without dropout), and for its own families only.
    """
    layers = stack_of(module) if torch.is_grad_enabled() else []
    for layer in layers:
        layer.forward = _checkpointed(layer.forward)
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward  # the class's own is there again


def _checkpointed(forward: Callable[..., Any]) -> Callable[..., Any]:
    def run(*given: Any, **named: Any) -> Any:
        # Nothing random happens in a layer, so that no generator's state need be kept.
        return checkpoint(forward, *given, use_reentrant=False, preserve_rng_state=False, **named)

    return run
