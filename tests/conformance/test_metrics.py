"""What every metric of the catalogue must do, whichever it is."""

import numpy as np
import pytest

from automl_nb.core.types import Task, TaskKind
from automl_nb.evaluate.bootstrap import interval, paired_difference
from automl_nb.evaluate.metric import Metric
from automl_nb.evaluate.metrics import METRICS, evaluate, load_metric

N = 180
TASKS = {
    TaskKind.BINARY: Task(TaskKind.BINARY, "label", ("no", "yes")),
    TaskKind.MULTICLASS: Task(TaskKind.MULTICLASS, "label", ("a", "b", "c", "d")),
    TaskKind.MULTILABEL: Task(TaskKind.MULTILABEL, "tags", ("x", "y", "z")),
    TaskKind.REGRESSION: Task(TaskKind.REGRESSION, "price"),
}


def rows(kind: TaskKind, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """The same truth each time, and scores that `noise` pulls away from it (0: perfect)."""
    rng = np.random.default_rng(5)
    k = TASKS[kind].n_outputs
    if kind is TaskKind.REGRESSION:
        y = rng.normal(10, 3, N)
        return y, (y + noise * rng.normal(0, 6, N))[:, None]
    if kind is TaskKind.MULTILABEL:
        y = (rng.random((N, k)) < 0.4).astype(np.float32)
        return y, (1 - noise) * y.astype(float) + noise * rng.random((N, k))
    y = rng.integers(0, k, N)
    y[:k] = np.arange(k)
    return y, (1 - noise) * np.eye(k)[y] + noise * rng.dirichlet(np.ones(k), N)


CASES = [
    pytest.param(spec.name, kind, id=f"{spec.name}-{kind}")
    for spec in METRICS
    for kind in load_metric(spec.name).tasks
]


@pytest.mark.parametrize("spec", METRICS, ids=lambda spec: spec.name)
def test_an_entry_says_the_same_as_its_metric(spec):
    metric = spec.load()
    assert isinstance(metric, Metric)
    assert metric.name == spec.name
    assert set(spec.tags) == {kind.value for kind in metric.tasks}
    assert spec.installed
    assert spec.summary.endswith(".")


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_perfect_scores_reach_the_best_value(name, kind):
    metric, (y, scores) = load_metric(name), rows(kind, 0.0)
    best = metric.bounds[1] if metric.greater_is_better else metric.bounds[0]
    assert evaluate(name, y, scores, TASKS[kind]) == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_worse_scores_get_a_worse_value_within_bounds(name, kind):
    metric = load_metric(name)
    good, bad = (evaluate(name, *rows(kind, noise), TASKS[kind]) for noise in (0.0, 1.0))
    assert (good > bad) == metric.greater_is_better
    assert metric.bounds[0] <= bad <= metric.bounds[1]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_the_order_of_rows_does_not_matter(name, kind):
    y, scores = rows(kind, 0.7)
    turned = np.random.default_rng(1).permutation(N)
    value = evaluate(name, y, scores, TASKS[kind])
    assert evaluate(name, y[turned], scores[turned], TASKS[kind]) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_weight_of_two_is_the_row_twice(name, kind):
    y, scores = rows(kind, 0.7)
    if name == "ece":  # its bins are laid over the rows at hand, so double every one
        twice = np.arange(N).repeat(2)
        weights = np.full((N, 1), 2.0)
    else:
        twice = np.r_[np.arange(N), np.arange(0, N, 3)]
        weights = np.ones((N, 1))
        weights[::3] = 2.0
    weighted = load_metric(name).weighted(y, scores, TASKS[kind], weights)
    plain = evaluate(name, y[twice], scores[twice], TASKS[kind])
    assert weighted[0] == pytest.approx(plain, abs=1e-12)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_the_interval_holds_the_value_and_repeats_with_its_seed(name, kind):
    y, scores = rows(kind, 0.7)
    made = interval(name, y, scores, TASKS[kind], n=60, seed=3)
    assert made.low <= made.value <= made.high
    assert made.low < made.high
    assert made.value == evaluate(name, y, scores, TASKS[kind])
    assert made == interval(name, y, scores, TASKS[kind], n=60, seed=3)
    assert made != interval(name, y, scores, TASKS[kind], n=60, seed=4)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_model_does_not_differ_from_itself(name, kind):
    y, scores = rows(kind, 0.7)
    same = paired_difference(name, y, scores, scores, TASKS[kind], n=30)
    assert (same.low, same.value, same.high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_inputs_are_left_untouched(name, kind):
    y, scores = rows(kind, 0.7)
    before = y.copy(), scores.copy()
    evaluate(name, y, scores, TASKS[kind])
    assert np.array_equal(y, before[0])
    assert np.array_equal(scores, before[1])
