"""Between our facts and Optuna's: spaces to suggestions, trials to frozen trials and back."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from automl_nb.core.parameters import Choice, Int, Parameter
from automl_nb.search.tried import SECONDS, State, Tried

GIVEN = "fixed_params"  # where Optuna keeps what was enqueued
_TO = {
    State.RUNNING: TrialState.RUNNING,
    State.DONE: TrialState.COMPLETE,
    State.PRUNED: TrialState.PRUNED,
    State.FAILED: TrialState.FAIL,
}
_FROM = {theirs: ours for ours, theirs in _TO.items()}


_quiet_lock = threading.Lock()
_quiet_for: list[int] = []  # the verbosity before, once for each that is quiet now


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Lets Optuna write nothing but errors; the last one of several threads puts it back."""
    with _quiet_lock:
        before = _quiet_for[0] if _quiet_for else optuna.logging.get_verbosity()
        _quiet_for.append(before)
        optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        with _quiet_lock:
            before = _quiet_for.pop()
            if not _quiet_for:
                optuna.logging.set_verbosity(before)


class Endable(optuna.Study):
    """A study that its sampler may end, also where nobody has called `optimize`."""

    is_over = False

    def stop(self) -> None:
        """There is nothing left to propose."""
        self.is_over = True


def in_memory(
    sampler: BaseSampler, directions: Sequence[str]
) -> tuple[InMemoryStorage, int, Endable]:
    """A fresh study, where it keeps its trials, and its number there; nothing is printed."""
    storage = InMemoryStorage()
    with quiet():
        name = optuna.create_study(
            storage=storage, directions=[StudyDirection[word.upper()] for word in directions]
        ).study_name
        study = Endable(name, storage, sampler, optuna.pruners.NopPruner())
    return storage, storage.get_study_id_from_name(study.study_name), study


def suggest(trial: Trial, parameter: Parameter) -> Any:
    """The trial's value of a parameter, in plain Python's types."""
    name = parameter.name
    if isinstance(parameter, Choice):
        return str(trial.suggest_categorical(name, parameter.searched))
    if isinstance(parameter, Int):
        least, most = parameter.searched
        return int(trial.suggest_int(name, least, most, log=parameter.log))
    low, high = parameter.searched
    return float(trial.suggest_float(name, low, high, log=parameter.log))


def state_to_optuna(state: State) -> TrialState:
    """Optuna's word for a state."""
    return _TO[state]


def frozen(
    trial: Tried, params: Mapping[str, Any], distributions: Mapping[str, BaseDistribution]
) -> FrozenTrial:
    """A trial of a journal as Optuna holds it.

    Args:
        trial: What was tried.
        params: What Optuna is to see of its configuration.
        distributions: Of those parameters.
    """
    last = [trial.reports[max(trial.reports)]] if trial.reports else None
    by_state = {State.DONE: [*trial.values], State.PRUNED: [*trial.values] or last}
    return create_trial(
        state=_TO[trial.state],
        values=by_state.get(trial.state),
        params={**params},
        distributions={name: distributions[name] for name in params},
        user_attrs={SECONDS: trial.seconds} if trial.seconds > 0 else {},
        system_attrs={GIVEN: {**params}} if trial.given else {},
        intermediate_values={**trial.reports},
    )


def tried(trial: FrozenTrial, config: Mapping[str, Any]) -> Tried:
    """Optuna's trial as a journal would hold it, with the configuration that was proposed."""
    return Tried(
        number=trial.number,
        config=config,
        state=_FROM[trial.state],
        values=tuple(trial.values or ()),
        reports=dict(trial.intermediate_values),
        seconds=float(trial.user_attrs.get(SECONDS, 0.0)),
        given=GIVEN in trial.system_attrs,
    )
