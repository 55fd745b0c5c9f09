"""Hyperband: successive halving that begins later for some of the trials."""

from __future__ import annotations

from automl_nb.control.schedulers.asha import ETA, LEAST, check_rungs, first_rung
from automl_nb.control.schedulers.pruned import STEPS, Pruned


class Hyperband(Pruned):
    """Divides the trials into brackets; each is halved by itself, from a rung of its own.

    Where values early in a trial mislead, the brackets that begin late save what is good in the
    end (Li et al. 2018, "Hyperband", arXiv 1603.06560; its asynchronous form is in Li et al. 2020,
    arXiv 1810.05934). Brackets have as many trials as in Algorithm 1; which trial is in which
    follows from its number. Optuna's `HyperbandPruner` decides.

    Args:
        total: See `Scheduler`.
        direction: Likewise.
        eta: One of so many goes on, at least 2.
        least: Share of a whole trial at the first rung of the first bracket.

    Example:
        >>> hyperband = Hyperband(total=9.0)
        >>> answers = [hyperband.heard(f"{n}", 1.0, -float(n)).value for n in range(40)]
        >>> 0 < answers.count("stop") < 39  # the others' brackets begin at 3 and at 9
        True
    """

    name = "hyperband"

    def __init__(
        self,
        *,
        total: float = 1.0,
        direction: str = "maximize",
        eta: int = ETA,
        least: float = LEAST,
    ) -> None:
        from optuna.pruners import HyperbandPruner

        check_rungs(eta, least)
        pruner = HyperbandPruner(
            min_resource=first_rung(least), max_resource=STEPS, reduction_factor=eta
        )
        super().__init__(pruner, total=total, direction=direction)
