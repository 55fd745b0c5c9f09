"""A box for one's own row: type or upload, and see what the model says.

It is filled with a row of the table, so that what is asked is what is seen.
"""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets

from automl_nb.core.errors import ColumnError, DataError
from automl_nb.core.limits import LARGEST
from automl_nb.core.show.messages import say
from automl_nb.core.show.words import clip, number
from automl_nb.core.types import Column, ColumnKind, TaskKind
from automl_nb.notebook.form.fields import alert, problems_in, title_of, titled
from automl_nb.notebook.form.looks import AS_IT_IS, NAMED, ROOMY, layout, made, show

MOST_CLASSES, MOST_INPUTS = 5, 24
_ONE_LINE: tuple[type[widgets.Text], dict[str, int]] = (widgets.Text, {})


class AnswerPanel(widgets.VBox):  # type: ignore[misc]
    """One input for each column that the model reads, and its answer below."""

    def __init__(self) -> None:
        self._model: Any = None
        self._inputs: dict[str, widgets.Widget] = {}
        self._asked: list[tuple[str, ColumnKind]] = []
        self._kept: dict[str, str] = {}
        self._fields = made(widgets.VBox)
        self._ask = made(widgets.Button, description=say("form.do.predict"))
        self._ask.on_click(self._answered)
        self._answer = made(widgets.HTML)
        super().__init__([self._fields, self._ask, self._answer], layout=layout(display="none"))

    def offer(self, model: Any, examples: dict[str, str]) -> None:
        """Ask this model from now on; `examples` are a row's values, which can be changed.

        Columns for which there is no room keep them. What stands in the fields stays where this
        model reads the same columns as the one before: the same row may be asked of both.
        """
        self._model, self._answer.value = model, ""
        show(self, True)
        columns = sorted(
            (model.schema[name] for name in model.inputs),
            key=lambda column: column.kind is not ColumnKind.IMAGE,  # which no example can fill
        )
        asked = [(c.name, c.kind) for c in columns]
        if asked != self._asked:
            self._asked = asked
            self._fill(columns, examples)

    def _fill(self, columns: list[Column], examples: dict[str, str]) -> None:
        """An input for each column for which there is room."""
        self._kept = {c.name: examples.get(c.name, "") for c in columns[MOST_INPUTS:]}
        columns = columns[:MOST_INPUTS]
        self._inputs = {c.name: _input_of(c, examples.get(c.name, "")) for c in columns}
        kept = f"<span>{escape(say('form.answer.kept', n=len(self._kept)))}</span>"
        rest = [made(widgets.HTML, kept)] if self._kept else []
        self._fields.children = (*self._inputs.values(), *rest)

    def _answered(self, _: widgets.Button) -> None:
        with problems_in(self._answer):
            row: dict[str, object] = {name: value or None for name, value in self._kept.items()}
            row |= {name: _value_of(field) for name, field in self._inputs.items()}
            _check_filled(self._model, row)
            try:
                _check_finite(self._model, row)
                self._answer.value = _said(self._model, row)
            except ColumnError as error:  # its advice is for tables of many rows
                told = say("form.answer.wrong", rule=error.rule, value=error.received)
                self._answer.value = alert(told)


def _check_filled(model: Any, row: dict[str, Any]) -> None:
    """A model answers a row of gaps, too; but such an answer would be of nothing.

    Raises:
        DataError: There is no picture where rows always had one, or nothing at all.
    """
    columns = [model.schema[name] for name in row]
    pictures = [c for c in columns if c.kind is ColumnKind.IMAGE and row[c.name] is None]
    is_empty = all(value is None for value in row.values())
    if any(not c.n_missing for c in pictures) or (pictures and is_empty):
        raise DataError(say("form.answer.picture"))
    if is_empty:
        is_text = all(c.kind is ColumnKind.TEXT for c in columns)
        raise DataError(say("form.answer.text" if is_text else "form.answer.nothing"))


def _check_finite(model: Any, row: dict[str, Any]) -> None:
    """A table's check tells that such values count as missing; here nothing would.

    Raises:
        ColumnError: A number is larger than models read, such as 1e999.
    """
    for name, value in row.items():
        if model.schema[name].kind is ColumnKind.NUMBER and _is_beyond(value):
            rule = say("form.answer.finite", name=name, most=f"{LARGEST:.0e}")
            raise ColumnError(rule, received=value)


def _is_beyond(value: Any) -> bool:
    try:
        return abs(float(value)) >= LARGEST
    except (TypeError, ValueError):  # nothing, or no number, which the model says itself
        return False


def _input_of(column: Column, example: str) -> Any:
    """An input that suits what the column holds, filled in."""
    gap = say("form.answer.missing")
    if column.kind is ColumnKind.IMAGE:
        name = title_of(column.name)  # of a button, in which nothing is drawn as mathematics
        upload = made(widgets.FileUpload, place=ROOMY, accept="image/*", description=name)
        upload.tooltip = name
        return upload
    kind, more = (widgets.Textarea, {"rows": 3}) if column.kind is ColumnKind.TEXT else _ONE_LINE
    words = {**titled(column.name), "placeholder": gap, **more}
    return made(kind, example, place=ROOMY, style=NAMED, **words)


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
        return f'<div {AS_IT_IS} role="status">{head}{escape(number(float(answer)))}</div>'
    shares = model.predict_proba(rows).iloc[0].sort_values(ascending=False).head(MOST_CLASSES)
    items = "".join(f"<li>{escape(clip(str(c), 60))}: {p:.1%}</li>" for c, p in shares.items())
    said = ", ".join(map(str, answer)) if isinstance(answer, list | tuple | set) else str(answer)
    return f'<div {AS_IT_IS} role="status">{head}{escape(said)}<ul>{items}</ul></div>'
