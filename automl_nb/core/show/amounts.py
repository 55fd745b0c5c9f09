"""Counts, lengths of time and sizes in the language that is spoken.

`words` has them as the engine's own messages hold them, which are English and kept in the journal.
"""

from __future__ import annotations

from automl_nb.core.show import words
from automl_nb.core.show.messages import known, say


def counted(n: int, noun: str) -> str:
    """A number with its noun, one of those in the catalogue.

    Example:
        >>> counted(1, "row"), counted(4000, "row"), counted(2, "class")
        ('1 row', '4,000 rows', '2 classes')
    """
    return say(f"count.{noun}.one" if n == 1 else f"count.{noun}", n=f"{n:,}")


def lasting(seconds: float) -> str:
    """A length of time.

    Example:
        >>> lasting(42.2), lasting(75)
        ('42 s', '1:15 min')
    """
    return _with_unit(words.duration(seconds))


def sized(n_bytes: float) -> str:
    """Bytes with a fitting unit.

    Example:
        >>> sized(4_100_000)
        '4.1 MB'
    """
    return _with_unit(words.size(n_bytes))


def over_seeds(value: float, spread: float, n: int) -> str:
    """A score with its spread where it is the mean over seeds.

    Example:
        >>> over_seeds(0.9123, 0.0042, 3)
        '0.9123 ± 0.0042, 3 seeds'
    """
    if n <= 1:
        return words.number(value)
    return f"{words.margin(value, spread)}, {counted(n, 'seed')}"


def step_named(name: str) -> str:
    """A step of the plan; one that isn't known here keeps its name.

    Example:
        >>> step_named("baselines"), step_named("a step of a later version")
        ('baselines', 'a step of a later version')
    """
    return known(f"plan.{name}", name)


def _with_unit(text: str) -> str:
    number, blank, unit = text.partition(" ")
    return say(f"unit.{unit}", n=number) if blank else text
