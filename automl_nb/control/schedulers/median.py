"""The median stopping rule, around any other scheduler."""

from __future__ import annotations

import math
from bisect import bisect_right, insort

from automl_nb.control.schedulers.base import Scheduler, check_share
from automl_nb.control.schedulers.unlimited import Unlimited
from automl_nb.core.errors import SettingError
from automl_nb.core.trials import Decision

GRACE = 1 / 9
LEAST_TRIALS = 5
_KEPT = 1000  # shares whose averages are kept; cheap trials, of which there are many, have few


class Median(Scheduler):
    """Stops a trial whose best so far is worse than what others had by then, in the median.

    Golovin et al. 2017, "Google Vizier", section 3.2: a trial at step s is stopped if its best
    value by s is strictly worse than the median of the running averages, up to s, of all
    completed trials. Optuna's `MedianPruner` compares with single values at the very same step
    instead, which trials of fractional length don't share.

    Args:
        inner: Hears everything too, and may stop a trial as well; None for no other.
        total: See `Scheduler`.
        direction: Likewise.
        grace: Share of a whole trial before which nothing is stopped.
        least_trials: Completed trials that there must be before anything is stopped.

    Raises:
        SettingError: A setting makes no sense, or the other counts by another total or direction.

    Example:
        >>> median = Median(total=4.0, least_trials=1)
        >>> for resource, value in [(1.0, 0.5), (2.0, 0.7), (4.0, 0.9)]:
        ...     _ = median.heard("first", resource, value)
        >>> median.ended("first")
        >>> median.heard("second", 2.0, 0.59).value  # the first had 0.6 on average
        'stop'
        >>> median.heard("third", 2.0, 0.61).value
        'continue'
    """

    name = "median"

    def __init__(
        self,
        inner: Scheduler | None = None,
        *,
        total: float = 1.0,
        direction: str = "maximize",
        grace: float = GRACE,
        least_trials: int = LEAST_TRIALS,
    ) -> None:
        super().__init__(total=total, direction=direction)
        check_share("grace", grace)
        if least_trials < 1:
            raise SettingError("least_trials must be 1 or more.", received=least_trials)
        self.inner = Unlimited(total=total, direction=direction) if inner is None else inner
        if (self.inner.total, self.inner.direction) != (total, direction):
            raise SettingError(
                "A scheduler counts as the one that it wraps.",
                received=f"{total} and {direction}, {self.inner.total} and {self.inner.direction}",
                hint="Give both the same total and direction.",
            )
        self.grace, self.least_trials = grace, least_trials
        self._curves: dict[str, _Curve] = {}
        self._completed: list[_Curve] = []
        self._known: dict[float, list[float]] = {}  # their averages, by share

    def heard(self, trial: str, resource: float, value: float) -> Decision:
        """What either of both says."""
        answers = {
            self.inner.heard(trial, resource, value),
            super().heard(trial, resource, value),
        }
        return Decision.STOP if Decision.STOP in answers else Decision.CONTINUE

    def ended(self, trial: str, *, whole: bool = True) -> None:
        """Whole trials are what others are compared with."""
        self.inner.ended(trial, whole=whole)
        curve = self._curves.pop(trial, None)
        if whole and curve is not None:
            self._completed.append(curve)
            for share, averages in self._known.items():
                if (average := curve.average(share)) is not None:
                    insort(averages, average)

    def goes_on(self, trial: str, share: float, gain: float) -> bool:
        """Unless the rule stops it."""
        curve = self._curves.setdefault(trial, _Curve())
        curve.add(share, gain)
        if share < self.grace:
            return True
        averages = self._averages_at(share)
        n = len(averages)
        if n < self.least_trials:
            return True
        return curve.best >= (averages[(n - 1) // 2] + averages[n // 2]) / 2.0

    def _averages_at(self, share: float) -> list[float]:
        """Of the completed trials that had reported by then, ascending."""
        if share not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = (one.average(share) for one in self._completed)
            self._known[share] = sorted(average for average in found if average is not None)
        return self._known[share]


class _Curve:
    """A trial's gains in the order of its reports."""

    def __init__(self) -> None:
        self.best = -math.inf
        self._shares: list[float] = []
        self._averages: list[float] = []  # of the gains up to each report

    def add(self, share: float, gain: float) -> None:
        """One report more."""
        n = len(self._shares)
        before = self._averages[-1] if n else 0.0
        self.best = max(self.best, gain)
        self._shares.append(share)
        self._averages.append((before * n + gain) / (n + 1))

    def average(self, share: float) -> float | None:
        """Of all that was reported up to a share; None where nothing was."""
        n = bisect_right(self._shares, share)
        return self._averages[n - 1] if n else None
