"""Metrics against scikit-learn on drawn data, weighted and not, and in the awkward corners."""

import json
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.types import Column, ColumnKind, Objective, Schema, Task, TaskKind
from automl_nb.evaluate.metrics import (
    METRICS,
    default_objective,
    evaluate,
    load_metric,
    metrics_for,
    resolve_objective,
    scored_rows,
)

STEADY = settings(deadline=None, derandomize=True, max_examples=60)
NAMES = tuple("abcdefgh")
NO_COLUMNS = Schema(())


def task_of(k: int) -> Task:
    kind = TaskKind.BINARY if k == 2 else TaskKind.MULTICLASS
    return Task(kind, "label", NAMES[:k])


@st.composite
def classified(draw, least_k=2, most_k=5, every_class=False):
    """(y, probabilities with ties, row weights, k)."""
    k = draw(st.integers(least_k, most_k))
    n = draw(st.integers(k + 2, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    y = rng.integers(0, k, n)
    if every_class:
        y[:k] = np.arange(k)
    coarse = rng.integers(1, draw(st.sampled_from([3, 50])), (n, k)).astype(float)
    return y, coarse / coarse.sum(axis=1, keepdims=True), rng.integers(1, 4, n).astype(float), k


@st.composite
def multilabelled(draw):
    k, n = draw(st.integers(2, 4)), draw(st.integers(5, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    y = (rng.random((n, k)) < 0.4).astype(np.float32)
    y[0], y[1] = 1.0, 0.0  # every label is there and isn't
    return y, rng.integers(1, 20, (n, k)) / 20.0, rng.integers(1, 4, n).astype(float), k


@st.composite
def measured(draw):
    n = draw(st.integers(2, 50))
    numbers = st.floats(-1e3, 1e3, width=32)
    y = np.array(draw(st.lists(numbers, min_size=n, max_size=n)))
    predicted = np.array(draw(st.lists(numbers, min_size=n, max_size=n)))
    return y, predicted[:, None]


def both(name, y, scores, task, weights):
    """Our plain and our weighted value."""
    weighted = load_metric(name).weighted(y, scores, task, weights[:, None])
    return evaluate(name, y, scores, task), float(weighted[0])


def agree(name, y, scores, task, weights, theirs):
    plain, weighted = both(name, y, scores, task, weights)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert plain == pytest.approx(theirs(None), abs=1e-12, rel=1e-12)
        assert weighted == pytest.approx(theirs(weights), abs=1e-12, rel=1e-12)


@STEADY
@given(classified())
def test_label_metrics_agree_with_scikit_learn(case):
    y, scores, weights, k = case
    task, said = task_of(k), scores.argmax(axis=1)
    usual = "binary" if k == 2 else "macro"
    averaged = {
        "precision": reference.precision_score,
        "recall": reference.recall_score,
        "f1": reference.f1_score,
    }
    for name, function in averaged.items():
        for ending, average in {"": usual, "_macro": "macro", "_weighted": "weighted"}.items():

            def theirs(w, function=function, average=average):
                return function(y, said, average=average, zero_division=0, sample_weight=w)

            agree(name + ending, y, scores, task, weights, theirs)
    for name, function in {
        "accuracy": reference.accuracy_score,
        "balanced_accuracy": reference.balanced_accuracy_score,
        "mcc": reference.matthews_corrcoef,
    }.items():
        agree(name, y, scores, task, weights, lambda w, f=function: f(y, said, sample_weight=w))


@STEADY
@given(classified(every_class=True))
def test_probability_metrics_agree_with_scikit_learn(case):
    y, scores, weights, k = case
    task, classes = task_of(k), np.arange(k)
    truth = np.eye(k)[y]

    def auc(w):
        if k == 2:
            return reference.roc_auc_score(y, scores[:, 1], sample_weight=w)
        return reference.roc_auc_score(y, scores, multi_class="ovr", sample_weight=w)

    def average_precision(w):
        if k == 2:
            return reference.average_precision_score(y, scores[:, 1], sample_weight=w)
        return reference.average_precision_score(truth, scores, average="macro", sample_weight=w)

    def squares(w):
        gaps = (scores - truth) ** 2
        return np.average(gaps[:, 1] if k == 2 else gaps.sum(axis=1), weights=w)

    agree("roc_auc", y, scores, task, weights, auc)
    agree("pr_auc", y, scores, task, weights, average_precision)
    agree("brier", y, scores, task, weights, squares)
    agree(
        "log_loss",
        y,
        scores,
        task,
        weights,
        lambda w: reference.log_loss(y, scores, labels=classes, sample_weight=w),
    )


def test_brier_of_two_classes_is_scikit_learns():
    rng = np.random.default_rng(0)
    y, chance = rng.integers(0, 2, 80), rng.random(80)
    scores = np.column_stack([1 - chance, chance])
    ours = evaluate("brier", y, scores, task_of(2))
    assert ours == pytest.approx(reference.brier_score_loss(y, chance), abs=1e-12)


@STEADY
@given(multilabelled())
def test_multilabel_metrics_agree_with_scikit_learn(case):
    y, scores, weights, k = case
    task = Task(TaskKind.MULTILABEL, "tags", NAMES[:k])
    said = (scores >= 0.5).astype(int)
    for average in ("micro", "macro", "weighted"):
        agree(
            f"f1_{average}",
            y,
            scores,
            task,
            weights,
            lambda w, a=average: reference.f1_score(
                y, said, average=a, zero_division=0, sample_weight=w
            ),
        )
    for name, function, options in [
        ("subset_accuracy", reference.accuracy_score, {}),
        ("hamming_loss", reference.hamming_loss, {}),
        ("jaccard", reference.jaccard_score, {"average": "samples", "zero_division": 1}),
    ]:
        agree(
            name,
            y,
            scores,
            task,
            weights,
            lambda w, f=function, o=options: f(y, said, sample_weight=w, **o),
        )
    for name, function in [
        ("roc_auc", reference.roc_auc_score),
        ("pr_auc", reference.average_precision_score),
    ]:
        agree(name, y, scores, task, weights, lambda w, f=function: f(y, scores, sample_weight=w))
    each = [reference.log_loss(y[:, j], scores[:, j]) for j in range(k)]
    assert evaluate("log_loss", y, scores, task) == pytest.approx(np.mean(each), abs=1e-12)


@STEADY
@given(measured())
def test_value_metrics_agree_with_scikit_learn(case):
    y, scores = case
    task = Task(TaskKind.REGRESSION, "price")
    for name, function in {
        "rmse": reference.root_mean_squared_error,
        "mae": reference.mean_absolute_error,
        "medae": reference.median_absolute_error,
    }.items():
        ours = evaluate(name, y, scores, task)
        assert ours == pytest.approx(function(y, scores[:, 0]), rel=1e-12, abs=1e-12)
    if np.ptp(y) > 1e-3:
        theirs = reference.r2_score(y, scores[:, 0])
        assert evaluate("r2", y, scores, task) == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def test_ece_equals_the_mean_gap_over_bins_made_by_hand():
    # 300 rows, 15 bins of twenty neighbours each, all probabilities different.
    rng = np.random.default_rng(3)
    chance = np.sort(rng.random(300))
    y = rng.integers(0, 2, 300)
    bins = [slice(start, start + 20) for start in range(0, 300, 20)]
    by_hand = np.mean([abs(chance[rows].mean() - y[rows].mean()) for rows in bins])
    shuffled = rng.permutation(300)
    scores = np.column_stack([1 - chance, chance])[shuffled]
    assert evaluate("ece", y[shuffled], scores, task_of(2)) == pytest.approx(by_hand, abs=1e-12)


def test_ece_of_few_answers_takes_bins_of_ten():
    chance = np.r_[np.full(10, 0.2), np.full(10, 0.9)]
    y = np.r_[np.repeat([0, 1], 5), np.repeat([0, 1], [1, 9])]  # true in 5 and 9 of 10
    scores = np.column_stack([1 - chance, chance])
    assert evaluate("ece", y, scores, task_of(2)) == pytest.approx((0.3 + 0.0) / 2)


def test_ece_of_multilabel_pools_all_labels():
    y = np.array([[1, 0]] * 10 + [[0, 0]] * 10, np.float32)
    scores = np.array([[0.9, 0.2]] * 10 + [[0.4, 0.1]] * 10)
    task = Task(TaskKind.MULTILABEL, "tags", ("a", "b"))
    # Four bins of ten equal answers: every gap counts by itself.
    assert evaluate("ece", y, scores, task) == pytest.approx((0.1 + 0.2 + 0.4 + 0.1) / 4)


def test_a_part_with_one_class_has_no_ranking_but_everything_else():
    y, scores = np.array([1, 1, 1]), np.array([[0.4, 0.6], [0.3, 0.7], [0.8, 0.2]])
    task = task_of(2)
    assert math.isnan(evaluate("roc_auc", y, scores, task))
    assert evaluate("accuracy", y, scores, task) == pytest.approx(2 / 3)
    assert evaluate("balanced_accuracy", y, scores, task) == pytest.approx(2 / 3)
    assert evaluate("mcc", y, scores, task) == 0.0
    assert evaluate("pr_auc", y, scores, task) == 1.0
    assert math.isnan(evaluate("pr_auc", y * 0, scores, task))


def test_classes_missing_from_a_part_are_left_out_of_the_ranking_mean():
    y = np.array([0, 1, 0, 1])
    scores = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.7, 0.1, 0.2], [0.4, 0.3, 0.3]])
    expected = np.mean([reference.roc_auc_score(y == c, scores[:, c]) for c in (0, 1)])
    assert evaluate("roc_auc", y, scores, task_of(3)) == pytest.approx(expected)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", METRICS.names("multiclass"))
def test_scores_that_are_not_finite_give_nan(name, bad):
    scores = np.array([[0.5, 0.3, 0.2], [bad, 0.5, 0.5], [0.1, 0.2, 0.7]])
    assert math.isnan(evaluate(name, np.array([0, 1, 2]), scores, task_of(3)))


def test_no_rows_give_nan():
    assert math.isnan(evaluate("accuracy", np.array([], int), np.zeros((0, 2)), task_of(2)))


def test_scored_rows_leaves_out_rows_of_nan():
    scores = np.array([[0.5, 0.5], [np.nan, np.nan], [0.1, 0.9]])
    assert scored_rows(scores).tolist() == [True, False, True]


def test_r2_of_a_constant_is_zero_unless_perfect():
    task = Task(TaskKind.REGRESSION, "price")
    y = np.full(4, 0.1)
    assert evaluate("r2", y, y[:, None], task) == 1.0
    assert evaluate("r2", y, y[:, None] + 1, task) == 0.0
    assert math.isnan(evaluate("r2", y[:1], y[:1, None], task))


def test_certain_and_wrong_costs_much_but_not_infinity():
    value = evaluate("log_loss", np.array([0]), np.array([[0.0, 1.0]]), task_of(2))
    assert value == pytest.approx(-math.log(np.finfo(float).eps))


BALANCED, SKEWED, RARE = (np.arange(100) < cut for cut in (45, 27, 10))
TEXT = Schema((Column("review", ColumnKind.TEXT, "long"), Column("label", ColumnKind.CATEGORY, "")))
TABLE = Schema((Column("age", ColumnKind.NUMBER, "numbers"),))


@pytest.mark.parametrize(
    ("y", "schema", "metric"),
    [
        (BALANCED, TABLE, "accuracy"),
        (SKEWED, TABLE, "roc_auc"),
        (~SKEWED, TABLE, "roc_auc"),
        (SKEWED, TEXT, "accuracy"),
        (RARE, TEXT, "roc_auc"),
    ],
)
def test_two_classes_get_the_metric_that_people_expect(y, schema, metric):
    assert default_objective(task_of(2), y.astype(np.int64), schema) == Objective(metric)


def test_other_tasks_get_their_usual_metric():
    y = np.array([0, 1, 2])
    assert default_objective(task_of(3), y, TABLE) == Objective("accuracy")
    price = Task(TaskKind.REGRESSION, "price")
    assert default_objective(price, y * 1.0, TABLE) == Objective("rmse", greater_is_better=False)
    tags = Task(TaskKind.MULTILABEL, "tags", ("a", "b"))
    assert default_objective(tags, np.eye(2), TABLE) == Objective("f1_micro")


@pytest.mark.parametrize("word", ["ROC AUC", "roc-auc", " Roc_Auc "])
def test_spelling_of_a_metric_does_not_matter(word):
    assert resolve_objective(word, task_of(2), BALANCED, TABLE) == Objective("roc_auc")


def test_auto_is_the_default():
    assert resolve_objective("auto", task_of(3), np.array([0]), TABLE) == Objective("accuracy")


def test_an_unknown_metric_names_close_ones():
    with pytest.raises(UnknownNameError, match="Did you mean 'accuracy'") as caught:
        resolve_objective("acuracy", task_of(2), BALANCED, TABLE)
    assert caught.value.received == "'acuracy'"


def test_a_metric_of_another_task_names_those_that_fit():
    with pytest.raises(SettingError, match="fit the task, which is regression") as caught:
        resolve_objective("f1", Task(TaskKind.REGRESSION, "price"), np.array([1.0]), TABLE)
    assert "rmse, mae, medae, r2" in caught.value.hint


def test_metrics_for_a_task_all_have_a_value_that_json_can_hold():
    rng = np.random.default_rng(0)
    y, scores = rng.integers(0, 3, 30), rng.dirichlet(np.ones(3), 30)
    values = {name: evaluate(name, y, scores, task_of(3)) for name in metrics_for(task_of(3))}
    assert json.loads(json.dumps(values, allow_nan=False)) == values
