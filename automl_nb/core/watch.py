"""Watching a run: draw while it works, stop it gracefully when interrupted.

The engine works in a thread of its own; whoever waits for it does so here, so that
the first interrupt always means "finish, and keep the best" and the second "end now".
"""

from __future__ import annotations

from typing import Protocol

from automl_nb.core.state import RunState

TICK_S = 0.1


class Renderer(Protocol):
    """Draws a state, as often as it sees fit."""

    def update(self, state: RunState) -> None:
        """The state may have changed."""
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


def watch(run: Watchable, renderer: Renderer) -> None:
    """Draw until the run is done.

    Raises:
        KeyboardInterrupt: Interrupted a second time; the run was asked to stop before.
    """
    asked = False
    while not run.done:
        try:
            run.poll(TICK_S)
            renderer.update(run.state)
        except KeyboardInterrupt:
            if asked:
                renderer.close(run.state)
                raise
            asked = True
            run.stop("stopped by an interrupt")
            renderer.stopping(run.state)
    renderer.close(run.state)
