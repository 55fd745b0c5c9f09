"""One suite for every strategy: what `transfer/base.py` promises, each must keep."""

import copy
import itertools
import json
import time
from dataclasses import dataclass, replace

import numpy as np
import pytest

from automl_nb.core.trials import Cancelled, CancelToken, Deadline, Decision, Report, TooSlow
from automl_nb.core.types import TaskKind
from automl_nb.pipeline.memo import Remembered, TrialMemo
from automl_nb.transfer.base import Candidate, Predictor, Strategy, TrialContext
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.crossfit import plain_loss
from automl_nb.transfer.linear import link
from automl_nb.transfer.losses.base import loss_for
from automl_nb.transfer.predictors import PREDICTORS
from automl_nb.transfer.student import Student
from automl_nb.transfer.tuner import rows_of, targets_of
from automl_nb.zoo.load import resolve
from tests.support import trials
from tests.zoo.families import make_folder

KINDS = list(TaskKind)
# Few trees and few steps: the suite asks whether a strategy is right, not how far it gets.
CONFIG = {"boosting": {"preset": "quick"}, "nas-head": {"passes": 10}}
NETWORKS = STRATEGIES.names("backbone")
TABLES = [name for name in STRATEGIES.names() if name not in NETWORKS]
WEIGHED = [  # those that learn from numbers of any sign, and from more than the labels
    name
    for name in TABLES
    if name != "prior" and not STRATEGIES[name].load()().applies(trials.table(KINDS[0]), ("x",))
]
LIBRARIES = ("matplotlib", "numpy", "pandas")


def task_for(name: str, kind: TaskKind):
    """Rows of numbers that the strategy can learn from, or None where it doesn't apply."""
    for context in (trials.table(kind), trials.counted(kind)):
        if not STRATEGIES[name].load()().applies(context, ("x",)):
            return context
    return None


def suits(name: str, backbone: str) -> bool:
    """Whether the strategy can tune this backbone."""
    task = trials.table(TaskKind.MULTICLASS).task
    return not STRATEGIES[name].load()().refuses(resolve(backbone), task)


BACKBONES = {"text": "minilm-l3", "image": "efficientnet-lite0"}
CASES = [(n, k) for n in TABLES for k in KINDS if task_for(n, k) is not None]
CASES += [
    (name, modality)
    for name in NETWORKS
    for modality, backbone in BACKBONES.items()
    if modality in STRATEGIES[name].tags and suits(name, backbone)
]


@pytest.fixture(scope="session")
def network_configs(tmp_path_factory):
    """A small backbone for each kind of column."""
    pictures = trials.small_pictures(tmp_path_factory.mktemp("backbones") / "lite0-64")
    common = {"epochs": 1.0}
    return {
        "text": {"column": "text", "backbone": BACKBONES["text"], "max_length": 24, **common},
        "image": {"column": "image", "backbone": str(pictures), **common},
    }


@pytest.fixture(scope="module")
def tiny_texts(tmp_path_factory):
    """A network that computes next to nothing, for what is no matter of its answers."""
    return str(make_folder("bert", tmp_path_factory.mktemp("tiny") / "bert"))


# On pictures it takes as long as ten others.
SLOW = {("contrastive", "image")}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(case, marks=[pytest.mark.thorough] if case in SLOW else []) for case in CASES
    ],
    ids=[f"{name}-{kind}" for name, kind in CASES],
)
def case(request, network_configs):
    name, kind = request.param
    if name in NETWORKS:
        context, inputs = trials.texts(90, LIBRARIES) if kind == "text" else trials.pictures(), ()
        config = {**network_configs[kind], "modality": kind}
        if name == "contrastive":  # what is judged learns from a part, in half of the passes
            config |= {"epochs": 2 * config["epochs"], "folds": 3}
    else:
        context, inputs, config = task_for(name, kind), ("x",), CONFIG.get(name, {})
    trial = STRATEGIES[name].load()().train(context, inputs, config)
    return Case(name, context, inputs, config, *trials.finish(trial))


@dataclass(frozen=True)
class Case:
    """A strategy trained on a task that suits it."""

    name: str
    context: TrialContext
    inputs: tuple[str, ...]
    config: dict
    candidate: Candidate
    reports: list[Report]

    @property
    def is_control(self) -> bool:
        """Controls show what others gain; they needn't gain anything themselves."""
        return "control" in STRATEGIES[self.name].tags

    def begin(self, **changes):
        """The same trial from the start."""
        context = replace(self.context, **changes)
        return STRATEGIES[self.name].load()().train(context, self.inputs, self.config)


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
    assert {name for name, _ in CASES} == set(STRATEGIES.names())


