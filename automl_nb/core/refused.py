"""Why a run can't be steered as it is, and what to type instead."""

from __future__ import annotations

import math

from automl_nb.core.endings import wants_no_more
from automl_nb.core.errors import RunError
from automl_nb.core.state import RunState

_FIVE_MINUTES = 300.0
_READS_ROWS = "rows"  # the unit of work that may be skipped besides trials


def line_for_more(name: str, state: RunState, more_s: float = _FIVE_MINUTES) -> str:
    """The line that goes on with an ended run for so much longer than it has had.

    Example:
        >>> line_for_more("iris", RunState(t=100.0, settings={"time_s": 180.0}))
        '%automl resume iris --time 8m'
    """
    whole = math.ceil(max(state.t, state.time_s or 0.0) + more_s)
    minutes, rest = divmod(whole, 60)
    return f"%automl resume {name} --time {f'{whole}s' if rest else f'{minutes}m'}"


def it_is_over(name: str, status: str, state: RunState, asked: str = "steered") -> RunError:
    """The error that tells that a run is at work no more; what goes on with it differs.

    Args:
        name: Of the run.
        status: finished, stopped, failed or killed.
        state: The run.
        asked: What it can't be.
    """
    complete = wants_no_more(state)
    hints = {
        "finished": f"{complete} Call fit with other settings for a new run."
        if complete
        else f"More time goes on with it: {line_for_more(name, state)}",
        "failed": "There is nothing to go on with: put right what it says, and run fit again.",
    }
    return RunError(
        f"Only a run that is still at work can be {asked}.",
        received=f"run '{name}', {status}",
        hint=hints.get(status, f"To go on from where it was: %automl resume {name}"),
    )


def nothing_to_skip(name: str, state: RunState) -> RunError | None:
    """The error that tells that a paused run stands between two trials; None where it doesn't."""
    at_work = any(trial.status == "running" for trial in state.trials.values())
    now = state.progress
    encodes = now is not None and now.unit == _READS_ROWS and now.done < now.total
    if at_work or encodes or not state.paused:
        return None  # between two trials of a run that goes on the next is there in a moment
    return RunError(
        "Only a trial that is at work can be skipped.",
        received=f"run '{name}', paused between two trials",
        hint=f"Go on with %automl resume {name}, and skip once the next trial is at work.",
    )
