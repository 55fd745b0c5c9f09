"""A search space as a table: what is searched, where, and from where it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_nb.core.parameters import Choice, Parameter
from automl_nb.core.show import parts
from automl_nb.core.show.messages import say
from automl_nb.core.show.text import columns

if TYPE_CHECKING:
    from automl_nb.core.space import Space


def as_text(space: Space) -> str:
    """The table for a terminal."""
    heads, rows = _cells(space)
    words = tuple(place for place, head in enumerate(heads) if head != say("column.usual"))
    return "\n".join([say("space"), *columns([heads, *rows], words=words)])


def as_html(space: Space) -> str:
    """The table for a notebook."""
    return parts.table(say("space"), *_cells(space), words=1)


def _cells(space: Space) -> tuple[list[str], list[list[str]]]:
    """The heads and rows; a column in which nothing would stand is left out."""
    narrowed = any(parameter.within is not None for parameter in space)
    heads = ["parameter", "searched" if narrowed else "range", "usual", "when", "meaning"]
    rows = [_row(parameter) for parameter in space]
    kept = [place for place in range(len(heads)) if place < 3 or any(row[place] for row in rows)]
    shown = [say(f"column.{heads[place]}") for place in kept]
    return shown, [[row[place] for place in kept] for row in rows]


def _row(parameter: Parameter) -> list[str]:
    default = parameter.default
    usual = default if isinstance(default, str) else f"{default:g}"
    when = "" if parameter.when is None else str(parameter.when)
    return [parameter.name, _searched(parameter), usual, when, parameter.summary]


def _searched(parameter: Parameter) -> str:
    if isinstance(parameter, Choice):
        return ", ".join(parameter.searched)
    low, high = parameter.searched
    if low == high:
        return f"{low:g}"
    span = say("space.span", low=f"{low:g}", high=f"{high:g}")
    return say("space.factors", span=span) if parameter.log else span
