"""A parameter as a place between 0 and 1, evenly in what a searcher should see as even.

Factors are even where `log` is set; each whole number and each word has a stretch of its own.
"""

from __future__ import annotations

import math
from typing import Any

from automl_nb.core.parameters import Choice, Float, Parameter

_BELOW_ONE = 1.0 - 2.0**-53  # the largest number below 1


def at(parameter: Parameter, place: float) -> Any:
    """The value at a place of the searched range.

    Args:
        parameter: What is searched.
        place: From 0 to 1.

    Example:
        >>> round(at(Float("lr", 1e-4, 1e-2, 1e-3, log=True), 0.5), 9)
        0.001
        >>> [at(Choice("loss", ("a", "b"), "a"), place) for place in (0.0, 0.49, 0.5, 1.0)]
        ['a', 'a', 'b', 'b']
    """
    place = min(max(place, 0.0), _BELOW_ONE)
    if isinstance(parameter, Choice):
        return parameter.searched[int(place * len(parameter.searched))]
    low, high = _ends(parameter)
    value = low + place * (high - low)
    value = math.exp(value) if parameter.log else value
    least, most = parameter.searched
    if isinstance(parameter, Float):
        return float(min(max(value, least), most))
    return min(max(math.floor(value + 0.5), least), most)


def place_of(parameter: Parameter, value: Any) -> float:
    """The place of a value, from 0 to 1: the middle of its stretch.

    Example:
        >>> round(place_of(Float("lr", 1e-4, 1e-2, 1e-3, log=True), 1e-3), 9)
        0.5
        >>> place_of(Choice("loss", ("a", "b"), "a"), "b")
        0.75
    """
    if isinstance(parameter, Choice):
        return (parameter.searched.index(value) + 0.5) / len(parameter.searched)
    low, high = _ends(parameter)
    number = math.log(value) if parameter.log else float(value)
    return min(max((number - low) / (high - low), 0.0), 1.0)


def n_values(parameter: Parameter) -> float:
    """How many values there are to try; infinite for a range of real numbers.

    Example:
        >>> n_values(Choice("loss", ("a", "b"), "a")), n_values(Float("lr", 0.0, 1.0, 0.5))
        (2, inf)
    """
    if isinstance(parameter, Choice):
        return len(parameter.searched)
    low, high = parameter.searched
    if isinstance(parameter, Float):
        return math.inf if high > low else 1
    return high - low + 1


def _ends(parameter: Any) -> tuple[float, float]:
    """Where places 0 and 1 lie; half a step beyond the ends for whole numbers."""
    low, high = parameter.searched
    margin = 0.0 if isinstance(parameter, Float) else 0.5
    low, high = low - margin, high + margin
    return (math.log(low), math.log(high)) if parameter.log else (low, high)
