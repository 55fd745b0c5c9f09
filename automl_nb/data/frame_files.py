"""A frame as files that another process reads back exactly, without a library for tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.data.table import frame_of

_INDEX = "columns.json"
_NOTHING, _TEXT, _BYTES = range(3)
_UTF8 = ("utf-8", "surrogatepass")  # half characters too


def write_frame(folder: Path, frame: pd.DataFrame) -> None:
    """Write a frame of the engine: text column names, plain dtypes, rows 0..n-1.

    Args:
        folder: Must exist.
        frame: Columns of numbers, booleans, times; or of texts, bytes and None.

    Raises:
        ValueError: A column holds anything else.
        OSError: The disk is full or read-only.

    Example:
        >>> import tempfile
        >>> frame = frame_of({"x": np.array([0.1]), "t": np.array(["a"], object)}, 1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_frame(Path(folder), frame)
        ...     read_frame(Path(folder)).equals(frame)
        True
    """
    for place, name in enumerate(frame.columns):
        values = frame[name].to_numpy()
        arrays = _packed(name, values) if values.dtype == object else {"values": values}
        for part, array in arrays.items():
            np.save(folder / f"{place}-{part}.npy", array, allow_pickle=False)
    facts = {"n_rows": len(frame), "names": [*frame.columns]}
    (folder / _INDEX).write_text(json.dumps(facts), encoding="ascii")


def read_frame(folder: Path) -> pd.DataFrame:
    """The frame that `write_frame` wrote.

    Raises:
        OSError, ValueError, KeyError: It is damaged.
    """
    facts = json.loads((folder / _INDEX).read_text(encoding="ascii"))
    columns = {}
    for place, name in enumerate(facts["names"]):
        plain = folder / f"{place}-values.npy"
        if plain.is_file():
            columns[name] = np.load(plain, allow_pickle=False)
        else:
            parts = (folder / f"{place}-{part}.npy" for part in ("kinds", "ends", "content"))
            columns[name] = _unpacked(*(np.load(part, allow_pickle=False) for part in parts))
    return frame_of(columns, int(facts["n_rows"]))


def _packed(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """Each value's kind, where it ends, and the bytes of all."""
    kinds, parts = [], []
    for value in values:
        kind, part = _bytes_of(value)
        if part is None:
            raise ValueError(f"column '{name}' holds more than numbers, times, texts and bytes")
        kinds.append(kind)
        parts.append(part)
    return {
        "kinds": np.array(kinds, dtype=np.uint8),
        "ends": np.cumsum([len(part) for part in parts], dtype=np.int64),
        "content": np.frombuffer(b"".join(parts), dtype=np.uint8),
    }


def _bytes_of(value: object) -> tuple[int, bytes | None]:
    if value is None:
        return _NOTHING, b""
    if isinstance(value, str):
        return _TEXT, value.encode(*_UTF8)
    return _BYTES, value if isinstance(value, bytes) else None


def _unpacked(kinds: np.ndarray, ends: np.ndarray, content: np.ndarray) -> np.ndarray:
    whole, begin = content.tobytes(), 0
    column = np.empty(len(kinds), dtype=object)
    for row, (kind, end) in enumerate(zip(kinds.tolist(), ends.tolist(), strict=True)):
        column[row] = _value_of(kind, whole[begin:end])
        begin = end
    return column


def _value_of(kind: int, part: bytes) -> Any:
    if kind == _NOTHING:
        return None
    return part.decode(*_UTF8) if kind == _TEXT else part
