"""Watching a run: draw while it works, stop it gracefully when interrupted.

The engine works in a thread of its own; whoever waits for it does so here, so that
the first interrupt always means "finish, and keep the best" and the second "end now".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from automl_nb.core.state import RunState

TICK_S = 0.1
BUSY_S, IDLE_S = 0.25, 1.0


class Renderer(Protocol):
    """Draws a state, as often as it sees fit."""

    def update(self, state: RunState) -> None:
        """The state or the time may have changed."""
        ...

    def stopping(self, state: RunState) -> None:
        """The person asked for an end."""
        ...

    def close(self, state: RunState) -> None:
        """The last state; always drawn."""
        ...


class Watchable(Protocol):
    """What watching needs of a run."""

    @property
    def state(self) -> RunState:
        """The events so far, folded."""
        ...

    @property
    def done(self) -> bool:
        """Whether the worker has ended and every event was folded."""
        ...

    def poll(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for events; True if anything changed."""
        ...

    def stop(self, reason: str = "stopped") -> None:
        """Ask for a graceful end."""
        ...


def watch(run: Watchable, renderer: Renderer) -> bool:
    """Draw until the run is done.

    Returns:
        Whether it was interrupted, and so ended early.

    Raises:
        KeyboardInterrupt: Interrupted a second time; the run was asked to stop before.
    """
    asked = False
    while True:
        try:
            while not run.done:  # inside: an interrupt may come between two polls
                run.poll(TICK_S)
                renderer.update(run.state)
            break
        except KeyboardInterrupt:
            if asked:
                renderer.close(run.state)
                raise
            asked = True
            run.stop("Stopped by an interrupt.")
            renderer.stopping(run.state)
    renderer.close(run.state)
    return asked


class Pace:
    """Says when the next frame is due: 4 a second at most, one a second when nothing moves.

    It also reads the run's own clock between two events.

    Args:
        clock: Reads a monotonic time in seconds.

    Example:
        >>> now = [10.0]
        >>> pace = Pace(clock=lambda: now[0])
        >>> state = RunState(t=1.0)
        >>> pace.due(state), pace.due(state)
        (True, False)
        >>> now[0] = 11.5
        >>> pace.due(state), pace.now(state)
        (True, 2.5)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._zero = float("inf")  # the clock's reading when the run began
        self._drawn_at = float("-inf")
        self._drawn_t = -1.0

    def due(self, state: RunState) -> bool:
        """Whether to draw now; if so, the time counts as drawn."""
        self.now(state)
        wait = BUSY_S if state.t != self._drawn_t else IDLE_S
        if self._clock() - self._drawn_at < wait:
            return False
        self._drawn_at, self._drawn_t = self._clock(), state.t
        return True

    def now(self, state: RunState) -> float:
        """Seconds since the run began; they stand still while it waits or is paused."""
        if state.paused or state.behind:
            self._zero = float("inf")
            return state.t
        self._zero = min(self._zero, self._clock() - state.t)
        return max(state.t, self._clock() - self._zero)
