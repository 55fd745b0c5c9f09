"""Hyperband: successive halving that begins later for some of the trials."""

from __future__ import annotations

import math
import zlib
from bisect import bisect_right
from itertools import accumulate

from automl_nb.control.schedulers.asha import ETA, LEAST
from automl_nb.control.schedulers.base import Scheduler
from automl_nb.control.schedulers.rungs import Rungs, check_rungs, levels


class Hyperband(Scheduler):
    """Divides the trials into brackets; each is halved by itself, from a rung of its own.

    Where values early in a trial mislead, the brackets that begin late save what is good in the
    end (Li et al. 2018, "Hyperband", arXiv 1603.06560; its asynchronous form is in Li et al. 2020,
    arXiv 1810.05934). Bracket s, which has s rungs, gets trials in proportion to Algorithm 1's
    ``n = ceil((s_max + 1) / (s + 1) * eta**s)``. Which trial is in which follows from its number
    by a hash, as in Optuna's `HyperbandPruner`: in any row of trials the brackets are mixed.

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
        super().__init__(total=total, direction=direction)
        check_rungs(eta, least)
        most = levels(least, eta)
        self._brackets = [Rungs(least * eta**k, eta) for k in range(most + 1)]
        sizes = [math.ceil((most + 1) * eta**s / (s + 1)) for s in range(most, -1, -1)]
        self._ends = [*accumulate(sizes)]
        self._numbers: dict[str, int] = {}

    def goes_on(self, trial: str, share: float, gain: float) -> bool:
        """As the rungs of its bracket say."""
        return self._brackets[self.bracket(trial)].goes_on(trial, share, gain)

    def bracket(self, trial: str) -> int:
        """The place of a trial's bracket; 0 is the one that begins first."""
        number = self._numbers.setdefault(trial, len(self._numbers))
        return bisect_right(self._ends, zlib.crc32(f"trials_{number}".encode()) % self._ends[-1])
