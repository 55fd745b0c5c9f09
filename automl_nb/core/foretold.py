"""What was foretold of a run, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from automl_nb.core.state import RunState
from automl_nb.core.types import Foretold

_SLACK = 1e-9  # of rounding on the way through JSON


@dataclass(frozen=True)
class Checked:
    """A forecast whose time has come.

    Attributes:
        said_at: When it was made, in seconds of the run's time.
        point: What was foretold.
        came: The best score at that time.
    """

    said_at: float
    point: Foretold
    came: float

    @property
    def held(self) -> bool:
        """Whether it lies in the interval."""
        slack = _SLACK * max(1.0, abs(self.came))
        return self.point.low - slack <= self.came <= self.point.high + slack


def checked(state: RunState) -> list[Checked]:
    """The forecasts of a run whose time has come, in order.

    A run that finished by itself keeps its last score up to the end of its budget.

    Example:
        >>> from automl_nb.core.events import Forecast, IncumbentImproved
        >>> from automl_nb.core.state import replay
        >>> state = replay(
        ...     [
        ...         IncumbentImproved(9.0, "m", 0.8, ""),
        ...         Forecast(60.0, (Foretold(360.0, 0.85, 0.8, 0.9),)),
        ...         IncumbentImproved(200.0, "m", 0.88, ""),
        ...         IncumbentImproved(400.0, "m", 0.95, ""),
        ...     ]
        ... )
        >>> [(one.came, one.held) for one in checked(state)]
        [(0.88, True)]
    """
    finished = state.ended is not None and state.ended.status == "finished"
    known_until = max(state.t, state.time_s or 0.0) if finished else state.t
    return [
        Checked(forecast.t, point, came)
        for forecast in state.forecasts
        for point in forecast.points
        if point.at <= known_until
        for came in _best_at(state, point.at)
    ]


def _best_at(state: RunState, t: float) -> Iterator[float]:
    """The best score at a time; nothing if there was none."""
    up = state.objective is None or state.objective.greater_is_better
    scores = [event.score for event in state.incumbents if event.t <= t]
    if scores:
        yield max(scores) if up else min(scores)
