"""What tells the data of a run from other data, without keeping any of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from automl_nb.features.content import content_hash

Sources = Mapping[str, Any]


def source_prints(sources: Sources) -> dict[str, str]:
    """A hash of each source of a run: of a frame its content, of files where and when.

    Args:
        sources: What `fit` was given, by name: data, sql, test, valid, unlabelled.

    Returns:
        32 hex digits for each that was given; nothing at all if one of them can't be told from
        others (a generator, a connection).

    Example:
        >>> one = pd.DataFrame({"a": [1, 2]})
        >>> source_prints({"data": one}) == source_prints({"data": one.copy(), "sql": None})
        True
        >>> source_prints({"data": one}) == source_prints({"data": one[:1]})
        False
        >>> source_prints({"data": iter([])})
        {}
    """
    made = {}
    for name, source in sources.items():
        if source is None:
            continue
        told = _told(source)
        if told is None:
            return {}
        made[name] = hashlib.sha256(told).hexdigest()[:32]
    return made


def places(sources: Sources) -> dict[str, str]:
    """The paths of the sources that are local files or folders, by name."""
    return {
        name: str(Path(source).expanduser().resolve())
        for name, source in sources.items()
        if name != "sql" and isinstance(source, str | os.PathLike) and _is_local(source)
    }


def _is_local(source: str | os.PathLike[str]) -> bool:
    try:
        return Path(source).expanduser().exists()
    except (OSError, ValueError):
        return False


def _told(source: Any) -> bytes | None:
    if isinstance(source, pd.DataFrame):
        return _of_frame(source)
    if isinstance(source, str | os.PathLike):
        return _of_place(os.fspath(source))
    known = getattr(source, "_fingerprint", None)  # a Hugging Face data set's
    return known.encode() if isinstance(known, str) else None


def _of_frame(frame: pd.DataFrame) -> bytes:
    digest = hashlib.sha256(repr(frame.shape).encode())
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        digest.update(f"{name!r} {column.dtype} ".encode("utf-8", "surrogatepass"))
        try:
            hashed = pd.util.hash_pandas_object(column, index=False).to_numpy().tobytes()
        except (TypeError, ValueError):  # values that cannot be hashed: lists, pictures
            hashed = content_hash(column)
        digest.update(hashed)
    return digest.digest()


def _of_place(text: str) -> bytes:
    """A file by its path, length and time of change; URLs and queries by their text."""
    path = Path(text).expanduser()
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return text.encode("utf-8", "surrogatepass")
    parts = [f"{path.resolve()} {facts.st_size} {facts.st_mtime_ns}"]
    if path.is_dir():
        parts += sorted(f"{item.name} {item.stat().st_mtime_ns}" for item in path.iterdir())
    return "\n".join(parts).encode("utf-8", "surrogatepass")
