"""A few rows, converted value by value.

For single rows, building a pandas column costs fifty times the conversion itself. What
is done here, `automl_nb.data.conform` does for any number of rows with the same rules;
whatever is unusual is left to it, errors among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.types import Column, ColumnKind
from automl_nb.data.convert import number_of, text_of, truth_of
from automl_nb.data.table import column_names

MOST_ROWS = 64
_SIMPLE = frozenset((str, int, float, bool, type(None), type(pd.NA)))


def few_rows(source: Any, names: tuple[str, ...]) -> dict[str, list[Any]] | None:
    """The columns of a few rows in memory, or None for any other source.

    Example:
        >>> few_rows([{"x": 1}, {"x": 2, "y": "b"}], ("x", "y"))
        {'x': [1, 2], 'y': [None, 'b']}
    """
    if isinstance(source, pd.DataFrame):
        if len(source) > MOST_ROWS or source.shape[1] == 0:
            return None
        titles = column_names(source.columns)
        cells = source.to_numpy(dtype=object)
        return {title: cells[:, i].tolist() for i, title in enumerate(titles)}
    if isinstance(source, dict) and names and all(_is_plain(v) for v in source.values()):
        source = [source]
    if not isinstance(source, list | tuple) or not 0 < len(source) <= MOST_ROWS:
        return None
    if all(isinstance(row, Mapping) for row in source):
        titles = list(dict.fromkeys(name for row in source for name in row))
        return {str(name): [row.get(name) for row in source] for name in titles}
    if len(names) == 1 and all(_is_plain(value) for value in source):
        return {names[0]: list(source)}
    return None


def _is_plain(value: Any) -> bool:
    return type(value) in _SIMPLE or isinstance(value, np.generic)


def few_values(values: list[Any], column: Column) -> np.ndarray | None:
    """A column as its kind has it, or None where that takes more than simple values."""
    values = [value.item() if isinstance(value, np.generic) else value for value in values]
    if not all(type(value) in _SIMPLE for value in values):
        return None
    if column.kind in {ColumnKind.TEXT, ColumnKind.CATEGORY}:
        texts = np.empty(len(values), dtype=object)
        texts[:] = [None if _is_missing(value) else text_of(value) for value in values]
        return texts
    if column.kind is ColumnKind.NUMBER:
        read = number_of
    elif column.kind is ColumnKind.BOOLEAN:
        read = truth_of if any(type(value) is str for value in values) else number_of
    else:
        return None
    numbers = [np.nan if _is_missing(value) else read(value) for value in values]
    return None if None in numbers else np.array(numbers, dtype=np.float64)


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value != value  # noqa: PLR0124  (NaN)
