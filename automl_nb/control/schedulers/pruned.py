"""Optuna's pruners as schedulers: shares of a trial become the whole steps that they count by."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from automl_nb.control.schedulers.base import Scheduler

if TYPE_CHECKING:
    from optuna.pruners import BasePruner

STEPS = 900_000  # of a whole trial; thirds and ninths of it are whole
_SLACK = 1e-9  # 0.1 + 0.2 has come as far as 0.3


class Pruned(Scheduler):
    """A scheduler that asks an Optuna pruner.

    Args:
        pruner: Counts in `STEPS` a whole trial.
        total: See `Scheduler`.
        direction: Likewise.
    """

    def __init__(
        self, pruner: BasePruner, *, total: float = 1.0, direction: str = "maximize"
    ) -> None:
        import optuna

        from automl_nb.search.bridge import quiet

        super().__init__(total=total, direction=direction)
        self._pruner, self._numbers = pruner, dict[str, int]()
        self._storage = optuna.storages.InMemoryStorage()
        with quiet():
            # Optuna draws a trial's bracket by the study's name, so it has a name of its own.
            self._study = optuna.create_study(
                storage=self._storage, study_name="trials", direction="maximize"
            )
        self._id = self._storage.get_study_id_from_name("trials")

    def goes_on(self, trial: str, share: float, gain: float) -> bool:
        """Unless the pruner would prune it."""
        if trial not in self._numbers:
            self._numbers[trial] = self._storage.create_new_trial(self._id)
        number, step = self._numbers[trial], int((share + _SLACK) * STEPS)
        value = gain if math.isfinite(gain) else math.nan  # which is pruned at the next rung
        self._storage.set_trial_intermediate_value(number, step, value)
        return not self._pruner.prune(self._study, self._storage.get_trial(number))
