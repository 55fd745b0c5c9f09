"""The last words of a run that has done all that there was to do: more time is of no use to it."""

from __future__ import annotations

from automl_nb.core.state import RunState

PERFECT = "The score of the rows held out is the best that there is; more time is of no use."
ALL_DONE = "Every step of the plan was done; more time would change nothing."


def wants_no_more(state: RunState) -> str:
    """Why more time is of no use to a run that has ended; "" where it may be.

    Example:
        >>> from automl_nb.core.events import RunEnded
        >>> wants_no_more(RunState(ended=RunEnded(9.0, "finished", ALL_DONE)))
        'Every step of the plan was done; more time would change nothing.'
        >>> wants_no_more(RunState(ended=RunEnded(9.0, "stopped", "Stopped.")))
        ''
    """
    if state.ended is None:
        return ""
    return next((why for why in (PERFECT, ALL_DONE) if state.ended.reason.endswith(why)), "")
