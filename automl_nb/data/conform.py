"""Rows that come at prediction time, brought into the shape that was learnt from."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import ColumnError, DataError, suggest
from automl_nb.core.types import Column, ColumnKind, Schema, Task
from automl_nb.data.convert import as_date, as_number, as_text, as_truth
from automl_nb.data.few import few_rows, few_values
from automl_nb.data.labels import encode_labels
from automl_nb.data.pictures import is_picture, is_picture_name, resolve_path
from automl_nb.data.plain import frame_of_records, plain_column
from automl_nb.data.schema import date_form_of, input_columns
from automl_nb.data.sources import is_source_name, read_table
from automl_nb.data.table import Table, frame_of

_WORDS = {
    ColumnKind.NUMBER: "numbers",
    ColumnKind.BOOLEAN: "true or false",
    ColumnKind.DATETIME: "dates",
    ColumnKind.CATEGORY: "plain values",
    ColumnKind.TEXT: "text",
    ColumnKind.IMAGE: "pictures or their paths",
}


def conform(
    source: Any,
    schema: Schema,
    task: Task,
    *,
    root: Path | None = None,
    trusted: bool = True,
) -> pd.DataFrame:
    """Shape rows as the model's inputs.

    Columns may come in any order and in any dtype that converts without loss; further
    columns are ignored; values never seen in training pass. No rows give no rows.

    Args:
        source: Anything that `read_table` reads; or one mapping, a list of mappings, or,
            where the model has one input column, its values: a list, array or Series of
            them, a text, the path of a picture.
        schema: The columns that were learnt from.
        task: Names the label, which isn't needed here.
        root: Where relative picture paths of rows in memory start, if the file is there;
            else they start in the working folder. Files and folders bring their own root.
        trusted: Whether rows in memory may name any picture of this machine; otherwise
            none outside `root` (rows of a file never may leave its folder).

    Returns:
        One column an input: text and categories as object, numbers and booleans as
        float64, dates as datetime64[us], pictures as absolute path text, bytes or Pillow.

    Raises:
        ColumnError: Columns are missing or hold something else.
        SourceError: The source cannot be read.

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> schema = Schema((Column("x", ColumnKind.NUMBER, ""),))
        >>> conform([{"x": "12"}], schema, Task(TaskKind.REGRESSION, "y"))["x"].tolist()
        [12.0]
    """
    names = input_columns(schema, task)
    if ColumnKind.IMAGE not in {schema[name].kind for name in names}:
        few = few_rows(source, names)
        if few is not None and few.keys() >= set(names):
            return _shape_few(few, schema, names)
    table = _placed(_rows(source, schema, names), schema, names, root, trusted=trusted)
    return shape(table.frame, schema, names, table.root)


def _shape_few(few: dict[str, list[Any]], schema: Schema, names: tuple[str, ...]) -> pd.DataFrame:
    columns = {}
    for name in names:
        values = few_values(few[name], schema[name])
        if values is None:
            plain = plain_column(pd.Series(few[name], dtype=object, name=name))
            values = to_kind(plain, schema[name], None)
        columns[name] = values
    return frame_of(columns, len(few[names[0]]))


def _placed(
    table: Table, schema: Schema, names: tuple[str, ...], root: Path | None, *, trusted: bool
) -> Table:
    """The table with the root that its pictures must stay in, or with trusted paths."""
    if table.root is not None:
        return table
    if not trusted:
        return replace(table, root=root or Path.cwd())
    pictures = [n for n in schema.of_kind(ColumnKind.IMAGE) if n in names and n in table.frame]
    if root is None or not pictures:
        return table
    based = {
        name: pd.Series([_based(value, root) for value in table.frame[name]], dtype=object)
        for name in pictures
    }
    return replace(table, frame=table.frame.assign(**based))


def _based(value: Any, root: Path) -> Any:
    """A path as it is found below `root`, or as it was."""
    if isinstance(value, str | PurePath) and "://" not in str(value) and (root / value).exists():
        return str(root / value)
    return value


def conform_labelled(
    source: Any, schema: Schema, task: Task, *, root: Path | None = None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows to judge a model by: inputs as `conform` gives them, and encoded labels.

    Raises:
        ColumnError: The label, or an input, isn't there.
        LabelError: A label is missing or unknown.
    """
    table = _rows(source, schema, input_columns(schema, task))
    y = encode_labels(table.frame, task)
    return conform(table, schema, task, root=root), y


def shape(
    frame: pd.DataFrame, schema: Schema, names: tuple[str, ...], root: Path | None
) -> pd.DataFrame:
    """The named columns of a plain frame, each as its kind has it."""
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise ColumnError(
            "Every column that the model learnt from must be there.",
            received=f"no column {', '.join(repr(name) for name in missing)}",
            hint=suggest(missing[0], frame.columns),
        )
    columns = {name: to_kind(frame[name], schema[name], root) for name in names}
    return frame_of(columns, len(frame))


