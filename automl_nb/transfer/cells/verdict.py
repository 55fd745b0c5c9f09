"""What a found head is worth beside one that needs no search, in a sentence."""

from __future__ import annotations

import math

import numpy as np

from automl_nb.core.types import TaskKind

_SURE = 1.96


def compared(own: np.ndarray, plain: np.ndarray, kind: TaskKind) -> str:
    """A sentence on how the found head does beside the plain linear one.

    Args:
        own: (m,) losses on rows that it didn't see.
        plain: (m,) losses of the plain head on the same rows; empty if it had no time.
        kind: Says what a loss is.

    Example:
        >>> compared(np.array([0.1, 0.3, 0.2]), np.array([0.5, 0.6, 0.55]), TaskKind.BINARY)
        'log loss 0.200, better than the plain linear head (0.550)'
    """
    regression = kind is TaskKind.REGRESSION
    name = "squared error" if regression else "log loss"
    if not len(plain):
        return f"{name} {own.mean():.3g}; there was no time for the plain linear head"
    gap = plain - own
    sure = _SURE * float(gap.std(ddof=1)) / math.sqrt(len(gap)) if len(gap) > 1 else math.inf
    mean = float(gap.mean())
    verdict = "better than" if mean > sure else "worse than" if mean < -sure else "as good as"
    mine, theirs = (f"{v.mean():.4g}" if regression else f"{v.mean():.3f}" for v in (own, plain))
    return f"{name} {mine}, {verdict} the plain linear head ({theirs})"
