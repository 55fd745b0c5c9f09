"""One suite for every start of a head: what `transfer/initialise/base.py` promises."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from automl_nb.core.errors import SettingError
from automl_nb.core.types import TaskKind
from automl_nb.features.text import FrozenText
from automl_nb.transfer.crossfit import plain_loss
from automl_nb.transfer.initialise.base import Initialiser, initialiser_for, probe_context, width_of
from automl_nb.transfer.initialise.catalog import INITIALISERS
from automl_nb.transfer.linear import LinearPredictor
from tests.support import trials

KINDS = list(TaskKind)
DRAWN = ("random", "xavier", "he")


def fits(name, kind):
    return not INITIALISERS[name].load()().refuses(trials.table(kind).task)


CASES = [(name, kind) for name in INITIALISERS.names() for kind in KINDS if fits(name, kind)]
SOLVED = [(name, kind) for name, kind in CASES if name not in DRAWN]
OF_CLASSES = [(name, kind) for name, kind in SOLVED if kind.is_classification]
OF_ONE_CLASS = [(name, kind) for name, kind in OF_CLASSES if kind is not TaskKind.MULTILABEL]
REFUSED = [(name, kind) for name in INITIALISERS.names() for kind in KINDS if not fits(name, kind)]


@cache
def documentation():
    """Texts of two libraries as the network gives them to a head: unit vectors."""
    context = trials.texts()
    encoder = FrozenText("text", "minilm-l3", layers="last", max_length=24)
    encoder.fit(context.blocks.frame)
    return np.asarray(encoder.transform(context.blocks.frame)), context


def over(cases):
    """The test runs over these cases alone."""
    names = [f"{name}-{kind}" for name, kind in cases]
    return pytest.mark.parametrize("case", cases, ids=names, indirect=True)


def made(name, features, context):
    return INITIALISERS[name].load()().head(features, context)


def halves(kind):
    """(features, context) to start from, and (features, y) to judge on."""
    context = trials.table(kind)
    X = context.blocks["x"]
    return (X[:150], replace(context, y=context.y[:150])), (X[150:], context.y[150:])


def loss_of(head, features, y, context):
    scores = LinearPredictor(("features",), head.coef, head.intercept, head.kind).predict(
        probe_context(features, context).blocks
    )
    return scores, plain_loss(scores, y, context.task)


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def case(request):
    return request.param


def test_every_kind_of_task_has_solved_and_drawn_starts():
    for kind in KINDS:
        names = {name for name, k in CASES if k is kind}
        assert names >= {"logistic", "ridge", *DRAWN}
        assert ({"lda", "class-means"} <= names) is kind.is_classification


def test_an_initialiser_says_who_it_is(case):
    initialiser = INITIALISERS[case[0]].load()()
    assert isinstance(initialiser, Initialiser)
    assert initialiser.name == case[0]


def test_a_head_has_the_shape_of_the_task(case):
    name, kind = case
    (X, context), _ = halves(kind)
    head = made(name, X, context)
    width = width_of(context.task)
    assert width == {TaskKind.BINARY: 1, TaskKind.REGRESSION: 1}.get(kind, 3)
    assert head.coef.shape == (X.shape[1], width)
    assert head.intercept.shape == (width,)
    assert np.isfinite(head.coef).all()
    assert np.isfinite(head.intercept).all()
    assert head.kind is kind


def test_the_same_seed_gives_the_same_head(case):
    name, kind = case
    (X, context), _ = halves(kind)
    first, again = made(name, X, context), made(name, X, context)
    np.testing.assert_array_equal(first.coef, again.coef)
    other = made(name, X, replace(context, seed=1))
    assert np.array_equal(first.coef, other.coef) is (name not in DRAWN)


@over(SOLVED)
def test_solved_heads_answer_rows_they_did_not_see_better_than_drawn_ones(case):
    name, kind = case
    (X, context), (held, y) = halves(kind)
    drawn = [loss_of(made(d, X, context), held, y, context)[1] for d in DRAWN]
    _, own = loss_of(made(name, X, context), held, y, context)
    assert own < 0.9 * min(drawn)


@pytest.mark.parametrize("name", [n for n in INITIALISERS.names() if n not in DRAWN])
def test_solved_heads_beat_drawn_ones_on_frozen_texts(name):
    features, context = documentation()
    fit, judge = context.folds[0].fit, context.folds[0].judge
    own = replace(context, y=context.y[fit])
    losses = {
        n: loss_of(made(n, features[fit], own), features[judge], context.y[judge], context)[1]
        for n in (name, *DRAWN)
    }
    assert losses[name] < 0.9 * min(losses[d] for d in DRAWN)


@over(OF_CLASSES)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_length_of_features_does_not_matter_to_solved_classes(case, scale):
    name, kind = case
    (X, context), (held, y) = halves(kind)
    plain, _ = loss_of(made(name, X, context), held, y, context)
    scaled, _ = loss_of(made(name, X * scale, context), held * scale, y, context)
    np.testing.assert_allclose(scaled, plain, atol=0.02)


@over(OF_CLASSES)
def test_answers_are_as_sure_as_they_should_be(case):
    """The raw log loss of a solved head, without any temperature, is better than the prior's."""
    name, kind = case
    (X, context), (held, y) = halves(kind)
    scores, _ = loss_of(made(name, X, context), held, y, context)
    if kind is TaskKind.MULTILABEL:
        share = context.y.mean(axis=0)
        said = np.where(y == 1, scores, 1 - scores)
        prior = np.where(y == 1, share, 1 - share)
    else:
        share = np.bincount(context.y, minlength=len(context.task.classes)) / len(context.y)
        said, prior = scores[np.arange(len(y)), y], share[y]
    assert -np.log(np.maximum(said, 1e-9)).mean() < -np.log(prior).mean()


@over([(name, kind) for name, kind in CASES if kind is TaskKind.MULTICLASS])
def test_a_class_that_these_rows_lack_is_unlikely(case):
    name, kind = case
    (X, context), _ = halves(kind)
    seen = context.y != 2
    head = made(name, X[seen], replace(context, y=context.y[seen]))
    scores, _ = loss_of(head, X[seen], context.y[seen], context)
    assert np.isfinite(scores).all()
    if name not in DRAWN:
        assert scores[:, 2].mean() < 0.25


@over(OF_ONE_CLASS)
def test_weights_of_classes_move_solved_heads(case):
    name, kind = case
    (X, context), _ = halves(kind)
    weight = np.ones(len(context.task.classes))
    weight[0] = 20.0
    plain, _ = loss_of(made(name, X, context), X, context.y, context)
    heavy, _ = loss_of(made(name, X, replace(context, class_weight=weight)), X, context.y, context)
    assert heavy[:, 0].mean() > plain[:, 0].mean()


def test_rows_that_are_all_alike_do_no_harm(case):
    name, kind = case
    (_, context), _ = halves(kind)
    head = made(name, np.ones((150, 4), np.float32), context)
    assert np.isfinite(head.coef).all()
    assert np.isfinite(head.intercept).all()


@pytest.mark.parametrize(("name", "kind"), REFUSED, ids=str)
def test_what_does_not_fit_is_refused_in_words(name, kind):
    task = trials.table(kind).task
    assert name in INITIALISERS[name].load()().refuses(task)
    with pytest.raises(SettingError, match="must fit the task") as caught:
        initialiser_for(name, task)
    assert "ridge" in caught.value.hint
