"""Intervals against a bootstrap written as plain loops, and against what theory says."""

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from automl_nb.core.types import Task, TaskKind
from automl_nb.evaluate.bootstrap import draw_weights, interval, paired_difference, paired_gain
from automl_nb.evaluate.decide import Thresholds
from automl_nb.evaluate.metrics import evaluate, load_metric

BINARY = Task(TaskKind.BINARY, "label", ("no", "yes"))
THREE = Task(TaskKind.MULTICLASS, "label", ("a", "b", "c"))


def rows(n, k, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k)) + 1.2 * np.eye(k)[y]
    powers = np.exp(logits)
    return y, powers / powers.sum(axis=1, keepdims=True)


def test_the_interval_is_that_of_a_plain_loop_over_the_same_draws():
    y, scores = rows(120, 3)
    weights = np.hstack(list(draw_weights(120, 80, seed=9)))
    drawn = [np.repeat(np.arange(120), column.astype(int)) for column in weights.T]
    said = scores.argmax(axis=1)
    for name, function in {
        "accuracy": lambda i: accuracy_score(y[i], said[i]),
        "f1_macro": lambda i: f1_score(y[i], said[i], average="macro"),
        "roc_auc": lambda i: roc_auc_score(y[i], scores[i], multi_class="ovr"),
    }.items():
        low, high = np.percentile([function(i) for i in drawn], [2.5, 97.5])
        made = interval(name, y, scores, THREE, n=80, seed=9)
        assert (made.low, made.high) == (pytest.approx(low), pytest.approx(high))


def test_the_width_for_accuracy_is_the_binomial_one():
    y, scores = rows(2000, 2)
    made = interval("accuracy", y, scores, BINARY, n=1000)
    error = math.sqrt(made.value * (1 - made.value) / 2000)
    assert (made.high - made.low) == pytest.approx(2 * 1.96 * error, rel=0.12)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    truth = evaluate("accuracy", *rows(40_000, 2, seed=99), BINARY)
    covered = []
    for seed in range(100):
        made = interval("accuracy", *rows(150, 2, seed=seed), BINARY, n=200, seed=seed)
        covered.append(made.low <= truth <= made.high)
    assert 0.88 <= np.mean(covered) <= 1.0


def test_chunks_of_resamples_do_not_change_the_draws(monkeypatch):
    y, scores = rows(50, 3)
    whole = interval("mcc", y, scores, THREE, n=40)
    monkeypatch.setattr("automl_nb.evaluate.bootstrap._CHUNK", 50 * 7)
    assert interval("mcc", y, scores, THREE, n=40) == whole


def test_resamples_without_a_value_are_left_out():
    y = np.array([0, 0, 0, 0, 1])
    scores = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4], [0.4, 0.6]])
    made = interval("roc_auc", y, scores, BINARY)
    assert made.value == 0.75
    assert 0.0 <= made.low <= 0.75 <= made.high <= 1.0


def test_a_metric_without_a_value_has_no_interval():
    made = interval("roc_auc", np.zeros(4, int), np.full((4, 2), 0.5), BINARY)
    assert all(math.isnan(value) for value in (made.value, made.low, made.high))
    empty = interval("accuracy", np.array([], int), np.zeros((0, 2)), BINARY)
    assert math.isnan(empty.value)


def test_thresholds_count_in_intervals():
    y, scores = rows(300, 2)
    always_yes = Thresholds(TaskKind.BINARY, (0.0, 50.0))
    found = interval("recall", y, scores, BINARY, thresholds=always_yes)
    assert found.value == 1.0
    assert found.low == pytest.approx(0.025 ** (1 / np.bincount(y).min()))


def test_the_interval_of_the_calibration_error_holds_its_value():
    rng = np.random.default_rng(0)
    chance = rng.random(400)
    y = (rng.random(400) < chance).astype(int)
    made = interval("ece", y, np.column_stack([1 - chance, chance]), BINARY)
    assert 0.0 <= made.low <= made.value <= made.high


def test_a_paired_difference_sees_what_two_intervals_do_not():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 600)
    noise = rng.normal(0, 1.5, 600)
    better = 1 / (1 + np.exp(-(3.0 * y - 1.5 + noise)))
    worse = 1 / (1 + np.exp(-(2.7 * y - 1.35 + noise)))
    pair = [np.column_stack([1 - p, p]) for p in (better, worse)]
    apart = [interval("roc_auc", y, scores, BINARY) for scores in pair]
    assert apart[0].low < apart[1].high
    difference = paired_difference("roc_auc", y, *pair, BINARY)
    assert difference.low > 0
    assert difference.value == pytest.approx(apart[0].value - apart[1].value)
    turned = paired_difference("roc_auc", y, *reversed(pair), BINARY)
    assert turned.value == -difference.value


def test_a_gain_is_positive_whatever_the_direction():
    tags = Task(TaskKind.MULTILABEL, "tags", ("x", "y"))
    y = (np.random.default_rng(0).random((60, 2)) < 0.5).astype(np.float32)
    wrong = y.copy()
    wrong[:20] = 1 - wrong[:20]
    for name in ("hamming_loss", "subset_accuracy"):
        gain, error = paired_gain(load_metric(name), y, y, wrong, tags)
        assert gain == pytest.approx(1 / 3, abs=1e-6)
        assert error == pytest.approx(math.sqrt(1 / 3 * 2 / 3 / 60), rel=0.2)
