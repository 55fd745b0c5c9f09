"""A box for one's own row: type or upload, and see what the model says."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets

from automl_nb.core.errors import AutoMLError
from automl_nb.core.show.messages import say
from automl_nb.core.show.words import clip, number
from automl_nb.core.types import Column, ColumnKind, TaskKind
from automl_nb.notebook.form.fields import alert

MOST_CLASSES, MOST_INPUTS = 5, 24


class AnswerPanel(widgets.VBox):  # type: ignore[misc]
    """One input for each column that the model reads, and its answer below."""

    def __init__(self) -> None:
        self._model: Any = None
        self._inputs: dict[str, widgets.Widget] = {}
        self._fields = widgets.VBox()
        self._ask = widgets.Button(description=say("form.do.predict"))
        self._ask.on_click(self._answered)
        self._answer = widgets.HTML()
        super().__init__([self._fields, self._ask, self._answer])
        self.layout.display = "none"

    def offer(self, model: Any, examples: dict[str, str]) -> None:
        """Ask this model from now on; `examples` are shown where nothing is typed yet."""
        self._model = model
        columns = [model.schema[name] for name in model.inputs[:MOST_INPUTS]]
        self._inputs = {c.name: _input_of(c, examples.get(c.name, "")) for c in columns}
        self._fields.children = tuple(self._inputs.values())
        self._answer.value = ""
        self.layout.display = None

    def _answered(self, _: widgets.Button) -> None:
        try:
            row = dict.fromkeys(self._model.inputs) | {
                name: _value_of(field) for name, field in self._inputs.items()
            }
            self._answer.value = _said(self._model, row)
        except AutoMLError as error:
            self._answer.value = alert(str(error))


def _input_of(column: Column, example: str) -> widgets.Widget:
    """An input that suits what the column holds."""
    name = clip(column.name, 40)
    if column.kind is ColumnKind.IMAGE:
        made = widgets.FileUpload(accept="image/*", description=name)
        made.tooltip = name
    elif column.kind is ColumnKind.TEXT:
        made = widgets.Textarea(description=name, placeholder=example, rows=3)
    else:
        made = widgets.Text(description=name, placeholder=example)
    made.style.description_width = "9em"
    made.layout.width, made.layout.max_width = "auto", "min(46em, calc(100% - 4px))"
    return made


def _value_of(field: widgets.Widget) -> object:
    """What was typed or uploaded; None where nothing was."""
    if isinstance(field, widgets.FileUpload):
        return bytes(field.value[0]["content"]) if field.value else None
    return field.value if field.value.strip() else None


def _said(model: Any, row: dict[str, object]) -> str:
    import pandas as pd

    rows = pd.DataFrame({name: [value] for name, value in row.items()})
    answer = model.predict(rows)[0]
    head = f"<strong>{escape(say('form.answer', label=model.task.label))}</strong> "
    if model.task.kind is TaskKind.REGRESSION:
        return f'<div role="status">{head}{escape(number(float(answer)))}</div>'
    shares = model.predict_proba(rows).iloc[0].sort_values(ascending=False).head(MOST_CLASSES)
    items = "".join(f"<li>{escape(clip(str(c), 60))}: {p:.1%}</li>" for c, p in shares.items())
    said = ", ".join(map(str, answer)) if isinstance(answer, list | tuple | set) else str(answer)
    return f'<div role="status">{head}{escape(said)}<ul>{items}</ul></div>'
