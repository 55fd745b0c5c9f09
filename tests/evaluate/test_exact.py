"""Answers that are all right: the exact interval, by scipy's."""

import numpy as np
import pytest
from scipy.stats import binomtest

from automl_nb.core.types import Task, TaskKind
from automl_nb.evaluate.bootstrap import intervals
from automl_nb.evaluate.by_rank import auc_of_one, average_precision_of_one
from automl_nb.evaluate.exact import least_auc, least_precision, least_share

TASK = Task(TaskKind.BINARY, "label", ("no", "yes"))
Y = np.array([0] * 7 + [1] * 5)


def scored(y):
    return np.stack([1.0 - y, y], axis=1).astype(float)


@pytest.mark.parametrize(
    ("metric", "n"),
    [("accuracy", 12), ("balanced_accuracy", 5), ("recall", 5), ("f1_weighted", 12)],
)
def test_all_right_leaves_room_for_mistakes_that_few_rows_cannot_show(metric, n):
    found = intervals([metric], Y, scored(Y), TASK)[metric]
    exact = binomtest(n, n).proportion_ci(0.95, method="exact")
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(exact.low)


def test_none_right():
    found = intervals(["accuracy"], Y, scored(1 - Y), TASK)["accuracy"]
    exact = binomtest(0, 12).proportion_ci(0.95, method="exact")
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(exact.high)


def test_other_metrics_keep_theirs():
    found = intervals(["log_loss", "brier"], Y, scored(Y), TASK)
    assert found["log_loss"].low == found["log_loss"].high
    assert found["brier"].low == found["brier"].high == 0.0


@pytest.mark.parametrize("metric", ["roc_auc", "pr_auc", "mcc"])
def test_a_perfect_order_of_few_rows_is_not_certain(metric):
    few = intervals([metric], Y, scored(Y), TASK)[metric]
    many_y = np.repeat(Y, 50)
    many = intervals([metric], many_y, scored(many_y), TASK)[metric]
    assert few.value == few.high == many.value == 1.0
    assert 0.2 < few.low < 0.6
    assert 0.9 < many.low < 1.0


def test_a_mean_over_classes_is_as_unsure_as_the_smallest():
    y = np.repeat([0, 1, 2], [40, 30, 4])
    task = Task(TaskKind.MULTICLASS, "label", ("a", "b", "c"))
    found = intervals(["roc_auc", "pr_auc"], y, np.eye(3)[y], task)
    assert found["roc_auc"].low == pytest.approx(least_share(4))
    assert found["pr_auc"].low == pytest.approx(least_precision(4, 70))


def drawn(kind, rng, n_of_class, n_others, size):
    """(size, n) scores of the class and of the others, and the true areas by rank."""
    if kind == "normal":
        of, others = rng.normal(1.2, 1, (size, n_of_class)), rng.normal(0, 1, (size, n_others))
    else:  # a share of either side lies on the other one's side
        of = rng.random((size, n_of_class)) + np.where(rng.random((size, n_of_class)) < 0.06, -3, 1)
        others = rng.random((size, n_others)) + np.where(rng.random((size, n_others)) < 0.06, 3, -1)
    return of, others


@pytest.mark.parametrize("kind", ["normal", "mixed"])
@pytest.mark.parametrize(("n_of_class", "n_others"), [(8, 8), (12, 60), (60, 12)])
def test_where_the_true_area_lies_below_the_bound_rows_are_hardly_ever_in_order(
    kind, n_of_class, n_others
):
    rng = np.random.default_rng(0)
    of, others = drawn(kind, rng, n_of_class, n_others, 20_000)
    perfect = np.mean(of.min(axis=1) > others.max(axis=1))
    positive = np.repeat([True, False], [40_000, 40_000 * n_others // n_of_class])
    far, away = drawn(kind, rng, 40_000, 40_000 * n_others // n_of_class, 1)
    rows = positive, np.concatenate([far[0], away[0]]), np.ones((len(positive), 1))
    bounds = least_auc(n_of_class, n_others), least_precision(n_of_class, n_others)
    for bound, area in zip(bounds, (auc_of_one, average_precision_of_one), strict=True):
        assert perfect <= 0.03 or float(area(*rows)[0]) >= bound


def test_the_bounds_are_no_lower_than_they_must_be():
    """A share of the class below all others: all in order with 2.5% chance, and the area there."""
    share, rng = 1.0 - least_auc(12, 60), np.random.default_rng(0)
    perfect = np.mean(rng.random((100_000, 12)).min(axis=1) > share)
    assert perfect == pytest.approx(0.025, abs=0.003)
