"""What a trial says and hears: the contract between training code and control.

A trial is a generator. It yields `Report` and receives a `Decision`; who decides,
for how long and on which machine is none of its business.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum

from automl_nb.core.clock import Clock, current_clock

_LEAST_S = 0.1  # that is told as a number


class Decision(StrEnum):
    """The answer to a report."""

    CONTINUE = "continue"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True)
class Report:
    """How far a trial has come.

    Attributes:
        trial_id: The trial's name within the run.
        resource: Epochs (or folds) consumed so far; may be fractional.
        metrics: Named values at this point, such as ``{"loss": .3, "score": .9}``.
        elapsed_s: Seconds since the trial began.
        peak_memory_bytes: Peak memory of the process or device, 0 if unknown.
        total: The resource at which the trial would end by itself.
    """

    trial_id: str
    resource: float
    metrics: dict[str, float] = field(default_factory=dict)
    elapsed_s: float = 0.0
    peak_memory_bytes: int = 0
    total: float = 0.0


class Cancelled(BaseException):
    """Raised inside the engine to unwind to the last safe point.

    A BaseException, so that no `except Exception` on the way swallows it.
    """


class TooSlow(Exception):  # noqa: N818 - an answer to the plan, not a fault
    """A trial finds that its work would not end in time.

    Args:
        needed_s: Seconds that it would take.
        left_s: Seconds that there are.
    """

    def __init__(self, needed_s: float, left_s: float) -> None:
        self.needed_s, self.left_s = needed_s, left_s
        needed, left = _seconds(needed_s), _seconds(left_s)
        super().__init__(f"it would take {needed} and {left} are left")
        self.of_its_share = f"it would take {needed} and its share of the time left is {left}"


def _seconds(s: float) -> str:
    """Seconds, one digit behind the point where there are few; little is not called nothing."""
    if 0.0 < s < _LEAST_S:
        return f"less than {_LEAST_S} s"
    return f"{max(0.0, s):.1f} s" if s < 10 else f"{s:.0f} s"


class CancelToken:
    """Asks long work to end. Checked once a batch; set from any thread.

    What a person may ask of a run besides (a pause, the end of one trial) is heard at the same
    places, see `automl_nb.control.steering`.

    Example:
        >>> token = CancelToken()
        >>> token.cancelled
        False
        >>> token.cancel("stop button")
        >>> token.cancelled, token.reason
        (True, 'stop button')
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self.reason = ""

    def cancel(self, reason: str = "asked to stop") -> None:
        """Ask for a graceful end; the first reason given is kept."""
        if not self._event.is_set():
            self.reason = reason
            self._event.set()

    @property
    def ending(self) -> bool:
        """Whether the end of the whole run was asked for."""
        return self._event.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether the work at hand is to end."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if the work at hand is to end."""
        if self.cancelled:
            raise Cancelled(self.reason)


class Deadline:
    """Counts a time budget down on the run's clock.

    Args:
        seconds: The budget; ``float("inf")`` for none.
        started: A reading of the clock from which to count; now if None.
        clock: That of the thread's run if None, see `automl_nb.core.clock`.

    Attributes:
        pressed: Whether it ever refused something: what was made under it might have come
            out otherwise with more time.
    """

    def __init__(
        self, seconds: float, *, started: float | None = None, clock: Clock | None = None
    ) -> None:
        self._seconds = seconds
        self.clock = current_clock() if clock is None else clock
        self.started = self.clock.now() if started is None else started
        self.pressed = False

    @property
    def seconds(self) -> float:
        """The budget."""
        return self._seconds

    def extend(self, seconds: float) -> None:
        """Give so many seconds more; deadlines that were made by `sooner` follow."""
        self._seconds += seconds

    @property
    def elapsed(self) -> float:
        """Seconds used."""
        return self.clock.now() - self.started

    @property
    def left(self) -> float:
        """Seconds left; negative when it has passed."""
        return self.seconds - self.elapsed

    def allows(self, seconds: float) -> bool:
        """Whether work of this length would end in time."""
        fits = seconds <= self.left
        self.pressed = self.pressed or not fits
        return fits

    def sooner(self, reserve_s: float) -> Deadline:
        """The same deadline moved forward by `reserve_s` seconds."""
        return _Sooner(self, reserve_s)


class _Sooner(Deadline):
    """A deadline so many seconds before another."""

    def __init__(self, whole: Deadline, reserve_s: float) -> None:
        super().__init__(0.0, started=whole.started, clock=whole.clock)
        self._whole, self._reserve_s = whole, reserve_s

    @property
    def seconds(self) -> float:
        """That of the other, less the reserve."""
        return self._whole.seconds - self._reserve_s
