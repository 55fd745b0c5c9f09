"""Asynchronous successive halving: of the trials that come to a rung, the best third goes on."""

from __future__ import annotations

from automl_nb.control.schedulers.base import check_share
from automl_nb.control.schedulers.pruned import STEPS, Pruned
from automl_nb.core.errors import SettingError

ETA = 3
LEAST = 1 / 9


class Asha(Pruned):
    """Stops trials that aren't among the best ``1 / eta`` at a rung.

    Rungs lie at ``least``, ``least * eta``, ``least * eta**2`` ... of a whole trial. This is the
    stopping variant of Li et al. 2020, "A system for massively parallel hyperparameter tuning"
    (arXiv 1810.05934): who comes to a rung is judged there at once, by those that came before.
    Until ``eta`` trials have come, the best goes on. Optuna's `SuccessiveHalvingPruner` decides.

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
        from optuna.pruners import SuccessiveHalvingPruner

        check_rungs(eta, least)
        pruner = SuccessiveHalvingPruner(
            min_resource=first_rung(least), reduction_factor=eta, min_early_stopping_rate=0
        )
        super().__init__(pruner, total=total, direction=direction)


def check_rungs(eta: int, least: float) -> None:
    """Refuse rungs that don't rise.

    Raises:
        SettingError: See `Asha`.
    """
    if isinstance(eta, bool) or not isinstance(eta, int) or eta < 2:
        raise SettingError("eta must be a whole number from 2.", received=eta)
    check_share("least", least)


def first_rung(least: float) -> int:
    """The step of the first rung."""
    return max(1, round(least * STEPS))
