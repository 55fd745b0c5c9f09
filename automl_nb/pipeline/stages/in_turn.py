"""How several trainings share the time: an equal part each, then in turn as many as still fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")

_MARGIN = 1.5  # the least that a training was said to take may be too little by so much


@dataclass(frozen=True)
class Short:
    """A training that its part of the time was too short for.

    Attributes:
        least_s: Seconds that it would take at least; 0 if nobody knows.
    """

    least_s: float


class Attempt(Protocol[T_contra, R_co]):
    """Trains one of several, within a share of the time left."""

    def __call__(self, one: T_contra, /, *, share: float, waits: bool) -> R_co | Short | None:
        """What was trained; None where it failed or is not for this run.

        Args:
            one: What to train.
            share: Of the time left, the most that it may use.
            waits: Whether it may be asked again where that is too little.
        """
        ...


@dataclass(frozen=True)
class InTurn(Generic[T, R]):
    """Trains as many as can be in the time left.

    First each in its order, with as much time as every other that is not yet trained. Those that
    need more are then trained one after another, in the same order, while the time is enough for
    the next: each has what it needs, and an equal part of what nobody needs.

    Attributes:
        attempt: Trains one.
        left: Seconds that are left.
        leave_out: Told of each that there is no time for.
        tell: Told how many are to be trained in turn, before the first of them is.
    """

    attempt: Attempt[T, R]
    left: Callable[[], float]
    leave_out: Callable[[T, Short], None]
    tell: Callable[[int], None]

    def __call__(self, wanted: Sequence[T]) -> list[R]:
        """What was trained."""
        made: list[R] = []
        waiting: list[tuple[T, Short]] = []
        for place, one in enumerate(wanted):
            others = len(waiting) + len(wanted) - place - 1
            found = self.attempt(one, share=1.0 / (1 + others), waits=others > 0)
            if isinstance(found, Short) and others:
                waiting.append((one, found))
            elif isinstance(found, Short):
                self.leave_out(one, found)
            elif found is not None:
                made.append(found)
        is_told = False
        while waiting:
            if not is_told and self._part(waiting)[0]:
                is_told = True
                self.tell(len(waiting))
            found = self._next(waiting)
            if isinstance(found, Short):
                self.leave_out(waiting[0][0], found)
            elif found is not None:
                made.append(found)
            del waiting[0]
        return made

    def _next(self, waiting: Sequence[tuple[T, Short]]) -> R | Short | None:
        """The first of those that wait, beside as many others as the time is enough for."""
        one, short = waiting[0]
        own_s, others = self._part(waiting)
        if not own_s:
            return short
        share = min(1.0, own_s / self.left()) if others else 1.0
        found = self.attempt(one, share=share, waits=others > 0)
        if isinstance(found, Short) and others:  # it needs more than was said
            found = self.attempt(one, share=1.0, waits=False)
        return found

    def _part(self, waiting: Sequence[tuple[T, Short]]) -> tuple[float, int]:
        return part([known.least_s for _, known in waiting], self.left())


def part(needs: Sequence[float], left: float) -> tuple[float, int]:
    """The seconds of the first of several trainings, and for how many others there is time, too.

    Args:
        needs: (n,) seconds that they take at least, in their order.
        left: Seconds for all of them.

    Returns:
        0 seconds where the time is not enough for the first alone.

    Example:
        >>> part([20.0, 20.0, 20.0], 36.0)
        (36.0, 0)
        >>> part([10.0, 10.0, 10.0], 36.0)
        (18.0, 1)
        >>> part([50.0, 10.0], 36.0)
        (0.0, 0)
    """
    if left <= 0.0 or needs[0] > left:
        return 0.0, 0
    sums = [s for s in accumulate(_MARGIN * need for need in needs) if s <= left]
    if len(sums) < 2:
        return left, 0
    return _MARGIN * needs[0] + (left - sums[-1]) / len(sums), len(sums) - 1
