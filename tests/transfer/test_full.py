"""Full fine-tuning from a random head, and the plain pull to zero."""

from dataclasses import replace

import numpy as np
import pytest

from automl_nb.core.types import Task, TaskKind
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.tuner import rows_of
from tests.support import trials, tuning


def test_its_head_is_drawn_by_the_seed():
    context = trials.texts()
    first, again, other = (
        tuning.started("full", replace(context, seed=seed))[1].linear for seed in (0, 0, 1)
    )
    weights = first.weight.detach().numpy()
    np.testing.assert_array_equal(weights, again.weight.detach().numpy())
    assert not np.array_equal(weights, other.weight.detach().numpy())
    assert weights.std() == pytest.approx(0.02, rel=0.15)
    assert not first.bias.any()


@pytest.mark.parametrize(
    ("kind", "width"), [(TaskKind.BINARY, 1), (TaskKind.MULTICLASS, 3), (TaskKind.MULTILABEL, 3)]
)
def test_its_head_is_as_wide_as_the_task(kind, width):
    names = ("a", "b") if kind is TaskKind.BINARY else ("a", "b", "c")
    context = replace(trials.texts(), task=Task(kind, "label", names))
    assert tuning.started("full", context)[1].linear.out_features == width


def test_a_head_that_was_asked_for_is_used():
    _, asked = tuning.started("full", head="logistic")
    _, usual = tuning.started("finetune")
    np.testing.assert_array_equal(asked.linear.weight.detach(), usual.linear.weight.detach())


def test_it_learns_from_there():
    context = trials.texts()
    _, student = tuning.started("full", context, max_length=24)
    start = tuning.held_out(student)()["loss"]
    config = {**tuning.SMALL, "epochs": 4.0, "max_length": 24}
    _, reports = trials.finish(STRATEGIES["full"].load()().train(context, (), config))
    assert min(report.metrics["loss"] for report in reports) < 0.9 * start


def test_values_start_at_their_mean():
    context = trials.texts()
    values = 1000.0 + 50.0 * (context.y + np.linspace(0, 1, len(context.y)))
    context = replace(context, y=values, task=Task(TaskKind.REGRESSION, "price"))
    _, student = tuning.started("full", context)
    start = student.solved()
    fit, _ = rows_of(context)
    assert start.intercept[0] == pytest.approx(values[fit].mean(), rel=1e-5)
    assert start.coef.std() == pytest.approx(0.02 * values[fit].std(), rel=0.15)


def test_weight_decay_is_in_every_group():
    for config, expected in (({}, 0.1), ({"weight_decay": 0.5}, 0.5)):
        tuner, student = tuning.started("weight-decay", **config)
        decays = {group["weight_decay"] for group in tuner.groups(student)}
        assert decays == {expected}


def test_weight_decay_draws_weights_to_zero():
    context, sizes = tuning.improvable(), []
    for name, config in (("finetune", {}), ("weight-decay", {"weight_decay": 1.0})):
        candidate = trials.trained(name, context, (), **{**tuning.SMALL, "lr": 3e-4, **config})
        weights = tuning.body(candidate.predictor)
        sizes.append(
            sum(
                float((w.astype(np.float64) ** 2).sum())
                for n, w in weights.items()
                if ".dense." in n
            )
        )
    assert sizes[1] < sizes[0]
