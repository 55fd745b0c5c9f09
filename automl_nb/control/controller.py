"""The loop of a search: ask what to try, see whether it can end in time, try it, tell how it went.

It knows neither networks nor rows. What is tried is a callback; what is left of the budget, how
long a trial of its kind took before, and whether anything got better lately decide when it ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automl_nb.core.clock import now
from automl_nb.core.show.words import count, duration
from automl_nb.core.trials import Deadline
from automl_nb.search.beside_random import beside, drawn, is_watched, n_starts
from automl_nb.search.study import Study
from automl_nb.search.tried import Proposal, State

_MARGIN = 1.3  # trials of one kind differ in length
_REFUSED = 8  # proposals in a row that would not end in time, after which the time is over
_NEVER = 1e-4  # a smaller gain is none


@dataclass(frozen=True)
class Limits:
    """When a search ends.

    Attributes:
        deadline: When its last trial must have ended.
        trials: Most trials; None for no limit.
        patience_s: Seconds without a better trial after which it ends; None for no limit.
    """

    deadline: Deadline
    trials: int | None = None
    patience_s: float | None = None


@dataclass(frozen=True)
class Outcome:
    """How a trial ended: its value, or none where it failed, was pruned or skipped."""

    value: float | None
    state: State = State.DONE


@dataclass
class Costs:
    """What trials of each kind took, to tell what the next will take.

    Example:
        >>> costs = Costs()
        >>> costs.add("svm", 2.0)
        >>> costs.add("svm", 4.0)
        >>> costs.expected("svm"), costs.expected("mlp")
        (4.0, 0.0)
    """

    _longest: dict[str, list[float]] = field(default_factory=dict)

    def add(self, kind: str, seconds: float) -> None:
        """A trial of this kind took so long."""
        self._longest.setdefault(kind, []).append(seconds)

    def expected(self, kind: str) -> float:
        """The longest of the last five; 0 where nothing is known yet."""
        return max(self._longest.get(kind, [0.0])[-5:])


class Controller:
    """Runs a study's trials one after the other.

    Args:
        study: Proposes.
        attempt: Carries a proposal out.
        limits: When it ends.
        kind: Trials of one kind take about the same time.
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
        is_over: Callable[[], str] = lambda: "",
        told: Callable[[Proposal, Outcome, float], None] = lambda *_: None,
    ) -> None:
        self.study, self.attempt, self.limits = study, attempt, limits
        self.kind, self.is_over, self.told = kind, is_over, told
        self.costs = Costs()
        self.tried = 0
        self._best, self._improved = math.nan, now()
        self._number = 0  # of the next trial
        self._starts: int | None = None  # trials before the searcher's first
        for earlier in study.trials:
            self._number = earlier.number + 1
            self.tried += 1
            self.costs.add(kind(earlier.config), earlier.seconds)
            if earlier.state is State.DONE and self._is_better(earlier.values[0]):
                self._best = earlier.values[0]

    @property
    def beside_random(self) -> str:
        """A sentence on how the searcher did beside its random trials; empty where it had none."""
        if not is_watched(self.study.searcher):
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
                return "Everything in the space was tried."
            kind = self.kind(proposal.config)
            if not self.limits.deadline.allows(_MARGIN * self.costs.expected(kind)):
                self.study.tell(proposal.number, None, State.FAILED)  # it was never begun
                self.told(proposal, Outcome(None, State.FAILED), 0.0)
                refused += 1
                continue
            refused = 0
            self._carry_out(proposal, kind)
        return why

    def _next(self) -> Proposal | None:
        """What waits; behind it the searcher begins, which may have random trials beside it."""
        if not self.study.waiting:
            if self._starts is None:
                self.study = self.study.priced()
                self._starts = n_starts(self.study.trials)
            if is_watched(self.study.searcher):
                number, space = self._number, self.study.space
                config = drawn(space, self.study.seed, number, self._starts)
                if config is not None:
                    self.study.enqueue(config)
        proposal = self.study.ask()
        self._number += proposal is not None
        return proposal

    def _carry_out(self, proposal: Proposal, kind: str) -> None:
        began = now()
        outcome = self.attempt(proposal)
        seconds = now() - began
        self.costs.add(kind, seconds)
        self.tried += 1
        state = self.study.tell(proposal.number, outcome.value, outcome.state, seconds=seconds)
        self.told(proposal, Outcome(outcome.value, state), seconds)
        if state is State.DONE and outcome.value is not None and self._is_better(outcome.value):
            self._best, self._improved = outcome.value, now()

    def _is_better(self, value: float) -> bool:
        if math.isnan(self._best):
            return True
        gain = value - self._best
        gain = gain if self.study.directions == ("maximize",) else -gain
        return gain > _NEVER * max(1.0, abs(self._best))

    def _ended(self, refused: int) -> str:
        limits = self.limits
        if why := self.is_over():
            return why
        if limits.trials is not None and self.tried >= limits.trials:
            return f"{count(limits.trials, 'trial')} were asked for."
        if refused >= _REFUSED or limits.deadline.left <= 0.0:
            return "The time is over: no further trial would end in it."
        quiet = now() - self._improved
        if limits.patience_s is not None and quiet > limits.patience_s:
            return f"Nothing got better for {duration(limits.patience_s)}."
        return ""
