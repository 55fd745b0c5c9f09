"""Every field of the form; those that few need are made when they are first shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import ipywidgets as widgets

from automl_nb.core.show.messages import say
from automl_nb.notebook.form.fields import FIRST, FURTHER, OPTIONS, Field, field_of
from automl_nb.notebook.form.looks import FITTING, WRAPPED, made, show

_BESIDE = WRAPPED | {"grid_gap": "2px 16px"}


class Fields:
    """Fields by the name of their option.

    Each is eight widgets of the front end: those below the switch would take as long to make as
    all of the rest of the form.

    Args:
        on_value: Called with the name and the typed text when one was changed by the person.
        on_made: Called with each that is made, to fill it in.
    """

    def __init__(
        self,
        on_value: Callable[[str, str | bool], None],
        on_made: Callable[[str, Field], None],
    ) -> None:
        self._on_value, self._on_made = on_value, on_made
        self._made: dict[str, Field] = {}
        self._inside = wrapped([])
        show(self._inside, False)
        title = say("form.further")
        self._switch = made(widgets.Checkbox, place=FITTING, description=title, indent=False)
        self._switch.observe(self._turned, "value")
        self.first = self._make(FIRST)
        self.further: list[widgets.Widget] = [self._switch, self._inside]

    def __getitem__(self, name: str) -> Field:
        if name not in self._made:
            self._make_further()
        return self._made[name]

    def __iter__(self) -> Iterator[Field]:
        """Those that are made."""
        return iter([*self._made.values()])

    def blame(self, problems: dict[str, str]) -> None:
        """Tell each problem at its field, unfolding those that have one."""
        if {*problems} & {*FURTHER}:
            self._switch.value = True
        for field in self:
            field.blame(problems.get(field.name, ""))

    def _turned(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self._make_further()
        show(self._inside, change["new"], **_BESIDE)

    def _make_further(self) -> None:
        if not self._inside.children:
            self._inside.children = self._make(FURTHER)

    def _make(self, names: Iterable[str]) -> list[Field]:
        fields = [field_of(OPTIONS[name], self._on_value) for name in names]
        for field in fields:
            self._made[field.name] = field
            self._on_made(field.name, field)
        return fields


def wrapped(children: list[widgets.Widget]) -> Any:
    """Widgets side by side, in as many lines as they need."""
    return made(widgets.HBox, children, place=_BESIDE)
