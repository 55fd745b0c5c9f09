"""A run at work hears what a person asks of it, at the places where it may be interrupted.

Everything long checks its `CancelToken` once a batch. There the run also hears its orders: it waits
while it is paused, its clock halted; it ends the trial at work if that is to be skipped.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from automl_nb.control.orders import Order, OrderBox
from automl_nb.core.clock import Clock
from automl_nb.core.trials import CancelToken

_LOOK_S = 0.25  # between two looks into the folder


class Steering(CancelToken):
    """A cancel token that hears orders.

    Args:
        clock: The run's; it is halted while the run is paused.
        on_order: Called in the run's thread with each order that has an effect there: pause,
            resume, extend, skip, drop.

    Example:
        >>> heard = []
        >>> steering = Steering(on_order=lambda order: heard.append(order.verb))
        >>> steering.adopt()  # this thread does the work
        >>> steering.give(Order("skip"))
        >>> steering.cancelled, steering.ending, heard
        (True, False, ['skip'])
        >>> steering.trial_ended()
        >>> steering.cancelled
        False
    """

    def __init__(
        self,
        clock: Clock | None = None,
        on_order: Callable[[Order], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self.clock = Clock() if clock is None else clock
        self.on_order = on_order
        self.paused = False
        self._skips = False
        self._given: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._stirred = threading.Event()  # something was given
        self._box: OrderBox | None = None
        self._worker: int | None = None
        self._looked = 0.0

    def adopt(self, folder: Path | None = None) -> None:
        """From now on this thread does the work, and hears orders that come into `folder`."""
        self._worker = threading.get_ident()
        self._box = None if folder is None else OrderBox(folder)

    def give(self, order: Order) -> None:
        """Ask for something, from any thread of this process."""
        self._given.put(order)
        self._stirred.set()

    def cancel(self, reason: str = "asked to stop") -> None:
        """Ask for a graceful end; a paused run ends as well."""
        super().cancel(reason)
        self._stirred.set()

    @property
    def skips(self) -> bool:
        """Whether the trial at work is to end by itself, and the run to go on."""
        return self._skips and not self.ending

    @property
    def cancelled(self) -> bool:
        """Whether the work at hand is to end; in the run's thread, after any pause."""
        if threading.get_ident() == self._worker:
            self._hear()
        return self.ending or self._skips

    def trial_ended(self) -> None:
        """What was asked of one trial doesn't hold for the next."""
        self._skips = False

    def skip(self) -> None:
        """End the work at hand and go on with what comes next; for the run's own thread."""
        self._skips = True

    def listen(self) -> None:
        """Hear at once what has come, and wait out a pause; for the run's own thread."""
        self._looked = 0.0
        self._hear()

    def _hear(self) -> None:
        """Obey what was asked; wait as long as the run is paused."""
        self._obey_all()
        while self.paused and not self.ending:
            self._stirred.wait(_LOOK_S)
            self._obey_all()
        if self.paused:
            self._go_on()

    def _obey_all(self) -> None:
        self._stirred.clear()
        while True:
            try:
                self._obey(self._given.get_nowait())
            except queue.Empty:
                break
        if self._box is not None and time.monotonic() - self._looked >= _LOOK_S:
            self._looked = time.monotonic()
            for order in self._box.take():
                self._obey(order)

    def _obey(self, order: Order) -> None:
        if order.verb == "stop":
            self.cancel(order.name or "Stopped.")
        elif order.verb == "pause":
            if not self.paused:
                self.paused = True
                self.clock.halt()
                self.on_order(order)
        elif order.verb == "resume":
            if self.paused:
                self._go_on()
        else:
            self._skips = self._skips or order.verb == "skip"
            self.on_order(order)

    def _go_on(self) -> None:
        self.paused = False
        self.clock.go_on()
        self.on_order(Order("resume"))
