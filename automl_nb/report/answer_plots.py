"""Pictures of a model's probabilities: ROC, precision-recall and calibration curves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.colors import to_rgba

from automl_nb.core.show.words import count, number
from automl_nb.core.state import RunState
from automl_nb.core.types import TaskKind
from automl_nb.evaluate.curves import Line
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.evaluate.words import label
from automl_nb.report.ink import Ink, colour, shown, style
from automl_nb.report.picture import Picture, Plot, quiet_grid

_Lines = Callable[[Scorecard], tuple[Line, ...]]


def _curve_plot(
    lines_of: _Lines, title: str, x_label: str, y_label: str, area: str, *, diagonal: bool
) -> Plot:
    """A plot of lines in the unit square, named with their areas."""

    def draw(figure: Picture, state: RunState, card: Scorecard | None, ink: Ink) -> None:
        del state
        ax, lines = figure.subplots(), lines_of(card) if card else ()
        for position, line in enumerate(lines):
            mean = len(lines) > 1 and position == 0
            ax.plot(
                line.x,
                line.y,
                color=ink.text if mean else colour(position - (len(lines) > 1)),
                linestyle="-" if mean else style(position),
                linewidth=2.2 if mean or len(lines) == 1 else 1.3,
                label=f"{shown(line.name)} ({number(line.area)})",
            )
        if diagonal:
            _diagonal(figure, ink, "guessing")
        _unit_square(figure, ink, title, x_label, y_label)
        ax.legend(
            loc="lower right" if diagonal else "lower left",
            title=f"{area} in brackets",
            title_fontsize=8.5,
        )

    def describe(state: RunState, card: Scorecard | None) -> str:
        del state
        lines = lines_of(card) if card else ()
        areas = ", ".join(f"{label(line.name)} {number(line.area)}" for line in lines)
        return f"{title}: {area} of {areas}."

    return Plot(
        draw,
        lambda _, card: bool(card and lines_of(card)),
        describe,
        lambda *_: (4.8, 4.2),
    )


def _diagonal(figure: Picture, ink: Ink, name: str) -> None:
    figure.axes[0].plot(
        [0, 1], [0, 1], color=ink.faint, alpha=0.7, linestyle=":", linewidth=1.2, label=name
    )


def _unit_square(figure: Picture, ink: Ink, title: str, x_label: str, y_label: str) -> None:
    ax = figure.axes[0]
    ax.set(xlim=(-0.015, 1.015), ylim=(-0.015, 1.015), title=title)
    ax.set_xlabel(x_label)
    ax.set_ylabel(y_label)
    quiet_grid(ax, ink)


def _draw_calibration(figure: Picture, state: RunState, card: Scorecard | None, ink: Ink) -> None:
    del state
    curve = card.calibration if card else None
    if card is None or curve is None:
        return
    ax = figure.subplots()
    _diagonal(figure, ink, "as said")
    observed = np.array(curve.observed)
    low, high = wilson(observed, np.array(curve.n_rows))
    ax.errorbar(
        curve.said,
        observed,
        yerr=[observed - low, high - observed],
        fmt="o",
        color=colour(0),
        ecolor=to_rgba(colour(0), 0.7),
        linewidth=1.8,
        label="came true (95% interval)",
    )
    _unit_square(figure, ink, "Do the probabilities hold?", _said(card), "share that came true")
    ax.legend(loc="upper left")
    note = f"mean gap (ECE) {number(curve.error)}"
    ax.text(0.98, 0.04, note, transform=ax.transAxes, ha="right")


def wilson(share: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the 95% interval of a share of n (Wilson 1927)."""
    z = 1.96
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.minimum(middle - half, share), np.maximum(middle + half, share)


def _said(card: Scorecard) -> str:
    if card.task.kind is TaskKind.BINARY:
        return f"probability given to {shown(card.task.classes[1])}"
    whose = "each label" if card.task.kind is TaskKind.MULTILABEL else "the chosen class"
    return f"probability given to {whose}"


def _describe_calibration(state: RunState, card: Scorecard | None) -> str:
    del state
    curve = card.calibration if card else None
    if curve is None:
        return "No calibration curve."
    return (
        f"Probabilities against what came true, in {count(len(curve.said), 'bin')} of equally "
        f"many answers; they are off by {number(curve.error)} on average."
    )


roc = _curve_plot(
    lambda card: card.roc,
    "ROC curve",
    "share of the others taken for the class",
    "share of the class found",
    "area under the curve",
    diagonal=True,
)
pr = _curve_plot(
    lambda card: card.pr,
    "Precision and recall",
    "share of the class found (recall)",
    "share of those taken that are right (precision)",
    "average precision",
    diagonal=False,
)
calibration = Plot(
    _draw_calibration,
    lambda _, card: bool(card and card.calibration and card.calibration.said),
    _describe_calibration,
    lambda *_: (4.8, 4.2),
)
