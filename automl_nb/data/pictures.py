"""Pictures, opened safely: from paths, bytes or Pillow, always as RGB."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

ENDINGS = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
)
SIGNATURES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"P5",
    b"P6",
)


def is_picture_name(value: Any) -> bool:
    """Whether a value is a path with the ending of a picture file.

    Example:
        >>> is_picture_name("cats/tom.JPG"), is_picture_name("a tom.cat")
        (True, False)
    """
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    return isinstance(value, str) and os.path.splitext(value)[1].casefold() in ENDINGS


def has_picture_signature(data: bytes) -> bool:
    """Whether bytes begin as a known picture format does."""
    return data.startswith(SIGNATURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def is_picture(value: Any) -> bool:
    """Whether a value is a picture itself: bytes of one, or a Pillow image."""
    if isinstance(value, bytes):
        return has_picture_signature(value)
    if isinstance(value, dict):  # as Hugging Face stores pictures
        return set(value) == {"bytes", "path"}
    return hasattr(value, "getbands") and hasattr(value, "convert")


def resolve_path(value: str | os.PathLike[str], root: Path | None) -> Path:
    """The absolute path of a picture."""
    path = Path(value)
    return path if path.is_absolute() or root is None else root / path
