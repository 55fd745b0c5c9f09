"""How far an axis reaches, so that a trial that diverged doesn't flatten all others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

_ROOM = 3.0  # times as far from the best value as the middle one of the curves reaches


@dataclass(frozen=True)
class Span:
    """The stretch of an axis on which curves can be read.

    Attributes:
        low: Its lower end.
        high: Its upper end.
        beyond: Places of the curves that leave it.
    """

    low: float
    high: float
    beyond: tuple[int, ...]


def readable(curves: Sequence[Sequence[float]], *, greater_is_better: bool) -> Span | None:
    """Where curves can be read; None where an axis that holds all of them will do.

    At least half of the curves lie within; the best value always does.

    Args:
        curves: Values of each; what isn't finite doesn't count.
        greater_is_better: Which end of the axis is the interesting one.

    Example:
        >>> readable([[2.0, 0.5, 0.1], [1.9, 0.4, 0.2], [2.0, 90.0, 1e6]], greater_is_better=False)
        Span(low=0.1, high=2.0, beyond=(2,))
        >>> readable([[2.0, 0.5, 0.1], [1.9, 0.4, 0.2]], greater_is_better=False) is None
        True
    """
    finite = [[value for value in curve if math.isfinite(value)] for curve in curves]
    values = [value for curve in finite for value in curve]
    if not values:
        return None
    best = max(values) if greater_is_better else min(values)
    farthest = [max((abs(value - best) for value in curve), default=0.0) for curve in finite]
    reach = _ROOM * median_low([one for one, curve in zip(farthest, finite, strict=True) if curve])
    beyond = tuple(place for place, far in enumerate(farthest) if far > reach)
    if not beyond or reach == 0.0:
        return None
    within = [value for value in values if abs(value - best) <= reach]
    return Span(min(within), max(within), beyond)
