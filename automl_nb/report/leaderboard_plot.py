"""The models of a run, best first, with their 95% intervals."""

from __future__ import annotations

import math

from matplotlib.axes import Axes

from automl_nb.core.show.facts import tie_line
from automl_nb.core.show.words import count, margin, number
from automl_nb.core.state import RunState
from automl_nb.core.types import LeaderboardRow
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.evaluate.words import labels_apart, metric_title
from automl_nb.report.ink import Ink, colour, shown_apart
from automl_nb.report.picture import Picture, Plot, quiet_grid
from automl_nb.report.scale import interesting

MOST_ROWS = 15


def _shown_rows(state: RunState) -> list[LeaderboardRow]:
    return state.ranked()[:MOST_ROWS]


def _title(state: RunState) -> str:
    return metric_title(state.objective.metric) if state.objective else "score"


def _draw(figure: Picture, state: RunState, card: Scorecard | None, ink: Ink) -> None:
    del card
    ax, rows = figure.subplots(), _shown_rows(state)
    up = state.objective.greater_is_better if state.objective else True
    limits = _limits(rows, up=up)
    tied = state.tied()
    for place, row in enumerate(rows):
        _draw_row(ax, place, row, limits, ink, tied=row.model in tied)
    short = shown_apart([row.model for row in rows], 42)
    names = [
        f"{'= ' if row.model in tied else ''}{name}" for row, name in zip(rows, short, strict=True)
    ]
    ax.set_yticks(range(len(rows)), names)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(*limits)
    ax.spines["left"].set_visible(False)
    better = "higher is better" if up else "lower is better"
    told = ["dots: each seed"] if any(row.seeds for row in rows) else []
    told += ["=: tied with the first"] if tied else []
    legend = f"\n{', '.join(told)}" if told else ""
    ax.set_xlabel(f"{_title(state)}, out of fold, with 95% interval ({better}){legend}")
    hidden = len(state.leaderboard) - len(rows)
    more = f" (the best {len(rows)} of {len(state.leaderboard)})" if hidden else ""
    ax.set_title(f"Models{more}")
    quiet_grid(ax, ink, "x")


def _limits(rows: list[LeaderboardRow], *, up: bool) -> tuple[float, float]:
    low, high = interesting([row.score for row in rows], greater_is_better=up) or (0.0, 1.0)
    near = [row for row in rows if low <= row.score <= high]
    ends = [
        end for row in near for end in (row.low, row.high, *row.seed_scores) if math.isfinite(end)
    ]
    return min([low, *ends]), max([high, *ends])


def _draw_row(
    ax: Axes, place: int, row: LeaderboardRow, limits: tuple[float, float], ink: Ink, *, tied: bool
) -> None:
    first = place == 0
    inked = colour(0) if first or tied else ink.text
    ax.text(
        1.015,
        place,
        margin(row.score, row.spread) if row.seeds else number(row.score),
        transform=ax.get_yaxis_transform(),
        va="center",
        color=inked,
        fontweight="bold" if first else "normal",
    )
    if not limits[0] <= row.score <= limits[1]:
        # Too far off to show in scale: an arrow at the edge says on which side it lies.
        below = row.score < limits[0]
        ax.plot(
            0.008 if below else 0.992,
            place,
            marker="<" if below else ">",
            color=inked,
            markersize=5,
            alpha=0.6,
            transform=ax.get_yaxis_transform(),
        )
        return
    if math.isfinite(row.low):
        ax.hlines(place, row.low, row.high, color=inked, linewidth=2.2, alpha=0.75)
    ax.plot(row.score, place, "o", color=inked, markersize=6)
    # A little above the line, so that they don't hide in the mean's own dot.
    above = [place - 0.28] * len(row.seed_scores)
    ax.plot(row.seed_scores, above, ".", color=inked, markersize=3.5, alpha=0.8)


def _describe(state: RunState, card: Scorecard | None) -> str:
    del card
    best = state.ranked()[0]
    (name,) = labels_apart([best.model])
    lead = f"{name} is first with {_title(state)} {number(best.score)}"
    if math.isfinite(best.low):
        lead += f" (95% interval {number(best.low)} to {number(best.high)})"
    models = f"{count(len(state.leaderboard), 'model')}, best first. {lead}."
    return " ".join(part for part in (models, tie_line(state)) if part)


def _size(state: RunState, card: Scorecard | None) -> tuple[float, float]:
    del card
    rows = _shown_rows(state)
    more = 0.2 if state.tied() or any(row.seeds for row in rows) else 0.0
    return 8.4, 1.2 + more + 0.3 * len(rows)


leaderboard = Plot(_draw, lambda state, _: bool(state.leaderboard), _describe, _size)
