"""The models of a run by score and cost: the front, and the model that is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from automl_nb.core.show.words import count, number, size, speed
from automl_nb.core.state import RunState
from automl_nb.core.types import LeaderboardRow
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.evaluate.words import labels_apart
from automl_nb.report.ink import Ink, colour, shown_apart
from automl_nb.report.picture import Picture, Plot, quiet_grid
from automl_nb.report.place_labels import place_labels
from automl_nb.report.scale import interesting
from automl_nb.report.tried_plots import goes_up, title_of
from automl_nb.search.pareto import non_dominated

_FEWEST = 3  # models, below which there is nothing to weigh
# Where ticks stand within a decade, by how far the axis reaches.
_TICKS = (
    (2.5, (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)),
    (6.0, (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)),
    (30.0, (1.0, 2.0, 5.0)),
    (math.inf, (1.0,)),
)
_ROOM = 0.05  # of the scores' axis, beyond the kept model where it lies at an end
_MOST_NAMED = 10  # models of the fronts that have a number and a line in the key


@dataclass(frozen=True)
class _Cost:
    """What a model costs in one respect."""

    title: str
    of: Callable[[LeaderboardRow], float]
    words: Callable[[float], str]

    def rows(self, state: RunState) -> list[LeaderboardRow]:
        """The models of which it is known."""
        known = (row for row in state.ranked() if math.isfinite(row.score))
        return [row for row in known if 0.0 < self.of(row) < math.inf]

    def front(self, state: RunState) -> list[LeaderboardRow]:
        """Those that no other one betters in both score and cost, the best score first."""
        rows = self.rows(state)
        score = "maximize" if goes_up(state) else "minimize"
        points = [(row.score, self.of(row)) for row in rows]
        return [rows[place] for place in non_dominated(points, (score, "minimize"))]


_COSTS = (
    _Cost("ms a row to answer", lambda row: row.predict_ms, speed),
    _Cost("on disk", lambda row: float(row.size_bytes), size),
)


def _known(state: RunState) -> list[_Cost]:
    """The costs that enough models have."""
    return [cost for cost in _COSTS if len(cost.rows(state)) >= _FEWEST]


def _draw(figure: Picture, state: RunState, card: Scorecard | None, ink: Ink) -> None:
    del card
    costs, named = _known(state), _named(state)
    axes = figure.subplots(1, len(costs), squeeze=False, sharey=True)[0]
    limits = _limits(state)
    for cost, ax in zip(costs, axes, strict=True):
        _draw_panel(ax, cost, state, limits, ink)
    better = "higher is better" if goes_up(state) else "lower is better"
    axes[0].set_ylabel(f"{title_of(state)}, out of fold ({better})")
    axes[0].set_title("Score and cost of the models")
    _draw_key(figure, named, state, ink)
    figure.draw_without_rendering()  # labels go where there is room once all else has its place
    for cost, ax in zip(costs, axes, strict=True):
        rows = [row for row in cost.rows(state) if _is_shown(row, limits)]
        points = [(cost.of(row), row.score) for row in rows]
        texts = [str(named.index(row.model) + 1) if row.model in named else "" for row in rows]
        place_labels(ax, points, texts, color=ink.text, line=_corners(cost.front(state), cost))


def _corners(front: Sequence[LeaderboardRow], cost: _Cost) -> list[tuple[float, float]]:
    """Of the front's line: to the cost of the next model, then to its score."""
    steps = sorted((cost.of(row), row.score) for row in front)
    bends = [((x, y), (dearer, y)) for (x, y), (dearer, _) in pairwise(steps)]
    return [*(corner for both in bends for corner in both), *steps[-1:]]


