"""What is said of a budget that ended before there was any model."""

from __future__ import annotations

import math
from dataclasses import dataclass

from automl_nb.core import events as ev
from automl_nb.core.errors import RunError
from automl_nb.core.show.words import duration
from automl_nb.core.trials import Deadline

_STEPS = {30: "30s", 60: "1m", 180: "3m", 600: "10m", 1800: "30m", 3600: "1h"}


@dataclass
class FirstModel:
    """What a run did until its first model, in seconds of the run.

    Attributes:
        ready_s: When the rows were read and divided.
        began_s: When the first training began; None where none did.

    Example:
        >>> from automl_nb.core.clock import now
        >>> late = Deadline(10.0, started=now() - 14.0)
        >>> print(FirstModel(3.0, 4.0).too_short(late).hint)
        Training began after 4.0 s, and 10 s later no model was done. Give more, such as time='30s'.
    """

    ready_s: float = 0.0
    began_s: float | None = None

    def hear(self, event: ev.Event) -> None:
        """An event of the run."""
        if isinstance(event, ev.DataSplit):
            self.ready_s = event.t
        elif isinstance(event, ev.TrialStarted) and self.began_s is None:
            self.began_s = event.t

    def too_short(self, deadline: Deadline) -> RunError:
        """The error, with what the time went into and a budget longer than what was in vain."""
        used = deadline.elapsed
        return RunError(
            "A budget must be long enough for a first model.",
            received=f"{deadline.seconds:g} s",
            hint=f"{self._told(used)} "
            f"Give more, such as time='{_advised(2.0 * max(deadline.seconds, used))}'.",
        )

    def _told(self, used: float) -> str:
        if self.began_s is None:
            return f"The rows were ready after {duration(self.ready_s)}: too late to begin."
        after, lasted = duration(self.began_s), max(0.0, used - self.began_s)
        return f"Training began after {after}, and {duration(lasted)} later no model was done."


def _advised(least_s: float) -> str:
    steps = (written for seconds, written in _STEPS.items() if seconds >= least_s)
    return next(steps, f"{math.ceil(least_s / 3600)}h")
