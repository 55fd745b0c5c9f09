"""Reading a table from wherever it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from automl_nb.core.errors import SourceError
from automl_nb.data.table import Table


def read_table(
    source: Any, *, columns: Sequence[str] | None = None, sql: str | None = None
) -> Table:
    """Read rows."""
    if isinstance(source, Table):
        return source
    if isinstance(source, dict):
        source = pd.DataFrame(source)
    if isinstance(source, pd.DataFrame):
        frame = source if columns is None else source[list(columns)]
        return Table.of(frame, f"a DataFrame of {len(source)} rows")
    raise SourceError("A source must be one that can be read.", received=source)
