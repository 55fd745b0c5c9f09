"""What there is once a run has ended: its models, their answers, pictures, and a place to save."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets as widgets

from automl_nb.core.errors import AutoMLError
from automl_nb.core.show import facts, parts
from automl_nb.core.show.amounts import lasting
from automl_nb.core.show.messages import say
from automl_nb.core.show.names import told_apart
from automl_nb.core.show.text import columns
from automl_nb.core.show.words import clip, interval, number
from automl_nb.core.state import RunState
from automl_nb.core.types import LeaderboardRow
from automl_nb.notebook.form.answers import AnswerPanel
from automl_nb.notebook.form.fields import alert, problems_in
from automl_nb.notebook.form.looks import AS_IT_IS, NAMED, ROOMY, layout, made, show, style_of
from automl_nb.notebook.form.saving import SavingPanel

_MOST_ROWS = 8  # that are seen without scrolling
# Letters of one width, so that columns of figures stand below each other. On a narrow page the list
# goes below its name, and moves sideways.
_STYLE = (
    "<style>.automl-nb-board{flex-wrap:wrap;height:auto!important}"
    ".automl-nb-board select{font-family:var(--jp-code-font-family,monospace);"
    "flex:1 1 18em!important;min-width:0;max-width:100%;overflow-x:auto!important}</style>"
)
_FIRST_PICTURES = ("confusion", "residuals", "leaderboard")


class ResultPanel(widgets.VBox):  # type: ignore[misc]
    """Choose a model of the leaderboard, ask it, save it, look at pictures.

    Args:
        on_model: Called with the model that was chosen.
    """

    def __init__(self, on_model: Callable[[Any], None]) -> None:
        self._on_model = on_model
        self._run: Any = None
        self._examples: dict[str, str] = {}
        self.models = Board()
        self.about = made(widgets.HTML)
        self.answers = AnswerPanel()
        self.saving = SavingPanel(lambda: self._model)
        self.pictures = _dropdown(say("form.picture"))
        self.picture, self.whose = made(widgets.HTML), made(widgets.HTML)
        self.models.observe(lambda _: self._chosen(), "value")
        self.pictures.observe(lambda _: self._draw(), "value")
        look = made(widgets.HTML, _STYLE, place={"display": "none"})
        super().__init__(
            [
                look,
                self.models,
                self.about,
                self.answers,
                self.saving,
                self.pictures,
                self.whose,
                self.picture,
            ],
            layout=layout(display="none"),
        )

    def offer(self, run: Any, examples: Mapping[str, str]) -> None:
        """Show what this run came to."""
        self._run, self._examples = run, dict(examples)
        self.saving.place.value = f"{run.name}-model"
        self.models.show(run.state)
        kinds = run.plots
        self.pictures.options = kinds
        self.pictures.value = next((k for k in _FIRST_PICTURES if k in kinds), None)
        self._chosen()
        self._draw()
        show(self, True)

    @property
    def _model(self) -> Any:
        return self._run.model_of(self.models.value)

    def _chosen(self) -> None:
        """Another model was chosen: what it is, and its answers from now on."""
        if self._run is None or self.models.value is None:
            return
        rows = {row.model: row for row in self._run.state.leaderboard}
        self.saving.forget()
        self.whose.value = self._of_another()
        try:
            self.about.value = _about(rows.get(self.models.value), self._metric)
            self.answers.offer(self._model, self._examples)
            self._on_model(self._model)
        except AutoMLError as error:
            show(self.answers, False)
            self.about.value += alert(str(error))

    def _of_another(self) -> str:
        """That pictures show the model that was kept, while another is chosen."""
        kept = self._run.state.ended.model
        if self.models.value == kept:
            return ""
        return f"<span {AS_IT_IS}>{escape(say('form.picture.kept', model=clip(kept, 80)))}</span>"

    @property
    def _metric(self) -> str:
        objective = self._run.state.objective
        return objective.metric if objective else "score"

    def _draw(self) -> None:
        if self._run is None or not self.pictures.value:
            return
        # Seconds may pass, in which an earlier picture would stand below the new one's name.
        self.picture.value = f'<span role="status">{escape(say("form.picture.drawn"))}</span>'
        with problems_in(self.picture):
            drawn = self._run.plot(self.pictures.value)
            self.picture.value = f'<div {AS_IT_IS} style="color:{parts.INK}">{drawn.html()}</div>'


class Board(widgets.Select):  # type: ignore[misc]
    """The leaderboard as a list, of which a click or the arrow keys choose a model.

    A list of the browser's own: screen readers hear its name, each row, and which is chosen.
    """

    def __init__(self) -> None:
        super().__init__(
            description=say("form.models"),
            options=[],
            layout=layout(width="auto", max_width="min(62em, calc(100% - 4px))"),
            style=style_of(widgets.Select, **NAMED),
        )
        self.add_class("automl-nb-board")

    def show(self, state: RunState) -> None:
        """The models of a run that has ended, the one that it kept first and chosen."""
        assert state.ended is not None
        kept = state.ended.model
        names = [row.model for row in state.ranked()]
        rows = [
            (
                f"{rank}.",
                name,
                f"{facts.metric(state)} {facts.score_words(row)}",
                interval(row.low, row.high),
                lasting(row.fit_s),
            )
            for rank, name, row in zip(
                facts.ranks(state), told_apart(names, 64), state.ranked(), strict=True
            )
        ]
        # Blanks that stay blanks, as a list would draw several of them together.
        lines = [line.replace(" ", "\u00a0") for line in columns(rows, words=(1,))]
        ordered = sorted(zip(lines, names, strict=True), key=lambda pair: pair[1] != kept)
        self.options = [(line[2:], name) for line, name in ordered]  # without their margin
        self.rows = min(max(2, len(rows)), _MOST_ROWS)  # one would be a list to be pulled down
        self.value = kept


def _about(row: LeaderboardRow | None, metric: str) -> str:
    if row is None:
        return ""
    told = f"{metric} {number(row.score)} {interval(row.low, row.high)}".rstrip()
    said = [told, say("form.model.took", time=lasting(row.fit_s)), row.note]
    return f'<span role="status">{escape("; ".join(filter(None, said)))}</span>'


def _dropdown(title: str) -> Any:
    return made(widgets.Dropdown, place=ROOMY, style=NAMED, description=title, options=[])
