"""Kernel ridge regression against scikit-learn's kernels and equations solved by force."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from sklearn.gaussian_process.kernels import Matern
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import laplacian_kernel

from automl_nb.core.errors import UnknownNameError
from automl_nb.core.types import TaskKind
from automl_nb.transfer.kernel import MOST_ROWS, PENALTIES, Kernel, Landmarks
from automl_nb.transfer.margins import Margins
from tests.support import trials


def bumps(n=60, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)).astype(np.float32)
    return X, np.sin(2 * X[:, 0]) * X[:, 1] + rng.normal(0, 0.1, n) + 7.0


def fitted(X, y, kind=TaskKind.REGRESSION, **config):
    context = trials.context(X, y, kind)
    return Kernel().fit(context, ("x",), np.arange(len(y)), config), context


def by_force(K, own, y, penalty):
    """min |y - K a - b|^2 + penalty a' own a, solved as one system; returns (a, b)."""
    n, m = K.shape
    design = np.column_stack([K, np.ones(n)])
    norm = np.zeros((m + 1, m + 1))
    norm[:m, :m] = own
    solution = np.linalg.lstsq(design.T @ design + penalty * norm, design.T @ y, rcond=None)[0]
    return solution[:-1], solution[-1]


def test_the_kernels_are_those_of_scikit_learn():
    X, _ = bumps()
    laplace = Landmarks("laplace", 0.3, X[:9]).likeness(X)
    np.testing.assert_allclose(laplace, laplacian_kernel(X, X[:9], gamma=0.3), atol=1e-6)
    matern = Landmarks("matern", 0.3, X[:9]).likeness(X)
    reference = Matern(length_scale=1 / 0.3, nu=1.5)(X.astype(float), X[:9].astype(float))
    np.testing.assert_allclose(matern, reference, atol=1e-5)


@pytest.mark.parametrize("kernel", ["laplace", "matern"])
@pytest.mark.parametrize("landmarks", [20, 60])
def test_it_solves_the_penalised_equations(kernel, landmarks):
    X, y = bumps()
    found, context = fitted(X, y, kernel=kernel, landmarks=landmarks)
    marks = found.machine.landmarks
    assert len(marks.rows) == landmarks
    K, own = marks.likeness(X), marks.likeness(marks.rows)
    values = [K @ a + b for a, b in (by_force(K, own, y, p) for p in PENALTIES)]
    scores = found.predict(context.blocks)[:, 0]
    assert min(np.abs(scores - one).max() for one in values) < 1e-3


@pytest.mark.parametrize("kernel", ["laplace", "matern"])
def test_the_penalty_has_the_least_error_on_rows_left_out_one_by_one(kernel):
    X, y = bumps(40)
    found, context = fitted(X, y, kernel=kernel)
    marks = found.machine.landmarks
    K, own = marks.likeness(X), marks.likeness(marks.rows)
    errors = []
    for penalty in PENALTIES:
        misses = []
        for i in range(len(y)):
            rest = np.arange(len(y)) != i
            a, b = by_force(K[rest], own, y[rest], penalty)
            misses.append(y[i] - K[i] @ a - b)
        errors.append(np.mean(np.square(misses)))
    a, b = by_force(K, own, y, PENALTIES[int(np.argmin(errors))])
    np.testing.assert_allclose(found.predict(context.blocks)[:, 0], K @ a + b, atol=1e-3)


@pytest.mark.parametrize("kernel", ["laplace", "matern"])
def test_the_unit_and_origin_of_the_columns_do_not_matter(kernel):
    X, y = bumps()
    one, here = fitted(X, y, kernel=kernel)
    other, there = fitted(X * 1000 - 50, y, kernel=kernel)
    np.testing.assert_allclose(
        one.predict(here.blocks), other.predict(there.blocks), rtol=1e-3, atol=1e-3
    )


def test_it_bends_where_a_line_cannot():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(np.int64)
    context = trials.context(X, y, TaskKind.BINARY)
    for kernel in ("laplace", "matern"):
        oof = trials.trained("kernel", context, kernel=kernel).oof
        assert np.mean(oof.argmax(axis=1) == y) > 0.85


