"""Blends by held-out loss: better than their parts, or not made at all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_nb.core.types import Task, TaskKind
from automl_nb.pipeline.ensemble import Blend, greedy_blend
from automl_nb.transfer.crossfit import plain_loss

BINARY = Task(TaskKind.BINARY, "y", ("a", "b"))
THREE = Task(TaskKind.MULTICLASS, "y", ("a", "b", "c"))
VALUES = Task(TaskKind.REGRESSION, "y")
MANY = Task(TaskKind.MULTILABEL, "y", ("a", "b"))


def log_loss(scores, y):
    return -np.mean(np.log(np.maximum(scores[np.arange(len(y)), y], 1e-9)))


def opinions(n=400, members=3, seed=0):
    """Members that are wrong in different rows."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    made = []
    for _ in range(members):
        logits = 1.2 * np.eye(3)[y] + rng.normal(0, 1.0, (n, 3))
        made.append(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
    return made, y


def test_a_blend_beats_its_parts():
    scores, y = opinions()
    blend = greedy_blend(scores, y, THREE)
    assert sum(blend.weights) == pytest.approx(1.0)
    assert log_loss(blend.apply(scores), y) < min(log_loss(one, y) for one in scores) - 0.02
    assert min(blend.weights) > 0.05  # all are as good


def test_noise_gets_no_say():
    scores, y = opinions(members=1)
    noise = np.random.default_rng(1).dirichlet(np.ones(3), len(y))
    assert greedy_blend([noise, scores[0]], y, THREE).weights == (0.0, 1.0)


def test_values_are_blended_by_squared_error():
    rng = np.random.default_rng(0)
    y = rng.normal(50, 10, 300)
    scores = [(y + rng.normal(0, spread, 300))[:, None] for spread in (3.0, 3.0, 30.0)]
    blend = greedy_blend(scores, y, VALUES)
    assert blend.weights[2] < 0.05
    blended = plain_loss(blend.apply(scores), y, VALUES)
    assert blended < 0.7 * min(plain_loss(one, y, VALUES) for one in scores)


def test_sets_of_labels_are_blended_too():
    rng = np.random.default_rng(0)
    y = (rng.random((300, 2)) < 0.4).astype(np.float32)
    good = np.clip(y * 0.6 + 0.2 + rng.normal(0, 0.1, y.shape), 0.01, 0.99)
    blend = greedy_blend([good, 1 - good], y, MANY)
    assert blend.weights == (1.0, 0.0)


def test_the_same_seed_gives_the_same_weights():
    scores, y = opinions()
    assert greedy_blend(scores, y, THREE, seed=3) == greedy_blend(scores, y, THREE, seed=3)


def test_one_member_is_taken_as_it_is():
    scores, y = opinions(members=1)
    assert greedy_blend(scores, y, THREE) == Blend((1.0,))


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 60), members=st.integers(1, 5), seed=st.integers(0, 1000))
def test_weights_are_shares_and_blends_are_probabilities(n, members, seed):
    scores, y = opinions(n, members, seed)
    blend = greedy_blend(scores, y, THREE, seed=seed)
    assert len(blend.weights) == members
    assert min(blend.weights) >= 0
    assert sum(blend.weights) == pytest.approx(1.0)
    np.testing.assert_allclose(blend.apply(scores).sum(axis=1), 1.0)
