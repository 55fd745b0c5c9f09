"""Heads over several layers as plain Python: the run's features, and the run's own training."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import automl_nb
from automl_nb.core.recipe import Block, Ingredient, Recipe
from automl_nb.core.state import RunState
from automl_nb.core.types import Task, TaskKind
from automl_nb.features.image_layers import ImageLayers
from automl_nb.features.text_layers import TextLayers
from automl_nb.pipeline.stages import baselines
from automl_nb.report.code.cells import nas_head
from automl_nb.report.code.layers import image_layers, text_layers
from automl_nb.report.code.layout import imports
from automl_nb.report.code.snippet import Telling
from automl_nb.transfer.cells.architecture import OPS, Architecture, Edge
from automl_nb.transfer.cells.learner import Learner
from automl_nb.transfer.cells.learner import Recipe as Pace
from automl_nb.transfer.cells.lesson import Lesson, Scaling
from automl_nb.transfer.cells.predictor import margins
from automl_nb.zoo.architectures import ARCHITECTURES
from tests.support.written import as_good, learnt, texts
from tests.zoo.families import make_folder

QUICK = {"searcher": "random", "tries": 1, "nodes": 1}
STATE = RunState(task=Task(TaskKind.MULTICLASS, "label", ("a", "b", "c")), settings={"seed": 3})


def space_of(made, **names):
    """What a piece of a script leaves behind."""
    exec("\n".join([*imports(made.imports), *made.helpers, made.code]), names)
    return names


def told(key, *, state=STATE):
    return Telling(state, Recipe(()), {key: "seen"}, frozenset())


@pytest.mark.parametrize("most", [8, 3])
def test_every_layer_of_a_text_network_is_read_as_in_the_run(most):
    reader = TextLayers("said", "minilm-l3", most=most, dtype="float32")
    rows = pd.DataFrame({"said": ["a fine tea", "the coach was late, and cold", None]})
    reader.fit(rows)
    block = Block(
        reader.key, "text-layers", ("said",), {**reader.settings(), "backbone": "minilm-l3"}
    )
    space = space_of(text_layers(block, told(reader.key)), train=rows, pd=pd)
    assert space["train_seen"] == pytest.approx(reader.transform(rows), abs=1e-4)


@pytest.mark.parametrize(
    "family", [name for name, known in ARCHITECTURES.items() if known.modality == "image"]
)
def test_every_stage_of_a_picture_network_is_read_as_in_the_run(family, tmp_path):
    check_stages(str(make_folder(family, tmp_path / family)))


def test_every_stage_of_the_network_that_comes_along_is_read_as_in_the_run():
    check_stages("efficientnet-lite0")


def check_stages(backbone):
    reader = ImageLayers("photo", backbone, dtype="float32")
    rows = pd.DataFrame({"photo": [Image.new("RGB", (9, 7), "teal"), None]})
    settings = {**reader.settings(), "backbone": backbone}
    block = Block(reader.key, "image-layers", ("photo",), settings)
    space = space_of(image_layers(block, told(reader.key)), train=rows)
    assert space["train_seen"].shape[1] == reader.dimension
    assert space["train_seen"] == pytest.approx(reader.transform(rows), abs=1e-4)


EACH_OP = tuple((Edge(n % 3, op), Edge(3 if n else 0, "identity")) for n, op in enumerate(OPS))


@pytest.mark.parametrize("kind", [TaskKind.MULTICLASS, TaskKind.REGRESSION])
@pytest.mark.parametrize("widths", [(8, 8, 8), (4, 8, 6)])
@pytest.mark.parametrize("nodes", [EACH_OP, ()])
def test_each_op_learns_as_in_the_run(kind, widths, nodes):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(70, sum(widths))), rng.integers(0, 3, 70)
    y = y if kind.is_classification else rng.normal(size=70)
    found = Architecture(("a", "b", "c"), nodes)
    config = {
        "widths": [*widths],
        "architectures": [{**found.to_dict(), "epochs": 2}],
        "heads": [0],
    }
    task = Task(kind, "label", ("a", "b", "c") if kind.is_classification else ())
    telling = told("X", state=RunState(task=task, settings={"seed": 3}))
    made = nas_head("head", Ingredient("head", "nas-head", ("X",), config), telling)
    space = space_of(made, train_seen=X, y_train=y, np=np)

    scaling = Scaling.fit(X, widths)
    targets = (
        y if kind.is_classification else ((y - y.mean()) / y.std()).astype(np.float32)[:, None]
    )
    lesson = Lesson(
        scaling.apply(X),
        found.layers,
        widths,
        targets,
        kind,
        task.n_outputs,
        np.ones(70, np.float32),
        scaling,
    )
    learner = Learner(found, lesson, np.arange(70), Pace.of(70), seed=3)
    assert all(learner.epoch(lambda: False) for _ in range(2))
    with torch.no_grad():
        given = space["head"][0](space["head_layers"](X)).numpy()
    own = margins(found, learner.arrays(), lesson.X, widths)
    assert np.abs(own).max() > 0.01
    assert given == pytest.approx(own, abs=2e-4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


def test_a_searched_head_over_the_layers_of_texts(folder):
    frame = texts(160)
    options = {"backbones": ["minilm-l3"], "params": QUICK, "metric": "log_loss"}
    run = learnt(folder, frame, "label", "nas-head", **options)
    space = as_good(run, frame)
    assert "NasHead" in space or "NasHead1" in space
    shares = run.predict_proba(space["test"]).to_numpy()
    assert np.abs(space["probabilities"](space["test"]) - shares).mean() < 0.02


@pytest.mark.thorough
def test_a_searched_head_over_the_stages_of_pictures(folder, monkeypatch):
    monkeypatch.setattr(baselines, "_pixels", lambda *_: None)  # what else would be the best
    charts = automl_nb.sample("charts")
    frame = charts[charts["chart"].isin(["line", "bar"])].iloc[:40].reset_index(drop=True)
    options = {"backbones": ["efficientnet-lite0"], "params": QUICK}
    run = learnt(folder, frame, "chart", "nas-head", **options)
    space = as_good(run, frame)
    assert "NasHead" in space or "NasHead1" in space
