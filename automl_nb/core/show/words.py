"""Numbers as people read them."""

from __future__ import annotations

import math
from collections.abc import Sequence

UNKNOWN = "-"


def duration(seconds: float) -> str:
    """A length of time, no more exact than it needs to be.

    Example:
        >>> duration(0.31), duration(42.2), duration(75), duration(3725)
        ('0.3 s', '42 s', '1:15 min', '1:02:05 h')
    """
    if not math.isfinite(seconds):
        return "?"
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} h"


def about(seconds: float) -> str:
    """An estimate of a length of time, which is never called none.

    Example:
        >>> about(42.2), about(0.02)
        ('about 42 s', 'less than 0.1 s')
    """
    return f"about {duration(seconds)}" if seconds >= 0.1 else "less than 0.1 s"


def number(value: object) -> str:
    """A score or measure with about four digits that matter.

    Example:
        >>> number(0.84213), number(23456.7), number(12.3456), number(float("nan")), number(7)
        ('0.8421', '23,457', '12.35', '-', '7')
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return UNKNOWN
    size = abs(value)
    if 0 < size < 0.0001 or size >= 1e9:
        return f"{value:.3g}"
    digits = 4 if size < 10 else 2 if size < 1000 else 0
    return f"{value:,.{digits}f}"


def speed(milliseconds: float) -> str:
    """A time a row with two digits that matter.

    Example:
        >>> speed(0.0412), speed(2.34), speed(118.0), speed(float("nan"))
        ('0.041', '2.3', '118', '-')
    """
    if not math.isfinite(milliseconds):
        return UNKNOWN
    return f"{milliseconds:.0f}" if milliseconds >= 100 else f"{milliseconds:.2g}"


def size(n_bytes: float) -> str:
    """Bytes with a fitting unit.

    Example:
        >>> size(532), size(4_100_000)
        ('532 B', '4.1 MB')
    """
    if not math.isfinite(n_bytes):
        return UNKNOWN
    for unit in ("B", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} B" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} GB"


def interval(low: object, high: object) -> str:
    """The ends of an interval, or "" when they aren't known.

    Example:
        >>> interval(0.8260, 0.857), interval(float("nan"), 1.0)
        ('[0.8260, 0.8570]', '')
    """
    ends = (low, high)
    if not all(isinstance(end, int | float) and math.isfinite(end) for end in ends):
        return ""
    return f"[{number(float(low))}, {number(float(high))}]"  # type: ignore[arg-type]


def margin(value: float, half: float) -> str:
    """A value with what it may be off, no more exact than that.

    Example:
        >>> margin(0.91234, 0.0104), margin(35.21, 3.2), margin(0.9, 0.0)
        ('0.912 ± 0.010', '35.2 ± 3.2', '0.9000 ± 0.0000')
    """
    if half <= 0 or not math.isfinite(half):
        return f"{number(value)} ± {number(half)}"
    digits = min(4, max(0, 1 - math.floor(math.log10(half))))
    return f"{value:,.{digits}f} ± {half:,.{digits}f}"


def over_seeds(value: float, spread: float, n: int) -> str:
    """A score with its spread where it is the mean over seeds.

    Example:
        >>> over_seeds(0.9123, 0.0042, 3), over_seeds(0.9123, math.nan, 0)
        ('0.9123 ± 0.0042, 3 seeds', '0.9123')
    """
    return f"{margin(value, spread)}, {n} seeds" if n > 1 else number(value)


def count(n: int, one: str, many: str = "") -> str:
    """A number with its noun.

    Example:
        >>> count(1, "row"), count(4000, "row"), count(2, "category", "categories")
        ('1 row', '4,000 rows', '2 categories')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence holds them.

    Example:
        >>> listed(["a", "b", "c"]), listed(["a"])
        ('a, b and c', 'a')
    """
    return " and ".join([", ".join(names[:-1]), *names[-1:]] if len(names) > 1 else names)


def clip(text: str, most: int) -> str:
    """One line of at most `most` characters.

    Example:
        >>> clip("a very long name", 8)
        'a very …'
    """
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
