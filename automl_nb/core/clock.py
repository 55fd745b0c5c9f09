"""The clock that a run's time counts by: it can be halted, so that a pause costs nothing.

Everything that plans by time asks `now()`, and hears the clock of the run whose thread it is in;
where there is none, the machine's monotonic clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


def _machine() -> float:
    return time.monotonic()  # looked up each time, so that it can be replaced


class Clock:
    """A monotonic clock without the times at which it was halted.

    Args:
        reads: Gives seconds that never fall; the machine's monotonic clock if None.

    Example:
        >>> seconds = iter([10.0, 12.0, 17.0, 18.0])
        >>> clock = Clock(lambda: next(seconds))
        >>> clock.now()
        10.0
        >>> clock.halt()  # at 12
        >>> clock.go_on()  # at 17
        >>> clock.now()
        13.0
    """

    def __init__(self, reads: Callable[[], float] | None = None) -> None:
        self._reads = _machine if reads is None else reads
        self._lost = 0.0
        self._halted: float | None = None
        self._followers: list[Callable[[bool], None]] = []

    @property
    def lost(self) -> float:
        """Seconds, in all, for which it was halted and went on again."""
        return self._lost

    def now(self) -> float:
        """Seconds; they stand still while the clock is halted."""
        return (self._reads() if self._halted is None else self._halted) - self._lost

    def halt(self) -> None:
        """Stand still from now on."""
        if self._halted is None:
            self._halted = self._reads()
            self._tell(halted=True)

    def go_on(self) -> None:
        """Count again."""
        if self._halted is not None:
            self._lost += self._reads() - self._halted
            self._halted = None
            self._tell(halted=False)

    @contextmanager
    def followed(self, follow: Callable[[bool], None]) -> Iterator[None]:
        """Within this block `follow` hears whether the clock is halted, whenever that changes.

        So that what works elsewhere, in a process of its own, stands still as well.
        """
        self._followers.append(follow)
        try:
            yield
        finally:
            self._followers.remove(follow)

    def _tell(self, *, halted: bool) -> None:
        for follow in [*self._followers]:
            follow(halted)


_MACHINE = Clock()
_CURRENT: ContextVar[Clock | None] = ContextVar("clock", default=None)


def current_clock() -> Clock:
    """The clock of the run that this thread works for, or the machine's."""
    return _CURRENT.get() or _MACHINE


def now() -> float:
    """What `current_clock` reads."""
    return current_clock().now()


@contextmanager
def counted_by(clock: Clock) -> Iterator[Clock]:
    """Within this block (and this thread) time counts by another clock."""
    token = _CURRENT.set(clock)
    try:
        yield clock
    finally:
        _CURRENT.reset(token)
