"""Heads in closed form, held against scikit-learn and against their definitions."""

import numpy as np
import pytest
from scipy import special
from sklearn.covariance import ledoit_wolf_shrinkage
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.neighbors import NearestCentroid

from automl_nb.core.types import TaskKind
from automl_nb.transfer.discriminant import UNSEEN, class_means, head_of, lda


def digits(n: int = 120, each: int | None = None):
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    if each is not None:
        order = np.concatenate([order[y[order] == k][:each] for k in range(10)])
    X = X / 16.0 + np.random.default_rng(1).normal(0, 0.01, X.shape)  # no column is constant
    return X[order][:n], y[order][:n], X[order[::-1]][:400]


def test_the_nearest_mean_is_that_of_scikit_learn():
    X, y, others = digits(each=8)
    coef, intercept = class_means(X, y, 10)
    expected = NearestCentroid().fit(X, y).predict(others)
    np.testing.assert_array_equal((others @ coef + intercept).argmax(axis=1), expected)


def test_margins_are_negative_squared_distances_but_for_one_number_a_row():
    X, y, others = digits(each=5)
    coef, intercept = class_means(X, y, 10)
    margins = others @ coef + intercept
    means = np.stack([X[y == k].mean(axis=0) for k in range(10)])
    distance = ((others[:, None] - means[None]) ** 2).sum(axis=2)
    sharpness = (margins[:, 0] - margins[:, 1]) / (distance[:, 1] - distance[:, 0])
    np.testing.assert_allclose(sharpness, sharpness[0], rtol=1e-6)
    np.testing.assert_allclose(
        special.softmax(margins, axis=1), special.softmax(-sharpness[0] * distance, axis=1)
    )


def test_the_sharpness_has_the_least_loss_on_rows_left_out():
    X, y, _ = digits(each=4)

    def left_out_loss(sharpness: float) -> float:
        total = 0.0
        for i in range(len(y)):
            rest = np.delete(np.arange(len(y)), i)
            means = np.stack([X[rest][y[rest] == k].mean(axis=0) for k in range(10)])
            margins = -sharpness * ((X[i] - means) ** 2).sum(axis=1)
            told = special.log_softmax(margins)
            total -= told[y[i]] * len(y) / (len(y) + 1) + told.mean() / (len(y) + 1)
        return total

    coef, _ = class_means(X, y, 10)
    means = np.stack([X[y == k].mean(axis=0) for k in range(10)])
    fitted = np.median((coef[:, 0] - coef[:, 1]) / (2.0 * (means[0] - means[1])))
    least = left_out_loss(fitted)
    assert least <= left_out_loss(fitted * 1.05)
    assert least <= left_out_loss(fitted / 1.05)


def test_classes_far_apart_do_not_make_class_means_boundlessly_sure():
    rng = np.random.default_rng(0)
    y = np.arange(48) % 3
    X = rng.normal(size=(48, 6)) + 100.0 * np.eye(3, 6)[y]
    coef, intercept = class_means(X, y, 3)
    between = X[y == 0].mean(axis=0) * 0.45 + X[y == 1].mean(axis=0) * 0.55
    sure = special.softmax(X @ coef + intercept, axis=1).max(axis=1)
    assert 0.95 < sure.min() < 0.999
    assert special.softmax(between @ coef + intercept).max() < 0.9


@pytest.mark.parametrize("each", [2, 8, None])
def test_the_discriminant_is_that_of_scikit_learn_with_the_same_shrinkage(each):
    X, y, others = digits(each=each)
    means = np.stack([X[y == k].mean(axis=0) for k in range(10)])
    share = ledoit_wolf_shrinkage(X - means[y], assume_centered=True)
    known = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=float(share)).fit(X, y)
    coef, intercept = lda(X, y, 10)
    np.testing.assert_allclose(
        special.softmax(others @ coef + intercept, axis=1),
        known.predict_proba(others),
        atol=1e-5,
    )


def test_it_mostly_agrees_with_a_shrinkage_for_each_class():
    X, y, others = digits(each=12)
    known = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(X, y).predict(others)
    coef, intercept = lda(X, y, 10)
    assert ((others @ coef + intercept).argmax(axis=1) == known).mean() > 0.9


@pytest.mark.parametrize("solver", [class_means, lda])
def test_two_classes_have_one_margin(solver):
    X, y, others = digits()
    y = (y > 4).astype(np.int64)
    coef, intercept = solver(X, y, 2)
    one, shift = head_of(solver, X, y, TaskKind.BINARY, 2)
    assert one.shape == (X.shape[1], 1)
    np.testing.assert_allclose(
        special.expit(others @ one + shift)[:, 0],
        special.softmax(others @ coef + intercept, axis=1)[:, 1],
        atol=1e-9,
    )


@pytest.mark.parametrize("solver", [class_means, lda])
def test_each_of_several_labels_is_a_question_of_its_own(solver):
    X, y, _ = digits()
    labels = np.stack([y % 2 == 0, y > 4], axis=1).astype(np.float32)
    coef, intercept = head_of(solver, X, labels, TaskKind.MULTILABEL, 2)
    for k in range(2):
        alone, shift = head_of(solver, X, labels[:, k].astype(int), TaskKind.BINARY, 2)
        np.testing.assert_allclose(coef[:, k], alone[:, 0])
        np.testing.assert_allclose(intercept[k], shift[0])


@pytest.mark.parametrize("solver", [class_means, lda])
def test_a_class_without_rows_is_improbable(solver):
    X, y, others = digits()
    few = y < 5
    coef, intercept = solver(X[few], y[few], 10)
    assert (coef[:, 5:] == 0).all()
    np.testing.assert_array_equal(intercept[5:], UNSEEN)
    assert np.isfinite(others @ coef + intercept).all()


@pytest.mark.parametrize("solver", [class_means, lda])
@pytest.mark.parametrize("rows", [slice(0, 2), slice(0, 1)])
def test_one_row_a_class_is_enough(solver, rows):
    X, y = np.array([[0.0, 1.0], [1.0, 0.0]])[rows], np.array([0, 1])[rows]
    coef, intercept = solver(X, y, 2)
    assert ((X @ coef + intercept).argmax(axis=1) == y).all()


@pytest.mark.parametrize("solver", [class_means, lda])
def test_rows_that_weigh_more_make_their_class_likelier(solver):
    X, y, others = digits()
    weight = np.where(y == 3, 4.0, 1.0)
    plain, bold = solver(X, y, 10), solver(X, y, 10, weight)
    before, after = (special.softmax(others @ c + i, axis=1)[:, 3].mean() for c, i in (plain, bold))
    assert after > before
