"""A search as its searcher sees it: an Optuna study over a space, its trials by their place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from automl_nb.core.errors import SettingError
from automl_nb.core.space import Space
from automl_nb.search.tried import SECONDS, State, Tried

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.trial import Trial


class OptunaStudy:
    """All that a searcher was asked and told, repeats among it.

    Args:
        space: What is searched.
        sampler: The searcher.
        directions: ``"maximize"`` or ``"minimize"`` for each objective.

    Attributes:
        sampler: As given.
    """

    def __init__(self, space: Space, sampler: BaseSampler, directions: Sequence[str]) -> None:
        from automl_nb.search.base import distribution
        from automl_nb.search.bridge import in_memory

        self.space, self.sampler = space, sampler
        self._storage, self._number, self.study = in_memory(sampler, directions)
        self._distributions = {p.name: distribution(p) for p in space.free}

    def __len__(self) -> int:
        """How many trials it heard of."""
        return self._storage.get_n_trials(self._number)

    @property
    def ends(self) -> bool:
        """Whether the searcher says that it has nothing left to propose."""
        ends = getattr(self.sampler, "exhausted", None)
        return self.study.is_over or (ends is not None and bool(ends(self.study)))

    # -- asking ------------------------------------------------------------------

    def ask(self) -> tuple[int, dict[str, Any]]:
        """The place of a new trial, and what the searcher proposes for it.

        Raises:
            ValueError: That lies outside of the space.
        """
        place, config = self._asked()
        if not self.space.holds(config):
            raise ValueError(f"{config} lies outside of the search space")
        return place, config

    def _asked(self) -> tuple[int, dict[str, Any]]:
        trial = self.study.ask()
        return trial.number, self._walked(trial)

    def set_to(self, config: Mapping[str, Any], *, given: bool) -> tuple[int, dict[str, Any]]:
        """A trial of these settings; unless they are given, the searcher leaves its marks in it."""
        params = self._params(config)
        marks = not given and getattr(self.sampler, "replays", False)
        if marks:
            self.sampler.recalled = params  # type: ignore[attr-defined]  # a Searcher
        else:
            self.study.enqueue_trial(params)
        try:
            return self._asked()
        finally:
            if marks:
                self.sampler.recalled = None  # type: ignore[attr-defined]

    def again(self, trial: Tried) -> int | None:
        """Put a trial of a journal before the searcher; its place, if its end is still to be told.

        One that marks the trials proposes once more, for its marks.
        """
        from automl_nb.search.bridge import frozen

        if trial.config and getattr(self.sampler, "replays", False) and self._params(trial.config):
            return self.set_to(trial.config, given=trial.given)[0]
        params = self._params(trial.config) if trial.config else {}
        self.study.add_trial(frozen(trial, params, self._distributions))
        return None

    # -- telling -----------------------------------------------------------------

    def report(self, place: int, step: int, value: float) -> None:
        """A value on the way of a running trial."""
        self._storage.set_trial_intermediate_value(self._id(place), step, value)

    def tell(self, place: int, values: Sequence[float], state: State, seconds: float) -> None:
        """How a trial ended."""
        from automl_nb.search.bridge import state_to_optuna

        if seconds > 0:
            self._storage.set_trial_user_attr(self._id(place), SECONDS, float(seconds))
        told = [*values] if state is State.DONE else None
        self.study.tell(place, told, state_to_optuna(state))

    def echo(self, place: int, former: Tried) -> None:
        """Tell the searcher of a repeat what is known; while that runs, nothing is."""
        for step, value in former.reports.items():
            self.report(place, step, value)
        state = State.FAILED if former.state is State.RUNNING else former.state
        self.tell(place, former.values, state, former.seconds)

    # -- what was heard ----------------------------------------------------------

    def tried(self, place: int) -> Tried:
        """A trial as it stands."""
        from automl_nb.search.bridge import tried

        found = self._storage.get_trial(self._id(place))
        return tried(found, self._config(found.params))

    def all_tried(self) -> list[Tried]:
        """All trials, by place."""
        from automl_nb.search.bridge import tried

        found = self.study.get_trials(deepcopy=False)
        return [tried(trial, self._config(trial.params)) for trial in found]

    # -- our space and Optuna's parameters ---------------------------------------

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
        self._storage.set_trial_param(self._id(trial.number), name, usual, searched)

    @property
    def _whole(self) -> bool:
        return bool(getattr(self.sampler, "whole", False))

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

    def _id(self, place: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._number, place)


def outcome(value: object, state: State, directions: Sequence[str]) -> tuple[list[float], State]:
    """What counts of a trial's end: one number for each objective, and its state.

    Raises:
        SettingError: There isn't one value for each objective, or the trial still runs.

    Example:
        >>> outcome("much", State.DONE, ["minimize"])
        ([nan], <State.FAILED: 'failed'>)
    """
    values = _numbers(value)
    if values and len(values) != len(directions):
        raise SettingError(
            "A trial has one value for each objective.",
            received=value,
            hint=f"The objectives: {', '.join(directions)}.",
        )
    if state is State.RUNNING:
        raise SettingError("A trial is told of when it has ended.", received=str(state))
    sound = bool(values) and all(map(math.isfinite, values))
    return values, State.FAILED if state is State.DONE and not sound else state


def _numbers(value: Any) -> list[float]:
    """NaN for what is no number."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if value is None:
        return []
    return [_number(one) for one in value] if isinstance(value, list | tuple) else [_number(value)]


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
