"""The picture of a decision card: learning curves with their forecasts, and ranks."""

from __future__ import annotations

from math import ceil

import numpy as np
from matplotlib.axes import Axes

from automl_nb.core.errors import SettingError
from automl_nb.core.show.words import count, number
from automl_nb.explorer.card import DecisionCard, Entry
from automl_nb.explorer.card_view import of_what
from automl_nb.report.ink import Ink, colour, shown, style, styled
from automl_nb.report.picture import DPI, Picture, quiet_grid

_BAND = 0.14
_LEGEND_COLUMNS = 2


def draw_card(card: DecisionCard, *, theme: str = "auto") -> Picture:
    """One row of two pictures for each column that was looked at.

    Args:
        card: What was found out.
        theme: light, dark, or auto for colours that read on both.

    Raises:
        SettingError: No network was looked at, or there is no such theme.
    """
    ink = Ink.of(theme)
    columns = [
        advice.column
        for advice in card.recommendations
        if any(entry.scores for entry in _of(card, advice.column))
    ]
    if not columns:
        raise SettingError(
            "A decision card needs a network that was looked at before it can be drawn.",
            received=card.ended or "none was",
            hint="Give more time, such as time='2m'.",
        )
    most = max(len(_of(card, column)) for column in columns)
    high = max(3.2, 1.4 + 0.42 * most) + 0.2 * ceil(most / _LEGEND_COLUMNS)
    with styled(ink):
        made = Picture(figsize=(9.2, len(columns) * high), dpi=DPI)
        made.ink = ink
        made.description = _describe(card)
        made.set_layout_engine("constrained", w_pad=0.1, h_pad=0.1)
        axes = made.subplots(len(columns), 2, squeeze=False, width_ratios=(3, 2))
        for (left, right), column in zip(axes, columns, strict=True):
            entries = _of(card, column)
            colours = _colours(card, column, ink)
            _draw_curves(left, card, entries, ink, colours)
            _draw_ranks(right, card, entries, ink, colours)
            left.set_title(f"Learning curves, '{shown(column)}'")
        made.draw_without_rendering()
        made.set_layout_engine("none")
    return made


def _of(card: DecisionCard, column: str) -> list[Entry]:
    return [entry for entry in card.entries if entry.column == column]


def _recommended(card: DecisionCard, column: str) -> str:
    """The network's name; "" where none can be recommended."""
    return next((one.backbone for one in card.recommendations if one.column == column), "")


def _colours(card: DecisionCard, column: str, ink: Ink) -> dict[str, str]:
    """By name: the first colour is that of the recommended network, and of no other."""
    entries, best = _of(card, column), _recommended(card, column)
    others = [one.name for one in entries if not one.is_baseline and one.name != best]
    places = {best: 0} | {name: 1 + place for place, name in enumerate(others)}
    baselines = {one.name: ink.text for one in entries if one.is_baseline}
    return {name: colour(place) for name, place in places.items()} | baselines


def _named(entry: Entry) -> str:
    """Its name, with what keeps it from being used or makes it something else."""
    if entry.is_baseline:
        return f"{shown(entry.name)} (no network)"
    return shown(entry.name) if entry.can_read else f"{shown(entry.name)} (can't read it)"


