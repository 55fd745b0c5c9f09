"""Where in a cell's body stands what an error is about that only the engine could find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from automl_nb.core.errors import AutoMLError, UnknownNameError
from automl_nb.core.nearby import is_frame
from automl_nb.core.options import FIT
from automl_nb.notebook.statements import Statement
from automl_nb.notebook.toml_body import in_cell

Places = Mapping[str, Statement]
_COLUMNS = [option.name for option in FIT if option.values == "columns"]


@contextmanager
def placed(places: Places) -> Iterator[None]:
    """Errors within it name the line and column of the value that they received, if it's there.

    Raises:
        AutoMLError: As it was, with the place before what it says.
    """
    try:
        yield
    except AutoMLError as error:
        found = _place_of(error.received or "", places.values())
        if found is not None:
            error.rule = f"{in_cell(found)}: {error.rule}"
            error.args = (" ".join(error._parts()),)  # noqa: SLF001 (its words, made again)
        raise


def check_columns(data: Any, options: Mapping[str, Any]) -> None:
    """That a body names columns which a frame has, before a run is begun for it.

    Raises:
        UnknownNameError: There is no such column.
    """
    if not is_frame(data):
        return
    known = [str(name) for name in data.columns]
    for option in (*_COLUMNS, "kinds"):
        for name in _names(options.get(option, ())):
            if name not in known:
                raise UnknownNameError("column", name, known)


def _names(value: Any) -> Iterable[str]:
    return (value,) if isinstance(value, str) else map(str, value)


def _place_of(received: str, statements: Iterable[Statement]) -> tuple[int, int] | None:
    """The value's place, or that of a column's name in a table."""
    word = received.strip("'\"")
    if not word:
        return None
    for one in statements:
        quoted = (f'"{word}"', f"'{word}'")
        if one.value.strip("'\"") == word or any(each in one.value for each in quoted):
            line, column = one.value_at
            at = one.value.find(word) if "\n" not in one.value else 0
            return line, column + max(0, at - (one.value[at - 1 : at] in {"'", '"'}))
        if one.table and one.key == word:
            return one.line, one.column
    return None
