"""One suite for every loss: what `transfer/losses/base.py` promises, each must keep."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from automl_nb.core.errors import SettingError
from automl_nb.core.types import TaskKind
from automl_nb.transfer.crossfit import one_vs_rest
from automl_nb.transfer.initialise.base import width_of
from automl_nb.transfer.losses.base import Loss, loss_for
from automl_nb.transfer.losses.catalog import LOSSES
from tests.support import trials

KINDS = list(TaskKind)


def fits(name, kind):
    return not LOSSES[name].load()().refuses(trials.table(kind).task)


CASES = [(name, kind) for name in LOSSES.names() for kind in KINDS if fits(name, kind)]
REFUSED = [(name, kind) for name in LOSSES.names() for kind in KINDS if not fits(name, kind)]


class Case:
    """Twenty rows of a real task with targets as the tuner gives them."""

    def __init__(self, name, kind, **config):
        self.name, self.kind = name, kind
        self.context = trials.table(kind)
        self.rows = np.arange(len(self.context.y))
        self.loss = LOSSES[name].load()()
        self.measure = self.loss.prepare(self.context, self.rows, config)
        targets = one_vs_rest(self.context.task, self.context.y)[:20]
        if kind is TaskKind.REGRESSION:
            targets = (targets - self.context.y.mean()) / self.context.y.std()
        self.targets = torch.tensor(targets, dtype=torch.float32)
        self.width = width_of(self.context.task)

    def right(self, sure=3.0):
        """Margins that answer as the targets are."""
        if self.kind is TaskKind.REGRESSION:
            return self.targets.clone()
        signs = self.targets * 2 - 1
        return sure * (signs[:, 1:] if self.kind is TaskKind.BINARY else signs)


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def case(request):
    return Case(*request.param)


def test_every_kind_of_task_has_a_loss_besides_the_usual_one():
    for kind in KINDS:
        assert {name for name, k in CASES if k is kind} > {"cross-entropy"}


def test_a_loss_says_who_it_is(case):
    assert isinstance(case.loss, Loss)
    assert case.loss.name == case.name
    defaults = case.loss.space().defaults()
    assert case.loss.space().check(defaults) == defaults


def test_a_row_has_one_finite_loss(case):
    margins = torch.randn(20, case.width, generator=torch.Generator().manual_seed(0))
    losses = case.measure(margins, case.targets)
    assert losses.shape == (20,)
    assert torch.isfinite(losses).all()


def test_a_row_is_measured_alike_in_any_company(case):
    margins = torch.randn(20, case.width, generator=torch.Generator().manual_seed(0))
    whole = case.measure(margins, case.targets)
    alone = torch.cat(
        [case.measure(margins[i : i + 1], case.targets[i : i + 1]) for i in range(20)]
    )
    torch.testing.assert_close(whole, alone)


def test_right_answers_cost_less_than_wrong_ones(case):
    right = case.right()
    wrong = right + 4.0 if case.kind is TaskKind.REGRESSION else -right
    assert (case.measure(right, case.targets) < case.measure(wrong, case.targets)).all()


@pytest.mark.parametrize("size", [0.0, 1.0, 60.0])
def test_gradients_flow_and_stay_finite(case, size):
    margins = (-case.right(size)).requires_grad_()
    case.measure(margins, case.targets).mean().backward()
    assert torch.isfinite(margins.grad).all()
    assert margins.grad.abs().sum() > 0


def test_following_the_gradient_makes_it_smaller(case):
    margins = torch.zeros(20, case.width, requires_grad=True)
    before = case.measure(margins, case.targets).mean()
    before.backward()
    after = case.measure(margins - 0.1 * margins.grad, case.targets).mean()
    assert after < before


def test_targets_of_mixed_rows_are_taken(case):
    margins = torch.randn(20, case.width, generator=torch.Generator().manual_seed(1))
    mixed = 0.5 * case.targets + 0.5 * case.targets.flip(0)
    got = case.measure(margins, mixed)
    assert torch.isfinite(got).all()
    if case.kind is not TaskKind.REGRESSION:  # there a loss is linear in its targets
        half = 0.5 * case.measure(margins, case.targets)
        torch.testing.assert_close(
            got, half + 0.5 * case.measure(margins, case.targets.flip(0)), rtol=1e-4, atol=1e-5
        )


def test_weights_of_classes_are_honoured_or_replaced(case):
    if case.kind not in {TaskKind.BINARY, TaskKind.MULTICLASS}:
        assert case.loss.class_weight(case.context, case.rows, {}) is None
        return
    k = len(case.context.task.classes)
    given = np.linspace(1.0, 3.0, k)
    heavy = replace(case.context, class_weight=given)
    told = case.loss.class_weight(heavy, case.rows, {})
    margins = torch.zeros(20, case.width)
    even = case.measure(margins, case.targets)
    weighed = case.loss.prepare(heavy, case.rows, {})(margins, case.targets)
    if np.array_equal(told, given):
        where = case.targets.argmax(1).numpy()
        order = np.argsort(given[where], kind="stable")
        grown = (weighed / even).numpy()[order]
        assert (np.diff(grown) >= -1e-6).all()
        assert grown[-1] > 1.5 * grown[0]
    else:  # it has weights of its own, as its docstring says
        torch.testing.assert_close(weighed, even)
        assert "take" in type(case.loss).__doc__
        assert told.shape == (k,)


@pytest.mark.parametrize(("name", "kind"), REFUSED, ids=str)
def test_what_does_not_fit_is_refused_in_words(name, kind):
    task = trials.table(kind).task
    why = LOSSES[name].load()().refuses(task)
    assert name in why
    assert kind.value in why
    with pytest.raises(SettingError, match="must fit the task") as caught:
        loss_for({"loss": name}, task)
    assert "cross-entropy" in caught.value.hint


@pytest.mark.parametrize("name", LOSSES.names())
def test_settings_out_of_bounds_are_refused(name):
    loss = LOSSES[name].load()()
    task = next(trials.table(kind).task for kind in KINDS if fits(name, kind))
    for parameter in loss.space():
        with pytest.raises(SettingError):
            loss_for({"loss": name, parameter.name: 1e9}, task)
    # Settings of others, whatever they are called, are no affair of the loss.
    assert loss_for({"loss": name, "alpha": 1e9, "rank": "high"}, task).name == name
