"""The columns of a data frame, or of a text file's first line, and classes, for completion."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

MOST_BYTES = 65_536
FIRST_ROWS, MOST_CLASSES = 2_000, 50
_DELIMITERS = {".csv": ",", ".tsv": "\t"}


def columns_of(word: str, namespace: Mapping[str, Any]) -> list[str]:
    """The column names of DATA as far as they are known without reading it."""
    value = namespace.get(word.removeprefix("$"), word)
    columns = getattr(value, "columns", None)
    if columns is None:
        columns = getattr(value, "column_names", None)  # a Hugging Face data set
    if columns is not None:
        return [str(name) for name in columns]
    path = Path(str(value))
    if path.suffix.casefold() not in _DELIMITERS or not path.is_file():
        return []
    return list(_first_line(path, path.stat().st_mtime))


def classes_of(word: str, label: str, namespace: Mapping[str, Any]) -> list[str]:
    """What a column of a frame holds in its first rows, as far as that is in memory."""
    frame: Any = namespace.get(word.removeprefix("$"))
    names = columns_of(word, namespace)
    if label not in names or not hasattr(frame, "iloc"):
        return []
    values = frame.iloc[:FIRST_ROWS, names.index(label)].dropna().astype(str)
    return list(dict.fromkeys(values))[:MOST_CLASSES]


@lru_cache(maxsize=16)
def _first_line(path: Path, _changed: float) -> tuple[str, ...]:
    with path.open("rb") as file:
        line = file.readline(MOST_BYTES).decode("utf-8-sig", "replace")
    delimiter = _DELIMITERS[path.suffix.casefold()]
    return tuple(next(csv.reader([line], delimiter=delimiter), ()))


def files_of_tables() -> list[str]:
    """The tables in the working folder."""
    known = {*_DELIMITERS, ".parquet", ".json", ".jsonl", ".xlsx", ".arrow", ".feather"}
    try:
        there = [path.name for path in Path().iterdir() if path.suffix.casefold() in known]
    except OSError:
        return []
    return sorted(name for name in there if not name.startswith("."))
