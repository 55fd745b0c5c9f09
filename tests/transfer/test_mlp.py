"""The network that predicts with arrays is the one that torch trained."""

from dataclasses import replace

import numpy as np
import pytest

from automl_nb.core.types import TaskKind
from automl_nb.transfer.lanes import Curve, Lanes, Lesson, Recipe, run
from tests.support import trials


@pytest.mark.parametrize("widths", [(8,), (16, 8)])
def test_arrays_give_what_torch_gives(widths):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 5)).astype(np.float32)
    y = rng.integers(0, 3, 90)
    folds = trials.folds_of(90)
    recipe = Recipe(widths=widths, epochs=3, batch=16)
    lesson = Lesson(X, y, TaskKind.MULTICLASS, 3, folds)
    lanes = Lanes(lesson, recipe, seed=0, device="cpu")
    for _ in range(3):
        lanes.epoch(lambda: False)
    _, outputs = lanes.judged()
    for network, fold, output in zip(lanes.networks(), folds, outputs, strict=True):
        np.testing.assert_allclose(run(network, X[fold.judge]), output, rtol=1e-4, atol=1e-5)


def test_values_of_any_size_and_origin_are_learnt():
    context = trials.table(TaskKind.REGRESSION)
    far = trials.context(context.blocks["x"], context.y * 1e6 - 1e9, TaskKind.REGRESSION)
    near = trials.trained("mlp", context).oof[:, 0]
    moved = trials.trained("mlp", far).oof[:, 0]
    np.testing.assert_allclose((moved + 1e9) / 1e6, near, rtol=0.02, atol=2.0)


def test_one_holdout_part_is_followed_by_a_refit_on_all_rows():
    context = trials.table(TaskKind.BINARY)
    candidate = trials.trained("mlp", replace(context, folds=context.folds[:1]), epochs=6)
    assert candidate.refitted
    assert len(candidate.predictor.networks) == 1
    bag = trials.trained("mlp", context, epochs=6)
    assert len(bag.predictor.networks) == len(context.folds)


def test_each_fold_is_scored_after_the_epoch_that_the_others_ask_for():
    curve = Curve()
    for losses in ([3.0, 1.0], [2.0, 2.0], [1.0, 3.0]):
        curve.add(np.array(losses))
        assert curve.is_best(without=1) == (losses[0] == min(one[0] for one in curve.losses))
        assert curve.is_best(without=0) == (losses[1] == min(one[1] for one in curve.losses))
    assert curve.waited() == 2  # the means are equal: the first is kept


def test_rows_that_a_network_learns_from_are_its_own():
    X = np.arange(90, dtype=np.float32)[:, None]
    folds = trials.folds_of(90)
    lesson = Lesson(X, X, TaskKind.REGRESSION, 1, folds)
    lanes = Lanes(lesson, Recipe(widths=(4,), batch=16), seed=0, device="cpu")
    order = lanes._order().numpy()
    assert order.shape == (3, 64)
    for rows, fold in zip(order, folds, strict=True):
        assert set(rows) == set(fold.fit)
