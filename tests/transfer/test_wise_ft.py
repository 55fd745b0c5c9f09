"""WiSE-FT: both ends exactly, and never worse on the held-out rows than either."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from automl_nb.core.trials import Cancelled, Deadline
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.mixing import mixed, weights_of
from tests.support import trials, tuning


def choosing(share):
    """A judge that likes the given share best: it is asked for both ends, then downwards."""
    order = iter((1.0, 0.0, 0.75, 0.5, 0.25))

    def judge():
        return {"loss": abs(next(order) - share)}

    return judge


def settled(share, **config):
    tuner, student = tuning.started("wise-ft", **config)
    start = weights_of(student)
    tuning.nudge(student)
    tuned = weights_of(student)
    tuner.settle(student, np.arange(8), choosing(share))
    return student, start, tuned


def test_no_way_from_the_source_is_the_source_with_its_first_head():
    student, start, _ = settled(0.0)
    found = weights_of(student)
    assert all(torch.equal(found[name], start[name]) for name in start)
    assert "head.weight" in start
    source = tuning.source()
    for name, weight in tuning.body(student).items():
        np.testing.assert_array_equal(weight, source[name])
    assert student.note == "0% of the way from the source, loss 0"


def test_all_of_the_way_is_the_tuned_network():
    student, _, tuned = settled(1.0)
    found = weights_of(student)
    assert all(torch.equal(found[name], tuned[name]) for name in tuned)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_between_them_each_weight_is_the_mean_of_both(share):
    student, start, tuned = settled(share)
    for name, found in weights_of(student).items():
        expected = (1 - share) * start[name].double() + share * tuned[name].double()
        torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-7)


def test_on_held_out_rows_it_is_no_worse_than_either_end():
    tuner, student = tuning.started("wise-ft")
    judge = tuning.held_out(student)
    first = judge()["loss"]
    tuning.nudge(student, 0.003)
    last = judge()["loss"]
    tuner.settle(student, np.arange(8), judge)
    assert judge()["loss"] <= min(first, last)


def test_the_tuned_end_is_what_training_came_to_also_where_it_is_worse():
    """Else both ends would be the source, and every point between them."""
    config = {**tuning.SMALL, "lr": 5e-3, "epochs": 2.0, "grid": 4}
    trial = STRATEGIES["wise-ft"].load()().train(trials.texts(), (), config)
    candidate, reports = trials.finish(trial)
    start = reports[0].metrics["loss"]
    assert all(report.metrics["loss"] > start for report in reports[1:])  # so high a rate harms
    share = int(candidate.note.split("% of the way")[0].split()[-1])
    assert share < 100


def test_asked_to_stop_it_keeps_what_was_judged():
    tuner, student = tuning.started("wise-ft")
    tuning.nudge(student)
    tuned, asked = weights_of(student), []

    def judge():
        if asked:
            raise Cancelled("enough")
        asked.append(1)
        return {"loss": 1.0}

    tuner.settle(student, np.arange(8), judge)
    found = weights_of(student)
    assert all(torch.equal(found[name], tuned[name]) for name in tuned)


def test_without_time_only_the_tuned_end_is_judged():
    context = replace(trials.texts(), deadline=Deadline(600.0))
    tuner, student = tuning.started("wise-ft", context)
    student.context = replace(context, deadline=Deadline(0.0))
    judge = choosing(1.0)
    tuner.settle(student, np.arange(8), judge)
    assert judge()["loss"] == 1.0  # the second question, for the source


def test_the_mean_is_exact_at_both_ends():
    first, second = {"w": torch.tensor([0.1, 1e8])}, {"w": torch.tensor([0.7, -3.3])}
    assert torch.equal(mixed(first, second, 0.0)["w"], first["w"])
    assert torch.equal(mixed(first, second, 1.0)["w"], second["w"])
