"""What is searched for: wiring that can be printed, written down and proposed."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.core.errors import SettingError
from automl_nb.search.study import Study
from automl_nb.transfer.cells.architecture import (
    EDGES,
    OPS,
    ZERO,
    Architecture,
    Edge,
    cell_space,
    from_config,
)
from automl_nb.transfer.cells.derive import likeliest

NAMES = ("embeddings", "layer 1", "layer 2")


@st.composite
def architectures(draw):
    nodes = [
        tuple(
            Edge(draw(st.integers(0, len(NAMES) + node - 1)), draw(st.sampled_from(OPS)))
            for _ in range(EDGES)
        )
        for node in range(draw(st.integers(0, 4)))
    ]
    return Architecture(NAMES, tuple(nodes))


@given(architectures())
def test_an_architecture_survives_json(architecture):
    assert Architecture.from_dict(json.loads(json.dumps(architecture.to_dict()))) == architecture


@given(architectures())
def test_what_is_printed_names_every_edge_that_carries_something(architecture):
    printed = str(architecture)
    for node in range(len(architecture.nodes)):
        for edge in architecture.used(node):
            assert f"{edge.op}({architecture.name_of(edge.source)})" in printed
    assert ZERO not in printed


def test_without_nodes_it_is_the_plain_linear_head():
    assert str(Architecture(NAMES)) == "a linear model of all layers"


@pytest.mark.parametrize(
    "edge", [Edge(3, "linear"), Edge(-1, "linear"), Edge(0, "conv-3"), Edge(99, ZERO)]
)
def test_an_edge_from_nowhere_or_with_an_unknown_op_is_refused(edge):
    with pytest.raises(SettingError, match="earlier node"):
        Architecture(NAMES, ((edge, Edge(0, "linear")),))


@pytest.mark.parametrize(
    "data",
    [{}, {"layers": ["a"]}, {"layers": ["a"], "nodes": [[1]]}, {"layers": 3, "nodes": []}, []],
)
def test_what_was_not_written_of_one_is_refused(data):
    with pytest.raises(SettingError):
        Architecture.from_dict(data)


@pytest.mark.parametrize("names", [NAMES, ("price, in $", "price, in $", "a|b=c..d", "")])
def test_whatever_a_searcher_proposes_is_an_architecture(names):
    """Also of layers whose names a searcher's words can't hold."""
    study = Study(cell_space(names, 3), "random", seed=0)
    found = {from_config(names, study.ask().config) for _ in range(60)}
    assert len(found) == 60
    edges = [edge for one in found for node in one.nodes for edge in node]
    assert {edge.op for edge in edges} == set(OPS)
    assert {edge.source for edge in edges} == set(range(len(names) + 2))


def test_the_likeliest_is_what_darts_keeps():
    rng = np.random.default_rng(0)
    tables = [rng.dirichlet(np.ones(len(OPS)), size=len(NAMES) + node) for node in range(2)]
    first = likeliest(NAMES, tables, 1)[0]
    for node, table in enumerate(tables):
        living = table.copy()
        living[:, OPS.index(ZERO)] = -1.0
        kept = sorted(np.argsort(-living.max(axis=1))[:EDGES])
        expected = {Edge(int(s), OPS[int(living[s].argmax())]) for s in kept}
        assert set(first.nodes[node]) == expected


def test_the_next_likeliest_are_those_of_a_full_count():
    rng = np.random.default_rng(1)
    tables = [rng.dirichlet(np.ones(len(OPS)), size=2 + node) for node in range(2)]
    logs = [np.log(table) for table in tables]

    def score(architecture):
        return sum(
            logs[n][e.source, OPS.index(e.op)] for n in range(2) for e in architecture.nodes[n]
        )

    every = likeliest(("a", "b"), tables, 10**6)
    assert len(every) == len(set(every)) == 25 * 75
    assert likeliest(("a", "b"), tables, 5) == sorted(every, key=score, reverse=True)[:5]
