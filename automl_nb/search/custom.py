"""A sampler that a person brings: any of Optuna's, or one written by its rules."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

_PLAIN = (bool, int, float, str)


class Custom(BaseSampler):
    """Someone else's sampler at work in one search.

    It works on a copy, so that what it learns in one search is unknown to the next, and the same
    object gives the same search again. A search that is gone on with lets it propose once more for
    each trial of the journal: whatever it keeps, in itself or in the trials, is then as it was.

    Args:
        sampler: It; is left as it is.

    Attributes:
        name: Its class.
        replays: As in `Searcher`.
        recalled: As in `Searcher`.

    Example:
        >>> from optuna.samplers import RandomSampler
        >>> Custom(RandomSampler(seed=0)).name
        'RandomSampler'
    """

    replays = True
    recalled: Mapping[str, Any] | None = None

    def __init__(self, sampler: BaseSampler) -> None:
        self.name = type(sampler).__name__
        self._sampler = deepcopy(sampler)

    def reseed_rng(self) -> None:
        """Passed on."""
        self._sampler.reseed_rng()

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """What it decides together."""
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """What it proposes; what it proposed then, while a search is rebuilt."""
        found = self._sampler.sample_relative(study, trial, search_space)
        recalled = self.recalled or {}
        return {name: recalled.get(name, value) for name, value in found.items()}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Likewise, of one parameter."""
        found = self._sampler.sample_independent(study, trial, param_name, param_distribution)
        return (self.recalled or {}).get(param_name, found)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Passed on."""
        self._sampler.before_trial(study, trial)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Passed on."""
        self._sampler.after_trial(study, trial, state, values)


def described(sampler: BaseSampler) -> str:
    """Its class, with the arguments that can still be seen on it and aren't the usual ones.

    Example:
        >>> from optuna.samplers import CmaEsSampler, RandomSampler
        >>> described(RandomSampler(seed=1)), described(CmaEsSampler(popsize=8))
        ('RandomSampler()', 'CmaEsSampler(popsize=8)')
    """
    held, told = getattr(sampler, "__dict__", {}), []
    for name, argument in inspect.signature(type(sampler)).parameters.items():
        value = held.get(f"_{name}", held.get(name))
        if name.startswith("warn"):  # it changes nothing of what is proposed
            continue
        if isinstance(value, _PLAIN) and value != argument.default:
            told.append(f"{name}={value!r}")
    return f"{type(sampler).__name__}({', '.join(told)})"
