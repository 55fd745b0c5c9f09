"""Words of explanations: from the one catalogue, and what matplotlib can draw of them."""

from __future__ import annotations

from automl_nb.core.show.messages import ENGLISH, say
from automl_nb.report.ink import have_glyphs


def drawn(key: str, **values: object) -> str:
    """The words of a key for a picture: in English where no font here holds the others.

    Example:
        >>> drawn("explain.rows")
        'rows'
    """
    words = say(f"{key}", **values)
    return words if have_glyphs(words) else ENGLISH[key].format(**values)


def told(key: str, *names: str, **values: object) -> tuple[str, ...]:
    """The sentences ``key.name`` of these names, one after the other.

    Example:
        >>> told("explain", "rows", "share")
        ('rows', 'share of the rows')
    """
    return tuple(say(f"{key}.{name}", **values) for name in names if name)


def listed(names: list[str]) -> str:
    """Names in a row, as a sentence holds them.

    Example:
        >>> listed(["a", "b", "c"])
        'a, b, c'
    """
    return say("explain.comma").join(names)
