"""The loop of a search: ask what to try, see whether it can end in time, try it, tell how it went.

It knows neither networks nor rows. What is tried is a callback; what is left of the budget, how
long a trial of its kind took before, and whether anything got better lately decide when it ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from automl_nb.control.record import Record
from automl_nb.core.clock import now
from automl_nb.core.show.words import count, duration
from automl_nb.core.trials import Deadline
from automl_nb.search.beside_random import beside, drawn, is_watched, n_starts
from automl_nb.search.study import Study
from automl_nb.search.tried import Proposal, State

_MARGIN = 1.3  # trials of one kind differ in length
_REFUSED = 8  # proposals in a row that would not end in time, after which the time is over
NO_TIME = "The time is over: no further trial would end in it."
_STEPS = 1000  # of a whole trial, as a study counts them


@dataclass(frozen=True)
class Limits:
    """When a search ends.

    Attributes:
        deadline: When its last trial must have ended.
        trials: Most trials; None for no limit.
        patience_s: Seconds without a better trial after which it ends; None for no limit.
        trial_s: Seconds that a trial is given at most, asked anew for each.
        least_s: Seconds that a trial of a configuration takes in any case, likewise; with less
            left it isn't begun, whatever a trial is given.
    """

    deadline: Deadline
    trials: int | None = None
    patience_s: float | None = None
    trial_s: Callable[[], float] = lambda: math.inf
    least_s: Callable[[Mapping[str, Any]], float] = lambda _: 0.0


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Attributes:
        value: Its value (one for each of several objectives), or none where it failed or was
            skipped; the last one of a pruned trial.
        state: done, pruned or failed.
        reports: What a scheduler heard: (share of the whole trial, value).
    """

    value: float | Sequence[float] | None
    state: State = State.DONE
    reports: tuple[tuple[float, float], ...] = ()

    @property
    def values(self) -> tuple[float, ...]:
        """One for each objective; none without a value."""
        if self.value is None:
            return ()
        return tuple(self.value) if isinstance(self.value, Sequence) else (self.value,)


def steps(reports: Iterable[tuple[float, float]]) -> dict[int, float]:
    """Reports as a study has them: the last finite value at each thousandth of a trial.

    Example:
        >>> steps([(0.0, 0.9), (0.5, 0.7), (0.5001, 0.6), (0.9, math.nan)])
        {0: 0.9, 500: 0.6}
    """
    return {round(_STEPS * share): value for share, value in reports if math.isfinite(value)}


@dataclass
class Costs:
    """What trials of each kind took for a unit of work, to tell what the next will take.

    Attributes:
        first: What the first of a kind is thought to take, where that is known.

    Example:
        >>> costs = Costs({"mlp": 9.0})
        >>> costs.add("svm", 2.0)
        >>> costs.add("svm", 4.0)
        >>> costs.expected("svm"), costs.expected("mlp"), costs.expected("knn")
        (4.0, 9.0, 0.0)
    """

    first: Mapping[str, float] = field(default_factory=dict)
    _longest: dict[str, list[float]] = field(default_factory=dict)

    def add(self, kind: str, seconds: float) -> None:
        """A trial of this kind took so long for each unit of its work."""
        self._longest.setdefault(kind, []).append(seconds)

    def expected(self, kind: str) -> float:
        """The longest of the last five; before one was tried what is thought, 0 if nothing is."""
        return max(self._longest.get(kind, [self.first.get(kind, 0.0)])[-5:])