def test_equal_rows_are_no_trouble():
    X = np.repeat([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], 15, axis=0)
    y = np.repeat([0, 1, 2], 15)
    found, context = fitted(X, y, TaskKind.MULTICLASS)
    assert (found.predict(context.blocks).argmax(axis=1) == y).all()


def test_columns_without_information_are_no_trouble():
    found, context = fitted(np.ones((30, 2)), np.arange(30.0))
    np.testing.assert_allclose(found.predict(context.blocks)[:, 0], 14.5, atol=1e-3)


def test_it_says_where_it_does_not_apply():
    X, y = bumps()
    context = trials.context(X, y, TaskKind.REGRESSION)
    assert Kernel().applies(context, ("x",)) == ""
    assert Kernel().applies(context, ())
    many = replace(context, y=np.zeros(MOST_ROWS + 1))
    assert "20,000" in Kernel().applies(many, ("x",))
    loose = trials.context(sparse.csr_matrix(X), y, TaskKind.REGRESSION)
    assert "sparse" in Kernel().applies(loose, ("x",))


def test_an_unknown_kernel_is_named_with_its_neighbours():
    with pytest.raises(UnknownNameError, match="matern"):
        fitted(*bumps(), kernel="mattern")


# --- margins -------------------------------------------------------------------------


def test_two_classes_are_calibrated_as_by_logistic_regression():
    rng = np.random.default_rng(0)
    margin = rng.normal(size=800)
    y = (rng.random(800) < 1 / (1 + np.exp(-(2.0 * margin - 1.0)))).astype(np.int64)
    found = Margins.fit(margin[:, None], y, TaskKind.BINARY)
    reference = LogisticRegression(C=1e6).fit(margin[:, None], y)
    assert found.slope[0] == pytest.approx(reference.coef_[0, 0], rel=0.05)
    assert found.shift[0] == pytest.approx(reference.intercept_[0], abs=0.05)


def test_many_classes_get_the_shares_that_they_have():
    rng = np.random.default_rng(0)
    y = rng.choice(3, 3000, p=[0.7, 0.2, 0.1])
    margins = rng.normal(size=(3000, 3)) * 0.3 + np.eye(3)[y] - 0.5
    odds = Margins.fit(margins, y, TaskKind.MULTICLASS).apply(margins)
    shares = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares.mean(axis=0), np.bincount(y) / len(y), atol=0.02)


def test_labels_are_calibrated_one_by_one():
    rng = np.random.default_rng(0)
    margins = rng.normal(size=(900, 2))
    y = (rng.random((900, 2)) < 1 / (1 + np.exp(-margins * [1.0, 4.0]))).astype(np.float32)
    found = Margins.fit(margins, y, TaskKind.MULTILABEL)
    assert found.slope[1] > 2 * found.slope[0]
    one = Margins.fit(margins[:, :1], y[:, 0].astype(np.int64), TaskKind.BINARY)
    assert one.slope[0] == pytest.approx(found.slope[0], rel=1e-3)


def test_weights_count_rows_as_often():
    rng = np.random.default_rng(0)
    margin = rng.normal(size=(300, 1))
    y = (rng.random(300) < 0.5).astype(np.int64)
    twice = np.where(y == 1, 2.0, 1.0)
    repeated = np.repeat(np.arange(300), twice.astype(int))
    weighted = Margins.fit(margin, y, TaskKind.BINARY, twice)
    longer = Margins.fit(margin[repeated], y[repeated], TaskKind.BINARY)
    assert weighted.shift[0] == pytest.approx(longer.shift[0], abs=1e-3)


def test_values_and_a_round_trip_stay_as_they_are():
    values = np.array([[1.0, 2.0]])
    found = Margins.fit(values, values, TaskKind.REGRESSION)
    np.testing.assert_array_equal(found.apply(values), values)
    assert Margins.from_dict(found.to_dict()) == found