def test_a_strategy_says_who_it_is(case):
    strategy = STRATEGIES[case.name].load()()
    assert isinstance(strategy, Strategy)
    assert strategy.name == case.name == case.candidate.strategy
    assert strategy.applies(case.context, case.inputs) == ""
    assert case.candidate.inputs == case.inputs


def test_scores_are_out_of_fold_and_valid(case):
    context, candidate = case.context, case.candidate
    assert candidate.oof.shape == (len(context.y), context.task.n_outputs)
    scored = np.isfinite(candidate.oof).all(axis=1)
    assert scored.any()
    assert np.isnan(candidate.oof[~scored]).all()
    if candidate.refitted:
        assert scored.all()
    valid(candidate.oof[scored], context)


def test_it_is_better_than_the_prior(case):
    context, candidate = case.context, case.candidate
    rows = np.flatnonzero(np.isfinite(candidate.oof).all(axis=1))
    prior = trials.trained("prior", context)
    own = plain_loss(candidate.oof[rows], context.y[rows], context.task)
    floor = plain_loss(prior.oof[rows], context.y[rows], context.task)
    if case.name == "prior":
        assert own == floor
    else:
        assert own < (1.2 if case.is_control else 0.95) * floor


def test_the_predictor_knows_rows_of_its_kind(case):
    context, candidate = case.context, case.candidate
    assert isinstance(candidate.predictor, Predictor)
    scores = candidate.predictor.predict(context.blocks)
    valid(scores, context)
    if case.name != "prior" and not case.is_control:
        own = plain_loss(scores, context.y, context.task)
        floor = plain_loss(trials.trained("prior", context).oof, context.y, context.task)
        assert own < floor


def test_rows_are_scored_alike_in_any_company(case):
    context, candidate = case.context, case.candidate
    whole = candidate.predictor.predict(context.blocks)
    some = np.array([5, 0, 17])
    alone = candidate.predictor.predict(context.blocks.take(some))
    np.testing.assert_allclose(alone, whole[some], rtol=1e-4, atol=5e-3)


def test_a_later_run_finds_the_same_result(case, tmp_path):
    context, candidate = case.context, case.candidate
    memo = TrialMemo(tmp_path)
    memo.keep("key", Remembered(candidate, 0.5, tuple(case.reports)))
    found = memo.find("key", "cpu")
    assert found is not None
    assert found.answer_s == 0.5
    assert found.curve == tuple(case.reports)
    np.testing.assert_array_equal(found.candidate.oof, candidate.oof)
    for name in ("strategy", "inputs", "note", "refitted", "fit_s"):
        assert getattr(found.candidate, name) == getattr(candidate, name)
    np.testing.assert_allclose(
        found.candidate.predictor.predict(context.blocks),
        candidate.predictor.predict(context.blocks),
        atol=1e-6,
    )


def test_saved_and_loaded_it_gives_the_same_scores(case, tmp_path):
    context, candidate = case.context, case.candidate
    config = json.loads(json.dumps(candidate.predictor.save(tmp_path)))
    kind = PREDICTORS[type(candidate.predictor).__name__].load()
    again = kind.load(tmp_path, config)
    assert again is not candidate.predictor
    before = candidate.predictor.predict(context.blocks)
    np.testing.assert_allclose(again.predict(context.blocks), before, rtol=0, atol=1e-7)
    endings = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert endings <= {".json", ".npy", ".safetensors", ".txt"}


def test_the_same_seed_gives_the_same_scores(case):
    context, candidate = case.context, case.candidate
    again, _ = trials.finish(case.begin())
    np.testing.assert_array_equal(again.oof, candidate.oof)
    np.testing.assert_array_equal(
        again.predictor.predict(context.blocks), candidate.predictor.predict(context.blocks)
    )


def test_reports_say_how_far_it_is(case):
    context, reports = case.context, case.reports
    assert reports
    assert {report.trial_id for report in reports} == {context.trial_id}
    done = [report.resource for report in reports]
    assert done == sorted(done)
    assert all(0 <= report.resource <= report.total for report in reports)


def test_told_to_stop_it_returns_what_it_has(case):
    context = case.context
    candidate, _ = trials.finish(case.begin(), Decision.STOP)
    scored = np.isfinite(candidate.oof).all(axis=1)
    assert scored.any()
    valid(candidate.oof[scored], context)
    valid(candidate.predictor.predict(context.blocks), context)


def test_cancelled_before_it_begins_it_raises(case):
    token = CancelToken()
    token.cancel("enough")
    with pytest.raises(Cancelled, match="enough"):
        trials.finish(case.begin(cancel=token))


