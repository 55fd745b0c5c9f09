"""Parallel coordinates: each trial a line through its settings to its score or its loss."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize

from automl_nb.core.ledger import Setting
from automl_nb.core.show.words import count, number
from automl_nb.core.state import RunState
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.report.ink import COLOURS, Ink, shown
from automl_nb.report.picture import Picture, Plot
from automl_nb.report.scale import interesting
from automl_nb.report.tried_plots import compared

_MOST = 9  # axes of settings
_COLUMN = 0.3  # width of the column left of an axis, which its words have for themselves
_FAINT = 0.4  # of the lines, where they run through that column
_UNSET = -0.1  # the height of trials in which a setting didn't count
_MOST_WORDS = 12  # options named on an axis
_WORSE_TO_BETTER = LinearSegmentedColormap.from_list("better", ["#8a8f98", COLOURS[0], COLOURS[1]])


def _draw(figure: Picture, state: RunState, card: Scorecard | None, ink: Ink) -> None:
    del card
    tried = compared(state)
    settings, up = tried.settings[:_MOST], tried.up
    shown_as = interesting(tried.values, greater_is_better=up, bounds=tried.bounds)
    limits = shown_as or (0.0, 1.0)
    seen = np.clip((np.array(tried.values) - limits[0]) / (limits[1] - limits[0]), 0.0, 1.0)
    places = np.column_stack([*(_places(setting) for setting in settings), seen])
    ax = figure.subplots()
    _draw_lines(ax, places, seen if up else 1.0 - seen)
    for x, setting in enumerate(settings):
        _draw_axis(ax, x, _ticks(setting), ink)
    _draw_axis(ax, len(settings), _score_ticks(limits), ink, right=True)
    names = [f"{shown(s.name, 18)}{' (log)' if s.log else ''}" for s in settings]
    names.append(tried.title.replace(" on ", "\non "))
    ax.set_xticks(range(len(names)), names, fontweight="bold")
    ax.tick_params(axis="x", length=0, labeltop=True, labelbottom=False, pad=6)
    ax.set(xlim=(-_COLUMN - 0.03, len(settings) + 0.03), ylim=(-0.14, 1.03), yticks=[])
    ax.spines[["left", "bottom"]].set_visible(False)
    better = "higher" if up else "lower"
    judged = "loss" if tried.by_loss else "score"
    ax.set_xlabel(f"{tried.strategy}: a line a trial, orange where the {judged} is {better}")


def _draw_lines(ax: Axes, places: np.ndarray, goodness: np.ndarray) -> None:
    """A line a trial, the best on top; where the words are, the lines are level and faint."""
    order = np.argsort(goodness, kind="stable")
    gaps = range(places.shape[1] - 1)
    last = places.shape[1] - 2
    pieces = [
        [(gap, places[row, gap]), (gap + 1 - _COLUMN * (gap < last), places[row, gap + 1])]
        for row in order
        for gap in gaps
    ]
    level = [[end, (math.ceil(end[0]), end[1])] for _, end in pieces]
    solid = max(0.25, min(0.85, 25.0 / len(order)))
    for lines, alpha in ((pieces, solid), (level, _FAINT * solid)):
        drawn = LineCollection(
            lines, cmap=_WORSE_TO_BETTER, norm=Normalize(0.0, 1.0), linewidths=1.3, alpha=alpha
        )
        drawn.set_array(np.repeat(goodness[order], len(gaps)))
        ax.add_collection(drawn)
    for lines, alpha in ((pieces, 1.0), (level, _FAINT)):
        best = lines[-len(gaps) :]
        ax.add_collection(
            LineCollection(best, colors=COLOURS[1], linewidths=2.8, alpha=alpha, zorder=3)
        )
    ax.plot(range(places.shape[1]), places[order[-1]], "o", color=COLOURS[1], zorder=4)


def _places(setting: Setting) -> np.ndarray:
    """(n,) heights between 0 and 1 on a setting's axis, or below where it didn't count."""
    return np.array([_place(setting, value) for value in setting.values])


def _place(setting: Setting, value: object) -> float:
    if value is None:
        return _UNSET
    if setting.options:
        return (setting.options.index(str(value)) + 0.5) / len(setting.options)
    low, high = setting.range
    at = float(value)  # type: ignore[arg-type]
    if setting.log:
        return math.log(at / low) / math.log(high / low)
    return (at - low) / (high - low)


def _ticks(setting: Setting) -> list[tuple[float, str]]:
    """Heights and words of an axis: its options, or its ends and what lies between."""
    unset = [(_UNSET, "unused")] if None in setting.values else []
    if setting.options:
        named = setting.options[:_MOST_WORDS]
        return [*unset, *((_place(setting, word), shown(word or "none", 10)) for word in named)]
    return [*unset, *((_place(setting, value), f"{value:.3g}") for value in _marks(setting))]


def _marks(setting: Setting) -> list[float]:
    """The numbers to name on an axis: its ends and its middle, or each of a few whole ones."""
    low, high = setting.range
    numbers = {float(value) for value in setting.values if value is not None}  # type: ignore[arg-type]
    if setting.whole and len(numbers) <= _MOST_WORDS // 2:
        return sorted(numbers)
    if setting.log:
        return [low, math.sqrt(low * high), high]
    digits = 2 - math.floor(math.log10(high - low))
    return [round(value, digits) for value in (low, (low + high) / 2, high)]


def _score_ticks(limits: tuple[float, float]) -> list[tuple[float, str]]:
    low, high = limits
    return [(share, number(low + share * (high - low))) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]


def _draw_axis(
    ax: Axes, x: float, ticks: list[tuple[float, str]], ink: Ink, *, right: bool = False
) -> None:
    ax.plot([x, x], [0, 1], color=ink.text, linewidth=1.0, alpha=0.8, zorder=2)
    for height, word in ticks:
        ax.plot(x, height, "_", color=ink.text, markersize=6, zorder=2)
        ax.annotate(
            word,
            (x, height),
            xytext=(7 if right else -6, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize=8,
            zorder=4,
        )


def _describe(state: RunState, card: Scorecard | None) -> str:
    del card
    tried = compared(state)
    value = (max if tried.up else min)(tried.values)
    best = tried.entries[tried.values.index(value)].trial
    had = ", ".join(
        f"{setting.name} {_told(best.config[setting.name])}"
        for setting in tried.settings
        if best.config.get(setting.name) is not None
    )
    return (
        f"{count(len(tried.entries), 'trial')} of {tried.strategy} by their settings. "
        f"The best, {tried.title} {number(value)}, had {had}."
    )


def _told(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


parallel = Plot(
    _draw,
    lambda state, _: len(compared(state).entries) > 1,
    _describe,
    lambda state, _: (min(13.0, 3.2 + 1.45 * len(compared(state).settings[:_MOST])), 4.2),
    needs="two trials of one strategy whose settings differ",
)
