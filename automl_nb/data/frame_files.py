"""A frame as files that another process reads back exactly: an array a column, texts as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.data.table import frame_of

_INDEX = "columns.json"


def write_frame(folder: Path, frame: pd.DataFrame) -> None:
    """Write a frame of the engine: text column names, plain dtypes, rows 0..n-1.

    Args:
        folder: Must exist.
        frame: Columns of numbers, booleans, times, or of texts and None.

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
    kinds = {}
    for place, name in enumerate(frame.columns):
        values = frame[name].to_numpy()
        kinds[name] = "texts" if values.dtype == object else "array"
        if values.dtype == object:
            text = json.dumps(_texts(name, values))  # half characters survive as escapes
            (folder / f"{place}.json").write_text(text, encoding="ascii")
        else:
            np.save(folder / f"{place}.npy", values, allow_pickle=False)
    facts = {"n_rows": len(frame), "kinds": kinds}
    (folder / _INDEX).write_text(json.dumps(facts), encoding="ascii")


def read_frame(folder: Path) -> pd.DataFrame:
    """The frame that `write_frame` wrote.

    Raises:
        OSError, ValueError, KeyError: It is damaged.
    """
    facts = json.loads((folder / _INDEX).read_text(encoding="ascii"))
    n_rows, columns = int(facts["n_rows"]), {}
    for place, (name, kind) in enumerate(facts["kinds"].items()):
        if kind == "texts":
            values: np.ndarray = np.empty(n_rows, dtype=object)
            values[:] = json.loads((folder / f"{place}.json").read_text(encoding="ascii"))
        else:
            values = np.load(folder / f"{place}.npy", allow_pickle=False)
        columns[name] = values
    return frame_of(columns, n_rows)


def _texts(name: str, values: np.ndarray) -> list[Any]:
    found: list[Any] = values.tolist()
    if not all(value is None or isinstance(value, str) for value in found):
        raise ValueError(f"column '{name}' holds more than texts")
    return found
