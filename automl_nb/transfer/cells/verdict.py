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
    if not len(plain):
        name = _loss(kind)
        return f"{name} {own.mean():.3g}; there was no time for the plain linear head"
    said = {"better": "better than", "worse": "worse than", "": "as good as"}[verdict(own, plain)]
    name, mine, theirs = written(own, plain, kind)
    return f"{name} {mine}, {said} the plain linear head ({theirs})"


def verdict(own: np.ndarray, other: np.ndarray) -> str:
    """Whether losses are less than others of the same rows, by the interval of the difference.

    Args:
        own: (m,).
        other: (m,).

    Returns:
        ``"better"`` or ``"worse"`` where the 95% interval by rows leaves out 0; else empty.

    Example:
        >>> one = np.array([0.1, 0.2, 0.3])
        >>> verdict(one, one + 1.0), verdict(one, one[::-1])
        ('better', '')
    """
    gap = other - own
    sure = _SURE * float(gap.std(ddof=1)) / math.sqrt(len(gap)) if len(gap) > 1 else math.inf
    mean = float(gap.mean())
    return "better" if mean > sure else "worse" if mean < -sure else ""


def written(own: np.ndarray, other: np.ndarray, kind: TaskKind) -> tuple[str, str, str]:
    """What the loss is called, and both means.

    Example:
        >>> written(np.array([0.25]), np.array([0.5]), TaskKind.BINARY)
        ('log loss', '0.250', '0.500')
    """
    digits = ".4g" if kind is TaskKind.REGRESSION else ".3f"
    return _loss(kind), f"{own.mean():{digits}}", f"{other.mean():{digits}}"


def _loss(kind: TaskKind) -> str:
    return "squared error" if kind is TaskKind.REGRESSION else "log loss"
