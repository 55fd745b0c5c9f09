"""The picture of a decision card: learning curves with their forecasts, and ranks."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from automl_nb.core.errors import SettingError
from automl_nb.core.show.words import count, number
from automl_nb.explorer.card import DecisionCard, Entry
from automl_nb.report.ink import Ink, colour, shown, style, styled
from automl_nb.report.picture import DPI, Picture, quiet_grid

_BAND = 0.14
_NAMES = {"ridge": "ridge", "knn": "kNN", "h-score": "H-score"}


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
    with styled(ink):
        made = Picture(figsize=(9.2, len(columns) * max(3.2, 1.4 + 0.42 * most)), dpi=DPI)
        made.ink = ink
        made.description = _describe(card)
        made.set_layout_engine("constrained", w_pad=0.1, h_pad=0.1)
        axes = made.subplots(len(columns), 2, squeeze=False, width_ratios=(3, 2))
        for (left, right), column in zip(axes, columns, strict=True):
            entries = _of(card, column)
            _draw_curves(left, card, entries, ink)
            _draw_ranks(right, entries, ink)
            left.set_title(f"Learning curves, '{shown(column)}'")
        made.draw_without_rendering()
        made.set_layout_engine("none")
    return made


def _of(card: DecisionCard, column: str) -> list[Entry]:
    return [entry for entry in card.entries if entry.column == column]


def _draw_curves(ax: Axes, card: DecisionCard, entries: list[Entry], ink: Ink) -> None:
    """Measured points, the curve through them, and the forecast with its interval."""
    drawn = [entry for entry in entries if entry.forecast is not None]
    if not drawn:
        ax.set_axis_off()
        ax.text(0.0, 0.5, "no time was left for learning curves", transform=ax.transAxes)
        return
    for place, entry in enumerate(drawn):
        foretold = entry.forecast
        assert foretold is not None
        inked = ink.text if entry.is_baseline else colour(place)
        sizes = np.array(foretold.sizes, dtype=np.float64)
        ax.plot(sizes, foretold.scores, "o", color=inked, markersize=4)
        reach = np.geomspace(sizes[0], max(foretold.n_rows, sizes[-1]), 60)
        curve = [foretold.at(float(n)) for n in reach]
        # The forecast leans on a second curve too, so the line is led to it.
        lift = foretold.value - foretold.at(float(foretold.n_rows))
        beyond = np.clip(np.log(reach / sizes[-1]), 0.0, None)
        share = beyond / beyond[-1] if beyond[-1] > 0 else np.zeros_like(beyond)
        line = np.array(curve) + lift * share
        name = f"{entry.name} (no network)" if entry.is_baseline else entry.name
        ax.plot(reach, line, color=inked, linestyle=style(place), linewidth=1.6, label=shown(name))
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
    ax.legend(loc="upper right" if falls else "lower right")


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


def _draw_ranks(ax: Axes, entries: list[Entry], ink: Ink) -> None:
    """Mean rank of each network as a bar that is the longer the better; the best on top."""
    ranked = [entry for entry in entries if entry.mean_rank is not None]
    worst = len(ranked)
    for place, entry in enumerate(ranked):
        rank = entry.mean_rank or 0.0
        inked = colour(0) if place == 0 else ink.text
        ax.barh(
            place, worst + 1 - rank, color=inked, alpha=0.85 if place == 0 else 0.45, height=0.26
        )
        ax.text(0.0, place - 0.27, shown(entry.name, 22), va="center", ha="left", fontsize=9)
        told = "  ".join(
            f"{_NAMES[name]} {entry.scores[name]:.3f}" for name in _NAMES if name in entry.scores
        )
        ax.text(0.0, place + 0.27, told, va="center", ha="left", fontsize=7.5)
    ax.set_xlim(0, worst + 0.5)
    ax.set_ylim(worst - 0.3, -0.6)
    ax.set_yticks([])
    ranks = range(1, worst + 1)
    ax.set_xticks([worst + 1 - rank for rank in ranks], [str(rank) for rank in ranks])
    ax.set_xlabel("mean rank of the scores (1 is best)")
    ax.set_title("Scores of frozen features")


def _describe(card: DecisionCard) -> str:
    looked = [entry for entry in card.entries if entry.scores]
    lead = f"{count(len(looked), 'network')} compared on {count(card.n_looked, 'row')}."
    best = next((entry for entry in looked if entry.forecast is not None), None)
    if best is None or best.forecast is None:
        return lead
    made = best.forecast
    return (
        f"{lead} {best.name} is foretold to reach {card.measure} {number(made.value)} with "
        f"{made.n_rows:,} rows, from {number(made.low)} to {number(made.high)}."
    )
