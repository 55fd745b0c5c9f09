"""One suite for every strategy: what `transfer/base.py` promises, each must keep."""

import json
from dataclasses import replace

import numpy as np
import pytest

from automl_nb.core.trials import Cancelled, Decision
from automl_nb.core.types import TaskKind
from automl_nb.pipeline.memo import Remembered, TrialMemo
from automl_nb.transfer.base import Predictor, Strategy
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.crossfit import plain_loss
from automl_nb.transfer.predictors import PREDICTORS
from tests.support import trials

KINDS = list(TaskKind)
# Few trees and few steps: the suite asks whether a strategy is right, not how far it gets.
CONFIG = {
    "boosting": {"preset": "quick"},
    "finetune": {
        "column": "text",
        "backbone": "minilm-l3",
        "modality": "text",
        "epochs": 1.0,
        "max_length": 24,
    },
}


def task_for(name: str, kind: TaskKind):
    """Rows that the strategy can learn from, or None where it doesn't apply."""
    if "backbone" in STRATEGIES[name].tags:
        return (trials.texts(), ()) if kind is TaskKind.BINARY else (None, ())
    for context in (trials.table(kind), trials.counted(kind)):
        if not STRATEGIES[name].load()().applies(context, ("x",)):
            return context, ("x",)
    return None, ()


CASES = [(n, k) for n in STRATEGIES.names() for k in KINDS if task_for(n, k)[0] is not None]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def case(request):
    name, kind = request.param
    context, inputs = task_for(name, kind)
    trial = STRATEGIES[name].load()().train(context, inputs, CONFIG.get(name, {}))
    return name, context, inputs, *trials.finish(trial)


def valid(scores: np.ndarray, context) -> None:
    kind = context.task.kind
    assert scores.dtype == np.float64
    assert scores.shape[1] == context.task.n_outputs
    assert np.isfinite(scores).all()
    if kind.is_classification:
        assert (scores >= 0).all()
        assert (scores <= 1).all()
    if kind in {TaskKind.BINARY, TaskKind.MULTICLASS}:
        np.testing.assert_allclose(scores.sum(axis=1), 1.0, atol=1e-6)


def test_every_kind_of_task_has_strategies():
    for kind in KINDS:
        assert len([name for name, k in CASES if k is kind]) >= 3


def test_a_strategy_says_who_it_is(case):
    name, context, inputs, candidate, _ = case
    strategy = STRATEGIES[name].load()()
    assert isinstance(strategy, Strategy)
    assert strategy.name == name == candidate.strategy
    assert strategy.applies(context, inputs) == ""
    assert candidate.inputs == inputs


def test_scores_are_out_of_fold_and_valid(case):
    _, context, _, candidate, _ = case
    assert candidate.oof.shape == (len(context.y), context.task.n_outputs)
    scored = np.isfinite(candidate.oof).all(axis=1)
    assert scored.any()
    assert np.isnan(candidate.oof[~scored]).all()
    if candidate.refitted:
        assert scored.all()
    valid(candidate.oof[scored], context)


def test_it_is_better_than_the_prior(case):
    name, context, _, candidate, _ = case
    rows = np.flatnonzero(np.isfinite(candidate.oof).all(axis=1))
    prior = trials.trained("prior", context)
    own = plain_loss(candidate.oof[rows], context.y[rows], context.task)
    floor = plain_loss(prior.oof[rows], context.y[rows], context.task)
    assert own == floor if name == "prior" else own < 0.95 * floor


def test_the_predictor_knows_rows_of_its_kind(case):
    name, context, _, candidate, _ = case
    assert isinstance(candidate.predictor, Predictor)
    scores = candidate.predictor.predict(context.blocks)
    valid(scores, context)
    if name != "prior":
        own = plain_loss(scores, context.y, context.task)
        floor = plain_loss(trials.trained("prior", context).oof, context.y, context.task)
        assert own < floor


def test_rows_are_scored_alike_in_any_company(case):
    _, context, _, candidate, _ = case
    whole = candidate.predictor.predict(context.blocks)
    some = np.array([5, 0, 17])
    alone = candidate.predictor.predict(context.blocks.take(some))
    np.testing.assert_allclose(alone, whole[some], rtol=1e-4, atol=5e-3)


def test_a_later_run_finds_the_same_result(case, tmp_path):
    _, context, _, candidate, _ = case
    memo = TrialMemo(tmp_path)
    memo.keep("key", Remembered(candidate, 0.5))
    found = memo.find("key", "cpu")
    assert found is not None
    assert found.answer_s == 0.5
    np.testing.assert_array_equal(found.candidate.oof, candidate.oof)
    for name in ("strategy", "inputs", "note", "refitted", "fit_s"):
        assert getattr(found.candidate, name) == getattr(candidate, name)
    np.testing.assert_allclose(
        found.candidate.predictor.predict(context.blocks),
        candidate.predictor.predict(context.blocks),
        atol=1e-6,
    )


