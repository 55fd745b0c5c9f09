"""One round of self-training: whom it asks, what it learns from, and when it is kept."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs

from automl_nb.core.errors import SettingError
from automl_nb.core.types import TaskKind
from automl_nb.transfer.given import GivenBlocks
from automl_nb.transfer.logistic import Logistic
from automl_nb.transfer.self_training import SelfTraining, surest
from tests.support import trials


def blocks_of(X) -> GivenBlocks:
    return GivenBlocks({"x": X}, pd.DataFrame(index=range(X.shape[0])))


def few_labels(n_labelled=24, n=400, seed=2):
    """Two long clouds of which few rows have a label."""
    rng = np.random.default_rng(seed)
    X, y = make_blobs(n, centers=[[-1.0] * 8, [1.0] * 8], cluster_std=2.0, random_state=seed)
    X = np.hstack([X, rng.normal(0, 3.0, (n, 8))]).astype(np.float32)
    context = trials.context(X[:n_labelled], y[:n_labelled], TaskKind.BINARY)
    return replace(context, unlabelled=blocks_of(X[n_labelled:])), X[n_labelled:], y[n_labelled:]


def test_of_each_class_its_share_of_the_surest_is_taken():
    rng = np.random.default_rng(0)
    scores = rng.dirichlet([1, 1, 1], 200)
    rows, answers = surest(scores, np.array([0.5, 0.3, 0.2]), 0.3)
    assert (np.bincount(answers) <= np.round(0.3 * 200 * np.array([0.5, 0.3, 0.2]))).all()
    lead = np.sort(scores, axis=1)[:, -1] - np.sort(scores, axis=1)[:, -2]
    for k in range(3):
        own = np.flatnonzero(scores.argmax(axis=1) == k)
        taken = rows[answers == k]
        left = np.setdiff1d(own, taken)
        assert lead[taken].min() >= lead[left].max()


@pytest.mark.parametrize("seed", [2, 3])
def test_it_learns_from_rows_that_have_no_label(seed):
    context, X, y = few_labels(seed=seed)
    taught = trials.trained("self-training", context)
    plain = trials.trained("logistic", context)
    right = [
        (one.predictor.predict(blocks_of(X)).argmax(axis=1) == y).mean() for one in (plain, taught)
    ]
    assert "pseudo-labels help" in taught.note
    assert right[1] > right[0]


def test_labels_that_only_mislead_are_not_kept():
    context = trials.table(TaskKind.MULTICLASS)
    # Where the score can't rise, the head stays as it was.
    noise = np.random.default_rng(0).normal(0, 4.0, (300, context.blocks["x"].shape[1]))
    context = replace(context, unlabelled=blocks_of(noise.astype(np.float32)))
    candidate = trials.trained("self-training", context, head="logistic")
    plain = trials.trained("logistic", context)
    assert "not used" in candidate.note
    np.testing.assert_array_equal(candidate.oof, plain.oof)


def test_no_fit_ever_sees_a_held_out_row(monkeypatch):
    context, *_ = few_labels()
    marked = context.blocks["x"].copy()
    marked[:, -1] = 1000.0 + np.arange(len(marked))  # a number that says which row it is
    context = replace(context, blocks=blocks_of(marked))
    seen, fit = [], Logistic.fit

    def watched(self, inner, inputs, rows, config):
        known = inner.blocks["x"][rows][:, -1]
        seen.append(set(known[known >= 1000.0].astype(int) - 1000))
        return fit(self, inner, inputs, rows, config)

    monkeypatch.setattr(Logistic, "fit", watched)
    trials.trained("self-training", context)
    allowed = [set(fold.fit.tolist()) for fold in context.folds] + [set(range(len(marked)))]
    assert all(one in allowed for one in seen)
    assert all(one in seen for one in allowed)


def test_sparse_blocks_teach_the_linear_machine():
    context = trials.counted(TaskKind.BINARY)
    candidate = trials.trained("self-training", context)
    assert sparse.issparse(context.unlabelled["x"])
    assert candidate.note.startswith("svm")


def test_it_says_when_there_is_nothing_to_learn_from():
    context = trials.table(TaskKind.BINARY)
    assert "unlabelled=" in SelfTraining().applies(replace(context, unlabelled=None), ("x",))
    values = trials.table(TaskKind.REGRESSION)
    assert "no row has one class" in SelfTraining().applies(values, ("x",))


@pytest.mark.parametrize(("head", "said"), [("mlp", "one of logistic"), ("lda", "sparse")])
def test_a_head_that_cannot_be_taught_is_refused(head, said):
    context = trials.counted(TaskKind.BINARY)
    with pytest.raises(SettingError, match=said):
        trials.trained("self-training", context, head=head)
