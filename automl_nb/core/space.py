"""What may be set of an algorithm: names, bounds and usual values, as listable facts.

Written by strategies, checked when a person sets something, read by searchers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from automl_nb.core.errors import SettingError, UnknownNameError


@dataclass(frozen=True)
class Float:
    """A real number from `low` to `high`, both included; `log` if it is a matter of factors.

    Example:
        >>> Float("lr", 1e-6, 1e-2, 1e-4, log=True).check("3e-5")
        3e-05
    """

    name: str
    low: float
    high: float
    default: float
    log: bool = False
    summary: str = ""

    def check(self, value: object) -> float:
        """The value as a number within the bounds.

        Raises:
            SettingError: It isn't one.
        """
        number = _as_float(value)
        if not self.low <= number <= self.high:
            raise SettingError(
                f"{self.name} must be a number from {self.low:g} to {self.high:g}.",
                received=value,
                hint=f"The usual value is {self.default:g}.",
            )
        return number


@dataclass(frozen=True)
class Int:
    """A whole number from `low` to `high`, both included."""

    name: str
    low: int
    high: int
    default: int
    log: bool = False
    summary: str = ""

    def check(self, value: object) -> int:
        """The value as a whole number within the bounds.

        Raises:
            SettingError: It isn't one.
        """
        number = _as_float(value)
        if not (self.low <= number <= self.high and number == int(number)):
            raise SettingError(
                f"{self.name} must be a whole number from {self.low} to {self.high}.",
                received=value,
                hint=f"The usual value is {self.default}.",
            )
        return int(number)


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    name: str
    options: tuple[str, ...]
    default: str
    summary: str = ""

    def check(self, value: object) -> str:
        """The value, if it is one of the options.

        Raises:
            UnknownNameError: It isn't.
        """
        if isinstance(value, bool) and {"on", "off"} <= {*self.options}:
            value = "on" if value else "off"
        if value not in self.options:
            raise UnknownNameError(self.name, str(value), self.options)
        return str(value)


def _as_float(value: object) -> float:
    """A number, also one written as text; NaN, which is within no bounds, for all else."""
    try:
        return math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


Parameter = Float | Int | Choice


@dataclass(frozen=True)
class Space:
    """The parameters of one algorithm.

    Example:
        >>> space = Space((Float("alpha", 1e-4, 1.0, 0.01, log=True), Int("layers", 1, 12, 2)))
        >>> space.defaults()
        {'alpha': 0.01, 'layers': 2}
        >>> space.check({"alpha": "0.1"})
        {'alpha': 0.1}
    """

    parameters: tuple[Parameter, ...] = ()

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __contains__(self, name: object) -> bool:
        return any(parameter.name == name for parameter in self.parameters)

    def __add__(self, other: Space) -> Space:
        """Both; where a name is in both, the other's counts."""
        own = tuple(parameter for parameter in self.parameters if parameter.name not in other)
        return Space((*own, *other.parameters))

    def names(self) -> tuple[str, ...]:
        """What may be set."""
        return tuple(parameter.name for parameter in self.parameters)

    def defaults(self) -> dict[str, Any]:
        """The usual value of each."""
        return {parameter.name: parameter.default for parameter in self.parameters}

    def check(self, values: Mapping[str, object]) -> dict[str, Any]:
        """The values, each in its type and within its bounds.

        Raises:
            UnknownNameError: There is no such parameter.
            SettingError: A value is out of bounds.
        """
        by_name = {parameter.name: parameter for parameter in self.parameters}
        for name in values:
            if name not in by_name:
                raise UnknownNameError("parameter", name, by_name)
        return {name: by_name[name].check(value) for name, value in values.items()}
