"""The most confident errors: each row's text or picture, what was said, and what is right."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text

from automl_nb.core.errors import AutoMLError
from automl_nb.core.show.words import number
from automl_nb.core.state import RunState
from automl_nb.evaluate.words import label, width
from automl_nb.pipeline.answered import Answered
from automl_nb.report.ink import Ink, colour, shown, shown_apart
from automl_nb.report.mistakes import SHOWN, Mistake, Mistakes, mistakes
from automl_nb.report.picture import Picture
from automl_nb.report.row_plot import RowPlot

# Inches: the picture's width, where a row's words begin, its line height, and the room around.
_WIDE, _ANSWERS, _LINE, _SIDE, _PAD, _HEAD = 8.4, 5.1, 0.165, 0.78, 0.09, 0.62
_COLUMNS, _LINES = 70, 3  # of a text, which a notebook's file has to carry
_CAPITAL = 0.35  # that a capital letter is wider than others
_PIXELS = 160
_GAP = 0.15  # inches between an answer and how sure it was
_MOST_NAME = 60  # letters of an answer, of which fewer have room
_TOLD = 3  # that the description spells out


def _look(rows: Answered, state: RunState, *, most: int = SHOWN) -> Mistakes:
    del state
    return mistakes(rows, most)


def _draw(figure: Picture, seen: Mistakes, ink: Ink) -> None:
    figure.set_layout_engine("none")
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))  # its units are inches
    ax.set_axis_off()
    ax.set(xlim=(0, _WIDE), ylim=(_size(seen)[1], 0))
    ax.text(0.1, 0.24, seen.title, fontsize=11, fontweight="bold")
    ax.text(0.1, 0.46, seen.told, fontsize=8.5)
    top = _HEAD
    for row in seen.rows:
        ax.axhline(top, color=ink.faint, alpha=ink.alpha, linewidth=0.6)
        _draw_row(ax, row, top + _PAD, ink, of_values=seen.of_values)
        top += _height(row)


def _draw_row(ax: Axes, row: Mistake, top: float, ink: Ink, *, of_values: bool) -> None:
    left = 0.1
    if row.picture is not None:
        _draw_picture(ax, row.picture, left, top, ink)
        left += _SIDE + 0.12
    for place, line in enumerate(_lines(row)):
        ax.text(left, top + place * _LINE, line, fontsize=8.5, va="top")
    answers = [
        ("✗", "said", row.said, "" if of_values else f"{row.sure:.1%} sure", colour(1)),
        ("✓", "right", row.right, _percent(row.likely) if row.likely >= 0 else "", colour(0)),
    ]
    for place, (sign, word, answer, how_sure, inked) in enumerate(answers):
        y = top + place * _LINE * 1.15
        font: dict[str, Any] = {"fontsize": 8.5, "va": "top"}
        ax.text(_ANSWERS, y, sign, color=inked, fontweight="bold", **font)
        ax.text(_ANSWERS + 0.17, y, word, **font)
        sure = ax.text(_WIDE - 0.1, y, how_sure, ha="right", **font)
        room = _WIDE - 0.1 - _GAP - _inches(sure) - (_ANSWERS + 0.56)
        name = ax.text(_ANSWERS + 0.56, y, "", color=inked, fontweight="bold", **font)
        _fill(name, answer, room, beside=(row.said, row.right))
    if of_values:
        y = top + 2 * _LINE * 1.15
        ax.text(_ANSWERS + 0.17, y, f"off by {number(row.sure)}", fontsize=8.5, va="top")


def _fill(text: Text, name: str, room: float, beside: tuple[str, str]) -> None:
    """Put in as much of a name as there is room for: letters differ in width."""
    for limit in range(_MOST_NAME, 1, -1):
        text.set_text(shown_apart([name, *beside], limit)[0])
        if _inches(text) <= room:
            return


def _inches(text: Text) -> float:
    figure = text.get_figure(root=True)
    return text.get_window_extent().width / figure.dpi if figure and text.get_text() else 0.0


def _percent(share: float) -> str:
    return "<0.1%" if share < 0.0005 else f"{share:.1%}"


def _draw_picture(ax: Axes, picture: Any, left: float, top: float, ink: Ink) -> None:
    from automl_nb.data.pictures import open_picture

    try:
        opened = open_picture(picture)
    except AutoMLError:  # it was there when the run read it
        ax.text(left, top, "(gone)", fontsize=8.5, va="top")
        return
    opened.thumbnail((_PIXELS, _PIXELS))
    pixels = np.asarray(opened)
    high, wide = pixels.shape[:2]
    scale = _SIDE / max(high, wide)
    box = (left, left + wide * scale, top + high * scale, top)
    ax.imshow(pixels, extent=box, interpolation="antialiased", aspect="auto")
    frame = [(box[0], box[3]), (box[1], box[3]), (box[1], box[2]), (box[0], box[2])]
    ax.fill(*zip(*frame, strict=True), fill=False, edgecolor=ink.faint, alpha=ink.alpha, lw=0.6)
    ax.set(xlim=(0, _WIDE), ylim=(ax.get_ylim()[0], 0))  # as a picture sets its own


def _lines(row: Mistake) -> list[str]:
    """The text in lines as wide as there is room, the last one cut; none beside a picture alone."""
    if row.picture is not None and not row.text:
        return []
    columns = _COLUMNS - (0 if row.picture is None else 12)
    return [shown(line, columns).strip() for line in wrapped(row.text, columns, _LINES)]


def wrapped(text: str, columns: int, lines: int) -> list[str]:
    """Lines of at most so many columns, of which Chinese characters take two.

    Example:
        >>> wrapped("one two three", 8, 2), wrapped("一二三四五", 4, 2)
        (['one two', 'three'], ['一二', '三…'])
    """
    made = [""]
    for word in text.split():
        joined = f"{made[-1]} {word}".strip()
        if _room(joined) <= columns:
            made[-1] = joined
            continue
        made += [""] if made[-1] else []
        for letter in word:
            made += [""] if _room(made[-1] + letter) > columns else []
            made[-1] += letter
    if len(made) > lines:
        last = made[lines - 1]
        while _room(last) > columns - 1:
            last = last[:-1]
        return [*made[: lines - 1], f"{last}…"]
    return made


def _room(text: str) -> float:
    """Columns that a text takes in a font whose letters differ in width."""
    return width(text) + _CAPITAL * sum(letter.isupper() for letter in text)


def _height(row: Mistake) -> float:
    lines = max(len(_lines(row)), 3) * _LINE
    return 2 * _PAD + (lines if row.picture is None else max(lines, _SIDE))


def _size(seen: Mistakes) -> tuple[float, float]:
    return _WIDE, _HEAD + sum(map(_height, seen.rows))


def _describe(seen: Mistakes) -> str:
    told = [f"{seen.title}. {seen.told}"]
    for row in seen.rows[:_TOLD]:
        what = label(row.text, 60) if row.text else "A picture"
        sure = f"off by {number(row.sure)}" if seen.of_values else f"{row.sure:.1%} sure"
        told.append(f"{what}: said {label(row.said)} ({sure}), right is {label(row.right)}.")
    return " ".join(told)


errors = RowPlot(_look, _draw, _describe, _size, options=("most",))
