"""A column that tells nothing of the label is told apart from one that does."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import automl_nb
from automl_nb.core.types import Schema, Task, TaskKind
from automl_nb.explorer.course import of_losses
from automl_nb.explorer.curve import forecast, probe
from automl_nb.explorer.foretell import Foreteller
from automl_nb.explorer.looked import Looked
from automl_nb.explorer.squares import least_squares

ROWS = 100
TASKS = {
    "accuracy": (
        Task(TaskKind.MULTICLASS, "y", ("a", "b", "c", "d")),
        lambda rng: rng.integers(0, 4, ROWS),
    ),
    "ROC-AUC": (
        Task(TaskKind.BINARY, "y", ("n", "y")),
        lambda rng: (np.arange(ROWS) % 10 == 0) * 1,
    ),
    "RMSE": (Task(TaskKind.REGRESSION, "y"), lambda rng: rng.normal(size=ROWS)),
    "F1 (micro)": (
        Task(TaskKind.MULTILABEL, "y", ("a", "b")),
        lambda rng: (rng.random((ROWS, 2)) < 0.4).astype(np.float32),
    ),
}


def chance_of(measure, signal, seed):
    task, drawn = TASKS[measure]
    rng = np.random.default_rng(seed)
    y = drawn(rng)
    truth = np.asarray(y, float).reshape(ROWS, -1)
    if task.kind is TaskKind.MULTICLASS:
        truth = np.eye(4)[y]
    features = rng.normal(size=(ROWS, 12))
    features[:, : truth.shape[1]] += signal * truth
    data = SimpleNamespace(task=task, y=y, schema=Schema((), ROWS), development=range(ROWS))
    foreteller = Foreteller(data, y, seed)
    item = Looked("net", probed=probe(least_squares(features), y, task.kind, seed=seed))
    assert foreteller.measure == measure
    return foreteller.chance([item]), y


@pytest.mark.parametrize("measure", TASKS)
def test_features_without_a_signal_are_told_from_those_with_one(measure):
    silent = [chance_of(measure, 0.0, seed)[0] for seed in range(3)]
    assert silent.count(None) <= 1  # what chance did by chance
    assert chance_of(measure, 3.0, 0)[0] is None


def test_what_one_answer_for_all_rows_reaches_is_that_of_the_commonest_class_or_the_mean():
    found, y = chance_of("accuracy", 0.0, 1)
    assert found == pytest.approx(np.bincount(y).max() / ROWS)
    found, y = chance_of("RMSE", 0.0, 1)
    assert found == pytest.approx(y.std())
    assert chance_of("ROC-AUC", 0.0, 1)[0] == 0.5


def test_nothing_probed_says_nothing():
    task = Task(TaskKind.BINARY, "y", ("n", "y"))
    y = np.arange(ROWS) % 2
    data = SimpleNamespace(task=task, y=y, schema=Schema((), ROWS), development=range(ROWS))
    assert Foreteller(data, y, 0).chance([Looked("net")]) is None


def test_a_forecast_of_a_handful_of_rows_is_a_share():
    y = np.array([0, 0, 1, 1, 2, 2])
    for seed in range(20):
        features = np.random.default_rng(seed).normal(size=(6, 3))
        probed = probe(least_squares(features), y, TaskKind.MULTICLASS, seed=seed)
        made = forecast(probed, 6, seed=seed)
        assert 0.0 <= made.low <= made.value <= made.high <= 1.0
        assert of_losses(probed, np.random.default_rng(0)).least == 0.0


def test_no_network_is_recommended_for_a_column_that_does_not_tell_the_label():
    rng = np.random.default_rng(0)
    colours = [("red", "blue", "green", "grey")[i] for i in rng.integers(0, 4, 64)]
    frame = pd.DataFrame(
        {
            "caption": [f"drawing {i % 7} shown in {c}" for i, c in enumerate(colours)],
            "y": list("abcdefgh") * 8,
        }
    )
    made = automl_nb.explore(
        frame, "y", time="60s", backbones=["minilm-l3"], test_size=0, kinds={"caption": "text"}
    )
    assert (made.backbones, made.recommendations[0].evidence) == ((), "none")
    assert "on 64 rows nothing shows that it tells the label" in made.recommendation
    assert "The same answer for all rows reaches accuracy 0.125" in made.recommendation
    assert repr(made) == "<DecisionCard of 'y'; no network for 'caption'>"
