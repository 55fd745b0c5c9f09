"""The fields of the form: each an option of `fit` with its words and, beside it, its problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

import ipywidgets as widgets

from automl_nb import catalogues
from automl_nb.core.errors import AutoMLError
from automl_nb.core.options import FIT, Option
from automl_nb.core.show import parts
from automl_nb.core.show.messages import say
from automl_nb.core.show.words import clip
from automl_nb.notebook.failures import lines
from automl_nb.notebook.form.looks import AS_IT_IS, FITTING, NAMED, layout, made, show

FIRST = (
    "label",
    "task",
    "metric",
    "time",
    "strategies",
    "backbones",
    "search",
    "searcher",
    "prefer",
    "explain_steps",
)
_ELSEWHERE = {"kinds", "test", "valid", "unlabelled"}  # a panel of its own, or the namespace's
OPTIONS = {option.name: option for option in FIT}
FURTHER = tuple(name for name in OPTIONS if name not in {*FIRST, *_ELSEWHERE})


class Field(widgets.VBox):  # type: ignore[misc]
    """An input with a line below it, in which its problem is told.

    Args:
        name: The keyword that it sets.
        title: What stands before it.
        choices: What it offers; others can be typed, but for a switch.
        on_value: Called with the name and the typed text when it was changed by the person.
        switch: Whether it is on or off.
        hint: Shown while it is empty.
        about: What it does, shown below it while it has no problem.
    """

    def __init__(
        self,
        name: str,
        title: str,
        choices: list[str],
        on_value: Callable[[str, str | bool], None],
        *,
        switch: bool = False,
        hint: str = "",
        about: str = "",
    ) -> None:
        self.name, self._on_value, self._filling = name, on_value, False
        if switch:
            self.input = made(widgets.Checkbox, place=FITTING, description=title, indent=False)
        else:
            self.input = made(
                widgets.Combobox,
                place=FITTING,
                style=NAMED,
                description=title,
                options=tuple(choices),
                placeholder=hint,
                continuous_update=False,
            )
        self.input.add_class("automl-nb-input")
        self._about = f'<span style="line-height:1.4">{escape(about)}</span>' if about else ""
        self._problem = made(widgets.HTML)
        self.blame("")
        self.input.observe(self._changed, "value")
        super().__init__([self.input, self._problem], layout=layout(width="min(100%, 26em)"))

    def fill(self, value: str | bool) -> None:
        """Show a value without telling of it."""
        self._filling = True
        self.input.value = value
        self._filling = False

    def offer(self, choices: list[str]) -> None:
        """Other choices."""
        if tuple(choices) != tuple(self.input.options):
            self.input.options = tuple(choices)

    def blame(self, problem: str) -> None:
        """Tell a problem in words below the input; "" for none."""
        self._problem.value = alert(problem) if problem else self._about
        show(self._problem, bool(self._problem.value))

    def _changed(self, change: dict[str, object]) -> None:
        if not self._filling:
            value = change["new"]
            self._on_value(self.name, value if isinstance(value, bool) else str(value).strip())


def title_of(column: str, most: int = 40) -> str:
    """What stands before the field of a column, whose name may have no letter to be seen."""
    return clip(column, most) or say("form.column.nameless")


def titled(column: str, most: int = 40) -> dict[str, Any]:
    """The traits by which a column's field has its title, whose dollar signs stay as they are.

    Example:
        >>> titled("price")
        {'description': 'price', 'description_allow_html': False}
    """
    title = title_of(column, most)
    is_drawn = bool({*title} & {*"$\\"})
    as_it_is = f"<span {AS_IT_IS}>{escape(title)}</span>"
    return {"description": as_it_is if is_drawn else title, "description_allow_html": is_drawn}


def alert(text: str) -> str:
    """A problem for a reader of the screen and for one who hears it."""
    return (
        f'<span {AS_IT_IS} role="alert" style="color:{parts.INK};line-height:1.4">'
        f'<span aria-hidden="true" style="color:{parts.BAD}">✗</span> {escape(text)}</span>'
    )


@contextmanager
def problems_in(place: widgets.HTML) -> Iterator[None]:
    """What goes wrong within is told in this place: no click is without an answer."""
    try:
        yield
    except AutoMLError as error:
        place.value = alert(str(error))
    except Exception as error:  # noqa: BLE001 - a front end shows nothing of it
        place.value = alert(" ".join(lines(error)[:2]))  # and keeps no traceback to look at


def field_of(option: Option, on_value: Callable[[str, str | bool], None]) -> Field:
    """The field of an option."""
    return Field(
        option.name,
        say(f"form.field.{option.name}"),
        choices_of(option),
        on_value,
        switch=not option.metavar,
        hint=say("form.auto"),
        about="" if option.name in FIRST else option.summary,
    )


def choices_of(option: Option) -> list[str]:
    """What completes an option, where that doesn't depend on the table."""
    if option.name == "search":
        return ["auto"]
    if option.values in {"columns", "classes", "frames", "params", "kinds"}:
        return []
    if option.values in catalogues.kinds():
        try:
            return catalogues.names(option.values)
        except AutoMLError:
            return []
    return option.values.split("|") if option.values else []
