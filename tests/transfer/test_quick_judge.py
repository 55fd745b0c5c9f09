"""A search's judgement: on few rows and in other coordinates, yet the same ranking."""

from dataclasses import replace
from functools import cache, partial

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from automl_nb.core.types import TaskKind
from automl_nb.data.samples import load_sample
from automl_nb.transfer.base import Strategy
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.crossfit import plain_loss
from automl_nb.transfer.given import GivenBlocks
from automl_nb.transfer.linear import dense_scale, link
from automl_nb.transfer.quick_judge import QuickJudge
from automl_nb.transfer.quick_linear import Components, QuickLinear
from automl_nb.transfer.quick_rows import MOST_FITTED, MOST_JUDGED, KeptBlocks, QuickRows
from tests.support import trials

C = tuple(10.0**power for power in np.linspace(-3, 3, 15))


@cache
def documentation():
    """700 texts as words, beside a dense projection of them."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    table = load_sample("docstrings", n=700)
    text, label = table.frame["text"], table.frame[table.label]
    words = TfidfVectorizer(sublinear_tf=True, min_df=2, dtype=np.float32).fit_transform(text)
    dense = TruncatedSVD(64, random_state=0).fit_transform(words).astype(np.float32)
    y = pd.Categorical(label).codes.astype(np.int64)
    made = trials.context(dense, y, TaskKind.MULTICLASS)
    blocks = GivenBlocks({"x": dense, "words": words.tocsr()}, made.blocks.frame)
    return replace(made, blocks=blocks)


@cache
def digits(kind=TaskKind.MULTICLASS):
    X, y = load_digits(return_X_y=True)
    if kind is TaskKind.BINARY:
        y = (y > 4).astype(np.int64)
    if kind is TaskKind.MULTILABEL:
        y = np.stack([y % 2 == 0, y > 4, y % 3 == 0], axis=1).astype(np.float32)
    return trials.context(X / 16.0, y, kind)


def quickly(context, strategy, inputs, configs):
    judge, maker = QuickJudge(context), STRATEGIES[strategy].load()()
    return [
        float(np.mean(trials.finish(judge.judged(maker, context, inputs, config))[0]))
        for config in configs
    ]


def wholly(context, strategy, inputs, configs):
    """The out-of-fold loss over all folds, by the strategy's own training."""
    maker: Strategy = STRATEGIES[strategy].load()()
    found = []
    for config in configs:
        own = {"grid": [config]} if hasattr(maker, "grid") else config
        candidate, _ = trials.finish(maker.train(context, inputs, own))
        found.append(plain_loss(candidate.oof, context.y, context.task))
    return found


