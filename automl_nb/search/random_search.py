"""Random search: each trial at random, whatever came before; the control of all others."""

from __future__ import annotations

from typing import Any

from optuna.samplers import RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from automl_nb.search.base import Searcher


class Random(Searcher):
    """Independent uniform draws (Bergstra & Bengio 2012), by Optuna's `RandomSampler`.

    Example:
        >>> from automl_nb.core.space import Int, Space
        >>> import optuna
        >>> optuna.logging.set_verbosity(optuna.logging.WARNING)  # as its lines hold times
        >>> study = optuna.create_study(sampler=Random(Space((Int("k", 1, 9, 3),)), seed=0))
        >>> study.optimize(lambda trial: trial.suggest_int("k", 1, 9), n_trials=3)
        >>> [1 <= trial.params["k"] <= 9 for trial in study.trials]
        [True, True, True]
    """

    name: str = "random"
    several: bool = True

    def propose(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        """A draw for each parameter."""
        sampler = RandomSampler(seed=self.seed_of(trial.number))
        return {
            name: sampler.sample_independent(study, trial, name, searched)
            for name, searched in self.distributions.items()
        }
