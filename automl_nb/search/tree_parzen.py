"""TPE: where good trials are dense and others are not."""

from __future__ import annotations

from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from automl_nb.core.parameters import When
from automl_nb.core.space import Space
from automl_nb.search.base import Searcher, told
from automl_nb.search.points import Points

START = 10  # trials on even points, before there is anything to learn from


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
            branch = self._branches.setdefault(parameter.when, {})
            branch[parameter.name] = self.distributions[parameter.name]

    def propose(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        """The candidate that is likeliest among the good trials beside the others."""
        if len(told(study)) < self.start:
            return self._points[trial.number]
        sampler = TPESampler(
            multivariate=True,
            constant_liar=True,
            n_startup_trials=0,
            seed=self.seed_of(trial.number),
        )
        made = {p.name: p.default for p in self.space if p.fixed}
        for branch in self._branches.values():
            if self.space.counts(next(iter(branch)), made):
                made |= sampler.sample_relative(study, trial, branch)
        return made
