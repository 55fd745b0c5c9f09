"""A run behind the cell: the cell has returned, its output goes on following the run."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable

from automl_nb.core.events import Event
from automl_nb.core.state import RunState
from automl_nb.core.watch import TICK_S, Renderer


class Follower(threading.Thread):
    """Folds events into a state of its own and draws it, until the run ends.

    The run's own state belongs to whoever polls the run; sharing it between threads
    would need locks, a second fold costs nothing.

    Args:
        events: Where the engine puts its events.
        renderer: Draws.
        on_end: Called once after the last frame, with the last state.
        in_its_cell: Every frame belongs to the cell that began it. Where nobody watches only what
            belongs to the cell at work is kept; a frame finds its place there by its display id.
    """

    def __init__(
        self,
        events: queue.SimpleQueue[Event],
        renderer: Renderer,
        on_end: Callable[[RunState], None],
        *,
        in_its_cell: bool = True,
    ) -> None:
        super().__init__(name="automl-nb-view", daemon=True)
        self._events, self._renderer, self._on_end = events, renderer, on_end
        self._state = RunState()
        # Jupyter keeps in the context which cell output belongs to; a bare thread's
        # output would go to whichever cell ran last.
        self._cell = contextvars.copy_context() if in_its_cell else contextvars.Context()
        renderer.update(self._state)

    def run(self) -> None:
        """Draw until the last event."""
        self._cell.run(self._follow)

    def _follow(self) -> None:
        while self._state.ended is None:
            self._take()
            self._renderer.update(self._state)
        self._renderer.close(self._state)
        self._on_end(self._state)

    def _take(self) -> None:
        """Fold in every event that is there, waiting a tick for the first."""
        try:
            self._state.apply(self._events.get(timeout=TICK_S))
            while self._state.ended is None:
                self._state.apply(self._events.get_nowait())
        except queue.Empty:
            return
