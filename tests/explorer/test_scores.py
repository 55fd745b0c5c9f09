"""Each score against a slow transcription of its equation, or another library."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.covariance import LedoitWolf
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from automl_nb.core.types import TaskKind
from automl_nb.explorer.scores.base import Evidence, quality, targets_of
from automl_nb.explorer.scores.h_score import HScore
from automl_nb.explorer.scores.knn import KnnScore
from automl_nb.explorer.scores.leep import Leep, leep
from automl_nb.explorer.scores.logme import LogMe, maximise
from automl_nb.explorer.scores.nleep import NLeep, principal
from automl_nb.explorer.scores.ridge import RidgeScore
from automl_nb.explorer.scores.transrate import EPSILON, TransRate
from automl_nb.explorer.squares import PENALTIES, ByColumns, ByRows
from tests.support.gaussians import clouds

MULTI = TaskKind.MULTICLASS


def noisy(n=60, d=5, classes=3, seed=1):
    return clouds(n, d, classes, apart=0.8, seed=seed)


@pytest.mark.parametrize("make", [ByColumns, lambda X: ByRows(X @ X.T)], ids=["columns", "rows"])
@pytest.mark.parametrize("shape", [(40, 6), (25, 60)], ids=["tall", "wide"])
def test_left_out_answers_are_those_of_a_model_fitted_without_the_row(make, shape):
    X, y = noisy(*shape)
    targets = targets_of(y, MULTI)
    found, penalty = make(X).left_out(np.arange(len(X)), targets)
    whole = penalty * ((X - X.mean(0)) ** 2).sum() / len(X)
    expected = cross_val_predict(Ridge(alpha=whole), X, targets, cv=LeaveOneOut())
    assert found == pytest.approx(expected, abs=1e-6)


def test_the_penalty_is_the_one_of_the_least_left_out_error():
    X, y = noisy()
    targets, size = targets_of(y, MULTI), ((X - X.mean(0)) ** 2).sum() / len(X)
    errors = [
        (
            (cross_val_predict(Ridge(alpha=p * size), X, targets, cv=LeaveOneOut()) - targets) ** 2
        ).mean()
        for p in PENALTIES
    ]
    assert ByColumns(X).left_out(np.arange(len(X)), targets)[1] == PENALTIES[np.argmin(errors)]


@pytest.mark.parametrize("make", [ByColumns, lambda X: ByRows(X @ X.T)], ids=["columns", "rows"])
def test_answers_are_those_of_ridge(make):
    X, y = noisy(50, 8)
    targets, fit, judge = targets_of(y, MULTI), np.arange(5, 40), np.arange(40, 50)
    size = ((X[fit] - X[fit].mean(0)) ** 2).sum() / len(fit)
    machine = Ridge(alpha=0.1 * size).fit(X[fit], targets[fit])
    found = make(X).answers(fit, targets[fit], judge, 0.1)
    assert found == pytest.approx(machine.predict(X[judge]), abs=1e-8)


def test_ridge_is_the_accuracy_of_the_left_out_answers():
    X, y = noisy()
    answers, _ = ByColumns(X).left_out(np.arange(len(X)), targets_of(y, MULTI))
    assert RidgeScore()(Evidence(X, y, MULTI)) == pytest.approx(np.mean(answers.argmax(1) == y))


def test_quality_of_numbers_is_r2():
    y = np.array([1.0, 2.0, 4.0])
    assert quality(np.array([[1.0], [2.0], [3.0]]), y, TaskKind.REGRESSION) == pytest.approx(
        1 - 1 / ((y - y.mean()) ** 2).sum()
    )


@pytest.mark.parametrize("kind", [MULTI, TaskKind.REGRESSION])
def test_knn_is_that_of_scikit_learn(kind):
    X, y = noisy(40)
    answers = y if kind is MULTI else X[:, 0] + 0.3 * X[:, 1]
    maker = KNeighborsClassifier if kind is MULTI else KNeighborsRegressor
    machine = maker(5, metric="cosine", weights=lambda far: np.maximum(1 - far, 1e-9))
    expected = cross_val_predict(machine, X, answers, cv=LeaveOneOut())
    found = KnnScore()(Evidence(X, answers, kind))
    if kind is MULTI:
        assert found == pytest.approx(np.mean(expected == answers))
    else:
        assert found == pytest.approx(quality(expected[:, None], answers, kind))


def test_h_score_with_plenty_of_rows_is_its_equation():
    X, y = noisy(200, 4)
    means = np.stack([X[y == c].mean(0) for c in y])
    expected = np.trace(np.linalg.inv(np.cov(X.T, bias=True)) @ np.cov(means.T, bias=True))
    assert HScore()(Evidence(X, y, MULTI)) == pytest.approx(expected)


def test_h_score_with_few_rows_is_shrunk():
    X, y = noisy(30, 12)
    X = X - X.mean(0)
    means = np.stack([X[y == c].mean(0) for c in y])
    shrunk = LedoitWolf(assume_centered=True).fit(X)
    between = (1 - shrunk.shrinkage_) * (means.T @ means) / len(X)
    expected = np.trace(np.linalg.inv(shrunk.covariance_) @ between)
    assert HScore()(Evidence(X, y, MULTI)) == pytest.approx(expected)


def test_h_score_reads_the_mean_over_layers_where_there_is_one():
    X, y = noisy()
    noise = np.random.default_rng(0).normal(size=X.shape)
    assert HScore()(Evidence(noise, y, MULTI, layer_mean=X)) == HScore()(Evidence(X, y, MULTI))


def log_density(F, t, alpha, beta):
    covariance = np.eye(len(t)) / beta + F @ F.T / alpha
    return multivariate_normal(np.zeros(len(t)), covariance).logpdf(t)


@pytest.mark.parametrize("shape", [(50, 4), (20, 35)], ids=["tall", "wide"])
def test_logme_is_the_log_density_of_the_answers_a_row(shape):
    F, y = noisy(*shape)
    U, singular, _ = np.linalg.svd(F, full_matrices=False)
    each = []
    for t in targets_of(y, MULTI).T:
        alpha, beta = maximise(U, singular**2, t)
        each.append(log_density(F, t, alpha, beta) / len(t))
    assert LogMe()(Evidence(F, y, MULTI)) == pytest.approx(np.mean(each), rel=1e-6)


def test_logme_finds_the_greatest_evidence():
    F, y = noisy(50, 4)
    t = (y == 0).astype(float)
    U, singular, _ = np.linalg.svd(F, full_matrices=False)
    alpha, beta = maximise(U, singular**2, t)
    best = log_density(F, t, alpha, beta)
    for a, b in [(1.1, 1), (0.9, 1), (1, 1.1), (1, 0.9), (1.2, 0.8)]:
        assert log_density(F, t, alpha * a, beta * b) < best


def test_leep_is_its_equation():
    rng = np.random.default_rng(2)
    theta, y = rng.dirichlet(np.ones(4), 30), rng.integers(0, 3, 30)
    total = 0.0
    for i in range(30):
        inner = 0.0
        for z in range(4):
            joint = sum(theta[j, z] for j in range(30) if y[j] == y[i]) / 30
            inner += joint / (theta[:, z].sum() / 30) * theta[i, z]
        total += np.log(inner)
    assert leep(theta, y) == pytest.approx(total / 30)


def test_leep_says_so_where_there_is_no_source_head():
    X, y = noisy()
    assert Leep().applies(Evidence(X, y, MULTI)) == "no source head"


def test_principal_components_hold_the_variance_asked_for():
    X = np.random.default_rng(0).normal(size=(100, 6)) * [9, 3, 1, 1, 1, 1]
    X = X - X.mean(0)
    kept = principal(X)
    assert kept.shape == (100, 1)
    assert kept.var() == pytest.approx(1.0)


def test_nleep_of_clouds_far_apart_is_nearly_perfect():
    X, y = clouds(90, 4, 3, apart=20.0)
    assert NLeep()(Evidence(X, y, MULTI)) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("shape", [(60, 4), (30, 40)], ids=["tall", "wide"])
def test_transrate_is_its_equation(shape):
    X, y = noisy(*shape)
    Z = X - X.mean(0)
    Z = Z / np.sqrt((Z**2).sum(1).mean())

    def rate(part):
        return 0.5 * np.log(np.linalg.det(np.eye(Z.shape[1]) + part.T @ part / len(part) / EPSILON))

    expected = rate(Z) - sum(np.mean(y == c) * rate(Z[y == c]) for c in set(y))
    assert TransRate()(Evidence(X, y, MULTI)) == pytest.approx(expected)
