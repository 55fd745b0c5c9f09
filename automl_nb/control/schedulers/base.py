"""What a scheduler is: it hears how trials come along, and says which of them go on.

A scheduler knows nothing of networks, threads or clocks. What it says follows from what it was
told, in that order, and from nothing else: whoever tells a new one the same again, out of a
journal, has the scheduler of before.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

from automl_nb.core.errors import SettingError
from automl_nb.core.trials import Decision

DIRECTIONS = ("maximize", "minimize")


class Scheduler(ABC):
    """Says after each report whether a trial goes on.

    A value that is no finite number counts as worse than all others.

    Args:
        total: What a whole trial consumes, in any unit: epochs, folds, rows, or 1.0 where
            shares are reported.
        direction: ``"maximize"`` or ``"minimize"``, of the values.

    Raises:
        SettingError: A setting makes no sense.
    """

    name = ""

    def __init__(self, *, total: float = 1.0, direction: str = "maximize") -> None:
        if not (math.isfinite(total) and total > 0):
            raise SettingError(
                "What a whole trial consumes must be a number above zero.",
                received=total,
                hint="Such as total=3.0 for three epochs.",
            )
        if direction not in DIRECTIONS:
            raise SettingError(
                "An objective is to maximize or to minimize.",
                received=direction,
                hint=f"Say {' or '.join(DIRECTIONS)}.",
            )
        self.total, self.direction = total, direction

    def heard(self, trial: str, resource: float, value: float) -> Decision:
        """What a running trial reports.

        Args:
            trial: Its name.
            resource: What it has consumed so far, in the unit of `total`; may be fractional.
            value: How good it is there.

        Returns:
            STOP where the trial is hopeless, else CONTINUE; at its end a trial is never stopped.

        Raises:
            SettingError: The resource is no number from zero.
        """
        if not (math.isfinite(resource) and resource >= 0):
            raise SettingError("A trial has consumed nothing or more.", received=resource)
        gain = value if self.direction == "maximize" else -value
        share = resource / self.total
        goes_on = self.goes_on(trial, share, gain if math.isfinite(gain) else -math.inf)
        return Decision.CONTINUE if goes_on or share >= 1.0 else Decision.STOP

    def ended(self, trial: str, *, whole: bool = True) -> None:  # noqa: B027 - most need not know
        """A trial has ended.

        Args:
            trial: Its name.
            whole: Whether by itself; not one that was stopped or failed.
        """

    @abstractmethod
    def goes_on(self, trial: str, share: float, gain: float) -> bool:
        """Whether a trial is worth more.

        Args:
            trial: Its name.
            share: Of a whole trial, consumed so far.
            gain: How good it is; more is better, ``-inf`` for what is no number.
        """


def check_share(name: str, value: float) -> None:
    """Refuse what is no share of a whole trial.

    Raises:
        SettingError: It isn't above 0 and at most 1.
    """
    if not 0.0 < value <= 1.0:
        raise SettingError(
            f"{name} must be a share of a whole trial, above 0 and at most 1.", received=value
        )