def test_saved_and_loaded_it_gives_the_same_scores(case, tmp_path):
    _, context, _, candidate, _ = case
    config = json.loads(json.dumps(candidate.predictor.save(tmp_path)))
    kind = PREDICTORS[type(candidate.predictor).__name__].load()
    again = kind.load(tmp_path, config)
    assert again is not candidate.predictor
    before = candidate.predictor.predict(context.blocks)
    np.testing.assert_allclose(again.predict(context.blocks), before, rtol=0, atol=1e-7)
    endings = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert endings <= {".json", ".npy", ".safetensors", ".txt"}


def test_the_same_seed_gives_the_same_scores(case):
    name, context, inputs, candidate, _ = case
    again = trials.trained(name, context, inputs, **CONFIG.get(name, {}))
    np.testing.assert_array_equal(again.oof, candidate.oof)
    np.testing.assert_array_equal(
        again.predictor.predict(context.blocks), candidate.predictor.predict(context.blocks)
    )


def test_reports_say_how_far_it_is(case):
    _, context, _, _, reports = case
    assert reports
    assert {report.trial_id for report in reports} == {context.trial_id}
    done = [report.resource for report in reports]
    assert done == sorted(done)
    assert all(0 <= report.resource <= report.total for report in reports)


def test_told_to_stop_it_returns_what_it_has(case):
    name, context, inputs, *_ = case
    trial = STRATEGIES[name].load()().train(context, inputs, CONFIG.get(name, {}))
    candidate, _ = trials.finish(trial, Decision.STOP)
    scored = np.isfinite(candidate.oof).all(axis=1)
    assert scored.any()
    valid(candidate.oof[scored], context)
    valid(candidate.predictor.predict(context.blocks), context)


def test_cancelled_before_it_begins_it_raises(case):
    name, context, inputs, *_ = case
    token = type(context.cancel)()
    token.cancel("enough")
    trial = (
        STRATEGIES[name]
        .load()()
        .train(replace(context, cancel=token), inputs, CONFIG.get(name, {}))
    )
    with pytest.raises(Cancelled, match="enough"):
        trials.finish(trial)


def test_cancelled_midway_it_ends(case):
    name, context, inputs, *_ = case
    token = type(context.cancel)()
    trial = (
        STRATEGIES[name]
        .load()()
        .train(replace(context, cancel=token), inputs, CONFIG.get(name, {}))
    )
    next(trial)
    token.cancel("enough")
    try:
        candidate, _ = trials.finish(trial, Decision.STOP, begun=True)
    except Cancelled:
        return
    valid(candidate.predictor.predict(context.blocks), context)


TABLES = [name for name in STRATEGIES.names() if "backbone" not in STRATEGIES[name].tags]


@pytest.mark.parametrize("name", TABLES)
def test_a_class_may_be_missing_in_a_fold(name):
    context = trials.table(TaskKind.MULTICLASS)
    rare = np.flatnonzero(context.y == 2)
    y = context.y.copy()
    y[rare[6:]] = 0
    rare = rare[:6]
    n = len(y)
    folds = trials.folds_of(n)
    judge = np.union1d(folds[0].judge, rare)  # all of the rare class in one fold
    parts = [judge, np.setdiff1d(folds[1].judge, rare), np.setdiff1d(folds[2].judge, rare)]
    folds = tuple(type(folds[0])(np.setdiff1d(np.arange(n), part), part) for part in parts)
    candidate = trials.trained(name, replace(context, y=y, folds=folds), **CONFIG.get(name, {}))
    valid(candidate.oof, context)
    valid(candidate.predictor.predict(context.blocks), context)


@pytest.mark.parametrize("name", [name for name in TABLES if name != "prior"])
def test_weights_lift_a_rare_class(name):
    if "classification" not in STRATEGIES[name].tags:
        pytest.fail("every strategy that is not for classes needs a case of its own")
    context = trials.table(TaskKind.BINARY)
    common, rare = np.flatnonzero(context.y == 1), np.flatnonzero(context.y == 0)[:20]
    rows = np.sort(np.concatenate([common, rare]))
    noise = np.random.default_rng(0).normal(0, 2.0, (len(rows), 5))
    X = context.blocks["x"][rows][:, :5] + noise
    plain = trials.context(X, context.y[rows], TaskKind.BINARY)
    weighted = replace(plain, class_weight=np.array([5.0, 0.6]))
    if STRATEGIES[name].load()().applies(plain, ("x",)):
        return
    config = CONFIG.get(name, {})
    shy = trials.trained(name, plain, **config).oof[:, 0].mean()
    bold = trials.trained(name, weighted, **config).oof[:, 0].mean()
    assert bold > shy if name != "knn" else bold == shy
