"""Small pictures of charts, drawn by matplotlib's object-oriented side (no pyplot state)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

Made = tuple[pd.DataFrame, str]
USUAL_ROWS = 400
PIXELS = 96
_MAPS = ("viridis", "plasma", "coolwarm", "YlGnBu", "magma", "Greys")


def charts(n: int, seed: int) -> Made:
    """Columns ``image`` (PNG bytes, 96 x 96) and ``chart``, the types in turn."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rng = np.random.default_rng([seed, 5])
    figure = Figure(figsize=(1, 1), dpi=PIXELS)
    canvas = FigureCanvasAgg(figure)
    names = [list(DRAW)[i % len(DRAW)] for i in range(n or USUAL_ROWS)]
    pictures = [_picture(figure, canvas, name, rng) for name in names]
    return pd.DataFrame({"image": pd.Series(pictures, dtype=object), "chart": names}), "chart"


def _picture(figure: Any, canvas: Any, name: str, rng: np.random.Generator) -> bytes:
    from PIL import Image

    figure.set_facecolor(rng.uniform(0.85, 1.0, 3) if rng.random() < 0.5 else "white")
    axes = figure.add_axes((0.08, 0.08, 0.84, 0.84))
    if rng.random() < 0.5:
        axes.set_axis_off()
    else:
        axes.tick_params(labelbottom=False, labelleft=False, length=2)
    DRAW[name](axes, rng)
    canvas.draw()
    axes.remove()  # far cheaper than figure.clear()
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3]
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", compress_level=1)
    return data.getvalue()


def _colours(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.uniform(0.0, 0.85, (n, 3))


def _walk(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.cumsum(rng.normal(0, 1, n))


def _line(axes: Any, rng: np.random.Generator) -> None:
    n = int(rng.integers(8, 40))
    for colour in _colours(rng, int(rng.integers(1, 4))):
        axes.plot(_walk(rng, n), color=colour, linewidth=rng.uniform(0.5, 2))


def _scatter(axes: Any, rng: np.random.Generator) -> None:
    n = int(rng.integers(15, 80))
    x = rng.normal(0, 1, n)
    y = rng.uniform(-1, 1) * x + rng.normal(0, 0.6, n)
    axes.scatter(x, y, s=rng.uniform(2, 14), color=_colours(rng, 1))


def _bar(axes: Any, rng: np.random.Generator) -> None:
    n = int(rng.integers(3, 9))
    colours = _colours(rng, n if rng.random() < 0.5 else 1)
    draw = axes.bar if rng.random() < 0.7 else axes.barh
    draw(np.arange(n), rng.uniform(0.2, 1, n), rng.uniform(0.5, 0.85), color=colours)


def _histogram(axes: Any, rng: np.random.Generator) -> None:
    values = rng.gamma(2, 1, 300) if rng.random() < 0.5 else rng.normal(0, 1, 300)
    axes.hist(values, bins=int(rng.integers(12, 25)), color=_colours(rng, 1)[0])


def _pie(axes: Any, rng: np.random.Generator) -> None:
    n = int(rng.integers(3, 8))
    start = rng.uniform(0, 360)
    axes.pie(rng.uniform(0.2, 1, n), colors=_colours(rng, n), startangle=start)


def _box(axes: Any, rng: np.random.Generator) -> None:
    n = int(rng.integers(2, 6))
    boxes = axes.boxplot(list(rng.normal(0, 1, (n, 40))), widths=0.6, patch_artist=True)
    for box, colour in zip(boxes["boxes"], _colours(rng, n), strict=True):
        box.set_facecolor(colour)


def _area(axes: Any, rng: np.random.Generator) -> None:
    n, k = int(rng.integers(8, 30)), int(rng.integers(2, 5))
    axes.stackplot(np.arange(n), np.abs(rng.normal(1, 0.4, (k, n))), colors=_colours(rng, k))


def _heatmap(axes: Any, rng: np.random.Generator) -> None:
    values = rng.normal(0, 1, rng.integers(4, 12, 2))
    axes.imshow(values, cmap=str(rng.choice(_MAPS)), aspect="auto")


DRAW: dict[str, Callable[[Any, np.random.Generator], None]] = {
    "area": _area,
    "bar": _bar,
    "box": _box,
    "heatmap": _heatmap,
    "histogram": _histogram,
    "line": _line,
    "pie": _pie,
    "scatter": _scatter,
}
