"""Temperature, reliability and thresholds: found again where they were planted."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from automl_nb.core.types import Objective, Task, TaskKind
from automl_nb.evaluate.calibration import (
    Temperature,
    Thresholds,
    expected_calibration_error,
    fit_thresholds,
    reliability_curve,
)
from automl_nb.evaluate.metrics import evaluate, load_metric
from automl_nb.evaluate.tuning import best_offsets

BINARY = Task(TaskKind.BINARY, "label", ("no", "yes"))
FOUR = Task(TaskKind.MULTICLASS, "label", ("a", "b", "c", "d"))
TAGS = Task(TaskKind.MULTILABEL, "tags", ("x", "y", "z"))
PRICE = Task(TaskKind.REGRESSION, "price")


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def honest(n, k, seed=0, sure=2.0):
    """Labels drawn from the very probabilities that are returned as logits."""
    rng = np.random.default_rng(seed)
    logits = sure * rng.normal(size=(n, k))
    drawn = (softmax(logits).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return np.minimum(drawn, k - 1), logits


@pytest.mark.parametrize("planted", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("k", [2, 4])
def test_the_planted_temperature_is_found(planted, k):
    y, logits = honest(8000, k)
    task = BINARY if k == 2 else FOUR
    fitted = Temperature.fit(softmax(logits * planted), y, task)
    assert fitted.value == pytest.approx(planted, rel=0.06)
    assert fitted.apply(softmax(logits * planted)) == pytest.approx(softmax(logits), abs=0.03)


def test_the_fit_is_the_least_log_loss_that_another_optimiser_finds():
    y, logits = honest(3000, 4, seed=2)
    scores = softmax(logits * 2.5)

    def loss(log_temperature):
        cooled = Temperature(float(np.exp(log_temperature)), FOUR.kind).apply(scores)
        return evaluate("log_loss", y, cooled, FOUR)

    theirs = np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x)
    assert Temperature.fit(scores, y, FOUR).value == pytest.approx(theirs, rel=0.01)


def test_multilabel_temperature_is_found():
    rng = np.random.default_rng(1)
    odds = 2 * rng.normal(size=(4000, 3))
    y = (rng.random(odds.shape) < 1 / (1 + np.exp(-odds))).astype(np.float32)
    fitted = Temperature.fit(1 / (1 + np.exp(-odds * 2.0)), y, TAGS)
    assert fitted.value == pytest.approx(2.0, rel=0.06)


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 1.0, 8.0]), st.sampled_from([5, 40]))
def test_temperature_never_hurts_log_loss_nor_changes_an_answer(seed, planted, n):
    y, logits = honest(n, 4, seed)
    scores = softmax(logits * planted)
    cooled = Temperature.fit(scores, y, FOUR).apply(scores)
    if (scores.argmax(axis=1) != y).any():
        before = evaluate("log_loss", y, scores, FOUR)
        assert evaluate("log_loss", y, cooled, FOUR) <= before + 1e-12
    assert cooled.sum(axis=1) == pytest.approx(1.0)
    top = cooled[np.arange(n), scores.argmax(axis=1)]
    assert top == pytest.approx(cooled.max(axis=1), abs=1e-12)


def test_rows_that_are_all_right_do_not_ask_for_boundless_sureness():
    scores = np.array([[0.6, 0.4], [0.4, 0.6]] * 10)
    cooled = Temperature.fit(scores, np.array([0, 1] * 10), BINARY).apply(scores)
    assert 0.6 < cooled[0, 0] < 0.99


@pytest.mark.parametrize("doubt", [1e-3, 1e-30, 0.0])
def test_rows_that_are_all_right_do_not_keep_boundless_sureness(doubt):
    scores = np.array([[1 - doubt, doubt], [doubt, 1 - doubt]] * 20)
    cooled = Temperature.fit(scores, np.array([0, 1] * 20), BINARY).apply(scores)
    assert 0.9 < cooled[0, 0] < 0.995  # one in 41 is what 40 rows can tell


def test_zeros_and_ones_stay_finite():
    scores = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    fitted = Temperature.fit(scores, np.array([0, 1, 1, 0]), BINARY)
    assert fitted.value > 10
    assert np.isfinite(fitted.apply(scores)).all()


def test_rows_without_a_score_are_left_out():
    y, logits = honest(2000, 4)
    scores = softmax(logits * 2)
    padded = np.vstack([scores, np.full((3, 4), np.nan)])
    assert Temperature.fit(padded, np.r_[y, 0, 0, 0], FOUR) == Temperature.fit(scores, y, FOUR)


@pytest.mark.parametrize("task", [PRICE, BINARY])
def test_nothing_to_fit_gives_the_identity(task):
    scores = np.zeros((0, task.n_outputs))
    assert Temperature.fit(scores, np.array([], int), task).value == 1.0
    assert Temperature.fit(np.ones((5, 1)), np.ones(5), PRICE).value == 1.0


def test_temperature_and_thresholds_go_to_json_and_back():
    for made in (
        Temperature(1.7, TaskKind.BINARY),
        Thresholds(TaskKind.BINARY, (0.0, 0.3)),
        Thresholds(TaskKind.REGRESSION),
    ):
        assert type(made).from_dict(json.loads(json.dumps(made.to_dict()))) == made


def test_reliability_agrees_with_scikit_learns_quantile_bins():
    rng = np.random.default_rng(0)
    chance = rng.random(1500)
    y = (rng.random(1500) < chance**2).astype(int)
    ours = reliability_curve(y, np.column_stack([1 - chance, chance]), BINARY)
    observed, said = calibration_curve(y, chance, n_bins=15, strategy="quantile")
    assert ours.said == pytest.approx(said, abs=0.002)
    assert ours.observed == pytest.approx(observed, abs=0.02)
    assert sum(ours.n_rows) == 1500
    assert max(ours.n_rows) - min(ours.n_rows) <= 1


def test_honest_probabilities_have_a_small_error_and_sharpened_ones_a_large_one():
    y, logits = honest(6000, 4)
    assert expected_calibration_error(y, softmax(logits), FOUR) < 0.02
    assert expected_calibration_error(y, softmax(4 * logits), FOUR) > 0.1


def test_equal_probabilities_share_a_bin():
    curve = reliability_curve(np.array([0, 1] * 50), np.full((100, 2), 0.5), BINARY)
    assert (curve.said, curve.observed, curve.n_rows, curve.error) == ((0.5,), (0.5,), (100,), 0.0)


def skewed_rows(n=2000, seed=0):
    """One row in nine is positive, and the scores know it only in part."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-2.5, 1.5, n)
    chance = 1 / (1 + np.exp(-odds))
    return (rng.random(n) < chance).astype(int), np.column_stack([1 - chance, chance])


