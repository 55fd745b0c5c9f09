"""Judging heads: honest scores, the search over settings, and its limits."""

from dataclasses import replace

import numpy as np
import pytest

from automl_nb.core.trials import Deadline, Decision, TooSlow
from automl_nb.core.types import TaskKind
from automl_nb.transfer.crossfit import crossfit, one_vs_rest, plain_loss
from automl_nb.transfer.prior import Constant
from tests.support import trials


class Recorder:
    """A head that notes what it was fitted on; setting ``good`` is the best one."""

    name = "recorder"

    def __init__(self, settings):
        self.settings = settings
        self.fits = []

    def grid(self, context):
        return self.settings

    def fit(self, context, inputs, rows, config):
        self.fits.append((tuple(rows), config))
        share = float(context.y[rows].mean())
        return Constant(np.array([1 - share, share]) if config["good"] else np.array([0.95, 0.05]))


@pytest.fixture
def context():
    y = (np.random.default_rng(0).random(60) < 0.6).astype(np.int64)
    return trials.context(np.zeros((60, 1)), y, TaskKind.BINARY)


def test_each_row_is_scored_by_a_model_that_did_not_see_it(context):
    head = Recorder([{"good": 1}])
    candidate, _ = trials.finish(crossfit(head, context, ("x",), {}))
    for fold in context.folds:
        expected = context.y[fold.fit].mean()
        np.testing.assert_allclose(candidate.oof[fold.judge, 1], expected)


def test_the_last_fit_is_on_all_rows(context):
    head = Recorder([{"good": 1}])
    trials.finish(crossfit(head, context, ("x",), {}))
    assert head.fits[-1][0] == tuple(range(60))
    assert len(head.fits) == len(context.folds) + 1


def test_the_setting_of_least_loss_is_taken(context):
    head = Recorder([{"good": 0}, {"good": 1}])
    candidate, _ = trials.finish(crossfit(head, context, ("x",), {}))
    assert candidate.config == {"good": 1}
    assert head.fits[-1][1] == {"good": 1}


def test_no_setting_is_fitted_twice_on_a_fold(context):
    head = Recorder([{"good": 0}, {"good": 1}])
    trials.finish(crossfit(head, context, ("x",), {}))
    asked = [(rows, config["good"]) for rows, config in head.fits]
    assert len(asked) == len(set(asked))


def test_told_to_stop_the_search_takes_the_best_so_far(context):
    head = Recorder([{"good": 0}, {"good": 1}])
    candidate, _ = trials.finish(crossfit(head, context, ("x",), {}), Decision.STOP)
    assert candidate.config == {"good": 0}
    assert np.isfinite(candidate.oof).all()


def test_a_given_setting_is_obeyed(context):
    head = Recorder([{"good": 1}])
    candidate, _ = trials.finish(crossfit(head, context, ("x",), {"good": 0, "name": "mine"}))
    assert candidate.config == {"good": 0}
    assert candidate.name == "mine"


def test_without_time_for_the_folds_it_says_so(context):
    with pytest.raises(TooSlow):
        trials.finish(
            crossfit(Recorder([{"good": 1}]), replace(context, deadline=Deadline(0.0)), ("x",), {})
        )


def test_the_loss_is_that_of_calibrated_scores():
    task = trials.table(TaskKind.BINARY).task
    y = np.array([0, 1, 1, 0, 1, 0, 1, 1])
    right = np.where(np.eye(2)[y] > 0, 0.8, 0.2)
    right[0] = right[0][::-1]
    sharp = right**3 / (right**3).sum(axis=1, keepdims=True)
    assert plain_loss(sharp, y, task) == pytest.approx(plain_loss(right, y, task), abs=1e-4)


def test_the_loss_of_values_is_the_squared_error():
    task = trials.table(TaskKind.REGRESSION).task
    assert plain_loss(np.array([[1.0], [4.0]]), np.array([2.0, 2.0]), task) == 2.5


def test_targets_of_each_kind():
    context = trials.table(TaskKind.MULTICLASS)
    assert one_vs_rest(context.task, np.array([2, 0])).tolist() == [[0, 0, 1], [1, 0, 0]]
    values = one_vs_rest(trials.table(TaskKind.REGRESSION).task, np.array([1.5, 2.0]))
    assert values.tolist() == [[1.5], [2.0]]


def test_with_little_time_fewer_folds_are_judged_and_all_rows_fitted(context, monkeypatch):
    monkeypatch.setattr("automl_nb.transfer.crossfit._Folds.is_late", lambda _: True)
    head = Recorder([{"good": 1}])
    candidate, _ = trials.finish(crossfit(head, context, ("x",), {}))
    judged = np.isfinite(candidate.oof).all(axis=1)
    compared = np.concatenate([fold.judge for fold in context.folds[:2]])  # few rows: two folds
    assert len(context.folds) > 2
    assert np.array_equal(np.flatnonzero(judged), np.sort(compared))
    assert candidate.predictor is not None
