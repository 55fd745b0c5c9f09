"""A table that is shown with all of its words, where pandas would cut them off."""

from __future__ import annotations

import pandas as pd


class WholeTable(pd.DataFrame):
    """A frame of words to read; so is a selection of it.

    Example:
        >>> frame = WholeTable({"name": ["a"], "summary": ["word " * 30]})
        >>> "..." in repr(frame), "..." in repr(frame[["summary"]])
        (False, False)
    """

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return WholeTable

    def __repr__(self) -> str:
        with pd.option_context("display.max_colwidth", None, "display.max_columns", None):
            return super().__repr__()

    def _repr_html_(self) -> str | None:
        with pd.option_context("display.max_colwidth", None, "display.max_columns", None):
            html: str | None = super()._repr_html_()  # type: ignore[misc]  # not in the stubs
        return html
