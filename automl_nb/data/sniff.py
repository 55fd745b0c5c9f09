"""What a file really is, told from its first bytes."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from automl_nb.core.errors import SourceError
from automl_nb.data.pictures import has_picture_signature

_SIGNATURES = (
    (b"PK\x03\x04", "excel", "an Excel workbook or zip archive"),
    (b"PAR1", "parquet", "a Parquet file"),
    (b"%PDF", "", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "", "an old Excel (.xls) or Word document"),
    (b"SQLite format 3\x00", "", "a SQLite database"),
    (b"\x1f\x8b", "", "a gzip file"),
    (b"BZh", "", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "", "an xz file"),
    (b"\x93NUMPY", "", "a NumPy file"),
    (b"\x80\x04\x95", "", "a pickle"),
    (b"\x80\x05\x95", "", "a pickle"),
    (b"\x89HDF", "", "an HDF5 file"),
    (b"\x7fELF", "", "a program"),
)
_TEXT_FORMATS = ("csv", "tsv", "jsonl", "json")
_OPENERS: dict[str, Any] = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}
_FIXES = {"excel": "Rename it to .xlsx.", "parquet": "Rename it to .parquet."}


@contextmanager
def unpack(handle: IO[bytes], packing: str, name: str) -> Iterator[IO[bytes]]:
    """The content of a compressed file as it is read; damage becomes a `SourceError`."""
    if not packing:
        yield handle
        return
    try:
        with _OPENERS[packing](handle, "rb") as plain:
            yield plain
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, OSError) as error:
        raise SourceError(
            f"A .{packing} file must unpack to its end.",
            received=f"{name}: {error}",
            hint="It may be cut off or no such file: fetch it again.",
        ) from error


def refuse_other_format(handle: IO[bytes], reader: str, name: str) -> None:
    """Raise where the first bytes are not of the format that the ending says.

    Raises:
        SourceError: The file is empty or something else.
    """
    head = handle.read(4096)
    handle.seek(0)
    if not head.strip():
        raise SourceError(
            "A file must have content.",
            received=f"{name}, which is empty",
            hint="Check how it was written.",
        )
    found, what = _looks_like(head)
    if found == reader or (not what and reader in _TEXT_FORMATS):
        return
    raise SourceError(
        "A file must be what its ending says.",
        received=f"{name}, which is {what or 'plain text'}",
        hint=_FIXES.get(found, "Give the file that was meant, or write it again."),
    )


def _looks_like(head: bytes) -> tuple[str, str]:
    """The reader for what the bytes are ("" if none), and what they are ("" for text)."""
    for signature, reader, what in _SIGNATURES:
        if head.startswith(signature):
            return reader, what
    if has_picture_signature(head) and not head.startswith((b"P5", b"P6", b"BM")):
        return "", "a picture"
    text = head.lstrip(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "", "a web page (HTML)"
    if text.startswith(b"<?xml"):
        return "", "an XML document"
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", "binary data"
    return "", ""
