"""A map of rows: near each other where their features are alike, wrong answers as crosses."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.lines import Line2D

from automl_nb.core.show.words import count
from automl_nb.evaluate.words import label
from automl_nb.report.ink import COLOURS, Ink, colour, shown
from automl_nb.report.picture import Picture, quiet_grid
from automl_nb.report.row_map import RowMap, named, row_map
from automl_nb.report.row_plot import RowPlot

# From low to high values; each of them stands out from white and from black pages.
_SCALE = LinearSegmentedColormap.from_list("values", ["#3987c9", "#9b6dd7", "#d64550", "#d9730d"])


def _draw(figure: Picture, seen: RowMap, ink: Ink) -> None:
    ax = figure.subplots()
    if len(seen.values):
        _draw_values(figure, ax, seen)
    else:
        _draw_groups(ax, seen, ink)
    ax.set_title(_title(seen))
    ax.set(xticks=[], yticks=[])
    for axis, share in zip(("x", "y"), seen.shares or (-1.0, -1.0), strict=True):
        place = "first" if axis == "x" else "second"
        told = f"{place} component: {share:.0%} of the variance" if share >= 0 else "UMAP"
        getattr(ax, f"set_{axis}label")(told)
    quiet_grid(ax, ink)
    figure.legend(
        handles=_handles(seen, ink),
        loc="outside right upper",
        title=shown(seen.label),
        title_fontsize=8.5,
        alignment="left",
    )


def _title(seen: RowMap) -> str:
    rows = f"{len(seen.points):,}"
    rows += f" of {seen.n_rows:,}" if seen.n_rows > len(seen.points) else ""
    return f"Map of {rows} {seen.whose}"


def _draw_groups(ax: Axes, seen: RowMap, ink: Ink) -> None:
    names, rest = named(seen.names, len(COLOURS))
    for group in reversed(range(len(names) + (rest > 0))):  # the rarer ones lie below
        here = seen.groups == group if group < len(names) else seen.groups >= len(names)
        inked = colour(group) if group < len(names) else ink.text
        for wrong in (False, True):
            _scatter(ax, seen, here & (seen.wrong == wrong), wrong=wrong, color=inked)


def _draw_values(figure: Picture, ax: Axes, seen: RowMap) -> None:
    low, high = np.quantile(seen.values, [0.02, 0.98]).tolist()
    high = high if high > low else low + 1.0
    for wrong in (False, True):
        here = seen.wrong == wrong
        look: dict[str, Any] = {"c": seen.values[here], "cmap": _SCALE, "vmin": low, "vmax": high}
        _scatter(ax, seen, here, wrong=wrong, **look)
    scale = ScalarMappable(Normalize(low, high), _SCALE)
    bar = figure.colorbar(scale, ax=ax, extend="both", format="{x:,.6g}", fraction=0.05)
    bar.set_label(shown(seen.label))
    for spine in bar.ax.spines.values():
        spine.set_visible(False)


def _scatter(ax: Axes, seen: RowMap, here: np.ndarray, *, wrong: bool, **look: Any) -> None:
    """Right answers as dots, wrong ones over them as crosses; pixels, as they may be many."""
    x, y = seen.points[here].T
    ax.scatter(
        x,
        y,
        s=52 if wrong else 15,
        marker="X" if wrong else "o",
        alpha=0.95 if wrong else 0.7,
        linewidths=0,
        zorder=3 if wrong else 2,
        rasterized=True,
        **look,
    )


def _handles(seen: RowMap, ink: Ink) -> list[Line2D]:
    names, rest = named(seen.names, len(COLOURS))
    shades = [(shown(name), colour(place)) for place, name in enumerate(names)]
    shades += [(f"{rest} other classes", ink.text)] if rest else []
    dots = [_dot("o", text, inked) for text, inked in shades]
    of_values = len(seen.values) > 0
    near = "nearer" if of_values else "answered rightly"
    far = "the tenth furthest off" if of_values else "answered wrongly"
    return [*dots, _dot("o", near, ink.text), _dot("X", far, ink.text)]


def _dot(marker: str, text: str, inked: str) -> Line2D:
    size = 8 if marker == "X" else 5
    return Line2D(
        [],
        [],
        marker=marker,
        markersize=size,
        color=inked,
        linestyle="",
        markeredgewidth=0,
        label=text,
    )


def _describe(seen: RowMap) -> str:
    how = "PCA" if seen.method == "pca" else "UMAP"
    told = f"{_title(seen)} by {how} of {label(seen.reads, 80)}, coloured by {label(seen.label)}"
    names, rest = named(seen.names, len(COLOURS))
    if names:
        listed = ", ".join(label(name) for name in names)
        told += f" ({listed}{f' and {rest} more' if rest else ''})"
    wrong = int(seen.wrong.sum())
    if len(seen.values):
        return f"{told}; crosses are the {count(wrong, 'row')} furthest off."
    return f"{told}; crosses are the {count(wrong, 'row')} answered wrongly."


embedding = RowPlot(row_map, _draw, _describe, lambda _: (7.2, 4.6), options=("method",))
