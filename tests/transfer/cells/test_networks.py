"""The networks: mixed ops, cells by torch and by NumPy, saved and loaded."""

import json

import numpy as np
import pytest
import torch
from scipy import special

from automl_nb.core.errors import SettingError
from automl_nb.core.types import TaskKind
from automl_nb.transfer.cells.architecture import OPS, ZERO, Architecture, Edge
from automl_nb.transfer.cells.learner import Learner, Recipe
from automl_nb.transfer.cells.lesson import Lesson, layers_of
from automl_nb.transfer.cells.ops import (
    NUMPY,
    applied,
    cell_features,
    cell_shapes,
    op_shapes,
    torch_library,
)
from automl_nb.transfer.cells.predictor import CellPredictor, margins
from automl_nb.transfer.cells.supernet import Pace, Supernet, mixed, supernet_features
from tests.support import planted, trials

RNG = np.random.default_rng(0)
D, N, L = 5, 7, 3
FIXED = Architecture(
    ("a", "b", "c"),
    (
        (Edge(0, "linear"), Edge(2, "identity")),
        (Edge(3, "bottleneck-64"), Edge(1, "attention")),
        (Edge(2, ZERO), Edge(4, "bottleneck-256")),
    ),
)


def drawn(shapes):
    return {name: RNG.normal(size=shape) for name, shape in shapes.items()}


def tensors(arrays, **options):
    return {name: torch.tensor(values, **options) for name, values in arrays.items()}


@pytest.mark.parametrize("op", OPS)
def test_an_op_is_the_same_by_numpy_and_by_torch(op):
    x, layers, weights = (
        RNG.normal(size=(N, D)),
        RNG.normal(size=(N, L, D)),
        drawn(op_shapes(op, D)),
    )
    by_torch = applied(op, torch.tensor(x), tensors(weights), torch.tensor(layers), torch_library())
    np.testing.assert_allclose(applied(op, x, weights, layers, NUMPY), by_torch.numpy(), atol=1e-12)


def test_attention_reads_the_layer_that_answers_the_query():
    layers = np.zeros((1, L, D))
    layers[0, 1, 0] = 1.0
    weights = {"Q": np.zeros((D, 64)), "K": np.zeros((D, 64))}
    weights["Q"][0, 0] = weights["K"][0, 0] = 100.0
    found = applied("attention", np.eye(1, D), weights, layers, NUMPY)
    np.testing.assert_allclose(found[0], layers[0, 1], atol=1e-6)


def test_a_mixed_op_is_the_sum_of_its_ops_and_so_is_its_derivative():
    """d/dm_o sum_o m_o o(x) = o(x); through the softmax: m_o (o(x) - sum_p m_p p(x))."""
    x, layers = torch.tensor(RNG.normal(size=(N, D))), torch.tensor(RNG.normal(size=(N, L, D)))
    every = {f"{op}.{k}": v for op in OPS for k, v in tensors(drawn(op_shapes(op, D))).items()}
    outputs = torch.stack(
        [
            applied(
                op,
                x,
                {k.partition(".")[2]: v for k, v in every.items() if k.startswith(f"{op}.")},
                layers,
                torch_library(),
            )
            for op in OPS
        ]
    )
    alpha = torch.tensor(RNG.normal(size=len(OPS)), requires_grad=True)
    mix = alpha.softmax(0)
    found = mixed(x, every, mix, layers, torch_library())
    expected = (mix[:, None, None] * outputs).sum(0)
    torch.testing.assert_close(found, expected)
    (slope,) = torch.autograd.grad(found.sum(), [alpha])
    sums = outputs.sum(dim=(1, 2))
    torch.testing.assert_close(slope, (mix * (sums - (mix * sums).sum())).detach())


def test_the_auxiliary_skip_stands_beside_the_ops_and_ends_at_nothing():
    lesson = planted.problem(60, layers=2).lesson
    supernet = Supernet(lesson, 1, np.arange(30), np.arange(30, 60), Pace(epochs=3), seed=0)
    parts = []
    for _ in range(3):
        parts.append(supernet.skip)
        supernet.epoch(lambda: False)
    np.testing.assert_allclose(parts, [1.0, 0.5, 0.0], atol=1e-12)
    assert supernet.skip == pytest.approx(0.0, abs=1e-12)
    layers = [torch.tensor(RNG.normal(size=(4, 12)), dtype=torch.float32) for _ in range(2)]
    mix = supernet.alphas.softmax(dim=1)
    options = {"nodes": 1, "library": torch_library()}
    without = supernet_features(layers, supernet.weights, mix, skip=0.0, **options)
    beside = supernet_features(layers, supernet.weights, mix, skip=0.25, **options)
    torch.testing.assert_close(beside - without, 0.25 * (layers[0] + layers[1]))


