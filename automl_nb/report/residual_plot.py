"""Predicted against true numbers, and how the errors are spread."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator

from automl_nb.core.show.words import count, number
from automl_nb.core.state import RunState
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.report.ink import Ink, colour, shown
from automl_nb.report.picture import Picture, Plot, quiet_grid


def _draw(figure: Picture, state: RunState, card: Scorecard | None, ink: Ink) -> None:
    del state
    left = card.residuals if card else None
    if card is None or left is None:
        return
    ax, beside = figure.subplots(1, 2, width_ratios=(3, 2))
    true, predicted = np.array(left.true), np.array(left.predicted)
    ends = [min(true.min(), predicted.min()), max(true.max(), predicted.max())]
    ax.plot(ends, ends, color=ink.faint, alpha=0.7, linestyle=":", linewidth=1.2)
    ax.scatter(true, predicted, s=14, color=colour(0), alpha=0.55, linewidths=0)
    what = shown(card.task.label)
    ax.set_title("Predicted and true")
    ax.set_xlabel(f"true {what}")
    ax.set_ylabel(f"predicted {what}")
    beside.hist(predicted - true, bins=25, color=colour(0), alpha=0.75)
    beside.axvline(0, color=ink.faint, alpha=0.8, linestyle=":", linewidth=1.2)
    beside.set_title("Errors")
    beside.set_xlabel("predicted less true")
    beside.set_ylabel("rows")
    for axes in (ax, beside):
        quiet_grid(axes, ink)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter("{x:,.6g}")
    ax.yaxis.set_major_formatter("{x:,.6g}")


def _describe(state: RunState, card: Scorecard | None) -> str:
    del state
    left = card.residuals if card else None
    if left is None:
        return "No residuals."
    return (
        f"Predicted against true numbers of {count(len(left.true), 'row')}: errors have mean "
        f"{number(left.mean)} and standard deviation {number(left.sd)}."
    )


residuals = Plot(
    _draw,
    lambda _, card: bool(card and card.residuals and card.residuals.true),
    _describe,
    lambda *_: (8.4, 3.9),
)
