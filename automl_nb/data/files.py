"""Reading JSON lines, JSON, Parquet and Excel from open files."""

from __future__ import annotations

import json
import re
from typing import IO, Any

import pandas as pd

from automl_nb.core.errors import SourceError
from automl_nb.data.plain import without_halves
from automl_nb.data.separated import MISSING
from automl_nb.data.sources import Columns, chosen, pick

_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # of a pair, or alone


def read_jsonl(handle: IO[bytes], name: str, columns: Columns = None) -> pd.DataFrame:
    """Read one JSON object a line; blank lines are passed over."""
    rows = []
    for number, line in enumerate(handle, start=1):
        if not line.strip():
            continue
        try:
            row = _parsed(line.decode("utf-8-sig"))
        except ValueError as error:  # also of decoding
            raise _bad_line(name, number, line, error) from error
        if not isinstance(row, dict):
            raise _bad_line(name, number, line, ValueError("not an object"))
        rows.append(row)
    return pick(pd.DataFrame.from_records(rows), columns)


def _parsed(text: str) -> Any:
    content = json.loads(text)
    return without_halves(content) if _HALF.search(text) else content


def _bad_line(name: str, number: int, line: bytes, error: ValueError) -> SourceError:
    wrong = isinstance(error, UnicodeDecodeError)
    start = line[:40].decode("utf-8", errors="replace").strip()
    return SourceError(
        "A text file must be written in UTF-8." if wrong else "Every line must be a JSON object.",
        received=f"{name}, line {number}: {start}",
        hint="Save it as UTF-8." if wrong else "Correct the line; it may be cut off.",
    )


def read_json(handle: IO[bytes], name: str, columns: Columns = None) -> pd.DataFrame:
    """Read a list of objects, or an object of columns (also as pandas writes them)."""
    data = handle.read()
    try:
        content = _parsed(data.decode("utf-8-sig"))
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            handle.seek(0)
            return read_jsonl(handle, name, columns)
        at = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SourceError(
            "A JSON file must be whole and written in UTF-8.",
            received=f"{name}{at}: {error}",
            hint="It may be cut off: fetch or write it again.",
        ) from error
    return pick(_frame_of(content, name), columns)


def _frame_of(content: Any, name: str) -> pd.DataFrame:
    if isinstance(content, list) and all(isinstance(row, dict) for row in content):
        return pd.DataFrame.from_records(content)
    if isinstance(content, dict) and isinstance(content.get("data"), list):
        rows, names = content["data"], content.get("columns")
        if all(isinstance(row, dict) for row in rows):
            return pd.DataFrame.from_records(rows)
        if isinstance(names, list) and all(
            isinstance(r, list) and len(r) == len(names) for r in rows
        ):
            return pd.DataFrame(rows, columns=names)
    if isinstance(content, dict) and content:
        columns = list(content.values())
        same = len({len(c) for c in columns if isinstance(c, list | dict)}) == 1
        if same and (
            all(isinstance(column, list) for column in columns)
            or all(isinstance(column, dict) for column in columns)
        ):
            return pd.DataFrame(content)
    raise SourceError(
        "A JSON file must hold a list of objects, or an object of columns of one length.",
        received=f"{name}: {type(content).__name__}",
        hint='Write it as [{"text": ..., "label": ...}, ...].',
    )


def read_parquet(handle: IO[bytes], name: str, columns: Columns = None) -> pd.DataFrame:
    """Read the wanted columns of a Parquet file."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(handle)
        wanted = None if columns is None else chosen(columns, file.schema_arrow.names)
        frame: pd.DataFrame = file.read(columns=wanted).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise _damaged("A Parquet file", name, error) from error
    return frame if wanted is None else frame[wanted]


def read_excel(handle: IO[bytes], name: str, columns: Columns = None) -> pd.DataFrame:
    """Read the first sheet of a workbook; its first row names the columns."""
    from zipfile import BadZipFile

    try:
        sheet = pd.read_excel(
            handle, engine="openpyxl", header=None, keep_default_na=False, na_values=list(MISSING)
        )
    except (BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise _damaged("An Excel workbook", name, error) from error
    if sheet.empty:
        raise SourceError(
            "A sheet must have a row of column names.",
            received=f"{name}, whose first sheet is empty",
            hint="Put the table on the first sheet.",
        )
    titles = sheet.iloc[0]
    names = [f"Unnamed: {i}" if pd.isna(t) else str(t).strip() for i, t in enumerate(titles)]
    frame = sheet.iloc[1:].reset_index(drop=True).set_axis(names, axis=1)
    return pick(frame, columns)


def _damaged(what: str, name: str, error: Exception) -> SourceError:
    return SourceError(
        f"{what} must be whole.",
        received=f"{name}: {error}",
        hint="It may be cut off: fetch or write it again.",
    )
