"""The greedy soup: what goes in, and that it is never worse than its best part."""

import numpy as np
import pytest
import torch

from automl_nb.core.trials import Cancelled
from automl_nb.transfer.crossfit import plain_loss
from automl_nb.transfer.soup import Soup, greedy
from tests.support import trials, tuning

TARGET = torch.tensor([1.0, -2.0, 0.5])


def judged(weights):
    return float((weights["w"] - TARGET).square().sum())


def runs_around(n, seed):
    draws = torch.Generator().manual_seed(seed)
    made = [{"w": TARGET + torch.randn(3, generator=draws)} for _ in range(n)]
    return [(weights, judged(weights)) for weights in made]


def literal(made):
    """Recipe 1 of the paper, with means taken from the list of what is in."""
    order = sorted(made, key=lambda pair: pair[1])
    kept = [order[0][0]["w"]]
    for weights, _ in order[1:]:
        with_it = torch.stack([*kept, weights["w"]]).mean(0)
        if judged({"w": with_it}) <= judged({"w": torch.stack(kept).mean(0)}):
            kept.append(weights["w"])
    return torch.stack(kept).mean(0), len(kept)


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_recipe_and_never_worse_than_the_best(seed):
    made = runs_around(5, seed)
    found, n = greedy(made, judged)
    expected, count = literal(made)
    assert n == count
    torch.testing.assert_close(found["w"], expected, rtol=1e-5, atol=1e-6)
    assert judged(found) <= min(loss for _, loss in made)


def test_asked_to_stop_it_is_the_best_so_far():
    made = runs_around(3, 0)

    def stopped(_):
        raise Cancelled("enough")

    found, n = greedy(made, stopped)
    assert n == 1
    assert torch.equal(found["w"], min(made, key=lambda pair: pair[1])[0]["w"])


def test_without_time_it_is_the_best_run():
    assert greedy(runs_around(3, 0), judged, lambda _: False)[1] == 1


class Watched(Soup):
    """Notes what each run reached, and what its context and settings were."""

    def _poured(self, runs, epochs):
        self.runs = [(run.loss, run.student.context.seed, run.student.config) for run in runs]
        return super()._poured(runs, epochs)


def test_runs_share_their_start_and_differ_in_rate_and_order():
    context = trials.texts()
    tuner = Watched()
    candidate, reports = trials.finish(tuner.train(context, (), tuning.SMALL))
    losses, seeds, configs = zip(*tuner.runs, strict=True)
    assert len(set(seeds)) == len(losses) == 3
    rates = [config["lr"] for config in configs]
    np.testing.assert_allclose(rates, [1e-4, 0.5e-4, 2e-4])
    scored = np.isfinite(candidate.oof).all(axis=1)
    loss = plain_loss(candidate.oof[scored], context.y[scored], context.task)
    assert loss <= min(losses) + 5e-3  # the predictor computes in another number format
    assert "of 3 runs" in candidate.note
    assert reports[-1].resource == pytest.approx(reports[-1].total)


def test_a_short_time_is_for_fewer_runs():
    from automl_nb.transfer.soup import affordable

    assert [affordable(left, 10.0, 3) for left in (100.0, 31.0, 16.0, 1.0)] == [3, 2, 1, 1]