def _draw_curves(
    ax: Axes, card: DecisionCard, entries: list[Entry], ink: Ink, colours: dict[str, str]
) -> None:
    """Measured points, the curve through them, and the forecast with its interval."""
    drawn = [entry for entry in entries if entry.forecast is not None]
    if not drawn:
        ax.set_axis_off()
        ax.text(0.0, 0.5, "no time was left for learning curves", transform=ax.transAxes)
        return
    for place, entry in enumerate(drawn):
        foretold = entry.forecast
        assert foretold is not None
        inked = colours[entry.name]
        sizes = np.array(foretold.sizes, dtype=np.float64)
        ax.plot(sizes, foretold.scores, "o", color=inked, markersize=4)
        reach = np.geomspace(sizes[0], max(foretold.n_rows, sizes[-1]), 60)
        curve = [foretold.at(float(n)) for n in reach]
        # The forecast leans on a second curve too, so the line is led to it.
        lift = foretold.value - foretold.at(float(foretold.n_rows))
        beyond = np.clip(np.log(reach / sizes[-1]), 0.0, None)
        share = beyond / beyond[-1] if beyond[-1] > 0 else np.zeros_like(beyond)
        line = np.array(curve) + lift * share
        ax.plot(
            reach, line, color=inked, linestyle=style(place), linewidth=1.6, label=_named(entry)
        )
        ends = np.array([foretold.low, foretold.high])
        upper, lower = (share * (end - foretold.value) for end in (ends[1], ends[0]))
        ax.fill_between(reach, line + lower, line + upper, color=inked, alpha=_BAND, linewidth=0)
        ax.errorbar(
            [foretold.n_rows],
            [foretold.value],
            yerr=np.array([[foretold.value - ends[0]], [ends[1] - foretold.value]]),
            fmt="D",
            color=inked,
            markersize=4,
            capsize=3,
            linewidth=1.2,
        )
    ax.set_xscale("log")
    _mark_rows(ax, drawn)
    ax.set_xlabel("rows to learn from (diamond: foretold for all)")
    falls = any(e.forecast and not e.forecast.greater_is_better for e in drawn)
    ax.set_ylabel(f"{card.measure} (less is better)" if falls else card.measure)
    quiet_grid(ax, ink)
    # Below the axes, as nowhere in them is always free of curves and intervals.
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, 0.0), borderaxespad=4.4, ncols=_LEGEND_COLUMNS)


def _mark_rows(ax: Axes, drawn: list[Entry]) -> None:
    """Ticks where something was measured or foretold, as plain numbers that keep apart."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

    made = [entry.forecast for entry in drawn if entry.forecast is not None]
    marks = sorted({*made[0].sizes, made[0].n_rows})
    kept = [marks[-1]]
    for mark in reversed(marks[:-1]):
        if kept[-1] / mark > 1.35:
            kept.append(mark)
    ax.xaxis.set_major_locator(FixedLocator([float(mark) for mark in kept]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_minor_locator(FixedLocator([]))


def _draw_ranks(
    ax: Axes, card: DecisionCard, entries: list[Entry], ink: Ink, colours: dict[str, str]
) -> None:
    """Mean rank of each network as a bar that is the longer the better.

    The recommended one is on top and in its colour, all others are grey.
    """
    best = _recommended(card, entries[0].column)
    ranked = [entry for entry in entries if entry.mean_rank is not None]
    ranked.sort(key=lambda entry: (entry.name != best, entry.mean_rank))
    worst, what = len(ranked), of_what(card)
    names = {"ridge": f"ridge{what}", "knn": f"kNN{what}", "h-score": "H-score"}
    for place, entry in enumerate(ranked):
        rank = entry.mean_rank or 0.0
        is_best = entry.name == best
        inked, alpha = (colours[best], 0.85) if is_best else (ink.text, 0.45)
        ax.barh(place, worst + 1 - rank, color=inked, alpha=alpha, height=0.26)
        ax.text(0.0, place - 0.27, _named(entry), va="center", ha="left", fontsize=9)
        told = "  ".join(
            f"{names[name]} {entry.scores[name]:.3f}" for name in names if name in entry.scores
        )
        ax.text(0.0, place + 0.27, told, va="center", ha="left", fontsize=7.5)
    ax.set_xlim(0, worst + 0.5)
    ax.set_ylim(worst - 0.3, -0.6)
    ax.set_yticks([])
    ranks = range(1, worst + 1)
    ax.set_xticks([worst + 1 - rank for rank in ranks], [str(rank) for rank in ranks])
    ax.set_xlabel("mean rank of the scores (1 is best)")
    ax.set_title("Scores of frozen features" if best else "Frozen features: none recommended")


def _describe(card: DecisionCard) -> str:
    looked = {entry.name for entry in card.entries if entry.scores}
    told = [f"{count(len(looked), 'network')} compared on {count(card.n_looked, 'row')}."]
    for advice in card.recommendations:
        if not advice.backbone:
            told.append(f"None is recommended for '{advice.column}'.")
        for entry in _of(card, advice.column):
            made = entry.forecast
            if entry.name == advice.backbone and made is not None:
                told.append(
                    f"{entry.name} is foretold to reach {card.measure} {number(made.value)} with "
                    f"{made.n_rows:,} rows, from {number(made.low)} to {number(made.high)}."
                )
    return " ".join(told)
