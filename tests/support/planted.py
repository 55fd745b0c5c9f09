"""A search problem whose answer is known: one layer of several tells the label."""

import numpy as np

from automl_nb.core.types import TaskKind
from automl_nb.transfer.cells.learner import Recipe
from automl_nb.transfer.cells.lesson import Lesson
from automl_nb.transfer.cells.searches import Problem
from tests.support import trials

LAYERS, WIDTH, TELLING = 6, 12, 2


def features(n=240, seed=0, layers=LAYERS):
    """(n, layers * WIDTH) noise, and labels by the sign of a few columns of one layer."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, layers * WIDTH)).astype(np.float32)
    told = X[:, TELLING * WIDTH : TELLING * WIDTH + 4].sum(axis=1)
    return X, (told + 0.3 * rng.normal(size=n) > 0).astype(np.int64)


def widths(layers=LAYERS):
    return {f"layer {number}": WIDTH for number in range(layers)}


def context(n=240, seed=0, layers=LAYERS, **changes):
    return trials.context(*features(n, seed, layers), TaskKind.BINARY, seed=seed, **changes)


def problem(n=240, seed=0, nodes=1, layers=LAYERS, epochs=24, is_over=lambda: False):
    """Half of the rows to learn from, half to tell architectures apart."""
    lesson = Lesson.prepare(context(n, seed, layers), ("x",), widths(layers))
    rows = np.arange(n)
    recipe = Recipe(epochs=epochs, batch=16)
    return Problem(lesson, rows[: n // 2], rows[n // 2 :], nodes, recipe, seed, "cpu", is_over)


def finish(search):
    """What a search returns, and what it told on the way."""
    told = []
    try:
        told.append(next(search))
        while True:
            told.append(search.send(False))
    except StopIteration as end:
        return end.value, told


def reads(architecture, layer=TELLING):
    """Whether a node reads this layer through something other than zero."""
    return any(
        edge.source == layer
        for n in range(len(architecture.nodes))
        for edge in architecture.used(n)
    )
