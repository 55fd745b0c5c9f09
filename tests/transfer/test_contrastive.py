"""Contrastive tuning: the loss by its definition, the batches, and what comes out."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from automl_nb.core.trials import CancelToken, Deadline, Decision, TooSlow
from automl_nb.core.types import TaskKind
from automl_nb.data.split import Fold
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.contrastive import Contrastive
from automl_nb.transfer.crossfit import plain_loss
from automl_nb.transfer.few_folds import few_folds
from automl_nb.transfer.supcon import balanced_batches, supervised_contrast
from automl_nb.transfer.tuned import TunedPredictor
from automl_nb.zoo import probe
from automl_nb.zoo.load import load_backbone
from tests.support import trials

CONFIG = {
    "column": "text",
    "backbone": "minilm-l3",
    "modality": "text",
    "epochs": 2.0,
    "folds": 2,
    "max_length": 16,
}


def by_definition(z: np.ndarray, y: np.ndarray, t: float) -> float:
    """Equation 2 of Khosla et al. 2020, term by term."""
    losses = []
    for i in range(len(y)):
        others = [a for a in range(len(y)) if a != i]
        positives = [p for p in others if y[p] == y[i]]
        if not positives:
            continue
        below = sum(np.exp(z[i] @ z[a] / t) for a in others)
        terms = [np.log(np.exp(z[i] @ z[p] / t) / below) for p in positives]
        losses.append(-sum(terms) / len(positives))
    return float(np.mean(losses))


@pytest.mark.parametrize("temperature", [0.1, 1.0])
@pytest.mark.parametrize("y", [[0, 0, 1, 1, 2], [0, 1, 2, 3, 0], [1, 1, 1, 1, 1]])
def test_the_loss_is_that_of_the_paper(y, temperature):
    z = np.random.default_rng(0).normal(size=(5, 4))
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    made = supervised_contrast(torch.from_numpy(z), torch.tensor(y), temperature)
    assert float(made) == pytest.approx(by_definition(z, np.array(y), temperature))


def test_rows_that_are_alone_leave_nothing_to_learn():
    z = torch.eye(3, requires_grad=True)
    loss = supervised_contrast(z, torch.tensor([0, 1, 2]))
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert z.grad is not None
    assert float(z.grad.abs().sum()) == 0.0


def test_its_gradient_draws_rows_of_a_class_together():
    z = torch.nn.functional.normalize(torch.randn(6, 8, generator=torch.manual_seed(0)), dim=1)
    y = torch.tensor([0, 0, 0, 1, 1, 1])
    z.requires_grad_()
    for _ in range(50):
        loss = supervised_contrast(torch.nn.functional.normalize(z, dim=1), y, 0.5)
        (gradient,) = torch.autograd.grad(loss, z)
        z = (z - gradient).detach().requires_grad_()
    unit = torch.nn.functional.normalize(z.detach(), dim=1)
    alike = unit @ unit.T
    same = y[:, None] == y[None]
    assert alike[same].min() > alike[~same].max()


def test_in_a_batch_classes_take_equal_parts_and_no_row_comes_twice():
    y = np.repeat([0, 1, 2], [40, 10, 6])
    rows = np.arange(2, len(y))
    batches = list(balanced_batches(y, rows, 12, np.random.default_rng(0)))
    assert len(batches) == -(-len(rows) // 12)
    for batch in batches:
        assert len(set(batch.tolist())) == len(batch)
        assert set(batch) <= set(rows)
        assert np.bincount(y[batch]).tolist() == [4, 4, 4]


def test_where_classes_are_many_each_brings_a_pair():
    y = np.arange(40) // 2
    batches = list(balanced_batches(y, np.arange(40), 8, np.random.default_rng(0)))
    counts = [np.bincount(y[batch], minlength=20) for batch in batches]
    assert {n for count in counts for n in count[count > 0]} == {2}
    assert (sum(counts) == 2).all()


def test_fewer_folds_judge_the_same_rows_and_never_learn_from_them():
    folds = trials.folds_of(30, k=10)
    few = few_folds(folds, 3)
    assert len(few) == 3
    judged = np.concatenate([fold.judge for fold in few])
    assert sorted(judged) == list(range(30))
    for fold in few:
        assert np.intersect1d(fold.fit, fold.judge).size == 0
        assert len(fold.fit) + len(fold.judge) == 30


def test_folds_that_chain_forward_stay_honest():
    rows = np.arange(8)
    chain = [Fold(rows[:i], rows[i : i + 1]) for i in range(2, 8)]
    for fold in few_folds(chain, 2):
        assert fold.fit.max() < fold.judge.min()


def test_every_row_is_judged_by_a_network_that_has_not_seen_it(monkeypatch):
    seen = []
    tuned = Contrastive._tuned

    def watched(self, context, network, plan, number, rows):
        seen.append(rows)
        return tuned(self, context, network, plan, number, rows)

    monkeypatch.setattr(Contrastive, "_tuned", watched)
    context = trials.texts(40)
    candidate, _ = trials.finish(Contrastive().train(context, (), CONFIG))
    assert np.isfinite(candidate.oof).all()
    assert candidate.refitted
    *folds, last = seen
    assert len(last) == 40
    left_out = [np.setdiff1d(np.arange(40), rows) for rows in folds]
    assert sorted(np.concatenate(left_out)) == list(range(40))


def test_a_rare_class_of_one_row_is_no_obstacle():
    context = trials.texts(40)
    y = context.y.copy()
    y[0] = 2
    task = replace(context.task, kind=TaskKind.MULTICLASS, classes=("a", "b", "c"))
    context = replace(context, y=y, task=task)
    candidate, _ = trials.finish(Contrastive().train(context, (), CONFIG))
    assert candidate.oof.shape == (40, 3)
    assert np.isfinite(candidate.oof).all()


def test_it_says_for_what_it_is_not():
    strategy, context = Contrastive(), trials.texts(20)
    assert strategy.applies(context, ()) == ""
    one = replace(context, y=np.zeros(20, dtype=np.int64))
    assert "two classes" in strategy.applies(one, ())
    for kind in (TaskKind.REGRESSION, TaskKind.MULTILABEL):
        task = replace(context.task, kind=kind)
        assert "no one class" in strategy.applies(replace(context, task=task), ())
        assert "no one class" in strategy.refuses(None, task)


@pytest.mark.parametrize("name", ["finetune", "contrastive"])
def test_a_pace_remembered_from_a_busy_hour_leaves_nothing_out(name, monkeypatch):
    context = replace(trials.texts(64), deadline=Deadline(60.0))
    backbone = load_backbone("minilm-l3")
    known = probe.probe(backbone)
    slow = replace(known, rates={key: 1e-4 * rate for key, rate in known.rates.items()})
    monkeypatch.setattr(probe, "_known", {probe._key(backbone, "cpu"): slow})
    monkeypatch.setattr(probe, "_raced", {})
    made, _ = trials.finish(STRATEGIES[name].load()().train(context, (), CONFIG))
    assert np.isfinite(made.oof).any()


def test_without_time_for_one_pass_it_says_so():
    context = replace(trials.texts(40), deadline=Deadline(0.01))
    with pytest.raises(TooSlow):
        trials.finish(Contrastive().train(context, (), CONFIG))


def stopped_after(reports, n=40, **config):
    """What comes out where the run is stopped once the trial has reported so often."""
    token = CancelToken()
    context = replace(trials.texts(n), cancel=token)
    trial = Contrastive().train(context, (), CONFIG | config)
    next(trial)
    for _ in range(reports - 1):
        trial.send(Decision.CONTINUE)
    token.cancel("enough")
    return context, trials.finish(trial, Decision.CONTINUE, begun=True)[0]


def better_than_prior(candidate, context) -> bool:
    rows = np.flatnonzero(np.isfinite(candidate.oof).all(axis=1))
    prior = trials.trained("prior", replace(context, cancel=CancelToken())).oof
    own, floor = (
        plain_loss(s[rows], context.y[rows], context.task) for s in (candidate.oof, prior)
    )
    return bool(own < floor)


def test_stopped_before_any_network_was_judged_a_head_on_the_one_that_came_is_left(tmp_path):
    context, candidate = stopped_after(1, n=90, max_length=32)
    assert "as it came" in candidate.note
    assert np.isfinite(candidate.oof).all()
    assert better_than_prior(candidate, context)
    answers = candidate.predictor.predict(context.blocks)
    assert (answers.argmax(axis=1) == context.y).mean() > 0.8
    config = json.loads(json.dumps(candidate.predictor.save(tmp_path)))
    again = TunedPredictor.load(tmp_path, config)
    np.testing.assert_allclose(again.predict(context.blocks), answers, atol=1e-6)


@pytest.fixture(scope="module")
def whole():
    """A trial that came to its end, and its reports."""
    return trials.finish(Contrastive().train(trials.texts(40), (), CONFIG))


def test_stopped_later_the_last_network_that_was_judged_or_the_one_that_came_is_left(whole):
    """Whichever does better on the rows that both were judged on."""
    context, early = stopped_after(1)
    _, reports = whole
    first_judged = [n for n, report in enumerate(reports, 1) if "loss" in report.metrics][1]
    _, candidate = stopped_after(first_judged + 1)
    rows = np.flatnonzero(np.isfinite(candidate.oof).all(axis=1))
    losses = [plain_loss(c.oof[rows], context.y[rows], context.task) for c in (candidate, early)]
    assert losses[0] <= losses[1]


def test_held_out_losses_are_told_at_the_start_and_after_each_network_that_judges(whole):
    context = trials.texts(40)
    candidate, reports = whole
    told = {r.resource: r.metrics["loss"] for r in reports if "loss" in r.metrics}
    assert list(told) == [0.0, 1.0, 2.0]
    assert {r.total for r in reports} == {3.0}
    assert told[2.0] == pytest.approx(plain_loss(candidate.oof, context.y, context.task))


def test_a_scheduler_may_end_it_at_its_first_judgement():
    trial, answers = Contrastive().train(trials.texts(40), (), CONFIG), 0
    report, candidate = next(trial), None
    while candidate is None:
        hopeless = report.resource > 0 and "loss" in report.metrics
        answers += hopeless
        try:
            report = trial.send(Decision.STOP if hopeless else Decision.CONTINUE)
        except StopIteration as end:
            candidate = end.value
    assert answers == 1
    assert 0 < np.isfinite(candidate.oof).all(axis=1).sum() <= 40
