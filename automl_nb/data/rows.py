"""Hashes of values, rows and whole tables."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.data.pictures import is_picture, picture_digest

END_BYTES = 4096


def value_hashes(values: pd.Series[Any]) -> np.ndarray:
    """(n,) uint64, equal for equal values; pictures in memory by their content."""
    try:
        return pd.util.hash_pandas_object(values, index=False).to_numpy()
    except (TypeError, ValueError):  # lists, mappings, tuples, pictures, half characters
        texts = [picture_digest(v) if is_picture(v) else repr(v) for v in values]
        column = pd.Series(texts, dtype=object)
        return pd.util.hash_pandas_object(column, index=False).to_numpy()


def row_hashes(frame: pd.DataFrame) -> np.ndarray:
    """(n,) uint64, equal for rows of equal values.

    Example:
        >>> a, b, c = row_hashes(pd.DataFrame({"x": [1, 1, 2], "y": ["a", "a", "a"]}))
        >>> a == b, a == c
        (np.True_, np.False_)
    """
    total = np.zeros(len(frame), dtype=np.uint64)
    for position in range(frame.shape[1]):
        # Columns are mixed in order: swapping two columns' values changes the hash.
        total = total * np.uint64(1_000_003) + value_hashes(frame.iloc[:, position])
    return total


def fingerprint(
    frame: pd.DataFrame, pictures: tuple[str, ...] = (), root: Path | None = None
) -> str:
    """Hash of column names and values: 64 hexadecimal digits.

    Args:
        frame: A plain frame.
        pictures: Columns of pictures; files count by name, size and both ends.
        root: Where relative picture paths start.

    Example:
        >>> fingerprint(pd.DataFrame({"a": [1]})) == fingerprint(pd.DataFrame({"a": [2]}))
        False
    """
    digest = hashlib.sha256()
    for name in frame.columns:
        digest.update(f"{name}\0{frame[name].dtype}\0".encode())
        digest.update(value_hashes(frame[name]).tobytes())
        if name in pictures:
            files = (value for value in frame[name] if isinstance(value, str))
            ends = [picture_digest(value, root, part=END_BYTES) for value in files]
            digest.update("".join(ends).encode())
    return digest.hexdigest()
