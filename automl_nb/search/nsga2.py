"""NSGA-II: a population that spreads along the front of several objectives."""

from __future__ import annotations

from typing import Any

from optuna.samplers import NSGAIISampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from automl_nb.core.space import Space
from automl_nb.search.base import Searcher

POPULATION = 20


class Nsga2(Searcher):
    """Optuna's `NSGAIISampler` with a population for some hundred trials.

    Its generations are written into the trials while they are proposed, so that a study is
    rebuilt by proposing again. What doesn't count is inherited at its usual value.

    Deb et al. 2002.

    Args:
        space: What is searched.
        seed: Seeds every proposal.
        population: Trials of a generation.
    """

    name: str = "nsga2"
    whole: bool = True
    replays: bool = True
    several: bool = True

    def __init__(self, space: Space, *, seed: int = 0, population: int = POPULATION) -> None:
        super().__init__(space, seed=seed)
        self.population = population

    def propose(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        """A child of two of the best, with some values drawn anew."""
        sampler = NSGAIISampler(seed=self.seed_of(trial.number), population_size=self.population)
        found = sampler.sample_relative(study, trial, self.distributions)
        for name, searched in self.distributions.items():
            if name not in found:
                found[name] = sampler.sample_independent(study, trial, name, searched)
        return found
