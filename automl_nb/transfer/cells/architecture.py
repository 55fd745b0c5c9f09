"""What is searched for: how a small head is wired over the layers of a frozen network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automl_nb.core.errors import SettingError
from automl_nb.core.space import Choice, Space

ZERO, IDENTITY = "zero", "identity"
OPS = (ZERO, IDENTITY, "linear", "bottleneck-64", "bottleneck-256", "attention")
EDGES = 2  # inputs of a node, as in DARTS and NASNet


@dataclass(frozen=True)
class Edge:
    """One input of a node.

    Attributes:
        source: A layer by number, or, counted on from the layers, an earlier node.
        op: What is done to it, one of `OPS`.
    """

    source: int
    op: str


@dataclass(frozen=True)
class Architecture:
    """A directed acyclic graph: each node adds up what its edges make of layers and earlier nodes.

    All nodes side by side are what a last linear layer reads. Without nodes that layer reads
    the frozen network's layers themselves: the plain linear head.

    Attributes:
        layers: Names of the frozen network's layers.
        nodes: The edges of each node.

    Raises:
        SettingError: An edge comes from nowhere or from a later node, or has an unknown op.

    Example:
        >>> found = Architecture(("a", "b"), ((Edge(0, "linear"), Edge(1, "identity")),))
        >>> print(found)
        node 1 = linear(a) + identity(b)
        >>> Architecture.from_dict(found.to_dict()) == found
        True
    """

    layers: tuple[str, ...]
    nodes: tuple[tuple[Edge, ...], ...] = ()

    def __post_init__(self) -> None:
        for number, edges in enumerate(self.nodes):
            for edge in edges:
                if edge.op not in OPS or not 0 <= edge.source < len(self.layers) + number:
                    raise SettingError(
                        "An edge has a known op and comes from a layer or an earlier node.",
                        received=f"{edge.op} from {edge.source} into node {number + 1}",
                        hint=f"Ops: {', '.join(OPS)}.",
                    )

    def name_of(self, source: int) -> str:
        """A layer or node by name."""
        count = len(self.layers)
        return self.layers[source] if source < count else f"node {source - count + 1}"

    def used(self, node: int) -> tuple[Edge, ...]:
        """The edges of a node that carry something."""
        return tuple(edge for edge in self.nodes[node] if edge.op != ZERO)

    def __str__(self) -> str:
        if not self.nodes:
            return "a linear model of all layers"
        return "; ".join(
            f"node {number + 1} = "
            + (" + ".join(f"{e.op}({self.name_of(e.source)})" for e in self.used(number)) or "0")
            for number in range(len(self.nodes))
        )

    def to_dict(self) -> dict[str, Any]:
        """As lists and text, for JSON."""
        nodes = [[[edge.source, edge.op] for edge in edges] for edges in self.nodes]
        return {"layers": list(self.layers), "nodes": nodes}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Architecture:
        """What `to_dict` gave.

        Raises:
            SettingError: It isn't an architecture.
        """
        try:
            nodes = tuple(
                tuple(Edge(int(source), str(op)) for source, op in edges) for edges in data["nodes"]
            )
            return cls(tuple(map(str, data["layers"])), nodes)
        except (KeyError, TypeError, ValueError) as error:
            raise SettingError(
                "An architecture is read from what was written of one.", received=data
            ) from error


def cell_space(layers: tuple[str, ...], nodes: int) -> Space:
    """All architectures with so many nodes, for any searcher.

    Example:
        >>> cell_space(("a", "b"), 1).names()
        ('node 1 input 1', 'node 1 op 1', 'node 1 input 2', 'node 1 op 2')
    """
    made = []
    for number in range(nodes):
        sources = _words(layers, number)
        for place in range(EDGES):
            usual = sources[(len(layers) - 1 - place) % len(sources)]
            made += [
                Choice(f"node {number + 1} input {place + 1}", sources, usual),
                Choice(f"node {number + 1} op {place + 1}", OPS, IDENTITY),
            ]
    return Space(tuple(made))


def from_config(layers: tuple[str, ...], config: Mapping[str, Any]) -> Architecture:
    """The architecture that a configuration of `cell_space` stands for.

    Example:
        >>> space = cell_space(("a", "b"), 1)
        >>> print(from_config(("a", "b"), space.defaults()))
        node 1 = identity(b) + identity(a)
    """
    nodes = []
    for number in range(len(config) // (2 * EDGES)):
        sources = _words(layers, number)
        edges = (
            Edge(
                sources.index(config[f"node {number + 1} input {place + 1}"]),
                str(config[f"node {number + 1} op {place + 1}"]),
            )
            for place in range(EDGES)
        )
        nodes.append(tuple(edges))
    return Architecture(layers, tuple(nodes))


def _words(layers: tuple[str, ...], number: int) -> tuple[str, ...]:
    """What node `number` may read, as a searcher's words; a layer's own name may have any sign."""
    safe = [re.sub(r"[^\w ]+", " ", name).strip() for name in layers]
    unlike = [f"{place} {name}".strip() for place, name in enumerate(safe)]
    return (*unlike, *(f"node {before + 1}" for before in range(number)))
