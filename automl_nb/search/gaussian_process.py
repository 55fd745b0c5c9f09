"""Bayesian search by a Gaussian process: the most from few and dear trials."""

from __future__ import annotations

from typing import Any

from optuna.samplers import GPSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from automl_nb.core.space import Space
from automl_nb.search.base import Searcher, told
from automl_nb.search.points import Points

START = 10  # trials on even points, before the first fit


class GaussianProcess(Searcher):
    """Optuna's `GPSampler`: a Matern 5/2 kernel and the logarithm of expected improvement.

    The kernel is fitted anew for each proposal, so that nothing is carried over. What doesn't
    count is seen at its usual value.

    Snoek, Larochelle & Adams 2012, arXiv 1206.2944; Ament et al. 2023, arXiv 2310.20708.

    Args:
        space: What is searched.
        seed: Seeds every proposal.
        start: Trials on even points at first.
    """

    name: str = "gp"
    whole: bool = True
    several: bool = True

    def __init__(self, space: Space, *, seed: int = 0, start: int = START) -> None:
        super().__init__(space, seed=seed)
        self.start = start
        self._points = Points(space, seed=seed)

    def propose(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        """The place where the most improvement is expected."""
        if len(told(study, (TrialState.COMPLETE,))) < self.start:
            return self._points[trial.number]
        sampler = GPSampler(
            seed=self.seed_of(trial.number),
            n_startup_trials=self.start,
            warn_independent_sampling=False,
        )
        return sampler.sample_relative(study, trial, self.distributions)
