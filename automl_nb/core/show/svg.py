"""Line charts as SVG: small, without a library, right in light and dark.

A notebook that came from elsewhere isn't trusted: JupyterLab then takes ``<svg>`` out and leaves
the words of its axes behind. A picture whose source is the SVG itself is left alone, but cannot
take the colour of the text around it, so axes and numbers are of one grey that reads on both
grounds. Lines differ by dash as well as by colour. Long curves are thinned without losing their
peaks.
"""

from __future__ import annotations

import base64
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from automl_nb.core.show.words import clip

WIDTH, HEIGHT = 330, 150
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 8, 30
FONT = 11.5
LEAST_WIDTH = math.ceil(WIDTH * 9 / FONT)  # pixels of a page, below which words can't be read
MOST_POINTS = 120
MOST = 1e15  # a loss beyond has gone astray and would flatten everything else

# Mid tones: each stands at least 3:1 against white and against Lab's dark grey.
COLOURS = ("#3b82f6", "#d9730d", "#2c9c62", "#a866d4", "#d9486a", "#7d8b99")
INK = "#797979"  # contrast 4.35 with white and with #111111; no grey has more with both
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "1 2")

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """One curve; `shape` is line, step (holds each value until the next) or dots."""

    name: str
    points: tuple[Point, ...]
    shape: str = "line"
    colour: int = 0


def chart(
    series: Sequence[Series],
    *,
    label: str,
    x_label: str,
    y_label: str,
    y_limits: tuple[float, float] | None = None,
) -> str:
    """A chart of these series.

    Args:
        series: The curves; points that aren't finite (or beyond 1e15) are left out.
        label: What a screen reader says instead of the picture.
        x_label: The name of the horizontal axis.
        y_label: The name of the vertical axis.
        y_limits: The range to show; what lies outside is drawn hollow at its edge.

    Returns:
        An ``<svg>`` element, or "" if there is nothing to draw.

    Example:
        >>> drawn = chart([Series("a", ((0, 1.0), (1, 2.0)))], label="A", x_label="s", y_label="f1")
        >>> drawn.startswith("<svg"), 'aria-label="A"' in drawn
        (True, True)

    `picture` makes it an element of a page.
    """
    thinned = [(s, thin(_finite(s.points))) for s in series]
    every = [point for _, points in thinned for point in points]
    if not every:
        return ""
    xs = ticks(min(0.0, *(x for x, _ in every)), max(x for x, _ in every), 5)
    low, high = y_limits or (min(y for _, y in every), max(y for _, y in every))
    ys = ticks(low, high, 4)
    plot = _Plane(xs[0], max(xs[-1], xs[0] + 1e-9), ys[0], max(ys[-1], ys[0] + 1e-9))
    body = [_axes(plot, xs, ys, x_label, y_label)]
    body += [_curve(plot, s, points) for s, points in thinned if points]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" '
        f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="system-ui,sans-serif" font-size="{FONT}" fill="{INK}">'
        f"{''.join(body)}</svg>"
    )


def picture(svg: str, label: str) -> str:
    """An ``<img>`` whose source is the drawing itself, with its description.

    Example:
        >>> picture("<svg/>", "A line")[:61]
        '<img alt="A line" src="data:image/svg+xml;base64,PHN2Zy8+" st'
    """
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    return (
        f'<img alt="{escape(label)}" src="data:image/svg+xml;base64,{data}" '
        'style="width:100%;height:auto;display:block">'
    )


@dataclass(frozen=True)
class _Plane:
    """Maps values to places in the picture."""

    x0: float
    x1: float
    y0: float
    y1: float

    def holds(self, point: Point) -> bool:
        return self.y0 <= point[1] <= self.y1

    def place(self, point: Point) -> str:
        point = (point[0], min(max(point[1], self.y0), self.y1))
        across = LEFT + (point[0] - self.x0) / (self.x1 - self.x0) * (WIDTH - LEFT - RIGHT)
        down = TOP + (self.y1 - point[1]) / (self.y1 - self.y0) * (HEIGHT - TOP - BOTTOM)
        return f"{across:.1f},{down:.1f}"


