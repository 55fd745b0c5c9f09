"""Short labels beside points, where they cover neither points nor each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise, product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

_ANGLES = (135, 45, 315, 225, 90, 270, 0, 180)  # degrees, the likeliest to be free first
# Points between a mark and the middle of its label; at the first it is free of it to every side.
_FAR = (12.5, 17.0, 24.0, 32.0)
_MARK = 5.0  # points that a mark takes to each side
_LINE = 1.0  # that a line takes
_HIGH = 10.0  # points of a label's height
_WIDE = 7.0  # points of a letter, or less


def place_labels(
    ax: Axes,
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    *,
    color: str,
    line: Sequence[tuple[float, float]] = (),
) -> list[Bbox]:
    """Write each text beside its point; one that is further off is tied to it by a thin line.

    The layout must be settled, see `Figure.draw_without_rendering`.

    Args:
        ax: Where the points are drawn already.
        points: (n,) in the units of the axes; all of them are kept free.
        texts: (n,) a few letters each; "" for none.
        color: Of the texts.
        line: Corners of a line that is kept free, too; along the axes from each to the next.

    Returns:
        Boxes of the texts, in pixels.
    """
    pixel = ax.get_figure().dpi / 72.0  # type: ignore[union-attr]  # it stands in one
    middles = ax.transData.transform(np.asarray(points, dtype=float).reshape(-1, 2))
    marks = [_around(middle, 2 * _MARK * pixel, 2 * _MARK * pixel) for middle in middles]
    if len(line) > 1:
        corners = ax.transData.transform(np.asarray(line, dtype=float))
        marks += [_around_both(a, b, _LINE * pixel) for a, b in pairwise(corners)]
    placed: list[Bbox] = []
    for (x, y), text, middle in zip(points, texts, middles, strict=True):
        if not text:
            continue
        wide, high = (_WIDE * len(text) * pixel, _HIGH * pixel)
        offset = _free(middle, (wide, high), [*marks, *placed], ax.bbox, pixel)
        placed.append(_around(middle + np.multiply(offset, pixel), wide, high))
        far = np.hypot(*offset) > _FAR[0]
        ax.annotate(
            text,
            (x, y),
            offset,
            textcoords="offset points",
            ha="center",
            va="center",
            color=color,
            fontsize=8.5,
            fontweight="bold",
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.6, "shrinkB": 4}
            if far
            else None,
        )
    return placed


def _free(
    middle: np.ndarray, size: tuple[float, float], taken: Iterable[Bbox], frame: Bbox, pixel: float
) -> tuple[float, float]:
    """The first offset, in points, at which a label covers nothing; else the least bad one."""
    taken, found = list(taken), []
    for far, angle in product(_FAR, _ANGLES):
        offset = (far * np.cos(np.radians(angle)), far * np.sin(np.radians(angle)))
        box = _around(middle + np.multiply(offset, pixel), *size)
        inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0
        covered = sum(box.overlaps(other) for other in taken) + 2 * (not inside)
        if covered == 0:
            return offset
        found.append((covered, offset))
    return min(found, key=lambda one: one[0])[1]


def _around(middle: np.ndarray, wide: float, high: float) -> Bbox:
    x, y = middle
    return Bbox.from_extents(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _around_both(a: np.ndarray, b: np.ndarray, far: float) -> Bbox:
    low, high = np.minimum(a, b) - far, np.maximum(a, b) + far
    return Bbox.from_extents(*low, *high)
