"""What can't be cut short is done beside the run's thread, which hears its orders meanwhile."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable

_LOOK_S = 0.05  # between two looks for an order


def meanwhile(work: Callable[[], None], listen: Callable[[], None]) -> None:
    """Wait for `work`, which a second thread does, and call `listen` all the while.

    Where `listen` raises, nobody waits any longer: the work comes to its end unseen. Where it
    takes its time, as in a pause, the work goes on. The interpreter doesn't leave before it ended,
    since a library that is torn down halfway through its import takes the process with it.

    Args:
        work: What is to be done.
        listen: Hears orders in this thread.

    Raises:
        BaseException: Whatever either raises.

    Example:
        >>> meanwhile(lambda: print("done"), listen=lambda: None)
        done
    """
    errors: list[BaseException] = []
    ended = threading.Event()

    def carried_out() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised where it was asked for
            errors.append(error)
        finally:
            ended.set()

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(carried_out,), name="automl_nb-beside").start()
    while not ended.wait(_LOOK_S):
        listen()
    if errors:
        raise errors[0]
