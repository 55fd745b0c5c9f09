"""Answers that are all right: the exact interval, by scipy's."""

import numpy as np
import pytest
from scipy.stats import binomtest

from automl_nb.core.types import Task, TaskKind
from automl_nb.evaluate.bootstrap import intervals

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
    found = intervals(["roc_auc", "log_loss"], Y, scored(Y), TASK)
    assert found["roc_auc"].low == found["roc_auc"].high == 1.0
