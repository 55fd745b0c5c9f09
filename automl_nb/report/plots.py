"""Pictures by name: the way in to the catalogue. Matplotlib is imported with the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_nb.core.errors import SettingError
from automl_nb.core.state import RunState
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.report.catalog import PLOTS
from automl_nb.report.ink import Ink, Theme
from automl_nb.report.tried_plots import of_strategy

if TYPE_CHECKING:
    from automl_nb.report.picture import Picture, Plot


def draw(
    kind: str,
    state: RunState,
    scorecard: Scorecard | None = None,
    *,
    theme: Theme = "auto",
    strategy: str = "",
) -> Picture:
    """A picture of a run or of its model's answers.

    Args:
        kind: A name of `PLOTS`.
        state: The run.
        scorecard: Of the run's model, where one was made.
        theme: ``"auto"`` for colours that read on light and on dark pages.
        strategy: Whose trials alone are drawn by ``trials``, ``parallel`` and ``importance``.

    Returns:
        A matplotlib figure without pyplot state, on a transparent background.

    Raises:
        UnknownNameError: No plot is called so, or no trial has this strategy.
        SettingError: There is nothing to draw, or no such theme.
    """
    plot: Plot = PLOTS[kind].load()
    ink = Ink.of(theme)
    state = of_strategy(state, strategy) if strategy else state
    if not plot.applies(state, scorecard):
        there = drawable(state, scorecard)
        raise SettingError(
            f"The plot '{kind}' needs {plot.needs}, which this run doesn't have.",
            received=kind,
            hint=f"Plots that can be drawn: {', '.join(there) or 'none yet'}.",
        )
    return plot.picture(state, scorecard, ink)


def drawable(state: RunState, scorecard: Scorecard | None = None) -> list[str]:
    """The names of the plots that have something to draw."""
    return [spec.name for spec in PLOTS if spec.load().applies(state, scorecard)]


def alt_text(kind: str, state: RunState, scorecard: Scorecard | None = None) -> str:
    """What the picture shows, for people who can't see it.

    Raises:
        UnknownNameError: No plot is called so.
    """
    plot: Plot = PLOTS[kind].load()
    return plot.describe(state, scorecard)