def test_cancelled_midway_it_ends(case):
    context, token = case.context, CancelToken()
    trial = case.begin(cancel=token)
    next(trial)
    token.cancel("enough")
    reason, candidate = "", None
    try:
        candidate, _ = trials.finish(trial, Decision.STOP, begun=True)
    except Cancelled as stopped:
        reason = str(stopped)
    if candidate is None:
        assert reason == "enough"
        return
    valid(candidate.predictor.predict(context.blocks), context)


def test_a_network_is_better_than_at_its_start(case):
    if case.name not in NETWORKS or case.is_control:
        assert case.is_control or case.name in TABLES
        return
    context, tuner = case.context, STRATEGIES[case.name].load()()
    fit, judge = rows_of(context)
    network = tuner.network(context, case.config, fit)
    head = tuner.started_head(context, network, fit, case.config)
    features = network.encoder.transform(context.blocks.take(judge).frame)
    scores = link((features @ head.coef).astype(np.float64) + head.intercept, head.kind)
    began, ended = (
        plain_loss(found, context.y[judge], context.task)
        for found in (scores, case.candidate.oof[judge])
    )
    assert ended < began


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_keeps_to_its_time(name, network_configs, tiny_texts, monkeypatch):
    ticks = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: 0.05 * next(ticks))
    config = {**network_configs["text"], "modality": "text", "epochs": 1000.0}
    config["backbone"] = tiny_texts
    seconds = {"soup": 6.0, "contrastive": 12.0}.get(name, 3.0)  # these train several
    context = replace(trials.texts(90, LIBRARIES), deadline=Deadline(seconds))
    candidate, reports = trials.finish(STRATEGIES[name].load()().train(context, (), config))
    assert time.monotonic() - context.deadline.started < seconds + 0.5
    assert reports[-1].resource < 60.0
    assert context.deadline.pressed
    valid(candidate.oof[np.isfinite(candidate.oof).all(axis=1)], context)


@pytest.mark.parametrize("name", NETWORKS)
def test_all_of_a_network_is_on_its_device(name, network_configs, tmp_path):
    """Asked of torch's device without memory, whose tensors mix with no others."""
    import torch

    context, config = trials.pictures(), {**network_configs["image"], "modality": "image"}
    if not suits(name, config["backbone"]):
        config["backbone"] = str(make_folder("convnext", tmp_path / "convnext"))
    tuner, (fit, _) = STRATEGIES[name].load()(), rows_of(trials.pictures())
    network = tuner.network(context, config, fit)
    head = tuner.started_head(context, network, fit, config)
    there = copy.deepcopy(network.backbone.module).to("meta")
    network.backbone, network.device = replace(network.backbone, module=there), "meta"
    student = Student(context, network, head, config, fit)
    tuner.shape(student)
    groups = tuner.groups(student)
    measure = loss_for(config, context.task).prepare(context, fit, config)
    targets = torch.from_numpy(targets_of(context)[:4])
    tuner._loss(student, measure)(network.load(fit[:4], None), targets).backward()
    assert {p.device.type for group in groups for p in group["params"]} == {"meta"}
    if name != "l1-sp":  # which counts weights, and here there are none to count
        tuner.settle(student, fit, lambda: {"loss": 1.0})


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_not_begun_without_time(name, network_configs):
    context = replace(trials.texts(90, LIBRARIES), deadline=Deadline(0.0))
    config = {**network_configs["text"], "modality": "text"}
    with pytest.raises(TooSlow):
        trials.finish(STRATEGIES[name].load()().train(context, (), config))


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


@pytest.mark.parametrize("name", WEIGHED)
def test_weights_lift_a_rare_class(name):
    context = trials.table(TaskKind.BINARY)
    common, rare = np.flatnonzero(context.y == 1), np.flatnonzero(context.y == 0)[:20]
    rows = np.sort(np.concatenate([common, rare]))
    noise = np.random.default_rng(0).normal(0, 2.0, (len(rows), 5))
    X = context.blocks["x"][rows][:, :5] + noise
    free = trials.GivenBlocks({"x": context.unlabelled["x"][:, :5]}, context.unlabelled.frame)
    plain = replace(trials.context(X, context.y[rows], TaskKind.BINARY), unlabelled=free)
    weighted = replace(plain, class_weight=np.array([5.0, 0.6]))
    config = CONFIG.get(name, {})
    shy = trials.trained(name, plain, **config).oof[:, 0].mean()
    bold = trials.trained(name, weighted, **config).oof[:, 0].mean()
    assert bold > shy if name != "knn" else bold == shy
