"""A table as every later step expects it: text column names, plain dtypes, rows 0..n-1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import ColumnError, SourceError
from automl_nb.core.types import Finding, Severity
from automl_nb.data.plain import plain_column


@dataclass(frozen=True)
class Table:
    """Rows that were read, before anything is known about what they mean.

    Attributes:
        frame: Plain columns (see `automl_nb.data.plain`), a `RangeIndex`, text names.
        origin: Where it came from, in words a person understands.
        root: The folder that relative picture paths start from, which no picture path
            may leave; None for a table made in this process, whose paths are trusted.
        label: The column that the source itself calls the label, or "".
        split_column: The column by which the source itself is divided, or "".
        findings: What a person should know about how it was read.
    """

    frame: pd.DataFrame
    origin: str
    root: Path | None = None
    label: str = ""
    split_column: str = ""
    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        origin: str,
        root: Path | None = None,
        *,
        label: str = "",
        split_column: str = "",
    ) -> Table:
        """Normalise a frame, leaving the caller's as it is.

        Raises:
            ColumnError: Two columns have the same name (also ``1`` and ``"1"``).
            SourceError: There is no column at all.

        Example:
            >>> odd = pd.DataFrame({1: [1, 2]}, index=[7, 7])
            >>> Table.of(odd, "here").frame.to_dict("list")
            {'1': [1, 2]}
        """
        names = column_names(frame.columns)
        if not names:
            raise SourceError(
                "A table needs at least one column.",
                received=origin,
                hint="Check that the source isn't empty.",
            )
        plain = {
            name: plain_column(frame.iloc[:, i]).reset_index(drop=True)
            for i, name in enumerate(names)
        }
        rows = pd.DataFrame(plain, index=pd.RangeIndex(len(frame)), columns=names)
        return cls(rows, origin, root, label, split_column, tuple(_zones(frame, names)))


def _zones(frame: pd.DataFrame, names: list[str]) -> Iterator[Finding]:
    for name, dtype in zip(names, frame.dtypes, strict=True):
        zone = getattr(getattr(dtype, "pyarrow_dtype", dtype), "tz", None)
        if zone is not None and str(zone) != "UTC":
            text = f"The times of '{name}' were in {zone} and are used in UTC."
            yield Finding("dates in UTC", Severity.INFO, text, column=name)


def frame_of(columns: Mapping[str, np.ndarray], n_rows: int) -> pd.DataFrame:
    """A frame of arrays, each in its own dtype, built one block a dtype.

    pandas would make a text dtype of object arrays, and is slow with many columns.

    Example:
        >>> frame_of({"x": np.array([1.0]), "t": np.array(["a"], object)}, 1).dtypes.tolist()
        [dtype('float64'), dtype('O')]
    """
    by_dtype: dict[np.dtype[Any], list[str]] = {}
    for name, values in columns.items():
        by_dtype.setdefault(values.dtype, []).append(name)
    blocks = []
    for dtype, names in by_dtype.items():
        block = np.empty((len(names), n_rows), dtype=dtype)
        for row, name in enumerate(names):
            block[row] = columns[name]
        blocks.append(pd.DataFrame(block.T, columns=names, dtype=dtype, copy=False))
    if not blocks:
        return pd.DataFrame(index=pd.RangeIndex(n_rows))
    return pd.concat(blocks, axis=1)[list(columns)] if len(blocks) > 1 else blocks[0]


def plain_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` itself where it is plain already, else a plain copy."""
    plain = {"float64", "int64", "bool", "datetime64[us]", "object"}
    if (
        isinstance(frame.index, pd.RangeIndex)
        and all(isinstance(name, str) for name in frame.columns)
        and all(str(dtype) in plain for dtype in frame.dtypes)
    ):
        return frame
    return Table.of(frame, "a frame").frame


def column_names(columns: pd.Index) -> list[str]:
    """Column names as text; the levels of a MultiIndex are joined by an underscore.

    Raises:
        ColumnError: Two names are the same as text.
    """
    names = [
        "_".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name)
        for name in columns
    ]
    doubled = sorted({name for name in names if names.count(name) > 1}) if _repeat(names) else []
    if doubled:
        raise ColumnError(
            "Each column needs a name of its own.",
            received=", ".join(doubled),
            hint="Rename or drop the doubled columns.",
        )
    return names


def _repeat(names: list[str]) -> bool:
    return len(set(names)) < len(names)
