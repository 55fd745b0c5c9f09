"""A forecast as a table, with what there is to say of it below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Self

from automl_nb.core.show.whole_table import WholeTable

_COLUMNS = ("minutes", "at_s", "value", "low", "high")


class ForecastTable(WholeTable):
    """A row a time; `note` says what holds for the run, or why there is no row.

    Example:
        >>> ForecastTable.of([], ["Nothing is foretold: the run failed."])
        Nothing is foretold: the run failed.
    """

    _metadata = ("note",)
    note: str = ""

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, float]], notes: Iterable[str]) -> Self:
        """The table of these rows, with these sentences."""
        made = cls([*rows], columns=[*_COLUMNS])
        made.note = "\n".join(notes)
        return made

    def __repr__(self) -> str:
        shown = "" if self.empty and self.note else super().__repr__()
        return "\n".join(part for part in (shown, self.note) if part)

    def _repr_html_(self) -> str | None:
        shown = "" if self.empty and self.note else super()._repr_html_() or ""
        told = "".join(f"<p>{escape(line)}</p>" for line in self.note.splitlines())
        return shown + told
