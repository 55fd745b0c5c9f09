"""Each similarity against a literal reading of its equation."""

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
import torch

from automl_nb.explorer.similarity.base import Sample
from automl_nb.explorer.similarity.cka import Cka
from automl_nb.explorer.similarity.frechet import Frechet
from automl_nb.explorer.similarity.gauss import bures
from automl_nb.explorer.similarity.mmd import mmd2
from automl_nb.explorer.similarity.otdd import Otdd, class_costs, projected
from automl_nb.explorer.similarity.task2vec import Task2Vec, fisher, task_distance, task_vector

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 4))
Y = RNG.normal(size=(9, 4)) @ RNG.normal(size=(4, 4)) + 0.5


def sample(rows, k=2):
    return Sample(rows, np.arange(len(rows)) % k)


def test_cka_is_the_alignment_of_centred_kernels():
    k, other = X.T @ X / 12, Y.T @ Y / 9
    h = np.eye(4) - 1 / 4

    def hsic(a, b):
        return np.trace(a @ h @ b @ h)

    expected = hsic(k, other) / np.sqrt(hsic(k, k) * hsic(other, other))
    assert 1.0 - Cka().distance(sample(X), sample(Y)) == pytest.approx(expected)


def test_cka_knows_neither_scale_nor_number_of_rows():
    assert Cka().distance(sample(X), sample(3.0 * np.vstack([X, X]))) == pytest.approx(0.0)


def test_mmd_is_a_sum_over_pairs():
    rows = np.vstack([X, Y])
    pairs = [np.linalg.norm(a - b) for i, a in enumerate(rows) for b in rows[:i]]
    width = np.median(np.square(pairs))

    def k(a, b):
        return np.exp(-((a - b) ** 2).sum() / (2 * width))

    within_x = [k(a, b) for i, a in enumerate(X) for j, b in enumerate(X) if i != j]
    within_y = [k(a, b) for i, a in enumerate(Y) for j, b in enumerate(Y) if i != j]
    across = [k(a, b) for a in X for b in Y]
    expected = np.mean(within_x) + np.mean(within_y) - 2 * np.mean(across)
    assert mmd2(X, Y) == pytest.approx(expected)


def test_mmd_of_two_draws_is_zero_on_average():
    rng = np.random.default_rng(1)
    found = [mmd2(rng.normal(size=(20, 3)), rng.normal(size=(20, 3))) for _ in range(200)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(200)
    assert min(found) < 0 < max(found)


def test_frechet_is_that_of_scipys_matrix_root():
    s, other = np.cov(X.T, bias=True), np.cov(Y.T, bias=True)
    root = scipy.linalg.sqrtm(s @ other).real
    gap = X.mean(0) - Y.mean(0)
    expected = gap @ gap + np.trace(s + other - 2 * root)
    assert Frechet().distance(sample(X), sample(Y)) ** 2 == pytest.approx(expected)


def test_bures_of_commuting_covariances_is_that_of_their_deviations():
    a, b = np.array([4.0, 9.0, 0.0]), np.array([1.0, 1.0, 0.25])
    expected = ((np.sqrt(a) - np.sqrt(b)) ** 2).sum()
    assert bures(np.diag(a), np.diag(b)) == pytest.approx(expected)


@pytest.mark.parametrize(("n", "m"), [(12, 9), (6, 6), (4, 12)])
def test_otdd_is_the_least_cost_of_a_linear_program(n, m):
    a, b = sample(X[:n], 2), sample(np.vstack([Y, X + 1])[:m], 3)
    cost = np.empty((n, m))
    for i in range(n):
        for j in range(m):
            p, q = (s.features[s.classes == s.classes[at]] for s, at in ((a, i), (b, j)))
            s, other = np.cov(p.T, bias=True), np.cov(q.T, bias=True)
            # The fidelity by singular values, as covariances of few rows have no inverse.
            u, v = p - p.mean(0), q - q.mean(0)
            fidelity = np.linalg.norm(u @ v.T, "nuc") / np.sqrt(len(p) * len(q))
            classes = ((p.mean(0) - q.mean(0)) ** 2).sum() + np.trace(s + other) - 2 * fidelity
            cost[i, j] = ((a.features[i] - b.features[j]) ** 2).sum() + classes
    sums = np.vstack([np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))])
    masses = np.r_[np.full(n, 1 / n), np.full(m, 1 / m)]
    plan = scipy.optimize.linprog(cost.ravel(), A_eq=sums, b_eq=masses)
    assert Otdd().distance(a, b) ** 2 == pytest.approx(plan.fun, rel=1e-4)


