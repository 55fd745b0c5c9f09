"""Says once a minute, while a run is at work, what its best score is expected to be."""

from __future__ import annotations

import math
from collections.abc import Iterable

from automl_nb.control.forecast import forecast
from automl_nb.core.events import Event, Forecast, RunResumed
from automl_nb.core.state import replay

EVERY_S = 60.0  # of the run's time
AHEAD_S = (300.0, 600.0)  # and the end of the budget


class Foresight:
    """Follows a run's events and makes forecasts of them.

    Args:
        before: What the run did before it was interrupted.

    Example:
        >>> from automl_nb.core.events import IncumbentImproved
        >>> foresight = Foresight()
        >>> told = [
        ...     foresight.hear(IncumbentImproved(t, "m", score, ""))
        ...     for t, score in [(5.0, 0.7), (20.0, 0.8), (61.0, 0.85), (70.0, 0.86)]
        ... ]
        >>> [None if one is None else [point.at for point in one.points] for one in told]
        [None, None, [361.0], None]
    """

    def __init__(self, before: Iterable[Event] = ()) -> None:
        self._state = replay(before)
        last = self._state.forecasts[-1:]
        self._due = last[0].t + EVERY_S if last else EVERY_S

    def hear(self, event: Event) -> Forecast | None:
        """Take note of an event; a forecast if one is due and there is something to say."""
        state = self._state
        state.apply(event)
        state.messages.clear()
        if event.t < self._due or state.ended is not None or isinstance(event, RunResumed):
            return None
        self._due = event.t + EVERY_S
        left = (state.time_s or math.inf) - event.t
        ahead = [*AHEAD_S, left] if math.isfinite(left) and left > 1.0 else [*AHEAD_S]
        points = forecast(state, sorted(set(ahead)))
        return Forecast(event.t, tuple(points)) if points else None
