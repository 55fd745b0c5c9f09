"""CMA-ES: a cloud of trials that moves and shapes itself; for thousands of cheap ones."""

from __future__ import annotations

from typing import Any

from optuna.distributions import CategoricalDistribution
from optuna.samplers import CmaEsSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from automl_nb.core.space import Space
from automl_nb.search.base import Searcher, told
from automl_nb.search.points import Points


class CmaEs(Searcher):
    """Optuna's `CmaEsSampler` over the numbers; words are chosen beside it, one by one, by TPE.

    The method knows numbers alone: a whole number is rounded, and what doesn't count is seen at
    its usual value. Optuna writes the cloud into the trials in memory while they are proposed, so
    that a study is rebuilt by proposing again.

    Hansen 2016, arXiv 1604.00772.

    Args:
        space: What is searched.
        seed: Seeds every proposal.
    """

    name: str = "cma-es"
    whole: bool = True
    replays: bool = True

    def __init__(self, space: Space, *, seed: int = 0) -> None:
        super().__init__(space, seed=seed)
        self._points = Points(space, seed=seed)
        self._numbers = {
            name: searched
            for name, searched in self.distributions.items()
            if not isinstance(searched, CategoricalDistribution)
        }

    def propose(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        """A draw from the cloud."""
        if not told(study, (TrialState.COMPLETE,)):
            return self._points[trial.number]
        seed = self.seed_of(trial.number)
        words = TPESampler(seed=seed, multivariate=False)
        sampler = CmaEsSampler(
            seed=seed, independent_sampler=words, warn_independent_sampling=False
        )
        found = sampler.sample_relative(study, trial, self._numbers)
        for name, searched in self.distributions.items():
            if name not in found:
                found[name] = sampler.sample_independent(study, trial, name, searched)
        return found
