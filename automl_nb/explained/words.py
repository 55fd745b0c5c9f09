"""Words of explanations: from the one catalogue, and what matplotlib can draw of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_nb.core.show.messages import ENGLISH, say
from automl_nb.core.show.words import number
from automl_nb.report.ink import Ink, colour, have_glyphs, shown
from automl_nb.report.picture import Picture, quiet_grid


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


def bars(
    figure: Picture,
    ink: Ink,
    lines: Sequence[tuple[str, float]],
    title: str,
    *,
    share: bool = False,
) -> None:
    """A bar for each name, with its number at its end.

    Args:
        figure: Where they are drawn.
        ink: Its colours.
        lines: Names and numbers, the first at the top.
        title: What the numbers are.
        share: Whether they are shares of a whole.
    """
    ax, places = figure.subplots(), np.arange(len(lines))
    values = [value for _, value in lines]
    ax.barh(places, values, 0.62, color=colour(0), alpha=0.85)
    for place, value in enumerate(values):
        words = f" {value:.0%}" if share else f" {number(value)}"
        ax.text(max(value, 0.0), place, words, va="center", fontsize=8.5)
    ax.set_yticks(places, [shown(name, 34) for name, _ in lines])
    ax.set_xlim(min(0.0, *values, 0.0), 1.15 * max(*values, 1e-9, 1e-9))
    ax.invert_yaxis()
    ax.set_xlabel(title)
    quiet_grid(ax, ink, "x")
