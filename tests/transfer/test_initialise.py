"""The starts of a head against closed forms and independent libraries."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.special import log_softmax
from sklearn.covariance import LedoitWolf
from sklearn.neighbors import NearestCentroid

from automl_nb.core.types import TaskKind
from automl_nb.transfer.initialise.drawn import He, Random, Xavier
from automl_nb.transfer.initialise.gaussian import ClassMeans, Lda, sharpness
from tests.support import trials


@pytest.fixture(scope="module")
def wine():
    context = trials.table(TaskKind.MULTICLASS)
    return np.asarray(context.blocks["x"], np.float64), context


@pytest.mark.parametrize(
    ("initialiser", "variance"),
    [(Random(), 0.02**2), (Xavier(), 2 / (3000 + 3)), (He(), 2 / 3000)],
    ids=lambda part: getattr(part, "name", ""),
)
def test_drawn_heads_have_their_variance(initialiser, variance, wine):
    features = np.zeros((len(wine[0]), 3000), np.float32)
    coef = initialiser.head(features, wine[1]).coef
    assert np.var(coef) == pytest.approx(variance, rel=0.05)
    assert stats.kstest(coef.ravel() / np.sqrt(variance), "norm").pvalue > 0.01


def test_a_drawn_head_for_values_says_their_mean():
    context = trials.table(TaskKind.REGRESSION)
    large = replace(context, y=1e6 + 10 * context.y)
    head = Random().head(np.zeros((len(large.y), 400)), large)
    assert head.intercept[0] == pytest.approx(large.y.mean())
    assert np.std(head.coef) == pytest.approx(0.02 * large.y.std(), rel=0.2)


def test_class_means_choose_the_nearest_mean(wine):
    X, context = wine
    coef, intercept = ClassMeans().discriminants(X, context.y, 3)
    nearest = NearestCentroid().fit(X, context.y).predict(X)
    np.testing.assert_array_equal((X @ coef + intercept).argmax(1), nearest)


def test_lda_is_bayes_rule_for_gaussians_with_a_shared_covariance(wine):
    X, context = wine
    y = context.y
    means = np.stack([X[y == k].mean(0) for k in range(3)])
    covariance = LedoitWolf(assume_centered=True).fit(X - means[y]).covariance_
    densities = np.column_stack(
        [stats.multivariate_normal(mean, covariance).logpdf(X) for mean in means]
    )
    coef, intercept = Lda().discriminants(X, y, 3)
    np.testing.assert_allclose(
        log_softmax(X @ coef + intercept, axis=1), log_softmax(densities, axis=1), atol=1e-5
    )


def test_sharpness_is_that_of_least_loss(wine):
    context = wine[1]
    y, rng = context.y, np.random.default_rng(0)
    margins = 40.0 * (np.eye(3)[y] + rng.normal(size=(len(y), 3)))
    shares = np.log(np.bincount(y) / len(y))
    weight = rng.uniform(0.5, 2.0, len(y))

    def loss(s):
        logs = log_softmax(s * margins + shares, axis=1)[np.arange(len(y)), y]
        return -(weight * logs).sum()

    found = sharpness(margins, shares, y, weight)
    grid = found * np.linspace(0.5, 2.0, 301)
    assert loss(found) <= min(map(loss, grid)) * (1 + 1e-6)


@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.MULTILABEL])
def test_two_classes_and_several_labels_are_choices_of_two(kind):
    context = trials.table(kind)
    X = np.asarray(context.blocks["x"])
    head = Lda().head(X, context)
    labels = context.y.reshape(len(X), -1)
    for j in range(head.coef.shape[1]):
        two = replace(
            context,
            y=labels[:, j].astype(int),
            task=replace(context.task, kind=TaskKind.MULTICLASS, classes=("a", "b")),
        )
        pair = Lda().head(X, two)
        np.testing.assert_allclose(
            head.coef[:, j], pair.coef[:, 1] - pair.coef[:, 0], rtol=1e-3, atol=1e-5
        )
        np.testing.assert_allclose(
            head.intercept[j], pair.intercept[1] - pair.intercept[0], rtol=1e-4
        )
