"""Each head against an independent implementation of the same equation."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import LinearSVC

from automl_nb.core.types import TaskKind
from automl_nb.transfer.given import GivenBlocks
from automl_nb.transfer.knn import Knn
from automl_nb.transfer.linear import LinearPredictor, link, shared_scale
from automl_nb.transfer.logistic import Logistic
from automl_nb.transfer.nb_svm import NbSvm
from automl_nb.transfer.prior import Prior
from automl_nb.transfer.ridge import PENALTIES, Ridge
from automl_nb.transfer.svm import Svm
from tests.support import trials


def rows(context) -> np.ndarray:
    return np.arange(len(context.y))


def numbers(n, d, noise=5.0, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(2.0, 3.0, (n, d))
    y = X @ rng.normal(size=d) * 0.3 + rng.normal(0, noise, n) + 40.0
    return X, y


@pytest.mark.parametrize("shape", [(300, 20), (60, 200), (50, 50), (30, 31)])
@pytest.mark.parametrize("noise", [0.1, 5.0, 50.0])
def test_ridge_chooses_the_penalty_that_leave_one_out_does(shape, noise):
    X, y = numbers(*shape, noise)
    context = trials.context(X, y, TaskKind.REGRESSION)
    found = Ridge().fit(context, ("x",), rows(context), {})
    block = context.blocks["x"].astype(np.float64)
    _, scale = shared_scale(block)
    Z = (block - block.mean(axis=0)) * scale
    reference = RidgeCV(alphas=PENALTIES).fit(Z, y)
    np.testing.assert_allclose(
        found.predict(context.blocks)[:, 0], reference.predict(Z), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("shape", [(200, 10), (40, 90)])
def test_ridge_weighs_rows_as_if_they_were_repeated(shape):
    X, _ = numbers(*shape)
    y = (np.random.default_rng(1).random(shape[0]) < 0.3).astype(np.int64)
    context = trials.context(X, y, TaskKind.BINARY, class_weight=np.array([1.0, 1.0]))
    plain = trials.context(X, y, TaskKind.BINARY)
    np.testing.assert_allclose(
        Ridge().fit(context, ("x",), rows(context), {}).coef,
        Ridge().fit(plain, ("x",), rows(plain), {}).coef,
        rtol=1e-5,
        atol=1e-7,
    )


def test_ridge_on_sparse_columns_is_ridge_on_dense_ones():
    from sklearn.linear_model import Ridge as Reference

    rng = np.random.default_rng(0)
    X = sparse.random(150, 40, 0.2, format="csr", random_state=0, dtype=np.float32)
    y = X @ rng.normal(size=40) + rng.normal(0, 0.1, 150)
    context = trials.context(X, y, TaskKind.REGRESSION)
    found = Ridge().fit(context, ("x",), rows(context), {"alpha": 1.0})
    reference = Reference(alpha=1.0).fit(X.toarray(), y)
    np.testing.assert_allclose(
        found.predict(context.blocks)[:, 0], reference.predict(X.toarray()), atol=0.02
    )


@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.MULTICLASS])
def test_nb_svm_is_the_machine_on_weighed_words(kind):
    context = trials.counted(kind)
    found = NbSvm().fit(context, ("x",), rows(context), {"C": 1.0})
    X = context.blocks["x"].toarray().astype(np.float64)
    classes = [1] if kind is TaskKind.BINARY else range(context.task.n_outputs)
    margins = []
    for k in classes:
        inside = 1.0 + X[context.y == k].sum(axis=0)
        outside = 1.0 + X[context.y != k].sum(axis=0)
        Z = X * np.abs(np.log(inside / inside.sum() / (outside / outside.sum())))
        Z /= np.sqrt((Z**2).sum(axis=1).mean())
        machine = LinearSVC(C=1.0, tol=1e-5, max_iter=20_000, random_state=0)
        margins.append(machine.fit(Z, context.y == k).decision_function(Z))
    np.testing.assert_allclose(found.margins(context.blocks), np.stack(margins, 1), atol=0.05)


def test_nb_svm_reads_dense_blocks_beside_words():
    words, numbers = trials.counted(TaskKind.BINARY), trials.table(TaskKind.BINARY)
    blocks = {"words": words.blocks["x"], "numbers": numbers.blocks["x"]}
    context = replace(words, blocks=GivenBlocks(blocks, pd.DataFrame(index=range(len(words.y)))))
    assert NbSvm().applies(context, ("numbers",))
    found = NbSvm().fit(context, ("words", "numbers"), rows(context), {"C": 1.0, "dense": 1.0})
    right = found.predict(context.blocks).argmax(axis=1) == context.y
    assert right.mean() > 0.95


@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.MULTICLASS])
def test_logistic_is_softmax_regression(kind):
    context = trials.table(kind)
    found = Logistic().fit(context, ("x",), rows(context), {"C": 1.0})
    X = context.blocks["x"].astype(np.float64)
    _, scale = shared_scale(X)
    Z = (X - X.mean(axis=0)) * scale
    reference = LogisticRegression(C=1.0, tol=1e-8, max_iter=5000).fit(Z, context.y)
    np.testing.assert_allclose(found.predict(context.blocks), reference.predict_proba(Z), atol=0.05)


def test_logistic_weighs_classes():
    context = trials.table(TaskKind.BINARY)
    context = trials.context(
        context.blocks["x"], context.y, TaskKind.BINARY, class_weight=np.array([3.0, 0.5])
    )
    found = Logistic().fit(context, ("x",), rows(context), {"C": 1.0})
    X = context.blocks["x"].astype(np.float64)
    _, scale = shared_scale(X)
    Z = (X - X.mean(axis=0)) * scale
    reference = LogisticRegression(
        C=1.0, tol=1e-8, max_iter=5000, class_weight={0: 3.0, 1: 0.5}
    ).fit(Z, context.y)
    np.testing.assert_allclose(found.predict(context.blocks), reference.predict_proba(Z), atol=0.05)


@pytest.fixture
def words():
    """Counts of words, sparse, in three classes."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 240)
    topics = rng.dirichlet(np.full(80, 0.2), 3)
    X = np.stack([rng.multinomial(25, topics[k]) for k in y]).astype(np.float32)
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    return sparse.csr_matrix(X), y