def _axes(
    plot: _Plane, xs: Sequence[float], ys: Sequence[float], x_label: str, y_label: str
) -> str:
    parts = []
    for y in ys:
        down = float(plot.place((plot.x0, y)).split(",")[1])
        parts.append(
            f'<path d="M{LEFT},{down}H{WIDTH - RIGHT}" stroke="{INK}" opacity=".3"/>'
            f'<text x="{LEFT - 5}" y="{down + 3:.1f}" text-anchor="end">{_tick(y, ys)}</text>'
        )
    floor = HEIGHT - BOTTOM
    for x in xs:
        across = plot.place((x, plot.y0)).split(",")[0]
        parts.append(
            f'<text x="{across}" y="{floor + 12}" text-anchor="middle">{_tick(x, xs)}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text x="{middle:.0f}" y="{HEIGHT - 4}" text-anchor="middle">'
        f"{escape(x_label)}</text>"
        f'<text transform="translate(8 {(TOP + floor) / 2:.0f}) rotate(-90)" '
        f'text-anchor="middle">{escape(clip(y_label, 20))}</text>'
    )
    return "".join(parts)


def _curve(plot: _Plane, series: Series, points: Sequence[Point]) -> str:
    colour = COLOURS[series.colour % len(COLOURS)]
    if series.shape == "dots" or len(points) == 1:
        circles = "".join(_dot(plot, point) for point in points)
        return f'<g fill="{colour}" stroke="{colour}">{circles}</g>'
    if series.shape == "step":
        points = _stairs(points)
    dash = DASHES[series.colour % len(DASHES)] if series.shape == "line" else ""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    path = "L".join(plot.place(point) for point in points)
    return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.8"{dashed}/>'


def _dot(plot: _Plane, point: Point) -> str:
    x, y = plot.place(point).split(",")
    hollow = "" if plot.holds(point) else ' fill="none"'
    return f'<circle cx="{x}" cy="{y}" r="2.4"{hollow}/>'


def _stairs(points: Sequence[Point]) -> list[Point]:
    made = [points[0]]
    for point in points[1:]:
        made += [(point[0], made[-1][1]), point]
    return made


def _finite(points: Sequence[Point]) -> list[Point]:
    return [(x, y) for x, y in points if abs(x) < MOST and abs(y) < MOST]  # NaN is neither


def thin(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """At most `most` points: first, last, and the lowest and highest of each stretch.

    Example:
        >>> kept = thin([(x, x == 500) for x in range(1000)], 20)
        >>> len(kept) <= 20, (500, True) in kept
        (True, True)
    """
    if len(points) <= most:
        return list(points)
    stretches = max(1, (most - 2) // 2)
    inner = points[1:-1]
    size = len(inner) / stretches
    kept = [points[0]]
    for i in range(stretches):
        stretch = inner[round(i * size) : round((i + 1) * size)]
        if not stretch:
            continue
        lowest, highest = min(stretch, key=_height), max(stretch, key=_height)
        kept += sorted({lowest, highest})
    return [*kept, points[-1]]


def _height(point: Point) -> float:
    return point[1]


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round numbers that span `low` to `high`, roughly `about` of them.

    Example:
        >>> ticks(0.81, 0.846, 4)
        [0.8, 0.82, 0.84, 0.86]
    """
    size = max(abs(low), abs(high))
    if high - low <= max(size * 1e-9, 1e-12):  # one value, as far as a picture can tell
        pad = size * 0.05 if size > 1e-9 else 0.5
        low, high = low - pad, high + pad
    rough = (high - low) / max(1, about - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def _tick(value: float, beside: Sequence[float]) -> str:
    """A tick's number, with as many decimals as tell it from its neighbours."""
    step = min((b - a for a, b in itertools.pairwise(beside)), default=1.0)
    if abs(value) >= 1e5 or step >= 1e5:
        return f"{value:.3g}"
    decimals = max(0, min(6, -math.floor(math.log10(step) + 1e-9))) if step > 0 else 0
    if decimals and abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6:
        decimals += 1  # a step such as 0.25 needs one more
    return f"{value:,.{decimals}f}"
