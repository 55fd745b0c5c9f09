"""What rows contain, as a hash: the same content has the same features."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pandas as pd

from automl_nb.core.errors import DataError
from automl_nb.data.pictures import is_picture, picture_bytes, picture_digest

_END_BYTES = 64 * 1024


def content_hash(values: pd.Series) -> bytes:
    """SHA-256 over a column's values in order, missing ones included.

    Text and bytes count by their content, numbers by their value, pictures by their
    pixels.

    Example:
        >>> content_hash(pd.Series(["a", "bc"])) == content_hash(pd.Series(["ab", "c"]))
        False
    """
    digest = hashlib.sha256()
    if pd.api.types.is_numeric_dtype(values.dtype) and isinstance(values.dtype, np.dtype):
        digest.update(f"{values.dtype} {len(values)} ".encode())
        digest.update(np.ascontiguousarray(values.to_numpy()).data)
        return digest.digest()
    missing = values.isna().to_numpy()
    for value, gone in zip(values.array, missing, strict=True):
        encoded = b"m" if gone else _value_bytes(value)
        digest.update(len(encoded).to_bytes(8, "little"))  # so that borders count
        digest.update(encoded)
    return digest.digest()


def picture_hash(values: pd.Series, root: Path | None = None) -> bytes:
    """`content_hash` where a text is the path of a file, which may change under its name.

    A file counts by its path, size, time of change and both ends, which is quicker than
    reading all of it; small files are read whole.

    Args:
        values: Paths, bytes or Pillow pictures.
        root: The folder that relative paths start from.
    """
    states = [_file_state(value, root) for value in values.array]
    return hashlib.sha256(content_hash(values) + repr(states).encode()).digest()


def _file_state(value: object, root: Path | None) -> tuple[int, str] | None:
    if not isinstance(value, str | os.PathLike):
        return None
    path = Path(value) if root is None else root / value
    try:
        changed = path.stat().st_mtime_ns
        return changed, picture_digest(str(path), part=_END_BYTES)
    except (OSError, ValueError, DataError):
        return None


def _value_bytes(value: object) -> bytes:
    if isinstance(value, str):
        return b"s" + value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes):
        return b"b" + value
    if isinstance(value, os.PathLike):
        return b"p" + os.fsencode(value)
    if is_picture(value) and hasattr(value, "mode"):
        return b"i" + picture_bytes(value)
    to_bytes = getattr(value, "tobytes", None)
    if to_bytes is not None:  # an array
        return b"a" + f"{getattr(value, 'shape', '')} ".encode() + bytes(to_bytes())
    return b"o" + type(value).__name__.encode() + repr(value).encode("utf-8", "surrogatepass")
