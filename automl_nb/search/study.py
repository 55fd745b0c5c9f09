"""A study: asks a searcher what to try, hears how it went, and can be rebuilt from a journal."""

from __future__ import annotations

import math
import statistics
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.errors import SettingError
from automl_nb.core.space import Space
from automl_nb.search.catalog import SEARCHERS
from automl_nb.search.tried import SECONDS, Proposal, State, Tried

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial, Trial

DIRECTIONS = ("maximize", "minimize")
_PROPOSALS = 3  # of settings that were tried before, after which others are drawn at random


@dataclass
class _Own:
    """What the study knows of a trial beside what Optuna does.

    Attributes:
        place: Its number among all that the searcher heard of, repeats among them.
        given: As in `Proposal`.
        passed: As in `Proposal`.
    """

    place: int
    given: bool
    passed: tuple[dict[str, Any], ...] = ()


class Study:
    """A search over a space: `ask`, `report` and `tell`, with any number of trials at a time.

    The same seed and the same told values give the same proposals. Settings that were tried before
    aren't proposed again: the searcher hears what is known of them and is asked anew, a few times;
    then others are drawn at random. Safe to call from several threads.

    Args:
        space: What is searched.
        searcher: A name of the catalogue, or any Optuna sampler.
        seed: Seeds every proposal.
        direction: ``"maximize"`` or ``"minimize"``; one for each of several objectives.
        n_trials: How many trials there may be, for ``searcher="auto"``; None if unknown.
        trial_s: Seconds that a trial takes, likewise.

    Attributes:
        searcher: The name of the searcher that is used.
        why: A sentence that says why, where it was chosen.
        seed: As given.

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
        from automl_nb.search.base import distribution
        from automl_nb.search.bridge import in_memory
        from automl_nb.search.repeats import Key

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
        self._sampler = _sampler(space, searcher, seed, work)
        self.searcher: str = getattr(self._sampler, "name", type(self._sampler).__name__)
        self.why: str = getattr(self._sampler, "why", "")
        self._storage, self._number, self._study = in_memory(self._sampler, self.directions)
        self._distributions = {p.name: distribution(p) for p in space.free}
        self._queue: deque[dict[str, Any]] = deque()
        self._own: list[_Own] = []
        self._known: dict[Key, int] = {}  # numbers of the trials of what was tried
        self._passed: list[dict[str, Any]] = []  # repeats since the last trial
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
        """What to try next; None if everything was tried."""
        from automl_nb.search.bridge import quiet

        with self._lock, quiet():
            if self._queue:
                return self._begun(self._queue.popleft(), given=True)
            if self._exhausted():
                return None
            for _ in range(_PROPOSALS):
                proposal = self._proposed()
                if proposal is not None:
                    return proposal
            other = self.untried(len(self._own))
            return None if other is None else self._begun(other)

    def is_tried(self, config: Mapping[str, Any]) -> bool:
        """Whether these settings were tried or are being tried; not if it was never begun."""
        from automl_nb.search.repeats import key_of

        with self._lock:
            return key_of(config) in self._known

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

        n_tried = len(self._known)
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
            self._check_running(number)
            if math.isfinite(value):
                self._storage.set_trial_intermediate_value(self._id(number), step, float(value))

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
        from automl_nb.search.bridge import quiet, state_to_optuna

        with self._lock, quiet():
            self._check_running(number)
            values, state = self._outcome(value, State(state))
            if seconds > 0:
                self._storage.set_trial_user_attr(self._id(number), SECONDS, float(seconds))
            told = values if state is State.DONE else None
            self._study.tell(self._own[number].place, told, state_to_optuna(state))
            if state is State.FAILED and not seconds > 0:  # it was never begun
                self._forget(number)
        return state

    @property
    def trials(self) -> list[Tried]:
        """All trials, by number."""
        from automl_nb.search.bridge import tried

        with self._lock:
            found = self._study.get_trials(deepcopy=False)
            made = [(number, own, found[own.place]) for number, own in enumerate(self._own)]
            return [
                replace(
                    tried(trial, self._config(trial.params)),
                    number=number,
                    given=own.given,
                    passed=own.passed,
                )
                for number, own, trial in made
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
            for trial in sorted(trials, key=lambda one: one.number):
                made._replay(trial)
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

    def _exhausted(self) -> bool:
        from automl_nb.search.repeats import is_used_up

        if not self.space.free:
            return bool(self._own)
        ends = getattr(self._sampler, "exhausted", None)
        if ends is not None and ends(self._study):
            return True
        return is_used_up(self.space, len(self._known), self.is_tried)

    def _proposed(self) -> Proposal | None:
        """The searcher's next; None where that was tried, which it then hears of."""
        from automl_nb.search.repeats import key_of

        trial = self._study.ask()
        config = self._walked(trial)
        former = self._known.get(key_of(config))
        if former is None:
            return self._noted(trial.number, config)
        self._passed.append(config)
        self._echo(trial.number, self._tried(former))
        return None

    def _begun(self, config: Mapping[str, Any], *, given: bool = False) -> Proposal:
        """A trial of settings that the searcher didn't choose."""
        return self._noted(*self._set_to(self._params(config), given=given), given=given)

    def _set_to(self, params: dict[str, Any], *, given: bool) -> tuple[int, dict[str, Any]]:
        """A trial with these values; unless they are given, the searcher leaves its marks in it."""
        marks = not given and getattr(self._sampler, "replays", False)
        if marks:
            self._sampler.recalled = params  # type: ignore[attr-defined]  # a Searcher
        else:
            self._study.enqueue_trial(params)
        try:
            trial = self._study.ask()
            return trial.number, self._walked(trial)
        finally:
            if marks:
                self._sampler.recalled = None  # type: ignore[attr-defined]

    def _noted(self, place: int, config: dict[str, Any], *, given: bool = False) -> Proposal:
        """A trial in the searcher's eyes becomes one in ours."""
        from automl_nb.search.repeats import key_of

        number, passed = len(self._own), tuple(self._passed)
        self._own.append(_Own(place, given, passed))
        self._passed = []
        self._known.setdefault(key_of(config), number)
        return Proposal(number, config, given, passed)

    def _echo(self, place: int, former: Tried) -> None:
        """Tell the searcher of a repeat what is known; while that runs, nothing is."""
        from automl_nb.search.bridge import state_to_optuna

        theirs = self._storage.get_trial_id_from_study_id_trial_number(self._number, place)
        for step, value in former.reports.items():
            self._storage.set_trial_intermediate_value(theirs, step, value)
        if former.seconds > 0:
            self._storage.set_trial_user_attr(theirs, SECONDS, former.seconds)
        state = State.FAILED if former.state is State.RUNNING else former.state
        told = [*former.values] if state is State.DONE else None
        self._study.tell(place, told, state_to_optuna(state))

    def _tried(self, number: int) -> Tried:
        from automl_nb.search.bridge import tried

        found = self._storage.get_trial(self._id(number))
        return tried(found, self._config(found.params))

    def _forget(self, number: int) -> None:
        from automl_nb.search.repeats import key_of

        key = key_of(self._tried(number).config)
        if self._known.get(key) == number:
            del self._known[key]

    def _walked(self, trial: Trial) -> dict[str, Any]:
        """Asks for the parameters that count, parents first."""
        from automl_nb.search.bridge import suggest

        config: dict[str, Any] = {}
        free = {parameter.name for parameter in self.space.free}
        for parameter in self.space.ordered:
            name = parameter.name
            if self.space.counts(name, config):
                config[name] = suggest(trial, parameter) if name in free else parameter.default
            elif name in free and self._whole:
                self._fill(trial, name)
        return config

    def _fill(self, trial: Trial, name: str) -> None:
        """Records the usual value of what doesn't count, for searchers that need all values."""
        searched = self._distributions[name]
        usual = searched.to_internal_repr(self.space[name].default)
        theirs = self._storage.get_trial_id_from_study_id_trial_number(self._number, trial.number)
        self._storage.set_trial_param(theirs, name, usual, searched)

    @property
    def _whole(self) -> bool:
        return bool(getattr(self._sampler, "whole", False))

    def _params(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """What Optuna sees of a configuration."""
        free = [parameter.name for parameter in self.space.free]
        usual = self.space.defaults() if self._whole else {}
        every = {**usual, **config}
        return {name: every[name] for name in free if name in every}

    def _config(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The configuration that Optuna's values stand for; empty where there are none."""
        made: dict[str, Any] = {}
        for parameter in self.space.ordered:
            if self.space.counts(parameter.name, made):
                if parameter.fixed:
                    made[parameter.name] = parameter.default
                elif parameter.name in params:
                    made[parameter.name] = params[parameter.name]
        return made

    def _outcome(self, value: object, state: State) -> tuple[list[float], State]:
        values = _numbers(value)
        if values and len(values) != len(self.directions):
            raise SettingError(
                "A trial has one value for each objective.",
                received=value,
                hint=f"The objectives: {', '.join(self.directions)}.",
            )
        if state is State.RUNNING:
            raise SettingError("A trial is told of when it has ended.", received=str(state))
        sound = bool(values) and all(math.isfinite(one) for one in values)
        return values, State.FAILED if state is State.DONE and not sound else state

    def _replay(self, trial: Tried) -> None:
        while len(self._own) < trial.number:
            self._heard(Tried(len(self._own), {}, State.FAILED))
        if len(self._own) > trial.number or not self._holds(trial):
            raise SettingError(
                "What is replayed lies within the search space, each number once.",
                received=f"{trial.number}: {dict(trial.config)}",
                hint="Search the same space, or begin anew.",
            )
        for config in trial.passed:
            self._replay_passed(dict(config))
        self._heard(trial)

    def _holds(self, trial: Tried) -> bool:
        if not all(map(self.space.holds, trial.passed)):
            return False
        return self.space.holds(trial.config) or (not trial.config and trial.state is State.FAILED)

    def _replay_passed(self, config: dict[str, Any]) -> None:
        """A repeat, as the searcher heard of it then."""
        from automl_nb.search.repeats import key_of

        former = self._known.get(key_of(config))
        known = Tried(0, config, State.FAILED) if former is None else self._tried(former)
        if known.state is State.RUNNING:
            known = Tried(0, config, State.FAILED)
        self._passed.append(config)
        place = self._again(replace(known, config=config, given=False))
        if place is not None:
            self._echo(place, known)

    def _heard(self, trial: Tried) -> None:
        """A trial that was proposed once, with its end."""
        place = self._again(trial)
        self._noted(self._count() - 1, dict(trial.config), given=trial.given)
        if place is None:
            if trial.state is State.FAILED and not trial.seconds > 0:
                self._forget(trial.number)
            return
        for step, value in trial.reports.items():
            self.report(trial.number, step, value)
        if trial.state is not State.RUNNING:
            self.tell(trial.number, trial.values or None, trial.state, seconds=trial.seconds)

    def _again(self, trial: Tried) -> int | None:
        """Put a trial before the searcher; its place, if its end is still to be told.

        One that marks the trials proposes once more, for its marks.
        """
        from automl_nb.search.bridge import frozen

        params = self._params(trial.config) if trial.config else {}
        if not (params and getattr(self._sampler, "replays", False)):
            self._study.add_trial(frozen(trial, params, self._distributions))
            return None
        return self._set_to(params, given=trial.given)[0]

    def _count(self) -> int:
        return self._storage.get_n_trials(self._number)

    def _id(self, number: int) -> int:
        """Of one of our trials in Optuna's storage."""
        place = self._own[number].place
        return self._storage.get_trial_id_from_study_id_trial_number(self._number, place)

    def _check_running(self, number: int) -> None:
        known = 0 <= number < len(self._own)
        found: FrozenTrial | None = self._storage.get_trial(self._id(number)) if known else None
        if found is None or found.state.is_finished():
            raise SettingError(
                "Only a running trial is told of.",
                received=number,
                hint="It has ended." if found else "No trial has this number.",
            )


def _sampler(
    space: Space, searcher: str | BaseSampler, seed: int, work: Mapping[str, Any]
) -> BaseSampler:
    """The searcher of a name; an Optuna sampler as it is."""
    if not isinstance(searcher, str):
        return searcher
    spec = SEARCHERS[searcher]
    if work["n_objectives"] > 1 and "several" not in spec.tags:
        raise SettingError(
            f"{searcher} follows one objective.",
            received=f"{work['n_objectives']} objectives",
            hint=f"These follow several: {', '.join(SEARCHERS.names('several'))}.",
        )
    made: BaseSampler = spec.load()(space, seed=seed, **(work if searcher == "auto" else {}))
    return made


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


def _numbers(value: Any) -> list[float]:
    """One number for each objective; NaN for what is none."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if value is None:
        return []
    return [_number(one) for one in value] if isinstance(value, list | tuple) else [_number(value)]


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
