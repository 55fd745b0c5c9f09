"""A greedy soup: the mean of several runs' weights, as far as each of them helps.

Runs that start from the same weights and the same head end in the same valley, so their mean
works, and no answer takes longer. The best run comes first; each other one, best first, stays
in the mean if the loss on held-out rows doesn't rise (Wortsman et al. 2022, arXiv 2203.05482,
recipe 1). The time is divided among the runs, which differ in rate and in the order of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.clock import now
from automl_nb.core.space import Int, Space
from automl_nb.core.trials import Cancelled, Decision, Report, TooSlow
from automl_nb.transfer.loop import Outcome
from automl_nb.transfer.mixing import Weights, mixed, put, weights_of
from automl_nb.transfer.resume import noted, recalled
from automl_nb.transfer.tuned import TunedPredictor
from automl_nb.transfer.tuner import Judge, Tuner, judging_s, network_in_time

if TYPE_CHECKING:
    from automl_nb.transfer.attempt import Attempt
    from automl_nb.transfer.base import TrialContext
    from automl_nb.transfer.student import Student
    from automl_nb.transfer.tuning import Network

_RATES = (1.0, 0.5, 2.0)  # of each run, in units of the usual rate
_WORTH = 1.5  # epochs that a run should have, or there are fewer runs


@dataclass
class _Run:
    """What a run of the soup reached.

    Attributes:
        student: Its network.
        judge: Judges this network.
        weights: The best ones of the run.
        loss: Theirs on held-out rows.
        reached: By the loop.
    """

    student: Student
    judge: Judge
    weights: Weights
    loss: float
    reached: Outcome


class Soup(Tuner):
    """Strategy ``soup``: the usual recipe two or three times, and the mean of what helps."""

    name = "soup"

    def space(self) -> Space:
        """How many runs; fewer where the time doesn't suffice."""
        return Space((Int("runs", 2, 3, 3, summary="runs that share the time"),))

    def network(self, context: TrialContext, config: dict[str, Any], fit: np.ndarray) -> Network:
        """Texts as long as leave time for several runs."""
        part = replace(context, deadline=_part_of(context, self.setting(config, "runs")))
        try:
            return network_in_time(part, config, fit)
        except TooSlow:
            return super().network(context, config, fit)

    def settling_s(self, network: Network, judge: np.ndarray) -> float:
        """One look at the mean with this run in it."""
        return judging_s(network, judge)

    def _tried(
        self, attempt: Attempt
    ) -> Generator[Report, Decision, tuple[Outcome, TunedPredictor, str]]:
        context, epoch_s = attempt.context, attempt.network.estimate_epoch_s(attempt.fit)
        wanted = self.setting(attempt.config, "runs")
        planned = recalled(context, "runs")
        if planned is None:
            planned = affordable(context.deadline.left, epoch_s, wanted)
            noted(context, "runs", planned)
        runs: list[_Run] = []
        sofar = _Progress(planned)
        while len(runs) < planned and not sofar.stopped:
            one = self._varied(attempt, len(runs), planned)
            try:
                student, reached, judge = yield from sofar.passing_on(self.taught(one))
            except (TooSlow, Cancelled) as error:
                if not runs and planned > 1 and isinstance(error, TooSlow):
                    planned = sofar.planned = 1  # all of the time for one
                    noted(context, "runs", planned)
                    continue
                if not runs:
                    raise
                break
            finally:
                context.deadline.pressed |= one.context.deadline.pressed
            loss = reached.metrics["loss"]
            runs.append(_Run(student, judge, weights_of(student), loss, reached))
            sofar.epochs += reached.epochs
        return self._poured(runs, sofar.epochs)

    def _varied(self, attempt: Attempt, number: int, planned: int) -> Attempt:
        """One of the runs: its part of the time, its rate and seed."""
        context, config = attempt.context, attempt.config
        inner = context.part(
            f"run-{number}",
            deadline=_part_of(context, planned - number),
            seed=context.seed + 1009 * number,
        )
        rate = float(config.get("lr", attempt.network.rate)) * _RATES[number]
        return replace(attempt, context=inner, config={**config, "lr": rate})

    def _poured(self, runs: list[_Run], epochs: float) -> tuple[Outcome, TunedPredictor, str]:
        """The predictor with the mean of the runs that help."""
        vessel = runs[0]

        def judged(weights: Weights) -> float:
            put(vessel.student, weights)
            return vessel.judge()["loss"]

        made = [(run.weights, run.loss) for run in runs]
        weights, n = greedy(made, judged, vessel.student.context.deadline.allows)
        put(vessel.student, weights)
        student = vessel.student
        tuned = student.network.encoder_with(student.backbone)
        note = f"the mean of {n} of {len(runs)} runs"
        reached = replace(vessel.reached, epochs=epochs)
        return reached, TunedPredictor(tuned, student.solved()), note


def affordable(left_s: float, epoch_s: float, wanted: int) -> int:
    """How many runs of an epoch and a half at least fit, one at least.

    Example:
        >>> affordable(60.0, 10.0, 3), affordable(40.0, 10.0, 3), affordable(5.0, 10.0, 3)
        (3, 2, 1)
    """
    return int(np.clip(left_s / max(1e-9, _WORTH * epoch_s), 1, wanted))


def greedy(
    made: list[tuple[Weights, float]],
    judged: Callable[[Weights], float],
    allows: Callable[[float], bool] = lambda _: True,
) -> tuple[Weights, int]:
    """The mean of the best weights and of those that don't worsen it, and their number.

    Args:
        made: Weights of each run with their held-out loss.
        judged: The held-out loss of other weights; may raise `Cancelled`, which ends the search.
        allows: Whether there is time for so many seconds more.
    """
    (soup, least), *others = sorted(made, key=lambda pair: pair[1])
    n, cost = 1, 0.0
    for weights, _ in others:
        if not allows(cost):
            break
        began = now()
        richer = mixed(soup, weights, 1.0 / (n + 1))
        try:
            loss = judged(richer)
        except Cancelled:
            break
        cost = now() - began
        if loss <= least:
            soup, least, n = richer, loss, n + 1
    return soup, n


class _Progress:
    """Reports of several runs as those of one trial."""

    def __init__(self, planned: int) -> None:
        self.planned, self.epochs, self.stopped = planned, 0.0, False
        self._done = 0
        self._began = now()

    def passing_on(self, run: Generator[Report, Decision, Any]) -> Generator[Report, Decision, Any]:
        """A run's reports, counted on from the runs before; remembers if told to stop."""
        try:
            report = next(run)
            while True:
                decision = yield self._counted_on(report)
                self.stopped = self.stopped or decision is Decision.STOP
                report = run.send(decision)
        except StopIteration as end:
            self._done += 1
            return end.value

    def _counted_on(self, report: Report) -> Report:
        return replace(
            report,
            resource=self.epochs + report.resource,
            total=self.epochs + report.total * (self.planned - self._done),
            elapsed_s=now() - self._began,
        )


def _part_of(context: TrialContext, parts: int) -> Any:
    """A deadline after one of so many equal parts of the time left."""
    deadline = context.deadline
    left = max(0.0, deadline.left)
    return deadline.sooner(left - left / parts)
