"""TPE: where good trials are dense and others are not."""

from __future__ import annotations

import copy
from collections.abc import Container
from typing import Any

from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.samplers import TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from automl_nb.core.parameters import Int, Parameter, When
from automl_nb.core.space import Space
from automl_nb.search.base import Searcher, best_first, distribution, told
from automl_nb.search.points import Points
from automl_nb.search.unit import n_values

BEST, LAST = 25, 100  # trials that are learnt from: so many of the best, and of the latest
START = 10  # trials on even points, before there is anything to learn from
WIDE = 8  # values from which a whole number is seen as a real one


class TreeParzen(Searcher):
    """Optuna's multivariate `TPESampler` with constant liar, over the branches of the space.

    Parameters that count together are drawn together; a branch is learnt from the trials that
    took it (what Optuna's `group` finds from past trials is known here from the conditions).

    Bergstra et al. 2011; Falkner, Klein & Hutter 2018, arXiv 1807.01774 (multivariate).

    Args:
        space: What is searched.
        seed: Seeds every proposal.
        start: Trials on even points at first.
    """

    name: str = "tpe"
    several: bool = True

    def __init__(self, space: Space, *, seed: int = 0, start: int = START) -> None:
        super().__init__(space, seed=seed)
        self.start = start
        self._points = Points(space, seed=seed)
        self._branches: dict[When | None, dict[str, BaseDistribution]] = {}
        for parameter in self.free:
            branch = self._branches.setdefault(_condition(space, parameter), {})
            branch[parameter.name] = _smooth(parameter)

    def propose(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        """The candidate that is likeliest among the good trials beside the others."""
        ended = told(study)
        if len(ended) < self.start:
            return self._points[trial.number]
        many = len(ended) > BEST + LAST and len(study.directions) == 1
        seen = Recent(study) if many else study
        sampler = TPESampler(
            multivariate=True,
            constant_liar=True,
            n_startup_trials=0,
            seed=self.seed_of(trial.number),
        )
        made = {p.name: p.default for p in self.space if p.fixed}
        for branch in self._branches.values():
            if self.space.counts(next(iter(branch)), made):
                made |= self._rounded(sampler.sample_relative(seen, trial, branch))
        return made

    def _rounded(self, values: dict[str, Any]) -> dict[str, Any]:
        made = {}
        for name, value in values.items():
            parameter = self.space[name]
            if isinstance(parameter, Int):
                least, most = parameter.searched
                value = min(max(round(value), least), most)  # noqa: PLW2901
            made[name] = value
        return made


class Recent(Study):
    """A study without the old trials that were not among the best.

    Optuna weighs old trials the less the more there are; leaving most of them out keeps the time
    of a proposal the same however long a study gets.

    Args:
        study: With one objective.
    """

    def __init__(self, study: Study) -> None:
        super().__init__(study.study_name, study._storage)  # noqa: SLF001 - the same trials
        ended = told(study)
        kept = {one.number for one in (*best_first(study, ended)[:BEST], *ended[-LAST:])}
        self._kept = [
            one
            for one in study.get_trials(deepcopy=False)
            if one.number in kept or one.state == TrialState.RUNNING
        ]

    def _get_trials(
        self,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
        use_cache: bool = False,  # noqa: ARG002 - nothing changes while a trial is proposed
    ) -> list[FrozenTrial]:
        found = [one for one in self._kept if states is None or one.state in states]
        return copy.deepcopy(found) if deepcopy else found


def _condition(space: Space, parameter: Parameter) -> When | None:
    """Where a parameter counts, without conditions that always hold in what is searched."""
    when = parameter.when
    while when is not None:
        parent = space[when.name]
        held = sum(parent.holds(value) for value in {*when.among})
        if held < (1 if parent.fixed else n_values(parent)):
            return when
        when = parent.when
    return None


def _smooth(parameter: Parameter) -> BaseDistribution:
    """What the densities are over: whole numbers in a wide range are as good as real ones.

    Optuna weighs each step of a whole number apart, number by number, which took four times the
    time of all the rest with 300 trials and 1,000 steps.
    """
    if isinstance(parameter, Int) and n_values(parameter) > WIDE:
        least, most = parameter.searched
        return FloatDistribution(least - 0.5, most + 0.5, log=parameter.log)
    return distribution(parameter)