@pytest.mark.parametrize(
    ("strategy", "inputs", "configs"),
    [
        ("logistic", ("x",), [{"C": one} for one in C]),
        ("svm", ("words",), [{"C": one} for one in C]),
        pytest.param(
            "svm",
            ("words", "x"),
            [{"C": one, "dense": 0.3 + k % 3} for k, one in enumerate(C)],
            marks=pytest.mark.thorough,
        ),
        (
            "knn",
            ("x",),
            [{"k": k} for k in (1, 2, 3, 4, 5, 7, 9, 12, 16, 25, 40, 60, 90, 130, 200)],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_settings_rank_as_full_cross_validation_ranks_them(strategy, inputs, configs):
    context = documentation()
    quick = quickly(context, strategy, inputs, configs)
    whole = wholly(context, strategy, inputs, configs)
    assert stats.spearmanr(quick, whole).statistic >= 0.9
    assert whole[int(np.argmin(quick))] <= min(whole) + 0.02


@pytest.mark.parametrize(
    ("strategy", "kind"),
    [
        ("logistic", TaskKind.BINARY),
        ("logistic", TaskKind.MULTICLASS),
        ("logistic", TaskKind.MULTILABEL),
        ("svm", TaskKind.BINARY),
        ("svm", TaskKind.MULTICLASS),
        ("svm", TaskKind.MULTILABEL),
    ],
)
@pytest.mark.parametrize("penalty", [0.01, 1.0, 10.0])
def test_better_coordinates_lead_to_the_answers_that_exact_solvers_give(strategy, kind, penalty):
    context = digits(kind)
    fold = context.folds[0]
    quick = QuickLinear(context, fold, len(fold.fit))
    found = quick.scores(strategy, context, ("x",), {"C": penalty})
    expected = exactly(strategy, context, fold, penalty)
    assert np.abs(found - expected).mean() < 0.01
    y = context.y[fold.judge]
    losses = [plain_loss(scores, y, context.task) for scores in (found, expected)]
    assert losses[0] == pytest.approx(losses[1], abs=0.01)


def exactly(strategy, context, fold, penalty):
    """Scores by scikit-learn's own solvers, run until nothing moves."""
    X = context.blocks["x"]
    centre, scale = dense_scale(X[fold.fit])
    fit, judge = ((X[rows] - centre) * scale for rows in (fold.fit, fold.judge))
    make = (
        partial(LogisticRegression, tol=1e-6, max_iter=5_000)
        if strategy == "logistic"
        else partial(LinearSVC, tol=1e-5, max_iter=20_000)
    )
    several = context.task.kind is TaskKind.MULTILABEL
    columns = context.y[fold.fit].T if several else [context.y[fold.fit]]
    machines = [make(C=penalty).fit(fit.astype(np.float64), y) for y in columns]
    margins = [machine.decision_function(judge).reshape(len(judge), -1) for machine in machines]
    return link(np.hstack(margins), context.task.kind)


def test_components_keep_the_distances_of_the_rows():
    rows = sparse.random(40, 90, 0.2, "csr", dtype=np.float32, random_state=0)
    found = Components.of(rows[:30], rows[30:], most=30)
    np.testing.assert_allclose(
        found.fit @ found.fit.T, (rows[:30] @ rows[:30].T).todense(), atol=1e-5
    )
    np.testing.assert_allclose(
        found.judge @ found.fit.T, (rows[30:] @ rows[:30].T).todense(), atol=1e-5
    )


def test_few_rows_are_all_used_and_many_are_drawn_with_every_class():
    small = digits()
    assert len(QuickRows(small).rows) == len(small.y)
    y = np.concatenate([np.zeros(5_000), np.ones(990), np.full(10, 2)]).astype(np.int64)
    big = trials.context(np.arange(6_000.0)[:, None], y, TaskKind.MULTICLASS)
    drawn = QuickRows(big)
    inside = drawn.context(big)
    (fold,) = inside.folds[: drawn.n_judged]
    assert (len(fold.fit), len(fold.judge)) == (MOST_FITTED, MOST_JUDGED)
    assert not {*fold.fit} & {*fold.judge}
    np.testing.assert_array_equal(inside.blocks["x"][:, 0], drawn.rows)
    shares = np.bincount(inside.y[fold.fit]) / MOST_FITTED
    np.testing.assert_allclose(shares, np.bincount(y) / len(y), atol=0.002)
    assert {*inside.y[fold.fit]} == {0, 1, 2}
    assert {*drawn.rows[fold.judge]} <= {*big.folds[0].judge}


def test_blocks_are_taken_once():
    class Counting(GivenBlocks):
        asked = 0

        def __getitem__(self, key):
            self.asked += 1
            return super().__getitem__(key)

    whole = Counting({"x": np.arange(12.0).reshape(6, 2)}, pd.DataFrame(index=range(6)))
    kept = KeptBlocks(whole, np.array([1, 4]))
    again = [kept["x"] for _ in range(3)]
    assert whole.asked == 1
    np.testing.assert_array_equal(again[-1], [[2.0, 3.0], [8.0, 9.0]])
    np.testing.assert_array_equal(kept.take(np.array([1]))["x"], [[8.0, 9.0]])
    assert len(kept.frame) == 2


@pytest.mark.parametrize("strategy", ["boosting", "mlp"])
def test_what_trains_all_folds_together_trains_two_and_refits_nothing(strategy):
    context = trials.table(TaskKind.MULTICLASS)
    context = replace(context, folds=trials.folds_of(len(context.y), 5))
    quick = trials.trained(strategy, QuickRows(context).context(context))
    assert np.isfinite(quick.oof).all(axis=1).sum() == sum(len(f.judge) for f in context.folds[:2])
    (loss,) = quickly(context, strategy, ("x",), [{}])
    assert loss < np.log(3)
