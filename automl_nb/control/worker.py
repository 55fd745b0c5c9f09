"""The thread that works while the person's thread watches.

The engine puts events on a queue; whoever holds the `Worker` takes them off in its own
thread, so that nothing is ever drawn from the engine's.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from automl_nb.core.events import Event
from automl_nb.core.trials import Cancelled, CancelToken

Work = Callable[[Callable[[Event], None], CancelToken], None]


class Worker:
    """Runs `work(emit, cancel)` in one daemon thread.

    Args:
        work: Emits events and returns; its exception is kept in `error`.
        cancel: What the work is to check; a plain token if None.
        name: The thread's name.
    """

    def __init__(
        self, work: Work, cancel: CancelToken | None = None, name: str = "automl_nb"
    ) -> None:
        self.cancel = CancelToken() if cancel is None else cancel
        self.error: BaseException | None = None
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._ended = False
        self._thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether the work has ended and its last event was taken."""
        return self._ended

    def take(self, timeout: float) -> list[Event]:
        """Wait up to `timeout` seconds for events, then all that there are."""
        taken: list[Event] = []
        if self._ended:
            return taken
        alive = self._thread.is_alive()
        try:
            first = self._events.get(timeout=timeout)
            while True:
                if first is None:
                    self._ended = True
                    self._thread.join()
                    return taken
                taken.append(first)
                first = self._events.get_nowait()
        except queue.Empty:
            # An interrupt may have lost the mark of the end between queue and list.
            self._ended = not alive and self._thread.ident is not None
            return taken

    def _run(self, work: Work) -> None:
        try:
            work(self._events.put, self.cancel)
        except Cancelled:
            pass
        except BaseException as error:  # noqa: BLE001 - whatever it is, the watcher must hear it
            # The frames would pin every array and tensor of the run for as long as the
            # error is kept; the message is what is needed. The text of the traceback stays.
            error.add_note(_as_text(error))
            self.error = _without_frames(error)
        finally:
            self._events.put(None)


def _without_frames(error: BaseException) -> BaseException:
    """The error and those that it was raised from, all without their tracebacks."""
    chain: BaseException | None = error
    seen: set[int] = set()
    while chain is not None and id(chain) not in seen:
        seen.add(id(chain))
        chain.__traceback__ = None
        chain = chain.__cause__ or chain.__context__
    return error


def _as_text(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))
