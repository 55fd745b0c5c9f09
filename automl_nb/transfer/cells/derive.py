"""From a supernet's weights of ops to the likeliest architectures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, islice, product

import numpy as np

from automl_nb.transfer.cells.architecture import EDGES, OPS, ZERO, Architecture, Edge

_LIVING = tuple(place for place, op in enumerate(OPS) if op != ZERO)


def likeliest(
    layers: tuple[str, ...], weights: Sequence[np.ndarray], most: int
) -> list[Architecture]:
    """Architectures by the product of their ops' weights, the greatest first.

    The first is that of DARTS (Liu, Simonyan & Yang 2019, section 2.4): each node keeps the edges
    whose strongest op, zero left out, is strongest. The others differ where it was closest.

    Args:
        layers: Names of the layers.
        weights: Of each node (its sources, ops), positive.
        most: How many.

    Example:
        >>> weights = np.full((3, 6), 0.1)
        >>> weights[1, 2], weights[2, 1] = 0.5, 0.4
        >>> print(likeliest(("a", "b", "c"), [weights], 1)[0])
        node 1 = linear(b) + identity(c)
    """
    nodes = [_ranked(table, most) for table in weights]
    whole = sorted(
        product(*(range(len(ranked)) for ranked in nodes)),
        key=lambda places: -sum(nodes[n][place][0] for n, place in enumerate(places)),
    )
    return [
        Architecture(layers, tuple(nodes[n][place][1] for n, place in enumerate(places)))
        for places in islice(whole, most)
    ]


def _ranked(table: np.ndarray, most: int) -> list[tuple[float, tuple[Edge, ...]]]:
    """The best inputs of one node with the logarithms of their weights."""
    logs = np.log(np.maximum(table, 1e-30))
    made = []
    for sources in combinations(range(len(table)), min(EDGES, len(table))):
        for ops in product(_LIVING, repeat=len(sources)):
            score = float(sum(logs[s, op] for s, op in zip(sources, ops, strict=True)))
            edges = tuple(Edge(s, OPS[op]) for s, op in zip(sources, ops, strict=True))
            made.append((score, edges))
    return sorted(made, key=lambda one: -one[0])[:most]
