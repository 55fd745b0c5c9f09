"""A table that is shown with all of its words, where pandas would cut them off."""

from __future__ import annotations

import pandas as pd


class WholeTable(pd.DataFrame):
    """A frame of words to read; what is made from it is an ordinary frame again.

    Example:
        >>> "…" in repr(WholeTable({"summary": ["word " * 30]}))
        False
    """

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def __repr__(self) -> str:
        with pd.option_context("display.max_colwidth", None):
            return super().__repr__()

    def _repr_html_(self) -> str | None:
        with pd.option_context("display.max_colwidth", None, "display.max_columns", None):
            html: str | None = super()._repr_html_()  # type: ignore[misc]  # not in the stubs
        return html
