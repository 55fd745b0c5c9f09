"""The stretch of scores worth showing: where the models compete, not where the trivial ones lie."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

_ROOM = 3.0  # how many spans of the better half the axis may reach below the best


def interesting(
    scores: Iterable[float],
    *,
    greater_is_better: bool,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> tuple[float, float] | None:
    """Axis limits that keep a hopeless score from flattening the others.

    Args:
        scores: To be shown.
        greater_is_better: Which end is the interesting one.
        bounds: Between which any score lies.

    Returns:
        (low, high), or None where there is no finite score.

    Example:
        >>> low, high = interesting([0.1, 0.95, 0.96, 0.97], greater_is_better=True)
        >>> 0.8 < low < 0.95 and 0.97 < high < 1.0
        True
        >>> interesting([0.9, 1.0], greater_is_better=True, bounds=(0.0, 1.0))[1]
        1.0
    """
    values = np.array([score for score in scores if math.isfinite(score)])
    if len(values) == 0:
        return None
    sign = 1.0 if greater_is_better else -1.0
    losses = np.sort(values.max() - values) if greater_is_better else np.sort(values - values.min())
    best = values.max() if greater_is_better else values.min()
    half = losses[(len(losses) - 1) // 2]
    reach = min(losses[-1], _ROOM * half) if half > 0 else losses[-1]
    reach = max(reach, 1e-3 * max(abs(best), 1e-9))
    ends = sorted((best - sign * 1.15 * reach, best + sign * 0.15 * reach))
    return float(max(ends[0], bounds[0])), float(min(ends[1], bounds[1]))
