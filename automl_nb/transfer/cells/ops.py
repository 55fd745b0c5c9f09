"""What may stand on an edge, and what a cell gives out: one text for NumPy and for torch.

Weights lie in a flat dict by name, such as ``node0.edge1.W``, so that they are saved as they
are. Products with weights are all that there is, and two functions that the libraries name
differently.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from automl_nb.transfer.cells.architecture import IDENTITY, ZERO, Architecture

ATTENTION = 64  # dimensions in which queries and keys meet
Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Library:
    """The functions that NumPy and torch don't share.

    Attributes:
        silu: x sigmoid(x).
        softmax: Along the last axis.
        stack: (n, d) arrays to (n, len, d).
        join: (n, d) arrays to (n, sum of d).
    """

    silu: Callable[[Any], Any]
    softmax: Callable[[Any], Any]
    stack: Callable[[Sequence[Any]], Any]
    join: Callable[[Sequence[Any]], Any]


NUMPY = Library(
    silu=lambda x: x * special.expit(x),
    softmax=lambda x: special.softmax(x, axis=-1),
    stack=lambda arrays: np.stack(arrays, axis=1),
    join=lambda arrays: np.concatenate(arrays, axis=1),
)


def torch_library() -> Library:
    """The same in torch."""
    import torch

    return Library(
        silu=torch.nn.functional.silu,
        softmax=lambda x: x.softmax(dim=-1),
        stack=lambda arrays: torch.stack(list(arrays), dim=1),
        join=lambda arrays: torch.cat(list(arrays), dim=1),
    )


def op_shapes(op: str, width: int) -> Shapes:
    """The weights of an op from `width` to `width` dimensions.

    Example:
        >>> op_shapes("bottleneck-64", 384)
        {'W': (384, 64), 'b': (64,), 'V': (64, 384), 'c': (384,)}
    """
    if op == "linear":
        return {"W": (width, width), "b": (width,)}
    if op == "attention":
        return {"Q": (width, ATTENTION), "K": (width, ATTENTION)}
    if op.startswith("bottleneck"):
        narrow = int(op.rpartition("-")[2])
        return {"W": (width, narrow), "b": (narrow,), "V": (narrow, width), "c": (width,)}
    return {}


def applied(op: str, x: Any, weights: Mapping[str, Any], layers: Any, library: Library) -> Any:
    """(n, d) of what an op makes of (n, d).

    Attention asks with x which layers to read (Vaswani et al. 2017, arXiv 1706.03762, one
    head; the layers are keys and values, as in the mix of Peters et al. 2018, arXiv 1802.05365,
    with weights by row): a = softmax(h_l K Q'x / sqrt(64)), out = sum_l a_l h_l.

    Args:
        op: One of `OPS`.
        x: What the edge reads.
        weights: As `op_shapes` names them.
        layers: (n, L, d) of all layers, for attention.
        library: That of the arrays.
    """
    if op == ZERO:
        return 0.0 * x
    if op == IDENTITY:
        return x
    if op == "linear":
        return x @ weights["W"] + weights["b"]
    if op == "attention":
        asked = (x @ weights["Q"]) @ weights["K"].T
        heard = library.softmax((layers @ asked[:, :, None])[:, :, 0] / math.sqrt(ATTENTION))
        return (heard[:, None, :] @ layers)[:, 0, :]
    hidden = library.silu(x @ weights["W"] + weights["b"])
    return hidden @ weights["V"] + weights["c"]


def cell_shapes(
    architecture: Architecture, widths: Sequence[int], width: int, outputs: int
) -> Shapes:
    """All weights of an architecture's network.

    Args:
        architecture: Which it is.
        widths: Columns of each layer.
        width: What layers of other widths are brought to before nodes read them.
        outputs: Units of the last layer.
    """
    if not architecture.nodes:
        return {"out.W": (sum(widths), outputs), "out.b": (outputs,)}
    shapes = stem_shapes(widths, width)
    for node, edges in enumerate(architecture.nodes):
        for place, edge in enumerate(edges):
            own = op_shapes(edge.op, width)
            shapes |= {f"node{node}.edge{place}.{name}": shape for name, shape in own.items()}
    count = len(architecture.nodes)
    return {**shapes, "out.W": (count * width, outputs), "out.b": (outputs,)}


def stem_shapes(widths: Sequence[int], width: int) -> Shapes:
    """The products that bring layers of other widths to the common one."""
    return {f"stem{place}.W": (own, width) for place, own in enumerate(widths) if own != width}


def stemmed(layers: Sequence[Any], weights: Mapping[str, Any]) -> list[Any]:
    """Layers of one width."""
    return [
        layer @ weights[f"stem{place}.W"] if f"stem{place}.W" in weights else layer
        for place, layer in enumerate(layers)
    ]


def cell_features(
    architecture: Architecture, weights: Mapping[str, Any], layers: Sequence[Any], library: Library
) -> Any:
    """(n, d) of what the last layer reads.

    Args:
        architecture: Which it is.
        weights: As `cell_shapes` names them.
        layers: (n, d_l) of each layer.
        library: That of the arrays.
    """
    if not architecture.nodes:
        return library.join(layers)
    states = stemmed(layers, weights)
    memory = library.stack(states)
    for node, edges in enumerate(architecture.nodes):
        total: Any = 0.0 * states[0]
        for place, edge in enumerate(edges):
            own = part(weights, f"node{node}.edge{place}.")
            total = total + applied(edge.op, states[edge.source], own, memory, library)
        states.append(total)
    return library.join(states[len(layers) :])


def part(weights: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The weights whose names begin so, without it."""
    return {
        name[len(prefix) :]: value for name, value in weights.items() if name.startswith(prefix)
    }
