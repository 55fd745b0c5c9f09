"""Asynchronous successive halving: of the trials that come to a rung, the best third goes on."""

from __future__ import annotations

from automl_nb.control.schedulers.base import Scheduler
from automl_nb.control.schedulers.rungs import Rungs, check_rungs

ETA = 3
LEAST = 1 / 9


class Asha(Scheduler):
    """Stops trials that aren't among the best ``1 / eta`` at a rung.

    Rungs lie at ``least``, ``least * eta``, ``least * eta**2`` ... of a whole trial. This is the
    stopping variant of Li et al. 2020, "A system for massively parallel hyperparameter tuning"
    (arXiv 1810.05934): who comes to a rung is judged there at once, by those that came before.
    Until ``eta`` trials have come, the best goes on. With whole steps it decides as Optuna's
    `SuccessiveHalvingPruner`.

    Args:
        total: See `Scheduler`.
        direction: Likewise.
        eta: One of so many goes on, at least 2.
        least: Share of a whole trial at the first rung.

    Example:
        >>> asha = Asha(total=9.0, direction="minimize")
        >>> [asha.heard(name, 1.0, loss).value for name, loss in [("a", 0.5), ("b", 0.9)]]
        ['continue', 'stop']
    """

    name = "asha"

    def __init__(
        self,
        *,
        total: float = 1.0,
        direction: str = "maximize",
        eta: int = ETA,
        least: float = LEAST,
    ) -> None:
        super().__init__(total=total, direction=direction)
        check_rungs(eta, least)
        self._rungs = Rungs(least, eta)

    def goes_on(self, trial: str, share: float, gain: float) -> bool:
        """As its rungs say."""
        return self._rungs.goes_on(trial, share, gain)
