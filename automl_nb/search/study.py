"""A study: asks a searcher what to try, hears how it went, and can be rebuilt from a journal."""

from __future__ import annotations

import math
import statistics
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from automl_nb.core.errors import AutoMLError, SettingError
from automl_nb.core.space import Space
from automl_nb.search.book import Book
from automl_nb.search.optuna_study import OptunaStudy, outcome
from automl_nb.search.sampler import sampler_of
from automl_nb.search.tried import Proposal, State, Tried

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

R = TypeVar("R")
DIRECTIONS = ("maximize", "minimize")
_PROPOSALS = 3  # of settings that were tried before, after which others are drawn at random
_MOST_SAID = 300  # letters of what a searcher failed by


class Study:
    """A search over a space: `ask`, `report` and `tell`, with any number of trials at a time.

    The same seed and the same told values give the same proposals. Settings that were tried before
    aren't proposed again: the searcher hears what is known of them and is asked anew, a few times;
    then others are drawn at random. Safe to call from several threads.

    Args:
        space: What is searched.
        searcher: A name of the catalogue, or any Optuna sampler, of which it uses a copy.
        seed: Seeds every proposal.
        direction: ``"maximize"`` or ``"minimize"``; one for each of several objectives.
        n_trials: How many trials there may be, for ``searcher="auto"``; None if unknown.
        trial_s: Seconds that a trial takes, likewise.

    Attributes:
        searcher: The name of the searcher that is used.
        why: A sentence that says why, where it was chosen.
        seed: As given.
        fault: A sentence where the searcher has failed, which ends the search; else "".

    Raises:
        UnknownNameError: There is no such searcher.
        SettingError: A setting makes no sense, or the searcher follows one objective alone.

    Example:
        >>> from automl_nb.core.space import Float
        >>> study = Study(Space((Float("x", -1.0, 1.0, 0.5),)), "random", seed=0)
        >>> for _ in range(20):
        ...     trial = study.ask()
        ...     _ = study.tell(trial.number, -(trial.config["x"] ** 2))
        >>> study.best.values[0] > -0.1
        True
    """

    def __init__(
        self,
        space: Space,
        searcher: str | BaseSampler = "auto",
        *,
        seed: int = 0,
        direction: str | Sequence[str] = "maximize",
        n_trials: int | None = None,
        trial_s: float | None = None,
    ) -> None:
        self.space, self.seed = space, seed
        self.directions = (direction,) if isinstance(direction, str) else tuple(direction)
        _check(self.directions, seed)
        self._asked: dict[str, Any] = {
            "searcher": searcher,
            "n_trials": n_trials,
            "trial_s": trial_s,
            "seed": seed,
        }
        work = {"n_trials": n_trials, "trial_s": trial_s, "n_objectives": len(self.directions)}
        sampler = sampler_of(space, searcher, seed, work)
        self.searcher: str = getattr(sampler, "name", type(sampler).__name__)
        self.why: str = getattr(sampler, "why", "")
        self.fault = ""
        self._heard = OptunaStudy(space, sampler, self.directions)
        self._queue: deque[dict[str, Any]] = deque()
        self._book = Book()
        self._lock = threading.RLock()

    def enqueue(self, config: Mapping[str, Any]) -> None:
        """Have this configuration proposed next, behind those that already wait.

        Args:
            config: Values of some parameters; the others take their usual one.

        Raises:
            UnknownNameError: There is no such parameter.
            SettingError: A value lies outside of what is searched.
        """
        made = self.space.configuration(config)
        outside = {name: v for name, v in made.items() if not self.space[name].holds(v)}
        if outside:
            raise SettingError(
                "A configuration that is given lies within the search space.",
                received=outside,
                hint="Widen the space, or leave these out.",
            )
        with self._lock:
            self._queue.append(made)

    def ask(self) -> Proposal | None:
        """What to try next; None if everything was tried, or the searcher has failed."""
        from automl_nb.search.bridge import quiet

        with self._lock, quiet():
            if self.fault:
                return None
            return self._guarded(self._next)

    def is_tried(self, config: Mapping[str, Any]) -> bool:
        """Whether these settings were tried or are being tried; not if it was never begun."""
        with self._lock:
            return self._book.number_of(config) is not None

    def untried(self, number: int) -> dict[str, Any] | None:
        """Settings drawn at random among those that weren't tried; None where all were.

        Args:
            number: Draws, together with the seed.
        """
        from automl_nb.search.repeats import untried

        return untried(self.space, self.is_tried, np.random.default_rng([self.seed, 7, number]))

    @property
    def all_tried(self) -> str:
        """That there is nothing left to try, as a sentence."""
        from automl_nb.search.repeats import is_used_up

        n_tried = self._book.n_different
        whole = not self.space.free or is_used_up(self.space, n_tried, self.is_tried)
        return f"All {n_tried} settings of the {'space' if whole else 'grid'} were tried."

    @property
    def waiting(self) -> int:
        """How many configurations were given and not yet proposed."""
        with self._lock:
            return len(self._queue)

    def report(self, number: int, step: int, value: float) -> None:
        """A value on the way of a running trial; one that is no finite number is left out.

        Args:
            number: The trial's.
            step: How far it has come: epochs, folds or rows.
            value: In the unit of the objective.

        Raises:
            SettingError: There is no such running trial.
        """
        with self._lock:
            place = self._running(number)
            if math.isfinite(value):
                self._heard.report(place, step, float(value))

    def tell(
        self,
        number: int,
        value: float | Sequence[float] | None = None,
        state: State | str = State.DONE,
        *,
        seconds: float = 0.0,
    ) -> State:
        """How a trial ended.

        A value that is no finite number makes it a failed one, and searchers leave those out.
        Of a trial that was pruned the last report counts.

        Args:
            number: The trial's.
            value: One for each objective; None where there is none.
            state: done, pruned or failed.
            seconds: How long it took; 0 if unknown.

        Returns:
            The state that counts.

        Raises:
            SettingError: There is no such running trial, or not one value for each objective.
        """
        from automl_nb.search.bridge import quiet

        with self._lock, quiet():
            place = self._running(number)
            values, state = outcome(value, State(state), self.directions)
            # The trial is told of all the same.
            self._guarded(lambda: self._heard.tell(place, values, state, seconds))
            if state is State.FAILED and not seconds > 0:  # it was never begun
                self._book.forget(number, self._heard.tried(place).config)
        return state

    @property
    def trials(self) -> list[Tried]:
        """All trials, by number."""
        with self._lock:
            found = self._heard.all_tried()
            return [
                replace(found[one.place], number=number, given=one.given, passed=one.passed)
                for number, one in enumerate(self._book.entries)
            ]

    @property
    def best(self) -> Tried | None:
        """The best trial that is done, or None.

        Raises:
            SettingError: There are several objectives: see `front`.
        """
        if len(self.directions) > 1:
            raise SettingError(
                "The best trial is that of one objective.",
                received=f"{len(self.directions)} objectives",
                hint="study.front holds the trials that no other one betters in all of them.",
            )
        done = [trial for trial in self.trials if trial.state is State.DONE]
        choose = max if self.directions[0] == "maximize" else min
        return choose(done, key=lambda trial: trial.values[0], default=None)

    @property
    def front(self) -> list[Tried]:
        """The trials that are done and that no other one betters in every objective."""
        from automl_nb.search.pareto import non_dominated

        done = [trial for trial in self.trials if trial.state is State.DONE]
        kept = non_dominated([trial.values for trial in done], self.directions)
        return [done[place] for place in kept]

    def replayed(self, trials: Iterable[Tried]) -> Study:
        """A fresh study of the same settings that went through these trials.

        It proposes next what a study would have that asked for them one at a time. Numbers that
        are missing count as failed; trials that still run can be told of. What waits in the queue
        is no trial yet, and isn't there.

        Args:
            trials: As a journal holds them, in any order.

        Raises:
            SettingError: A trial lies outside of the space, or is there twice.
        """
        from automl_nb.search.bridge import quiet

        made = Study(self.space, direction=self.directions, **self._asked)
        with quiet():
            made._guarded(lambda: made._replay(trials))
        return made

    def priced(self) -> Study:
        """This study, its searcher chosen by what the trials took that were given to begin with.

        Changes nothing where a searcher was named, or where the cost was known before. Only given
        trials count, so that a study that is rebuilt from a journal chooses alike.

        Example:
            >>> from automl_nb.core.space import Float
            >>> study = Study(Space((Float("x", 0.0, 1.0, 0.5),)), n_trials=30)
            >>> study.enqueue({})
            >>> _ = study.tell(study.ask().number, 0.1, seconds=0.02)
            >>> study.searcher, study.priced().searcher
            ('gp', 'tpe')
        """
        trials = self.trials
        seconds = [trial.seconds for trial in trials if trial.given and trial.seconds > 0]
        if self._asked["searcher"] != "auto" or self._asked["trial_s"] or not seconds:
            return self
        cost = {**self._asked, "trial_s": statistics.median(seconds)}
        made = Study(self.space, direction=self.directions, **cost).replayed(trials)
        for config in self._queue:
            made.enqueue(config)
        return made

    # -- proposing ---------------------------------------------------------------

    def _next(self) -> Proposal | None:
        if self._queue:
            return self._begun(self._queue.popleft(), given=True)
        if self._exhausted():
            return None
        for _ in range(_PROPOSALS):
            proposal = None if self._heard.ends else self._proposed()
            if proposal is not None:
                return proposal
        other = None if self._heard.ends else self.untried(len(self._book.entries))
        return None if other is None else self._begun(other)

    def _guarded(self, work: Callable[[], R]) -> R | None:
        """What a searcher raises ends the search alone; what was found by then stands."""
        try:
            return work()
        except AutoMLError:
            raise
        except Exception as error:  # noqa: BLE001 - a sampler may be anybody's
            text = f"{self.searcher} failed: {type(error).__name__}: {error}"[:_MOST_SAID]
            self.fault = self.fault or f"{text.rstrip('.')}."
            return None

    def _exhausted(self) -> bool:
        from automl_nb.search.repeats import is_used_up

        if not self.space.free:
            return bool(self._book.entries)
        if self._heard.ends:
            return True
        return is_used_up(self.space, self._book.n_different, self.is_tried)

    def _proposed(self) -> Proposal | None:
        """The searcher's next; None where that was tried, which it then hears of."""
        place, config = self._heard.ask()
        former = self._book.number_of(config)
        if former is None:
            return self._book.noted(place, config)
        self._book.passed_over(config)
        self._heard.echo(place, self._tried(former))
        return None

    def _begun(self, config: Mapping[str, Any], *, given: bool = False) -> Proposal:
        """A trial of settings that the searcher didn't choose."""
        return self._book.noted(*self._heard.set_to(config, given=given), given=given)

    def _tried(self, number: int) -> Tried:
        return self._heard.tried(self._book.entries[number].place)

    def _running(self, number: int) -> int:
        """The place of a trial that runs."""
        known = 0 <= number < len(self._book.entries)
        if not known or self._tried(number).state is not State.RUNNING:
            raise SettingError(
                "Only a running trial is told of.",
                received=number,
                hint="It has ended." if known else "No trial has this number.",
            )
        return self._book.entries[number].place

    # -- replaying ---------------------------------------------------------------

    def _replay(self, trials: Iterable[Tried]) -> None:
        for trial in sorted(trials, key=lambda one: one.number):
            self._replay_one(trial)

    def _replay_one(self, trial: Tried) -> None:
        while len(self._book.entries) < trial.number:
            self._hear(Tried(len(self._book.entries), {}, State.FAILED))
        if len(self._book.entries) > trial.number or not self._holds(trial):
            raise SettingError(
                "What is replayed lies within the search space, each number once.",
                received=f"{trial.number}: {dict(trial.config)}",
                hint="Search the same space, or begin anew.",
            )
        for config in trial.passed:
            self._replay_passed(dict(config))
        self._hear(trial)

    def _holds(self, trial: Tried) -> bool:
        if not all(map(self.space.holds, trial.passed)):
            return False
        return self.space.holds(trial.config) or (not trial.config and trial.state is State.FAILED)

    def _replay_passed(self, config: dict[str, Any]) -> None:
        """A repeat, as the searcher heard of it then."""
        former = self._book.number_of(config)
        known = Tried(0, config, State.FAILED) if former is None else self._tried(former)
        if known.state is State.RUNNING:
            known = Tried(0, config, State.FAILED)
        self._book.passed_over(config)
        place = self._heard.again(replace(known, config=config, given=False))
        if place is not None:
            self._heard.echo(place, known)

    def _hear(self, trial: Tried) -> None:
        """A trial that was proposed once, with its end."""
        place = self._heard.again(trial)
        self._book.noted(len(self._heard) - 1, dict(trial.config), given=trial.given)
        if place is None:
            if not trial.was_begun:
                self._book.forget(trial.number, self._tried(trial.number).config)
            return
        for step, value in trial.reports.items():
            self.report(trial.number, step, value)
        if trial.state is not State.RUNNING:
            self.tell(trial.number, trial.values or None, trial.state, seconds=trial.seconds)


def _check(directions: tuple[str, ...], seed: int) -> None:
    for direction in directions or ("",):
        if direction not in DIRECTIONS:
            raise SettingError(
                "An objective is to maximize or to minimize.",
                received=direction,
                hint=f"Say {' or '.join(DIRECTIONS)}, once for each objective.",
            )
    if seed < 0:
        raise SettingError("A seed is a whole number from 0.", received=seed)
