"""Forecasts of metrics that aren't means over rows, held against what all rows then reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score, root_mean_squared_error

from automl_nb.core.types import Task, TaskKind
from automl_nb.evaluate.metrics import objective_of
from automl_nb.explorer.course import of_losses, of_metric
from automl_nb.explorer.curve import along, probe
from automl_nb.explorer.scores.base import targets_of
from automl_nb.explorer.squares import least_squares

FULL, TESTS, D = 1200, 600, 12
TASKS = {
    "rmse": Task(TaskKind.REGRESSION, "y"),
    "f1_micro": Task(TaskKind.MULTILABEL, "y", ("a", "b", "c", "d")),
    "roc_auc": Task(TaskKind.BINARY, "y", ("no", "yes")),
}


def rows(name: str, seed: int):
    """Features and what a linear rule with noise makes of them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(FULL + TESTS, D))
    values = X @ rng.normal(size=(D, 4)) / D**0.5 + 0.7 * rng.normal(size=(len(X), 4))
    if name == "rmse":
        return X, 1000.0 * values[:, 0]
    if name == "f1_micro":
        return X, (values > np.array([0.0, 0.5, 1.0, 1.5])).astype(np.float32)
    return X, (values[:, 0] > 1.2).astype(np.int64)


def reached(name: str, X: np.ndarray, y: np.ndarray, task: Task) -> float:
    """By scikit-learn's metric, on rows that nobody saw."""
    fit, judge = np.arange(FULL), np.arange(FULL, len(y))
    targets, model = targets_of(y, task.kind), least_squares(X)
    _, penalty = model.left_out(fit, targets[fit])
    found = model.answers(fit, targets[fit], judge, penalty)
    if name == "rmse":
        return float(root_mean_squared_error(y[judge], found[:, 0]))
    if name == "roc_auc":
        return float(roc_auc_score(y[judge], found[:, 1]))
    own = model.answers(fit, targets[fit], fit, penalty)
    cuts = np.linspace(0.1, 0.6, 26)  # one for all labels
    best = max(cuts, key=lambda cut: f1_score(y[fit], own >= cut, average="micro"))
    return float(f1_score(y[judge], found >= best, average="micro"))


def foretold(name: str, X, y, task, n: int, seed: int):
    some = np.random.default_rng([seed, 1]).permutation(FULL)[:n]
    probed = probe(least_squares(X[some]), y[some], task.kind, seed=seed)
    course = of_metric(probed, y[some], task, objective_of(name), seed=seed)
    return along(course, FULL, n_test=TESTS, rng=np.random.default_rng([seed, 8]))


@pytest.mark.parametrize("name", TASKS)
def test_the_intervals_hold_what_all_rows_then_reach(name):
    task, held, wide = TASKS[name], [], []
    for seed in range(6):
        X, y = rows(name, seed)
        made = foretold(name, X, y, task, 300, seed)
        assert made.low <= made.value <= made.high
        held.append(made.low <= reached(name, X, y, task) <= made.high)
        wide.append((made.high - made.low) / made.value)
    assert np.mean(held) >= 0.8
    assert np.mean(wide) < 0.4, "an interval of everything would hold everything"


def test_a_metric_is_foretold_in_its_own_direction():
    X, y = rows("roc_auc", 0)
    probed = probe(least_squares(X[:200]), y[:200], TaskKind.BINARY)
    by_metric = of_metric(probed, y[:200], TASKS["roc_auc"], objective_of("balanced_accuracy"))
    by_rows = of_losses(probed, np.random.default_rng(0))
    assert by_metric.sizes == by_rows.sizes
    again = of_metric(probed, y[:200], TASKS["roc_auc"], objective_of("log_loss"))
    assert not again.greater_is_better
    assert (again.errors > 0).all()


def test_its_errors_are_those_of_scikit_learn_out_of_fold():
    X, y = rows("rmse", 3)
    probed = probe(least_squares(X[:300]), y[:300], TaskKind.REGRESSION)
    course = of_metric(probed, y[:300], TASKS["rmse"], objective_of("rmse"))
    expected = [
        np.mean([root_mean_squared_error(y[:300], one[place, :, 0]) for one in probed.answers])
        for place in range(len(probed.sizes))
    ]
    np.testing.assert_allclose(course.errors, expected, rtol=1e-5)
    assert course.resampled[:, -1].std() == pytest.approx(course.deviations[-1])


def test_where_less_is_better_what_is_less_beats():
    X, y = rows("rmse", 1)
    good, bad = (foretold("rmse", X * scale, y, TASKS["rmse"], 300, 0) for scale in (1.0, 0.0))
    assert good.beats(bad)
    assert good.beats(bad, surely=True)
    assert not bad.beats(good)
    assert good.scores[0] > good.scores[-1]
    assert good.at(10_000) < good.at(100)


def test_a_metric_without_a_value_gives_no_course():
    X, y = rows("roc_auc", 0)
    probed = probe(least_squares(X[:60]), np.zeros(60, dtype=np.int64) + 1, TaskKind.BINARY)
    task = TASKS["roc_auc"]
    assert of_metric(probed, np.ones(60, dtype=np.int64), task, objective_of("roc_auc")) is None
    without = replace(probed, answers=None)
    assert of_metric(without, y[:60], task, objective_of("roc_auc")) is None


def test_right_answers_of_few_rows_leave_a_doubt():
    rng = np.random.default_rng(0)
    y = np.repeat(np.eye(2, dtype=np.float32), 20, axis=0)
    X = 9.0 * y + 0.01 * rng.normal(size=y.shape)
    task = Task(TaskKind.MULTILABEL, "y", ("a", "b"))
    probed = probe(least_squares(X), y, TaskKind.MULTILABEL)
    course = of_metric(probed, y, task, objective_of("f1_micro"))
    made = along(course, 40, rng=np.random.default_rng(0))
    assert made.value == pytest.approx(1.0)
    assert made.low < 0.99
