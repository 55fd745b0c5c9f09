"""Pictures by name: the way in to the catalogue. Matplotlib is imported with the first one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from automl_nb.core.errors import SettingError, shorten
from automl_nb.core.state import RunState
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.pipeline.answered import Answered
from automl_nb.report.catalog import PLOTS
from automl_nb.report.ink import Ink, Theme
from automl_nb.report.tried_plots import of_strategy

if TYPE_CHECKING:
    from automl_nb.report.picture import Picture, Plot
    from automl_nb.report.row_plot import RowPlot


def draw(
    kind: str,
    state: RunState,
    scorecard: Scorecard | None = None,
    *,
    rows: Callable[[], Answered] | None = None,
    theme: Theme = "auto",
    strategy: str = "",
    **options: Any,
) -> Picture:
    """A picture of a run or of its model's answers.

    Args:
        kind: A name of `PLOTS`.
        state: The run.
        scorecard: Of the run's model, where one was made.
        rows: Gives rows with the model's answers, for pictures that show single rows.
        theme: ``"auto"`` for colours that read on light and on dark pages.
        strategy: Whose trials alone are drawn by ``trials``, ``parallel`` and ``importance``.
        **options: Of this kind: ``share=True`` of ``confusion`` for rates in place of counts;
            ``most`` of ``errors``; ``method="umap"`` of ``embedding``.

    Returns:
        A matplotlib figure without pyplot state, on a transparent background.

    Raises:
        UnknownNameError: No plot is called so, or no trial has this strategy.
        SettingError: There is nothing to draw, no such theme, or no such option of this plot.
    """
    plot = PLOTS[kind].load()
    ink = Ink.of(theme)
    _check_options(kind, plot.options, options)
    state = of_strategy(state, strategy) if strategy else state
    if shows_rows(kind):
        return _of_rows(kind, rows, state, ink, options)
    if not plot.applies(state, scorecard):
        there = drawable(state, scorecard)
        raise SettingError(
            f"The plot '{kind}' needs {plot.needs}, which this run doesn't have.",
            received=plot.has(state) or kind,
            hint=f"Plots that can be drawn: {', '.join(there) or 'none yet'}.",
        )
    made: Picture = plot.picture(state, scorecard, ink, **options)
    return made


def _of_rows(
    kind: str,
    rows: Callable[[], Answered] | None,
    state: RunState,
    ink: Ink,
    options: dict[str, Any],
) -> Picture:
    if rows is None:
        raise SettingError(
            f"The plot '{kind}' needs rows with a model's answers.",
            received="a run alone",
            hint="Use run.plot, which finds them.",
        )
    plot: RowPlot = PLOTS[kind].load()
    return plot.picture(rows(), state, ink, **options)


def shows_rows(kind: str) -> bool:
    """Whether a plot shows single rows, which it must be given."""
    return "rows" in PLOTS[kind].tags


def _check_options(kind: str, known: tuple[str, ...], given: dict[str, Any]) -> None:
    for name, value in given.items():
        if name not in known:
            raise SettingError(
                f"The plot '{kind}' has no option of this name.",
                received=f"{name}={shorten(value)}",
                hint=f"It has {', '.join((*known, 'theme'))}.",
            )


def drawable(
    state: RunState, scorecard: Scorecard | None = None, *, rows: bool = False
) -> list[str]:
    """The names of the plots that have something to draw; of single rows if there are `rows`."""
    return [
        spec.name
        for spec in PLOTS
        if (rows if shows_rows(spec.name) else spec.load().applies(state, scorecard))
    ]


def alt_text(kind: str, state: RunState, scorecard: Scorecard | None = None) -> str:
    """What a picture of a run or scorecard shows, for people who can't see it.

    Raises:
        UnknownNameError: No plot is called so.
    """
    plot: Plot = PLOTS[kind].load()
    return plot.describe(state, scorecard)
