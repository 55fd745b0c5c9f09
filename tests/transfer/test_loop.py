"""The training loop: what it keeps, when it ends, and what it does without memory."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from automl_nb.core.trials import Cancelled, CancelToken, Deadline, Decision, TooSlow
from automl_nb.transfer.loop import Lesson, length_mixed_batches, train, with_less_memory
from tests.support import trials


def regression(epochs=4.0, judge=None) -> tuple[nn.Linear, Lesson]:
    """Learn a plane from 64 rows in batches of 8."""
    torch.manual_seed(0)
    X = torch.randn(64, 5)
    y = X @ torch.tensor([[1.0], [-2.0], [0.5], [0.0], [3.0]])
    module = nn.Linear(5, 1)

    def batches(epoch):
        order = torch.randperm(64, generator=torch.Generator().manual_seed(epoch))
        return [(X[rows], y[rows]) for rows in order.split(8)]

    def loss(inputs, targets):
        return nn.functional.mse_loss(module(inputs), targets)

    def judged():
        with torch.no_grad():
            return {"loss": float(nn.functional.mse_loss(module(X), y))}

    task = Lesson(
        module=module,
        groups=[{"params": list(module.parameters()), "lr": 0.1}],
        batches=batches,
        loss=loss,
        judge=judge or judged,
        steps_an_epoch=8,
        epochs=epochs,
        least_epochs=1.0,
        judge_share=0.1,
    )
    return module, task


def running(task, *, seconds=600.0, token=None):
    return train(
        task,
        trial_id="trial",
        device="cpu",
        mixed="no",
        deadline=Deadline(seconds),
        cancel=token or CancelToken(),
    )


def test_it_learns():
    module, task = regression(epochs=12.0)
    before = task.judge()["loss"]
    outcome, reports = trials.finish(running(task))
    assert outcome.metrics["loss"] < 0.05 * before
    assert 1.0 < outcome.epochs <= 12.0
    assert not outcome.wanted
    assert [report.resource for report in reports] == sorted(r.resource for r in reports)
    assert "train_loss" in reports[-1].metrics
    assert not module.training


def test_the_best_judged_weights_are_kept():
    seen = []

    def judge():
        values = [3.0, 1.0, 2.0, 2.5, 2.5, 2.5, 2.5, 2.5]
        seen.append((values[len(seen)], module.weight.detach().clone()))
        return {"loss": seen[-1][0]}

    module, task = regression(judge=judge)
    outcome, _ = trials.finish(running(task))
    assert outcome.metrics["loss"] == 1.0
    assert outcome.start == {"loss": 3.0}
    torch.testing.assert_close(module.weight.detach(), seen[1][1])


def test_it_ends_when_nothing_improves():
    _, task = regression(epochs=50.0, judge=lambda: {"loss": 1.0})
    outcome, reports = trials.finish(running(task))
    assert outcome.epochs < 50.0
    assert len(reports) == 6  # the start, the first, and four that are no better


def test_the_start_is_judged_and_kept_if_nothing_is_better():
    module, task = regression(judge=lambda: {"loss": 1.0})
    before = module.weight.detach().clone()
    outcome, reports = trials.finish(running(task))
    assert reports[0].resource == 0.0
    assert reports[0].metrics == {"loss": 1.0}
    assert outcome.start == outcome.metrics == {"loss": 1.0}
    assert torch.equal(module.weight, before)


def test_the_start_and_the_end_are_told():
    _, task = regression(epochs=12.0)
    before = task.judge()["loss"]
    outcome, reports = trials.finish(running(task))
    assert outcome.start["loss"] == reports[0].metrics["loss"] == before
    assert outcome.metrics["loss"] < before


def test_the_start_of_a_short_budget_is_not_judged():
    _, task = regression()
    outcome, reports = trials.finish(running(replace(task, judge_s=40.0), seconds=600.0))
    assert outcome.start is None  # 40 s are more than a twentieth of 600 s
    assert reports[0].resource > 0.0


def test_training_that_catches_up_with_its_start_is_not_given_up():
    losses = iter([0.4, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3, 0.2])
    _, task = regression(epochs=3.5, judge=lambda: {"loss": next(losses)})
    outcome, reports = trials.finish(running(task))
    assert len(reports) == 8
    assert outcome.metrics["loss"] == 0.2


def test_the_same_seed_gives_the_same_weights():
    weights = []
    for _ in range(2):
        module, task = regression()
        trials.finish(running(task))
        weights.append(module.weight.detach().clone())
    assert torch.equal(*weights)


def test_told_to_stop_it_keeps_the_best():
    _, task = regression(epochs=20.0)
    before = task.judge()
    outcome, reports = trials.finish(running(task), Decision.STOP)
    assert len(reports) == 1
    assert outcome.metrics == before  # the start is a model, too


def test_cancelled_before_anything_was_judged_it_raises():
    token = CancelToken()
    token.cancel("enough")
    _, task = regression()
    with pytest.raises(Cancelled, match="enough"):
        trials.finish(running(task, token=token))


def test_cancelled_while_judging_it_keeps_what_was_judged_before():
    token, seen = CancelToken(), []

    def judge():
        seen.append(module.weight.detach().clone())
        if len(seen) == 2:
            token.cancel("enough")
            token.check()
        return {"loss": 1.0}

    module, task = regression(judge=judge)
    outcome, reports = trials.finish(running(task, token=token))
    assert outcome.metrics["loss"] == 1.0
    assert len(reports) == 1
    torch.testing.assert_close(module.weight.detach(), seen[0])


def test_a_schedule_that_cannot_end_in_time_is_refused():
    _, task = regression(epochs=1e7)
    with pytest.raises(TooSlow):
        trials.finish(running(replace(task, least_epochs=1e7), seconds=30.0))


def test_slow_first_steps_do_not_cost_the_rest_of_the_time(monkeypatch):
    now, steps = [1000.0], []
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    _, task = regression(epochs=20.0)

    def slowly(inputs, targets):
        now[0] += 0.4 if len(steps) < 10 else 0.1
        steps.append(len(inputs))
        return task.loss(inputs, targets)

    outcome, _ = trials.finish(running(replace(task, loss=slowly, judge_share=0.0), seconds=14.0))
    assert outcome.epochs > 11.0  # of 13.75: 4 s for ten steps, 0.1 s for each of 100 others
    assert outcome.wanted == 20.0
    assert now[0] - 1000.0 <= 14.0


def test_long_batches_at_first_do_not_foretell_long_ones_later(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    _, task = regression(epochs=20.0)
    lengths = [40.0] * 10 + [10.0] * 150  # 160 steps, whose mean is 11.9
    costs = iter(lengths)

    def batches(epoch):
        return [((inputs, next(costs)), targets) for inputs, targets in task.batches(epoch)]

    def loss(inputs, targets):
        now[0] += inputs[1] / 100
        return task.loss(inputs[0], targets)

    told = replace(
        task,
        loss=loss,
        batches=batches,
        judge_share=0.0,
        least_epochs=15.0,  # of the 20; ten steps of 0.4 s alone would foretell 64 s
        work=lambda inputs: inputs[1] / np.mean(lengths),
    )
    outcome, _ = trials.finish(running(told, seconds=22.0))
    assert outcome.epochs >= 15.0
    assert now[0] - 1000.0 <= 22.0
    costs = iter(lengths)
    with pytest.raises(TooSlow):
        trials.finish(running(replace(told, work=lambda _: 1.0), seconds=22.0))


def test_steps_over_several_batches_are_those_of_one_large_batch():
    module, task = regression(epochs=2.0)
    trials.finish(running(task))
    pairs, small_task = regression(epochs=2.0)

    def halves(epoch):
        for inputs, targets in task.batches(epoch):
            yield from zip(inputs.split(4), targets.split(4), strict=True)

    small = replace(small_task, batches=halves, accumulate=2)
    outcome, _ = trials.finish(running(small))
    assert outcome.epochs == pytest.approx(2.0)
    torch.testing.assert_close(pairs.weight, module.weight, rtol=0.05, atol=0.05)


def test_untrained_parameters_stay():
    module, task = regression()
    module.bias.requires_grad_(False)
    before = module.bias.detach().clone()
    task = replace(task, groups=[{"params": [module.weight], "lr": 0.1}])
    trials.finish(running(task))
    assert torch.equal(module.bias, before)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_without_memory_smaller_batches_are_tried(error):
    tried = []

    def attempt(size, accumulate):
        tried.append((size, accumulate))
        if size > 4:
            raise error
        yield from ()
        return size

    result, _ = trials.finish(with_less_memory(attempt, 16))
    assert result == 4
    assert tried == [(16, 1), (8, 2), (4, 4)]


def test_single_rows_that_do_not_fit_are_tried_with_whatever_can_be_spared():
    tried, spared = [], iter([True, True, False])

    def attempt(size, accumulate):
        tried.append((size, accumulate))
        if len(tried) < 4:
            raise MemoryError
        yield from ()
        return size

    result, _ = trials.finish(with_less_memory(attempt, 2, spare=lambda: next(spared)))
    assert result == 1
    assert tried == [(2, 1), (1, 2), (1, 2), (1, 2)]
    assert next(spared) is False  # asked only when single rows failed


def test_when_nothing_more_can_be_spared_it_says_so():
    spared = iter([True, False])

    def attempt(size, accumulate):
        raise MemoryError("9 GiB")
        yield

    with pytest.raises(MemoryError, match="9 GiB"):
        trials.finish(with_less_memory(attempt, 4, spare=lambda: next(spared)))
    assert next(spared, None) is None


def test_if_the_smallest_batch_does_not_fit_it_says_so():
    def attempt(size, accumulate):
        raise RuntimeError("out of memory: tried to allocate 9 GiB")
        yield

    with pytest.raises(MemoryError, match="9 GiB"):
        trials.finish(with_less_memory(attempt, 2))


def test_other_failures_are_no_lack_of_memory():
    def attempt(size, accumulate):
        raise RuntimeError("shapes differ")
        yield

    with pytest.raises(RuntimeError, match="shapes differ"):
        trials.finish(with_less_memory(attempt, 2))


def test_batches_hold_every_row_once_and_rows_alike():
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 200, 1000)
    rows = np.arange(100, 900)
    batches = length_mixed_batches(lengths, rows, 16, rng)
    assert sorted(np.concatenate(batches)) == list(rows)
    spread = np.mean([np.ptp(lengths[batch]) for batch in batches])
    assert spread < 0.2 * np.ptp(lengths)


def test_a_step_of_infinite_gradients_is_left_out(monkeypatch):
    from automl_nb.transfer import loop

    own = loop._accelerator

    def scaling(device, mixed):
        """What Accelerate does for float16, which it refuses on a CPU."""
        accelerator = own(device, mixed)
        accelerator.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**24)
        accelerator.state._mixed_precision, accelerator.native_amp = "fp16", True
        return accelerator

    monkeypatch.setattr(loop, "_accelerator", scaling)
    module, task = regression(epochs=12.0)
    _, reports = trials.finish(running(task))
    assert torch.isfinite(module.weight).all()
    assert reports[-1].metrics["loss"] < 0.1 * reports[0].metrics["loss"]
