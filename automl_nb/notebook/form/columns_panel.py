"""The columns of the table, each with its kind in a field that changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from itertools import zip_longest
from typing import Any

import ipywidgets as widgets

from automl_nb.core.options import KINDS
from automl_nb.core.show.engine_words import translated
from automl_nb.core.show.messages import say
from automl_nb.core.show.words import clip
from automl_nb.core.types import Column
from automl_nb.notebook.form.fields import titled
from automl_nb.notebook.form.looks import AS_IT_IS, WRAPPED, layout, made, show

PAGE = 12  # columns shown at once: a field takes a millisecond or more to make and to show
_KINDS = KINDS.split("|")


class ColumnsPanel(widgets.VBox):  # type: ignore[misc]
    """Columns by pages, however many there are.

    Args:
        on_kinds: Called with the kinds that the person chose, by column.
    """

    def __init__(self, on_kinds: Callable[[dict[str, str]], None]) -> None:
        self._on_kinds = on_kinds
        self._columns: tuple[Column, ...] = ()
        self._kinds: dict[str, str] = {}
        self._first, self._filling = 0, False
        self._lines: list[_Line] = []  # made as columns need them
        self._place = made(widgets.HTML)
        self._back = _button(say("form.columns.back"), lambda _: self._turn(-PAGE))
        self._on = _button(say("form.columns.on"), lambda _: self._turn(PAGE))
        self._pages = made(widgets.HBox, [self._back, self._place, self._on], place=WRAPPED)
        super().__init__([self._pages], layout=layout())

    def show(self, columns: tuple[Column, ...], kinds: Mapping[str, str]) -> None:
        """Draw these columns; `kinds` are those that the person gave."""
        if [c.name for c in columns] != [c.name for c in self._columns]:
            self._first = 0
        self._columns, self._kinds = columns, dict(kinds)
        self._draw()

    def _draw(self) -> None:
        there = self._columns[self._first : self._first + PAGE]
        if more := [_Line(self._chose) for _ in there[len(self._lines) :]]:
            self._lines += more
            self.children = (*self._lines, self._pages)
        self._filling = True
        for line, column in zip_longest(self._lines, there):
            line.show(column)
        self._filling = False
        n, last = len(self._columns), self._first + len(there)
        show(self._pages, n > PAGE, **WRAPPED)
        self._place.value = escape(say("form.columns.place", first=self._first + 1, last=last, n=n))
        self._back.disabled, self._on.disabled = self._first == 0, last >= n

    def _turn(self, by: int) -> None:
        self._first = max(0, min(self._first + by, len(self._columns) - 1))
        self._draw()

    def _chose(self, name: str, kind: str) -> None:
        if not self._filling:
            self._kinds[name] = kind
            self._on_kinds(dict(self._kinds))


class _Line(widgets.HBox):  # type: ignore[misc]
    """One column: the field of its kind, named by it, and a few words."""

    def __init__(self, on_kind: Callable[[str, str], None]) -> None:
        self._name = ""
        wide = {"width": "24em", "max_width": "calc(100% - 4px)"}  # less its margins
        room = {"description_width": "12em"}
        self._kind = made(widgets.Dropdown, place=wide, style=room, options=_named(_KINDS))
        self._words = made(widgets.HTML, place={"flex": "1 1 18em", "min_width": "0"})
        self._kind.observe(lambda change: on_kind(self._name, change["new"]), "value")
        super().__init__([self._kind, self._words], layout=layout(**WRAPPED))

    def show(self, column: Column | None) -> None:
        """Draw a column, or nothing."""
        show(self, column is not None, **WRAPPED)
        if column is None:
            return
        self._name = column.name
        kinds = _KINDS if str(column.kind) in _KINDS else [*_KINDS, str(column.kind)]
        if [kind for _, kind in self._kind.options] != kinds:
            self._kind.options = _named(kinds)
        with self._kind.hold_sync():  # or words would be read as HTML, or HTML as words
            for trait, value in titled(column.name, 60).items():
                self._kind.set_trait(trait, value)
        self._kind.value = str(column.kind)
        self._words.value = f"<span {AS_IT_IS}>{escape(_facts(column))}</span>"


def _named(kinds: list[str]) -> list[tuple[str, str]]:
    """Each kind as it is called, and as it is typed."""
    return [(say(f"kind.{kind}"), kind) for kind in kinds]


def _facts(column: Column) -> str:
    parts = [translated(column.reason)]
    if column.n_missing:
        parts.append(say("form.columns.missing", n=column.n_missing))
    if column.examples:
        parts.append(
            say("form.columns.such", values=" · ".join(clip(e, 24) for e in column.examples))
        )
    return "; ".join(parts)


def _button(text: str, act: Callable[[widgets.Button], None]) -> Any:
    button = made(widgets.Button, description=text)
    button.on_click(act)
    return button
