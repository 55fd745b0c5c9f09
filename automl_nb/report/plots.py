"""The catalogue of pictures.

To add one: write a `Plot` in a file of its own, add its line here.
"""

from __future__ import annotations

from automl_nb.core.errors import SettingError
from automl_nb.core.registry import Registry, Spec
from automl_nb.core.state import RunState
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.report.ink import Ink, Theme
from automl_nb.report.picture import Picture, Plot

PLOTS = Registry(
    "plot",
    (
        Spec(
            "timeline",
            "automl_nb.report.run_plots:timeline",
            "Best score over the seconds of a run.",
            tags=("run",),
        ),
        Spec(
            "leaderboard",
            "automl_nb.report.leaderboard_plot:leaderboard",
            "The models with their intervals, best first.",
            tags=("run",),
        ),
        Spec(
            "curves",
            "automl_nb.report.run_plots:curves",
            "Learning curves of the trials.",
            tags=("run",),
        ),
        Spec(
            "confusion",
            "automl_nb.report.confusion_plot:confusion",
            "Which classes are taken for which.",
            tags=("scorecard",),
        ),
        Spec(
            "roc",
            "automl_nb.report.answer_plots:roc",
            "Share of a class found against false alarms.",
            tags=("scorecard",),
        ),
        Spec(
            "pr",
            "automl_nb.report.answer_plots:pr",
            "Precision against recall.",
            tags=("scorecard",),
        ),
        Spec(
            "calibration",
            "automl_nb.report.answer_plots:calibration",
            "Probabilities against what came true.",
            tags=("scorecard",),
        ),
        Spec(
            "residuals",
            "automl_nb.report.residual_plot:residuals",
            "Predicted against true numbers.",
            tags=("scorecard",),
        ),
    ),
)


def draw(
    kind: str, state: RunState, scorecard: Scorecard | None = None, *, theme: Theme = "auto"
) -> Picture:
    """A picture of a run or of its model's answers.

    Args:
        kind: A name of `PLOTS`.
        state: The run.
        scorecard: Of the run's model, where one was made.
        theme: ``"auto"`` for colours that read on light and on dark pages.

    Returns:
        A matplotlib figure without pyplot state, on a transparent background.

    Raises:
        UnknownNameError: No plot is called so.
        SettingError: There is nothing to draw, or no such theme.
    """
    plot: Plot = PLOTS[kind].load()
    ink = Ink.of(theme)
    if not plot.applies(state, scorecard):
        there = drawable(state, scorecard)
        raise SettingError(
            f"The plot '{kind}' needs something to draw, which this run doesn't have.",
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