def test_otdd_sees_classes_that_were_given_away():
    rng = np.random.default_rng(0)
    rows = np.vstack([rng.normal(size=(40, 3)), rng.normal(size=(40, 3)) + 4])
    right = Sample(rows, np.repeat([0, 1], 40))
    wrong = Sample(rows, np.tile([0, 1], 40))
    assert Otdd().distance(right, wrong) > 1.0
    assert Frechet().distance(right, wrong) == pytest.approx(0.0, abs=1e-6)
    assert class_costs(rows, right.classes, rows, right.classes).diagonal().max() < 1e-6


def test_a_projection_keeps_distances_about_as_they_are():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 400))
    short = projected(rows)
    assert short.shape == (60, 32)
    ratio = np.linalg.norm(short[1:] - short[0], axis=1) / np.linalg.norm(
        rows[1:] - rows[0], axis=1
    )
    assert ratio.mean() == pytest.approx(1.0, abs=0.05)
    np.testing.assert_array_equal(projected(rows), short)


def test_fisher_is_the_expected_square_of_the_gradient_by_a_gain():
    rng = np.random.default_rng(0)
    rows, weights, intercept = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
    expected = np.zeros(4)
    for row in rows:
        for answer in range(3):
            gain = torch.ones(4, dtype=torch.float64, requires_grad=True)
            logits = (gain * torch.tensor(row)) @ torch.tensor(weights) + torch.tensor(intercept)
            logs = torch.log_softmax(logits, 0)
            (slope,) = torch.autograd.grad(logs[answer], gain)
            expected += logs[answer].exp().item() * slope.numpy() ** 2 / len(rows)
    np.testing.assert_allclose(fisher(rows, weights, intercept), expected)


def test_task_vectors_name_the_features_that_matter():
    rows = np.random.default_rng(0).normal(size=(300, 6))
    vector = task_vector(Sample(rows, (rows[:, 2] > 0).astype(int)))
    assert vector.argmax() == 2
    assert vector[2] > 5 * np.delete(vector, 2).max()


def test_task_distance_is_the_cosine_of_shares():
    a, b = np.array([1.0, 2.0, 0.0, 0.0]), np.array([3.0, 0.0, 1.0, 0.0])
    prior = 0.05 * (a.mean() + b.mean())
    shares = [(one + prior) / (a + b + 2 * prior) for one in (a, b)]
    cosine = shares[0] @ shares[1] / np.linalg.norm(shares[0]) / np.linalg.norm(shares[1])
    assert task_distance(a, b) == pytest.approx(1.0 - cosine)
    assert task_distance(np.zeros(3), np.zeros(3)) == 0.0


def test_task2vec_tells_tasks_on_the_same_rows_apart():
    rows = np.random.default_rng(0).normal(size=(300, 6))
    a, same, other = (
        Sample(part, (part[:, j] > 0).astype(int))
        for part, j in ((rows[:150], 0), (rows[150:], 0), (rows[:150], 4))
    )
    assert Task2Vec().distance(a, same) < 0.5 * Task2Vec().distance(a, other)


def test_one_class_has_nothing_to_tell():
    flat = Sample(X, np.zeros(len(X), int))
    assert not task_vector(flat).any()
    assert Task2Vec().distance(flat, flat) == 0.0
    assert Task2Vec().distance(flat, sample(X)) == 1.0