class Controller:
    """Runs a study's trials one after the other.

    Args:
        study: Proposes.
        attempt: Carries a proposal out.
        limits: When it ends.
        kind: Trials of one kind take about the same time for the same work.
        work: How much there is to do in a trial, in any unit.
        first_s: Seconds that the first trial of a kind is thought to take for a unit of work.
        is_over: Asked between trials; a sentence ends the search.
        told: Hears how each trial came out, the study's state of it included.

    Attributes:
        study: Proposes; another one of the same trials once it is known what they cost.
        tried: Trials so far; those of the study before it was interrupted are among them.
    """

    def __init__(
        self,
        study: Study,
        attempt: Callable[[Proposal], Outcome],
        limits: Limits,
        *,
        kind: Callable[[Mapping[str, Any]], str] = lambda _: "",
        work: Callable[[Mapping[str, Any]], float] = lambda _: 1.0,
        first_s: Mapping[str, float] | None = None,
        is_over: Callable[[], str] = lambda: "",
        told: Callable[[Proposal, Outcome, float], None] = lambda *_: None,
    ) -> None:
        self.study, self.attempt, self.limits = study, attempt, limits
        self.kind, self.work, self.is_over, self.told = kind, work, is_over, told
        self.costs = Costs(first_s or {})
        self.tried = 0
        self._record, self._improved = Record(study.directions), now()
        self._number = 0  # of the next trial
        self._starts: int | None = None  # trials before the searcher's first
        for earlier in study.trials:
            self._number = earlier.number + 1
            if not earlier.was_begun:
                continue  # it is no trial, and says nothing of what one costs
            self.tried += 1
            self._cost(earlier.config, earlier.seconds, earlier.state)
            if earlier.state is State.DONE:
                self._record.hear(earlier.values)

    @property
    def _is_watched(self) -> bool:
        """A front has no record that two searchers could be compared by."""
        return len(self.study.directions) == 1 and is_watched(self.study.searcher)

    @property
    def beside_random(self) -> str:
        """A sentence on how the searcher did beside its random trials; empty where it had none."""
        if not self._is_watched:
            return ""
        minimise = self.study.directions == ("minimize",)
        return beside(self.study.trials, minimise=minimise).sentence(self.study.searcher)

    def run(self) -> str:
        """Go on until an end; returns why it came, as a sentence."""
        refused = 0
        self._improved = now()
        while not (why := self._ended(refused)):
            proposal = self._next()
            if proposal is None:
                return self.study.fault or (NO_TIME if refused else self.study.all_tried)
            if not self.limits.deadline.allows(_MARGIN * self._expected(proposal.config)):
                self.study.tell(proposal.number, None, State.FAILED)  # it was never begun
                self.told(proposal, Outcome(None, State.FAILED), 0.0)
                refused += 1
                continue
            refused = 0
            self._carry_out(proposal)
        return why

    def _next(self) -> Proposal | None:
        """What waits; behind it the searcher begins, which may have random trials beside it."""
        if not self.study.waiting:
            if self._starts is None:
                self.study = self.study.priced()
                self._starts = n_starts(self.study.trials)
            if self._is_watched:
                number, space = self._number, self.study.space
                config = drawn(space, self.study.seed, number, self._starts)
                if config is not None and self.study.is_tried(config):
                    config = self.study.untried(number)
                if config is not None:
                    self.study.enqueue(config)
        proposal = self.study.ask()
        self._number += proposal is not None
        return proposal

    def _expected(self, config: Mapping[str, Any]) -> float:
        """Seconds that a trial will take."""
        needed = self.costs.expected(self.kind(config)) * self.work(config)
        return max(min(needed, self.limits.trial_s()), self.limits.least_s(config))

    def _cost(self, config: Mapping[str, Any], seconds: float, state: State) -> None:
        """Learn from what a trial took; one that was ended early says nothing of a whole one."""
        if state is not State.PRUNED:
            self.costs.add(self.kind(config), seconds / self.work(config))

    def _carry_out(self, proposal: Proposal) -> None:
        began = now()
        outcome = self.attempt(proposal)
        seconds = now() - began
        self.tried += 1
        for step, value in steps(outcome.reports).items():
            self.study.report(proposal.number, step, value)
        state = self.study.tell(proposal.number, outcome.value, outcome.state, seconds=seconds)
        self._cost(proposal.config, seconds, state)
        self.told(proposal, replace(outcome, state=state), seconds)
        if state is State.DONE and outcome.values and self._record.hear(outcome.values):
            self._improved = now()

    def _ended(self, refused: int) -> str:
        limits = self.limits
        if why := self.is_over():
            return why
        if limits.trials is not None and self.tried >= limits.trials:
            return f"{count(limits.trials, 'trial')} were asked for."
        if refused >= _REFUSED or limits.deadline.left <= 0.0:
            return NO_TIME
        quiet = now() - self._improved
        if limits.patience_s is not None and quiet > limits.patience_s:
            return f"Nothing got better for {duration(limits.patience_s)}."
        return ""