@pytest.mark.parametrize("metric", ["f1", "balanced_accuracy", "mcc"])
def test_a_tuned_cutoff_is_as_good_as_trying_every_cutoff(metric):
    y, scores = skewed_rows()
    tuned = best_offsets(scores, y, BINARY, load_metric(metric))
    reached = evaluate(metric, y, scores, BINARY, thresholds=tuned)
    theirs = {
        "f1": reference.f1_score,
        "balanced_accuracy": reference.balanced_accuracy_score,
        "mcc": reference.matthews_corrcoef,
    }[metric]
    exhaustive = max(theirs(y, scores[:, 1] > cut) for cut in np.linspace(0.02, 0.7, 300))
    assert reached == pytest.approx(exhaustive, abs=0.01)
    assert np.array_equal(tuned.decide(scores), (scores[:, 1] > tuned.cutoff).astype(int))


@pytest.mark.parametrize("metric", ["f1", "balanced_accuracy"])
def test_thresholds_gain_on_new_rows_where_classes_are_skewed(metric):
    y, scores = skewed_rows()
    tuned = fit_thresholds(scores, y, BINARY, Objective(metric))
    assert tuned.cutoff < 0.4
    new_y, new_scores = skewed_rows(seed=1)
    plain = evaluate(metric, new_y, new_scores, BINARY)
    assert evaluate(metric, new_y, new_scores, BINARY, thresholds=tuned) > plain + 0.05


def test_offsets_undo_a_prior_that_hides_rare_classes():
    y, logits = honest(4000, 4, sure=1.5)
    prior = np.array([3.0, 0.0, 0.0, -3.0])
    scores = softmax(logits + prior)
    metric = "balanced_accuracy"
    tuned = fit_thresholds(scores, y, FOUR, Objective(metric))
    offsets = np.array(tuned.offsets)
    assert offsets - offsets.mean() == pytest.approx(-prior, abs=0.6)
    without_prior = evaluate(metric, y, softmax(logits), FOUR)
    assert evaluate(metric, y, scores, FOUR, thresholds=tuned) >= without_prior - 0.005


def test_multilabel_cutoffs_are_fitted_label_by_label():
    rng = np.random.default_rng(0)
    odds = rng.normal(size=(1500, 3)) * 1.5 - np.array([2.0, 0.0, 3.0])
    y = (rng.random(odds.shape) < 1 / (1 + np.exp(-odds))).astype(np.float32)
    scores = 1 / (1 + np.exp(-odds))
    tuned = fit_thresholds(scores, y, TAGS, Objective("f1_macro"))
    assert evaluate("f1_macro", y, scores, TAGS, thresholds=tuned) > (
        evaluate("f1_macro", y, scores, TAGS) + 0.05
    )
    assert tuned.decide(scores).dtype == np.float32


def test_thresholds_are_not_kept_where_they_do_not_help():
    new_y, new_logits = honest(10_000, 4, seed=100)
    new_scores = softmax(new_logits)
    plain, kept, values = evaluate("accuracy", new_y, new_scores, FOUR), 0, []
    for seed in range(20):
        y, logits = honest(400, 4, seed)
        tuned = fit_thresholds(softmax(logits), y, FOUR, Objective("accuracy"))
        kept += tuned.offsets != ()
        values.append(evaluate("accuracy", new_y, new_scores, FOUR, thresholds=tuned))
    assert kept <= 4  # a one-sided 90% test lets about two in twenty through
    assert np.mean(values) > plain - 0.002


@pytest.mark.parametrize(
    ("task", "metric"),
    [(BINARY, "roc_auc"), (BINARY, "log_loss"), (BINARY, "recall"), (PRICE, "rmse")],
)
def test_metrics_that_thresholds_cannot_serve_get_none(task, metric):
    y, scores = skewed_rows(200)
    fitted = fit_thresholds(scores[:, -task.n_outputs :], y, task, Objective(metric))
    assert fitted == Thresholds(task.kind)


def test_few_rows_get_no_thresholds():
    y, scores = skewed_rows(12)
    assert fit_thresholds(scores, y, BINARY, Objective("f1")).offsets == ()


def test_plain_decisions():
    scores = np.array([[0.5, 0.5], [0.2, 0.8]])
    assert Thresholds(TaskKind.BINARY).decide(scores).tolist() == [0, 1]
    assert Thresholds(TaskKind.BINARY).cutoff == 0.5
    assert Thresholds(TaskKind.MULTILABEL).decide(scores).tolist() == [[1, 1], [0, 1]]
    assert Thresholds(TaskKind.REGRESSION).decide(np.array([[3.5]])).tolist() == [3.5]
