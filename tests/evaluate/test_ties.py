"""Ties against a bootstrap written as plain loops, and against what theory says."""

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from automl_nb.core.types import Task, TaskKind
from automl_nb.evaluate.bootstrap import draw_weights
from automl_nb.evaluate.metrics import load_metric
from automl_nb.evaluate.ties import Answers, drawn, seeds_interval, tied_with_first

BINARY = Task(TaskKind.BINARY, "label", ("no", "yes"))
PRICE = Task(TaskKind.REGRESSION, "price")


def truth(n=300, seed=0):
    return np.random.default_rng(seed).integers(0, 2, n)


def answers(y, right, *seeds, rows=slice(None)):
    """Right in a share of the rows, each seed in others."""
    made = []
    for seed in seeds or (0,):
        rng = np.random.default_rng([7, seed])
        said = np.where(rng.random(len(y)) < right, y, 1 - y)
        sure = rng.uniform(0.6, 0.95, len(y))
        scores = np.full((len(y), 2), np.nan)
        both = np.where(said == 1, sure, 1 - sure)
        scores[rows] = np.column_stack([1 - both, both])[rows]
        made.append(scores)
    return Answers(tuple(made), (None,) * len(made))


def values(metric, y, model, n=60, seed=3):
    return drawn(load_metric(metric), y, [model], np.arange(len(y)), BINARY, n=n, seed=seed)[0]


@pytest.mark.parametrize(
    ("metric", "function"),
    [
        ("accuracy", lambda y, s: accuracy_score(y, s[:, 1] > 0.5)),
        ("f1_macro", lambda y, s: f1_score(y, s[:, 1] > 0.5, average="macro")),
        ("roc_auc", lambda y, s: roc_auc_score(y, s[:, 1])),
    ],
)
def test_each_resample_is_that_of_a_plain_loop(metric, function):
    y = truth()
    model = answers(y, 0.8)
    drawn_rows = [
        np.repeat(np.arange(len(y)), column.astype(int))
        for weights in draw_weights(len(y), 60, 3)
        for column in weights.T
    ]
    plain = [function(y[i], model.scores[0][i]) for i in (np.arange(len(y)), *drawn_rows)]
    assert values(metric, y, model) == pytest.approx(plain)


def test_equally_good_models_are_tied_about_as_often_as_promised():
    tied = []
    for case in range(80):
        y = truth(150, case)
        pair = [answers(y, 0.8, 2 * case), answers(y, 0.8, 2 * case + 1)]
        pair.sort(key=lambda one: -values("accuracy", y, one, n=2)[0])
        tied.append(tied_with_first("accuracy", y, pair, BINARY, n=100)[1])
    assert np.mean(tied) >= 0.88


def test_what_is_far_worse_is_not_tied_and_more_rows_tell_smaller_differences_apart():
    y = truth(400)
    assert tied_with_first("accuracy", y, [answers(y, 0.9), answers(y, 0.6, 1)], BINARY) == [
        True,
        False,
    ]
    few, many = truth(100), truth(6000)
    near = [
        tied_with_first("accuracy", y, [answers(y, 0.85), answers(y, 0.80, 1)], BINARY)[1]
        for y in (few, many)
    ]
    assert near == [True, False]


def test_rows_that_are_hard_for_both_hide_no_difference():
    """The paired interval is far narrower than the two beside each other."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=400)
    hard = rng.normal(0, 3, (400, 1))
    near = Answers((y[:, None] + hard,), (None,))
    worse = Answers((y[:, None] + 1.15 * hard,), (None,))
    assert tied_with_first("mae", y, [near, worse], PRICE) == [True, False]
    alone = [seeds_interval("mae", y, one, PRICE) for one in (near, worse)]
    assert alone[0].high > alone[1].low  # they overlap


def test_only_rows_that_both_were_judged_on_are_compared():
    y = truth(900)
    whole = answers(y, 0.9)
    part, rest = slice(0, 300), np.arange(300, 900)
    same_there = Answers((whole.scores[0].copy(),), (None,))
    same_there.scores[0][rest] = np.nan
    assert tied_with_first("accuracy", y, [whole, same_there], BINARY)[1]
    elsewhere = answers(y, 0.1, rows=part)
    half = answers(y, 0.9, rows=rest)
    assert tied_with_first("accuracy", y, [half, elsewhere], BINARY)[1]  # nothing in common
    assert not tied_with_first("accuracy", y, [whole, elsewhere], BINARY)[1]


def test_the_luck_of_seeds_makes_a_difference_unsure():
    y = np.linspace(0, 10, 2000)

    def off(*shifts):
        return Answers(tuple(y[:, None] + s for s in shifts), (None,) * len(shifts))

    steady = [off(1.0, 1.0, 1.0), off(1.2, 1.2, 1.2)]
    lucky = [off(0.6, 1.0, 1.4), off(0.8, 1.2, 1.6)]  # means as before
    assert tied_with_first("mae", y, steady, PRICE) == [True, False]
    assert tied_with_first("mae", y, lucky, PRICE) == [True, True]


def test_the_interval_over_seeds_has_the_error_of_their_mean():
    y = np.zeros(50)
    shifts = np.random.default_rng(1).uniform(1, 3, 5)
    model = Answers(tuple(np.full((50, 1), s) for s in shifts), (None,) * 5)
    made = seeds_interval("mae", y, model, PRICE, n=4000)
    error = shifts.std(ddof=1) / math.sqrt(5)
    assert made.value == pytest.approx(shifts.mean())
    assert (made.high - made.low) / 2 == pytest.approx(1.96 * error, rel=0.1)


def test_where_the_metric_has_no_value_nothing_is_sure():
    y = np.zeros(40, int)
    pair = [answers(y, 0.9), answers(y, 0.5, 1)]
    assert tied_with_first("roc_auc", y, pair, BINARY) == [True, True]