def literal(weights, X, widths):
    """FIXED, written out by hand."""
    a, b, c = (layer.astype(np.float64) for layer in layers_of(X, widths))
    w = {name: values.astype(np.float64) for name, values in weights.items()}
    a, c = a @ w["stem0.W"], c @ w["stem2.W"]

    def silu(x):
        return x / (1 + np.exp(-x))

    one = a @ w["node0.edge0.W"] + w["node0.edge0.b"] + c
    two = (
        silu(one @ w["node1.edge0.W"] + w["node1.edge0.b"]) @ w["node1.edge0.V"]
        + w["node1.edge0.c"]
    )
    queries, memory = b @ w["node1.edge1.Q"], np.stack([a, b, c], axis=1)
    heard = np.einsum("na,nla->nl", queries, memory @ w["node1.edge1.K"]) / 8.0
    two = two + np.einsum("nl,nld->nd", special.softmax(heard, axis=1), memory)
    three = (
        silu(two @ w["node2.edge1.W"] + w["node2.edge1.b"]) @ w["node2.edge1.V"]
        + w["node2.edge1.c"]
    )
    return np.concatenate([one, two, three], axis=1) @ w["out.W"] + w["out.b"]


def learned(widths=(4, 6, 5), epochs=3):
    """FIXED after a little training, on layers of different widths."""
    X = RNG.normal(size=(60, sum(widths)))
    context = trials.context(X, (X[:, 0] > 0).astype(np.int64), TaskKind.BINARY)
    lesson = Lesson.prepare(context, ("x",), dict(zip("abc", widths, strict=True)))
    learner = Learner(FIXED, lesson, np.arange(60), Recipe(epochs=epochs, batch=16), seed=0)
    for _ in range(epochs):
        learner.epoch(lambda: False)
    return context, lesson, learner


def test_a_trained_network_is_the_literal_forward_pass():
    _, lesson, learner = learned()
    weights = learner.arrays()
    found = margins(FIXED, weights, lesson.X, lesson.widths)
    np.testing.assert_allclose(found, literal(weights, lesson.X, lesson.widths), atol=1e-4)
    # and the network that was trained computes the same
    layers = layers_of(torch.from_numpy(lesson.X), lesson.widths)
    features = cell_features(FIXED, tensors(weights), layers, torch_library())
    by_torch = features @ tensors(weights)["out.W"] + tensors(weights)["out.b"]
    np.testing.assert_allclose(by_torch.numpy(), found, atol=1e-4)


def test_every_weight_learns_but_those_behind_a_zero():
    _, lesson, learner = learned(epochs=1)
    start = Learner(FIXED, lesson, np.arange(60), Recipe(epochs=1, batch=16), seed=0).arrays()
    assert set(start) == set(cell_shapes(FIXED, lesson.widths, lesson.width, 2))
    assert not any(name.startswith("node2.edge0") for name in start)
    for name, values in learner.arrays().items():
        assert not np.array_equal(values, start[name]), name


def test_saved_and_loaded_it_gives_the_same(tmp_path):
    context, lesson, learner = learned()
    networks = [(FIXED, learner.arrays()), (Architecture(FIXED.layers), plain(lesson))]
    made = CellPredictor(("x",), lesson.widths, lesson.scaling, networks, lesson.kind)
    config = json.loads(json.dumps(made.save(tmp_path)))
    again = CellPredictor.load(tmp_path, config)
    np.testing.assert_array_equal(again.predict(context.blocks), made.predict(context.blocks))
    assert [one for one, _ in again.networks] == [one for one, _ in networks]
    assert {path.suffix for path in tmp_path.iterdir()} == {".safetensors"}
    assert made.predict(context.blocks.take(np.arange(0))).shape == (0, 2)


def plain(lesson):
    learner = Learner(Architecture(lesson.names), lesson, np.arange(60), Recipe(2, 16), seed=1)
    learner.epoch(lambda: False)
    return learner.arrays()


def test_widths_that_are_not_those_of_the_features_are_refused():
    with pytest.raises(SettingError, match="add up"):
        Lesson.prepare(planted.context(), ("x",), {"a": 3, "b": 4})


def test_each_layer_is_scaled_by_itself():
    X = np.hstack([RNG.normal(3.0, 100.0, (500, 4)), RNG.normal(-1.0, 0.01, (500, 6))])
    context = trials.context(X, np.arange(500) % 2, TaskKind.BINARY)
    lesson = Lesson.prepare(context, ("x",), {"wide": 4, "narrow": 6})
    for layer in layers_of(lesson.X, lesson.widths):
        assert np.abs(layer.mean(axis=0)).max() < 1e-3
        assert layer.var(axis=0).mean() == pytest.approx(1.0, abs=1e-3)
