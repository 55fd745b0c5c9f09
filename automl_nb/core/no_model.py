"""What is said of a run that has no model which could be shown."""

from __future__ import annotations

from automl_nb.core.state import RunState


def why_no_model(state: RunState, status: str) -> str:
    """Why it has none, or none yet.

    Args:
        state: Of a run without a model.
        status: As `Run.status` tells it, which also knows of processes that ended.

    Example:
        >>> why_no_model(RunState(), "running")
        'It has no model yet: wait a moment.'
        >>> why_no_model(RunState(), "killed")
        'Its process ended before there was one; resume goes on with it.'
    """
    if state.ended is not None:
        return state.ended.reason
    if status == "killed":
        return "Its process ended before there was one; resume goes on with it."
    if status == "waiting":
        return "It waits for its turn, and has no model yet."
    return "It has no model yet: wait a moment."