def _draw_panel(
    ax: Axes, cost: _Cost, state: RunState, limits: tuple[float, float], ink: Ink
) -> None:
    rows, front, kept = cost.rows(state), cost.front(state), _kept(state)
    there = [row for row in rows if _is_shown(row, limits)]
    ax.set_xscale("log")
    ax.plot(
        [cost.of(row) for row in there],
        [row.score for row in there],
        "o",
        color=ink.text,
        alpha=0.55,
        markersize=5,
        markeredgewidth=0,
    )
    steps = sorted((cost.of(row), row.score) for row in front)
    x, y = [x for x, _ in steps], [y for _, y in steps]
    ax.step(x, y, where="post", color=colour(0), linewidth=1.6, alpha=0.8)
    ax.plot(x, y, "o", color=colour(0), markersize=6.5, markeredgewidth=0)
    for row in (row for row in rows if row.model == kept):
        ax.plot(
            cost.of(row),
            row.score,
            "o",
            color=colour(1),
            markersize=12,
            markerfacecolor="none",
            markeredgewidth=2,
        )
    ax.set_ylim(*limits)
    if there:
        least, most = min(map(cost.of, there)), max(map(cost.of, there))
        room = 1.35 * (most / least) ** 0.08
        ax.set_xlim(least / room, most * room)
    low, high = ax.get_xlim()
    subs = next(subs for reach, subs in _TICKS if high / low < reach)
    ax.xaxis.set_major_locator(LogLocator(subs=subs, numticks=6))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: cost.words(value)))
    ax.xaxis.set_minor_formatter(NullFormatter())
    hidden = len(rows) - len(there)
    far = f" ({count(hidden, 'model')} far off)" if hidden else ""
    ax.set_xlabel(f"{cost.title}{far}")
    quiet_grid(ax, ink)


def _draw_key(figure: Picture, named: Sequence[str], state: RunState, ink: Ink) -> None:
    """What the marks mean, and the names behind the numbers."""
    ring: dict[str, Any] = {"markerfacecolor": "none", "markeredgewidth": 2, "markersize": 9}
    marks = [
        Line2D([], [], color=colour(0), marker="o", label="nothing better for its cost"),
        Line2D([], [], color="none", marker="o", markeredgecolor=colour(1), label="kept", **ring),
        Line2D([], [], color=ink.text, alpha=0.55, marker="o", linestyle="", label="other models"),
    ]
    figure.legend(handles=marks, loc="outside upper right", ncols=3)
    scores = {row.model: row.score for row in state.leaderboard}
    names = [
        Line2D(
            [],
            [],
            color="none",
            label=f"{place}  {short}  {number(scores[name])}",
        )
        for place, (name, short) in enumerate(zip(named, shown_apart(named, 46), strict=True), 1)
    ]
    figure.legend(handles=names, loc="outside lower left", ncols=2, handlelength=0, handletextpad=0)


def _named(state: RunState) -> list[str]:
    """The models that have a number: the kept one and those of the fronts, best score first."""
    fronts = {row.model for cost in _known(state) for row in cost.front(state)}
    limits = _limits(state)
    kept = _kept(state)
    rows = [row for row in state.ranked() if row.model == kept or row.model in fronts]
    seen = [row.model for row in rows if _is_shown(row, limits)]
    places = np.linspace(0, len(seen) - 1, min(_MOST_NAMED, len(seen))).round().astype(int)
    chosen = {*places.tolist(), *(place for place, name in enumerate(seen) if name == kept)}
    return [seen[place] for place in sorted(chosen)]


def _kept(state: RunState) -> str:
    return state.incumbent.model if state.incumbent else ""


def _limits(state: RunState) -> tuple[float, float]:
    """Of the scores that are shown; that of the kept model is among them."""
    scores = [row.score for row in state.leaderboard]
    low, high = interesting(scores, greater_is_better=goes_up(state)) or (0.0, 1.0)
    kept = [row.score for row in state.leaderboard if row.model == _kept(state)]
    room = _ROOM * (high - low)
    return min([low, *(score - room for score in kept)]), max([high, *(s + room for s in kept)])


def _is_shown(row: LeaderboardRow, limits: tuple[float, float]) -> bool:
    return limits[0] <= row.score <= limits[1]


def _describe(state: RunState, card: Scorecard | None) -> str:
    del card
    told, limits = [], _limits(state)
    for cost in _known(state):
        front = [row for row in cost.front(state) if _is_shown(row, limits)]
        best, least = front[0], min(front, key=cost.of)
        first, cheap = labels_apart([best.model, least.model])
        told.append(
            f"{cost.title}: {first} has the best {title_of(state)}, "
            f"{number(best.score)}, for {cost.words(cost.of(best))}; {cheap} costs "
            f"least, {cost.words(cost.of(least))}, with {number(least.score)}."
        )
    kept = f" {labels_apart([_kept(state)])[0]} is kept." if _kept(state) else ""
    return f"Score over cost of {count(len(state.leaderboard), 'model')}. {' '.join(told)}{kept}"


def _size(state: RunState, card: Scorecard | None) -> tuple[float, float]:
    del card
    lines = math.ceil(len(_named(state)) / 2)
    return 9.2 if len(_known(state)) > 1 else 7.0, 3.9 + 0.2 * lines


pareto = Plot(
    _draw,
    lambda state, _: bool(_known(state)),
    _describe,
    _size,
    needs="three models whose costs are known",
)
