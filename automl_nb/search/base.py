"""What a searcher is: an Optuna sampler that knows the space and has no memory of its own.

What it proposes depends on the space, the seed, the trial's number and the trials of the
study, and on nothing else. Its generator is made anew for each trial, so that nothing of it
needs to be stored, and a study that is rebuilt from a journal goes on as it would have.
"""

from __future__ import annotations

import zlib
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from automl_nb.core.errors import SettingError
from automl_nb.core.parameters import Choice, Int, Parameter
from automl_nb.core.space import Space

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


class Searcher(BaseSampler):
    """An Optuna sampler for one space, made of `propose` alone.

    It runs in any Optuna study: ``optuna.create_study(sampler=TreeParzen(space, seed=0))``.

    Args:
        space: What may be set; its searched ranges count.
        seed: Seeds every proposal together with the trial's number.

    Attributes:
        name: Its name in the catalogue.
        whole: It needs a value of every parameter in each trial: those that don't count are
            recorded at their usual value.
        replays: Its place in the search is written into the trials while it proposes, so that
            a study is rebuilt by letting it propose again.
        several: It can follow several objectives.
        why: Why it was chosen, if it was.
        recalled: While a study is rebuilt: what was proposed then. The searcher proposes again,
            for the marks that it leaves, and this is what counts.
    """

    name: str = ""
    whole: bool = False
    replays: bool = False
    several: bool = False
    why: str = ""
    recalled: Mapping[str, Any] | None = None

    def __init__(self, space: Space, *, seed: int = 0) -> None:
        self.space = space
        self.seed = seed
        self.free = space.free
        self.distributions = {p.name: distribution(p) for p in self.free}

    @abstractmethod
    def propose(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        """Values of the free parameters, at least of those that count."""

    def exhausted(self, study: Study) -> bool:  # noqa: ARG002 - most searchers never are
        """Whether everything was tried."""
        return False

    def rng(self, number: int, *more: int) -> np.random.Generator:
        """The generator of a trial."""
        return np.random.default_rng([self.seed, number, *more])

    def seed_of(self, number: int, *more: int) -> int:
        """The seed of an Optuna sampler for a trial."""
        return int(np.random.SeedSequence([self.seed, number, *more]).generate_state(1)[0])

    def infer_relative_search_space(
        self,
        study: Study,  # noqa: ARG002 - the space is known from the start
        trial: FrozenTrial,  # noqa: ARG002
    ) -> dict[str, BaseDistribution]:
        """Optuna asks what `sample_relative` will decide: all that is free."""
        return dict(self.distributions)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Optuna asks for the values.

        Raises:
            SettingError: The study has several objectives, and the searcher follows one.
        """
        if len(study.directions) > 1 and not self.several:
            raise SettingError(
                f"{type(self).__name__} follows one objective.",
                received=f"{len(study.directions)} objectives",
                hint="NSGA-II, TPE and the Gaussian process follow several.",
            )
        if not search_space:
            return {}
        found = self.propose(study, trial)
        found = found if self.recalled is None else {**self.recalled}
        return {name: value for name, value in found.items() if name in search_space}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Optuna asks for a value that wasn't proposed: one at random."""
        seed = self.seed_of(trial.number, zlib.crc32(param_name.encode()))
        sampler = RandomSampler(seed=seed)
        return sampler.sample_independent(study, trial, param_name, param_distribution)

    def reseed_rng(self) -> None:
        """Optuna asks where trials run side by side: each has a generator of its own anyway."""

    def branch(self, values: dict[str, Any]) -> dict[str, Any]:
        """Those of the values whose parameters count."""
        made = {p.name: p.default for p in self.space if p.fixed}
        kept: dict[str, Any] = {}
        for parameter in self.free:
            if self.space.counts(parameter.name, made | kept):
                kept[parameter.name] = values[parameter.name]
        return kept


def distribution(parameter: Parameter) -> BaseDistribution:
    """What Optuna calls the searched range.

    Example:
        >>> from automl_nb.core.space import Float
        >>> distribution(Float("lr", 1e-6, 1e-2, 1e-4, log=True).narrowed("1e-5..1e-4"))
        FloatDistribution(high=0.0001, log=True, low=1e-05, step=None)
    """
    if isinstance(parameter, Choice):
        return CategoricalDistribution(parameter.searched)
    if isinstance(parameter, Int):
        least, most = parameter.searched
        return IntDistribution(least, most, log=parameter.log)
    low, high = parameter.searched
    return FloatDistribution(low, high, log=parameter.log)


def told(study: Study, states: Sequence[TrialState] = FINISHED) -> list[FrozenTrial]:
    """The study's trials that ended with a value, oldest first; not to be changed."""
    trials = study.get_trials(deepcopy=False, states=tuple(states))
    return [trial for trial in trials if trial.values is not None]


def gains(study: Study, trials: Sequence[FrozenTrial]) -> list[float]:
    """How good trials of a study with one objective are: more is better.

    Args:
        study: Says what better means.
        trials: Of `told`.
    """
    sign = -1.0 if study.direction == StudyDirection.MINIMIZE else 1.0
    return [sign * trial.values[0] for trial in trials]


def best_first(study: Study, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """The trials in order, those that were pruned behind all others.

    Args:
        study: With one objective.
        trials: Of `told`.
    """
    found = gains(study, trials)
    key = [
        (trial.state == TrialState.COMPLETE, gain)
        for trial, gain in zip(trials, found, strict=True)
    ]
    return [trials[place] for place in sorted(range(len(key)), key=key.__getitem__, reverse=True)]