def test_svm_on_sparse_columns_is_liblinear(words):
    X, y = words
    context = trials.context(X, y, TaskKind.MULTICLASS)
    found = Svm().fit(context, ("x",), rows(context), {"C": 1.0})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = LinearSVC(C=1.0, tol=1e-3, max_iter=400, random_state=0).fit(X, y)
    np.testing.assert_allclose(found.coef, reference.coef_.T, atol=2e-2)
    margins = found.margins(context.blocks)
    assert (margins.argmax(axis=1) == reference.predict(X)).all()


def test_svm_reads_dense_columns_whatever_their_origin_and_unit(words):
    _, y = words
    dense = np.random.default_rng(1).normal(size=(len(y), 6)) + np.eye(3)[y].repeat(2, axis=1)
    plain = trials.context(dense, y, TaskKind.MULTICLASS)
    moved = trials.context(dense * 100.0 + 700.0, y, TaskKind.MULTICLASS)
    one = Svm().fit(plain, ("x",), rows(plain), {"C": 1.0}).predict(plain.blocks)
    other = Svm().fit(moved, ("x",), rows(moved), {"C": 1.0}).predict(moved.blocks)
    np.testing.assert_allclose(one, other, atol=2e-2)


def test_a_joined_svm_predicts_with_one_product(words):
    from dataclasses import replace

    from automl_nb.transfer.given import GivenBlocks

    X, y = words
    dense = np.random.default_rng(1).normal(size=(len(y), 6)).astype(np.float32)
    context = trials.context(X, y, TaskKind.MULTICLASS)
    blocks = GivenBlocks({"x": X, "z": dense}, context.blocks.frame)
    both = replace(context, blocks=blocks)
    found = Svm().fit(both, ("x", "z"), rows(both), {"C": 1.0, "dense": 0.5})
    assert isinstance(found, LinearPredictor)
    assert found.coef.shape == (86, 3)
    by_hand = X @ found.coef[:80] + dense @ found.coef[80:] + found.intercept
    np.testing.assert_allclose(found.margins(blocks), by_hand, atol=1e-4)


@pytest.mark.parametrize("k", [1, 5])
def test_knn_asks_the_nearest_rows_by_cosine(k):
    context = trials.table(TaskKind.MULTICLASS)
    fit, ask = np.arange(100), np.arange(100, 140)
    found = Knn().fit(context, ("x",), fit, {"k": k})
    X = context.blocks["x"]
    near = NearestNeighbors(n_neighbors=k, metric="cosine").fit(X[fit])
    cosines, names = near.kneighbors(X[ask])
    weight = np.exp(-20.0 * (cosines - cosines.min(axis=1, keepdims=True)))
    votes = np.einsum("nk,nkc->nc", weight, np.eye(3)[context.y[fit]][names])
    scores = found.predict(context.blocks.take(ask))
    prior = np.bincount(context.y[fit], minlength=3) / len(fit)
    expected = (votes + 0.5 * prior) / (weight.sum(axis=1, keepdims=True) + 0.5)
    np.testing.assert_allclose(scores, expected, atol=2e-2)


def test_knn_gives_the_mean_of_values():
    X, y = numbers(80, 4)
    context = trials.context(X, y, TaskKind.REGRESSION)
    found = Knn().fit(context, ("x",), rows(context), {"k": 80})
    scores = found.predict(context.blocks)
    assert scores.min() >= y.min()
    assert scores.max() <= y.max()


def test_the_prior_is_the_share_of_each_class():
    y = np.array([0] * 7 + [1] * 3)
    context = trials.context(np.zeros((10, 1)), y, TaskKind.BINARY)
    scores = Prior().fit(context, (), rows(context), {}).predict(context.blocks)
    np.testing.assert_allclose(scores, [[8 / 12, 4 / 12]] * 10)


def test_links():
    margins = np.array([[1.0, -2.0, 0.5]])
    soft = np.exp(margins) / np.exp(margins).sum()
    np.testing.assert_allclose(link(margins, TaskKind.MULTICLASS), soft)
    np.testing.assert_allclose(link(margins, TaskKind.MULTILABEL), 1 / (1 + np.exp(-margins)))
    np.testing.assert_array_equal(link(margins, TaskKind.REGRESSION), margins)
    assert link(np.array([[800.0], [-800.0]]), TaskKind.BINARY).tolist() == [[0, 1], [1, 0]]
