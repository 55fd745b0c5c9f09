"""What more time would bring, as a table's rows; in words why there is none where there isn't."""

from __future__ import annotations

from collections.abc import Sequence

from automl_nb.control.forecast import FARTHEST, LEAST, forecast, n_improvements
from automl_nb.core.endings import wants_no_more
from automl_nb.core.show.words import count, duration
from automl_nb.core.state import RunState


def what_if(
    state: RunState, minutes: Sequence[float], *, seed: int = 0
) -> tuple[list[dict[str, float]], list[str]]:
    """A row for each time of which something is known, and why nothing is of the others.

    Args:
        state: The run, at work or ended.
        minutes: From now, of the run's time.
        seed: Seeds the draws.

    Raises:
        SettingError: A time is no positive number.

    Example:
        >>> from automl_nb.core.events import IncumbentImproved
        >>> from automl_nb.core.state import replay
        >>> times = [(10, 0.80), (20, 0.86), (50, 0.88), (60, 0.89)]
        >>> state = replay(IncumbentImproved(t, "m", score, "") for t, score in times)
        >>> rows, notes = what_if(state, [5, 10])
        >>> [row["minutes"] for row in rows], notes
        ([5], ['+10 min: nothing is foretold for more than 6 times the 1:00 min that it has had.'])
    """
    points = {ahead: forecast(state, [60.0 * ahead], seed=seed) for ahead in minutes}
    if why := _why_none(state):
        return [], [why]
    rows = [
        {"minutes": a, "at_s": p.at, "value": p.value, "low": p.low, "high": p.high}
        for a, found in points.items()
        for p in found
    ]
    far = [ahead for ahead, found in points.items() if not found]
    named = ", ".join(f"+{ahead:g} min" for ahead in far)
    had = f"{FARTHEST:g} times the {duration(state.t)} that it has had"
    return rows, [f"{named}: nothing is foretold for more than {had}."] if far else []


def _why_none(state: RunState) -> str:
    """Why nothing can be foretold for any time."""
    if state.ended is not None and state.ended.status == "failed":
        return "Nothing is foretold: the run failed."
    if why := wants_no_more(state):
        return f"Nothing is foretold: {why[0].lower()}{why[1:]}"
    known = n_improvements(state)
    if known < LEAST:
        return (
            f"Nothing is foretold from {count(known, 'improvement')} of the best score: it takes "
            f"{LEAST} to tell how they come."
        )
    return ""
