"""What every transferability score must do, whichever it is."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from automl_nb.core.types import TaskKind
from automl_nb.explorer.scores.base import Evidence
from automl_nb.explorer.scores.catalog import SCORES
from tests.support.gaussians import clouds

NAMES = SCORES.names()
KINDS = list(TaskKind)


def evidence(kind, apart=3.0, seed=0):
    """Features that tell the answer the better, the more `apart` the classes lie."""
    X, y = clouds(classes=2 if kind is TaskKind.BINARY else 3, apart=apart)
    rng = np.random.default_rng(seed)
    near = np.exp(-((X[:, None] - np.stack([X[y == c].mean(0) for c in set(y)])) ** 2).sum(2))
    source = (near + 0.05) / (near + 0.05).sum(axis=1, keepdims=True)
    if kind is TaskKind.REGRESSION:
        y = X[:, 0] * min(apart, 1) + rng.normal(size=len(X)) * 0.1
    if kind is TaskKind.MULTILABEL:
        y = np.stack([y == 0, y <= 1], axis=1).astype(np.float32)
    return Evidence(X, y, kind, source=source)


def applicable():
    for name in NAMES:
        for kind in KINDS:
            if not SCORES[name].load()().applies(evidence(kind)):
                yield pytest.param(name, kind, id=f"{name}-{kind}")


CASES = list(applicable())


def changed(given, **parts):
    return Evidence(**{**{k: getattr(given, k) for k in given.__dataclass_fields__}, **parts})


def shuffled(given):
    order = np.random.default_rng(3).permutation(len(given.y))
    return changed(given, y=given.y[order])


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_says_the_same_as_its_score(name):
    assert SCORES[name].load().name == name
    assert SCORES[name].summary.endswith(".")
    assert SCORES[name].paper


@pytest.mark.parametrize("name", NAMES)
def test_every_score_reads_classes_and_says_where_it_is_silent(name):
    score = SCORES[name].load()()
    assert not score.applies(evidence(TaskKind.MULTICLASS))
    for kind in KINDS:
        why = score.applies(evidence(kind))
        assert not why or not why.endswith(".")  # a part of a sentence


def test_enough_scores_rank_every_kind_of_task():
    for kind in KINDS:
        ranking = [n for n in SCORES.names("ranking") if (n, kind) in [c.values for c in CASES]]
        assert len(ranking) >= 2


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_features_that_tell_the_answer_score_higher_than_shuffled_ones(name, kind):
    score, given = SCORES[name].load()(), evidence(kind)
    assert score(given) > score(shuffled(given))


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_the_order_of_the_rows_does_not_matter(name, kind):
    score, given = SCORES[name].load()(), evidence(kind)
    order = np.random.default_rng(4).permutation(len(given.y))
    turned = changed(
        given, features=given.features[order], y=given.y[order], source=given.source[order]
    )
    # The mixture of nleep begins at rows that are drawn.
    tolerance = 0.1 if name == "nleep" else 1e-8
    assert score(turned) == pytest.approx(score(given), abs=tolerance)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_turning_and_scaling_the_space_does_not_matter(name, kind):
    score, given = SCORES[name].load()(), evidence(kind)
    turn = ortho_group.rvs(given.features.shape[1], random_state=5)
    turned = changed(given, features=given.features @ turn * 7.0)
    tolerance = {"nleep": 0.1, "logme": 1e-4}.get(name, 1e-8)
    assert score(turned) == pytest.approx(score(given), abs=tolerance)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_the_same_rows_give_the_same_number(name, kind):
    score = SCORES[name].load()()
    assert score(evidence(kind)) == score(evidence(kind))


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_inputs_are_left_untouched(name, kind):
    given = evidence(kind)
    before = given.features.copy(), given.y.copy()
    SCORES[name].load()()(given)
    assert np.array_equal(given.features, before[0])
    assert np.array_equal(given.y, before[1])


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_columns_that_never_change_and_few_rows_give_a_finite_number(name, kind):
    given = evidence(kind)
    rng = np.random.default_rng(6)
    wide = np.hstack([given.features, np.ones((len(given.y), 3)), rng.normal(size=(120, 150))])
    assert np.isfinite(SCORES[name].load()()(changed(given, features=wide)))


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_features_that_are_all_alike_give_a_finite_number(name, kind):
    given = evidence(kind)
    alike = changed(given, features=np.ones_like(given.features))
    assert np.isfinite(SCORES[name].load()()(alike))