def to_kind(values: pd.Series[Any], column: Column, root: Path | None) -> np.ndarray:
    """One column as its kind has it.

    Raises:
        ColumnError: A value doesn't convert without loss.
    """
    if values.isna().all():
        converted, bad = _nothing(column.kind, len(values)), np.zeros(len(values), dtype=bool)
    elif column.kind is ColumnKind.NUMBER:
        converted, bad = as_number(values)
    elif column.kind is ColumnKind.BOOLEAN:
        # Counts that happened to be 0 and 1 in training may go beyond later.
        numeric = pd.api.types.is_numeric_dtype(values.dtype)
        converted, bad = as_number(values) if numeric else as_truth(values)
    elif column.kind is ColumnKind.DATETIME:
        converted, bad = as_date(values, date_form_of(column))
    elif column.kind is ColumnKind.IMAGE:
        converted, bad = _pictures(values, root)
    else:
        converted, bad = as_text(values)
    if bad.any():
        raise ColumnError(
            f"Column '{column.name}' must hold {_WORDS[column.kind]}.",
            received=values.iloc[int(np.argmax(bad))],
            hint=f"Correct it ({int(bad.sum())} of {len(values)} rows), or leave it missing.",
        )
    return converted


def _nothing(kind: ColumnKind, n: int) -> np.ndarray:
    if kind in {ColumnKind.NUMBER, ColumnKind.BOOLEAN}:
        return np.full(n, np.nan)
    if kind is ColumnKind.DATETIME:
        return np.full(n, np.datetime64("NaT", "us"))
    return np.full(n, None, dtype=object)


def _pictures(values: pd.Series[Any], root: Path | None) -> tuple[np.ndarray, np.ndarray]:
    converted = np.empty(len(values), dtype=object)
    converted[:] = [_picture(value, root) for value in values]
    # Bytes that are no picture pass: a check finds them, with the row's name.
    bad = [
        value is not None and not isinstance(value, str | bytes) and not is_picture(value)
        for value in converted
    ]
    return converted, np.array(bad, dtype=bool)


def _picture(value: Any, root: Path | None) -> Any:
    """A path as absolute text; what Hugging Face stores as its bytes or path."""
    if isinstance(value, dict) and is_picture(value):
        value = value["bytes"] or value["path"]
    return str(resolve_path(value, root)) if isinstance(value, str | PurePath) else value


def _rows(source: Any, schema: Schema, names: tuple[str, ...]) -> Table:
    """Read a source; values of the only input column may come bare."""
    only = schema[names[0]].kind if len(names) == 1 else None
    if isinstance(source, str | PurePath) and _is_value(source, only):
        source = [source]
    if isinstance(source, pd.Series):
        same = source.name in names and len(names) > 1
        if not same and len(names) > 1 and set(names) & set(map(str, source.index)):
            source = source.to_frame().T.infer_objects()  # a row of a frame
        else:
            source = source.tolist()
    if isinstance(source, np.ndarray) and source.ndim == 1:
        source = source.tolist()
    if isinstance(source, dict) and not any(_is_column(value) for value in source.values()):
        source = [source]
    if isinstance(source, list | tuple):
        return Table.of(_from_list(list(source), names), "rows given")
    is_named = isinstance(source, str | PurePath)
    table = read_table(source, columns=partial(_needed, names) if is_named else None)
    if only is ColumnKind.IMAGE and names[0] not in table.frame and "image" in table.frame:
        return replace(table, frame=table.frame.rename(columns={"image": names[0]}))
    return table


def _needed(names: tuple[str, ...], there: list[str]) -> list[str]:
    """Of a source's columns those that the model reads; all where it can't find one."""
    return list(names) if set(names) <= set(there) else there


def _is_value(source: str | PurePath, only: ColumnKind | None) -> bool:
    """Whether text is the value of the only input column rather than a source."""
    if only is ColumnKind.IMAGE:
        return is_picture_name(source)
    return only is ColumnKind.TEXT and isinstance(source, str) and not is_source_name(source)


def _is_column(value: Any) -> bool:
    return isinstance(value, list | tuple | np.ndarray | pd.Series)


def _from_list(rows: list[Any], names: tuple[str, ...]) -> pd.DataFrame:
    if not rows:
        return pd.DataFrame({name: [] for name in names})
    if all(isinstance(row, dict) and not is_picture(row) for row in rows):
        return frame_of_records(rows)
    if len(names) != 1:
        raise DataError(
            f"The model reads {len(names)} columns, so each row must name its values.",
            received=rows[0],
            hint=f"Give a frame or mappings with the columns {', '.join(names)}.",
        )
    values = np.empty(len(rows), dtype=object)
    values[:] = rows
    return pd.DataFrame({names[0]: values})
