"""What one setting of an algorithm can be: a number, a whole number, or one of a few words.

Each knows two ranges: what it can mean at all (`low` and `high`, or `options`), which `check`
guards, and where a searcher looks (`within`), which a person may narrow or widen up to the first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from automl_nb.core.errors import SettingError, UnknownNameError

_DIVIDERS = ("..", "|", ",", "=")  # what stands between the parts of a written range


@dataclass(frozen=True)
class When:
    """A condition: a parameter counts only where another one has one of some values.

    Attributes:
        name: The other parameter, a choice or a whole number.
        among: The values of it under which the parameter counts.

    Example:
        >>> str(When("loss", ("focal", "balanced")))
        'loss=focal|balanced'
    """

    name: str
    among: tuple[str | int, ...]

    def __str__(self) -> str:
        return f"{self.name}={'|'.join(str(value) for value in self.among)}"


N = TypeVar("N", int, float)


class _Range(Generic[N]):
    """What whole and other numbers have in common."""

    low: N
    high: N
    within: tuple[N, N] | None

    @property
    def searched(self) -> tuple[N, N]:
        """The ends of where a searcher looks."""
        return (self.low, self.high) if self.within is None else self.within

    @property
    def fixed(self) -> bool:
        """Whether there is one value alone."""
        return self.searched[0] == self.searched[1]

    def written(self) -> str:
        """The searched range as `narrowed` takes it."""
        return _written(*self.searched)


@dataclass(frozen=True)
class Float(_Range[float]):
    """A real number from `low` to `high`, both included; `log` if it is a matter of factors.

    Attributes:
        name: What a person types.
        low: The least that it can mean.
        high: The most that it can mean.
        default: The usual value.
        log: Whether a searcher looks at factors rather than differences.
        summary: A few words for the listing.
        within: Where a searcher looks; everywhere if None.
        when: Where it counts; always if None.

    Raises:
        SettingError: The bounds or the usual value make no sense.

    Example:
        >>> rate = Float("lr", 1e-6, 1e-2, 1e-4, log=True)
        >>> rate.check("3e-5"), rate.narrowed("1e-5..3e-5").searched
        (3e-05, (1e-05, 3e-05))
    """

    name: str
    low: float
    high: float
    default: float
    log: bool = False
    summary: str = ""
    within: tuple[float, float] | None = None
    when: When | None = None

    def __post_init__(self) -> None:
        _check_number(self)

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

    def holds(self, value: object) -> bool:
        """Whether a searcher may come to this value."""
        low, high = self.searched
        return low <= _as_float(value) <= high

    def narrowed(self, asked: object) -> Float:
        """With another range to look in: a value, two ends, or text such as ``1e-5..1e-4``.

        Raises:
            SettingError: The range has no two ends in order, or goes beyond the bounds.
        """
        low, high = (self.check(end) for end in _ends(self, asked))
        _check_order(self.name, low, high, asked)
        return replace(self, within=(low, high), default=min(max(self.default, low), high))


@dataclass(frozen=True)
class Int(_Range[int]):
    """A whole number from `low` to `high`, both included; otherwise as `Float`.

    Example:
        >>> Int("layers", 1, 12, 2).narrowed("2..4").written()
        '2..4'
    """

    name: str
    low: int
    high: int
    default: int
    log: bool = False
    summary: str = ""
    within: tuple[int, int] | None = None
    when: When | None = None

    def __post_init__(self) -> None:
        _check_number(self)

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

    def holds(self, value: object) -> bool:
        """Whether a searcher may come to this value."""
        low, high = self.searched
        number = _as_float(value)
        return low <= number <= high and number == int(number)

    def narrowed(self, asked: object) -> Int:
        """With another range to look in, as `Float.narrowed`.

        Raises:
            SettingError: The range has no two ends in order, or goes beyond the bounds.
        """
        low, high = (self.check(end) for end in _ends(self, asked))
        _check_order(self.name, low, high, asked)
        return replace(self, within=(low, high), default=min(max(self.default, low), high))


@dataclass(frozen=True)
class Choice:
    """One of a few words; otherwise as `Float`.

    Raises:
        SettingError: There are no words, or one is there twice, or is none.

    Example:
        >>> loss = Choice("loss", ("cross-entropy", "focal", "poly"), "cross-entropy")
        >>> loss.narrowed("poly|focal").searched
        ('focal', 'poly')
    """

    name: str
    options: tuple[str, ...]
    default: str
    summary: str = ""
    within: tuple[str, ...] | None = None
    when: When | None = None

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_options(self)

    @property
    def searched(self) -> tuple[str, ...]:
        """The words that a searcher tries."""
        return self.options if self.within is None else self.within

    @property
    def fixed(self) -> bool:
        """Whether there is one value alone."""
        return len(self.searched) == 1

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

    def holds(self, value: object) -> bool:
        """Whether a searcher may come to this value."""
        return value in self.searched

    def narrowed(self, asked: object) -> Choice:
        """With other words to try: one, several, or text such as ``focal|poly``.

        Raises:
            SettingError: There is none, or one that isn't among the options.
        """
        parts = asked.split("|") if isinstance(asked, str) else asked
        several = parts if isinstance(parts, list | tuple | set | frozenset) else [parts]
        wanted = {self.check(part.strip() if isinstance(part, str) else part) for part in several}
        if not wanted:
            raise SettingError(f"{self.name} needs a value to try.", received=asked)
        within = tuple(option for option in self.options if option in wanted)
        default = self.default if self.default in within else within[0]
        return replace(self, within=within, default=default)

    def written(self) -> str:
        """The searched words as `narrowed` takes them."""
        return "|".join(self.searched)


Parameter = Float | Int | Choice


def _as_float(value: object) -> float:
    """A number, also one written as text; NaN, which is within no bounds, for all else."""
    try:
        return math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _ends(of: Float | Int, asked: object) -> tuple[object, object]:
    """The two ends of a range as they were given; twice the same for a single value."""
    name = of.name
    if isinstance(asked, str) and ".." in asked:
        low, high = (part.strip() for part in re.split(r"\.{2,}", asked, maxsplit=1))
        if "..." in asked:  # the third dot might belong to the number behind it, as in 0...5
            raise SettingError(
                f"Two dots stand between the ends of a range of {name}.",
                received=asked,
                hint=f"Write {name}={_fitting(of, low, high)}.",
            )
        if not (low and high):
            raise SettingError(
                f"A range of {name} has two ends, from {of.low:g} to {of.high:g} at most.",
                received=asked,
                hint=f"Write both, such as {name}={_fitting(of, low, high)}.",
            )
        return low, high
    if isinstance(asked, str) and "|" in asked:
        asked = asked.split("|")
    if isinstance(asked, list | tuple):
        if len(asked) != 2:
            raise SettingError(
                f"{name} is a number: it takes one value, or a range with two ends.",
                received=asked,
                hint=f"Such as {name}={_written(of.low, of.high)}.",
            )
        return asked[0], asked[1]
    return asked, asked


def _fitting(of: Float | Int, low: str, high: str) -> str:
    """A range that is taken: the ends as they were typed where they can be, else the bounds."""

    def within(typed: str, bound: float) -> str:
        try:
            of.check(typed)
        except SettingError:
            return repr(bound)
        return typed

    low, high = within(low, of.low), within(high, of.high)
    ordered = float(low) <= float(high)
    return f"{low}..{high}" if ordered else f"{high}..{low}"


def _check_order(name: str, low: float, high: float, asked: object) -> None:
    if low > high:
        raise SettingError(
            f"The lower end of {name} comes first.",
            received=asked,
            hint=f"Write {name}={_written(high, low)}.",
        )


def _written(low: float, high: float) -> str:
    return repr(low) if low == high else f"{low!r}..{high!r}"


def _check_number(made: Float | Int) -> None:
    """Bounds that are numbers in order, above 0 where factors count, around the usual value."""
    _check_name(made.name)
    low, high = made.low, made.high
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise SettingError(
            f"The bounds of {made.name} must be two numbers, the lower one first.",
            received=(low, high),
        )
    least = 1 if isinstance(made, Int) else 0
    if made.log and (low < least or low <= 0):
        raise SettingError(
            f"{made.name} is searched by factors, so that its bounds must be above 0.",
            received=(low, high),
            hint="Raise the lower bound, or leave log out.",
        )
    inner_low, inner_high = made.searched
    if not (low <= inner_low <= made.default <= inner_high <= high):
        raise SettingError(
            f"{made.name}'s usual value and searched range must lie within its bounds.",
            received=(low, inner_low, made.default, inner_high, high),
        )


def _check_options(made: Choice) -> None:
    words, tried = [*made.options], [*made.searched]
    if not words or not tried:
        raise SettingError(f"{made.name} needs at least one option.", received=made.options)
    if len({*words}) < len(words):
        raise SettingError(f"Each option of {made.name} stands once.", received=made.options)
    for word in words:
        _check_name(word)
    for word in (made.default, *tried):
        if word not in words:
            raise UnknownNameError(made.name, word, words)
    if made.default not in tried:
        raise SettingError(
            f"{made.name}'s usual value must be among those that are tried.",
            received=made.default,
        )


def _check_name(word: object) -> None:
    """A word that can be written in a range: ``lr=1e-5..1e-4,loss=focal|poly``."""
    if not isinstance(word, str) or not word.strip() or word != word.strip() or _divides(word):
        raise SettingError(
            "A name or an option is a word.",
            received=word,
            hint=f"Leave out blanks at its ends and {' '.join(_DIVIDERS)}.",
        )


def _divides(word: str, dividers: Iterable[str] = _DIVIDERS) -> bool:
    return any(divider in word for divider in dividers)
