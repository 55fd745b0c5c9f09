"""Pictures, opened safely: from paths, bytes or Pillow, always as 8-bit RGB.

Pillow is imported when the first picture is opened.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import DataError
from automl_nb.core.types import Finding, Severity

if TYPE_CHECKING:
    from PIL import Image

ENDINGS = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
)
# Only these decoders are let near the bytes (EPS and others run programs).
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
SIGNATURES = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM"),
    *(b"II*\x00", b"MM\x00*", b"P5", b"P6"),
)
_ENDS = {"PNG": b"IEND", "JPEG": b"\xff\xd9", "GIF": b";"}
_WIDE_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
_FILTERS = threading.Lock()
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)


def is_picture_name(value: Any) -> bool:
    """Whether a value is a path with the ending of a picture file.

    Example:
        >>> is_picture_name("cats/tom.JPG"), is_picture_name("a tom.cat")
        (True, False)
    """
    if isinstance(value, str | PurePath):
        return PurePath(value).suffix.casefold() in ENDINGS
    return False


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


def resolve_path(value: str | PurePath, root: Path | None = None) -> Path:
    """The absolute path of a picture.

    Args:
        value: A path, relative to `root`.
        root: The folder that no path may leave, neither by ``..``, nor from the top,
            nor by a link; None trusts the path.

    Raises:
        DataError: The path leaves `root`, or is no path.
    """
    text = str(value)
    if "\0" in text or "://" in text:
        raise DataError(
            "A picture path must name a file on this machine.",
            received=text,
            hint="Fetch the pictures first, and give their paths.",
        )
    if root is None:
        return Path(text).expanduser().absolute()
    base = os.path.realpath(root)
    path = os.path.realpath(Path(base, text))
    if path != base and not path.startswith(base.rstrip(os.sep) + os.sep):
        raise DataError(
            "A picture path must stay inside the table's folder.",
            received=text,
            hint="Move the pictures there, or read the table into a DataFrame if you trust it.",
        )
    return Path(path)


def open_picture(value: Any, root: Path | None = None) -> Image.Image:
    """Open a picture as upright 8-bit RGB.

    The first frame of an animation; transparency on white; 16 bits scaled to 8; turned
    as its EXIF orientation says.

    Args:
        value: A path, encoded bytes, a Pillow image, or ``{"bytes": ..., "path": ...}``.
        root: See `resolve_path`.

    Raises:
        DataError: Missing, damaged, no picture, or beyond Pillow's pixel limit.

    Example:
        >>> from PIL import Image
        >>> open_picture(Image.new("LA", (4, 3), (0, 0))).getpixel((0, 0))
        (255, 255, 255)
    """
    with _opened(value, root) as (image, name, _):
        try:
            image.load()
            return _rgb(_upright(image))
        except _DAMAGE as error:
            raise _unreadable(name, str(error)) from error


Opened = tuple["Image.Image", str, "IO[bytes] | None"]  # picture, its name, its encoded form


@contextmanager
def _opened(value: Any, root: Path | None) -> Iterator[Opened]:
    """A picture of which only the header was read."""
    if isinstance(value, dict) and is_picture(value):
        value = value["bytes"] or value["path"]
    if isinstance(value, bytes):
        name = f"{len(value)} bytes"
        yield _header(io.BytesIO(value), name), name, io.BytesIO(value)
    elif isinstance(value, str | PurePath):
        name = str(value)
        with _file(value, root) as stream:
            yield _header(stream, name), name, stream
    elif is_picture(value):
        yield value, f"a {value.mode} picture", None
    else:
        raise _unreadable(repr(value), "no picture")


@contextmanager
def _file(value: str | PurePath, root: Path | None) -> Iterator[IO[bytes]]:
    path = resolve_path(value, root)
    try:
        stream = path.open("rb")
    except OSError as error:
        raise _unreadable(str(value), error.strerror or str(error)) from error
    with stream:
        yield stream


def _header(stream: IO[bytes], name: str) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    try:
        with _quiet():
            image = Image.open(stream, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(name, str(error)) from error
    except UnidentifiedImageError as error:
        raise _unreadable(name, "no known picture format") from error
    except _DAMAGE as error:
        raise _unreadable(name, str(error)) from error
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and image.width * image.height > limit:
        raise _too_large(name, f"{image.width} x {image.height} pixels")
    return image


def _unreadable(name: str, why: str) -> DataError:
    return DataError(
        "A picture must be a readable PNG, JPEG, GIF, BMP, TIFF, WebP or PPM file.",
        received=f"{_end_of(name)}: {why}",
        hint="Replace the picture, or leave its row out.",
    )


def _end_of(name: str, most: int = 60) -> str:
    """The end of a long path, so that what is wrong with it isn't cut off."""
    return name if len(name) <= most else f"…{name[-most:]}"


def _too_large(name: str, why: str) -> DataError:
    return DataError(
        "A picture must stay below Pillow's pixel limit (a decompression bomb?).",
        received=f"{_end_of(name)}: {why}",
        hint="Scale it down, or raise PIL.Image.MAX_IMAGE_PIXELS if you trust it.",
    )


def _upright(image: Image.Image) -> Image.Image:
    from PIL import ImageOps

    orientation = 0x0112
    with _quiet():
        if image.getexif().get(orientation, 1) == 1:
            return image
        turned: Image.Image | None = ImageOps.exif_transpose(image)
    return turned or image


@contextmanager
def _quiet() -> Iterator[None]:
    """Sloppy EXIF is no reason to warn; a bomb is one to stop. Filters are global: locked."""
    from PIL import Image

    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _rgb(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode in _WIDE_MODES:
        return _eight_bits(image).convert("RGB")
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, clear).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Wide greys as 8 bits: 16-bit values by their range, others by their own."""
    from PIL import Image

    values = np.nan_to_num(np.asarray(image, dtype=np.float64))
    low, high = min(float(values.min()), 0.0), float(values.max())
    if image.mode != "F" and low == 0 and high <= 65_535:
        high = 65_535.0 if high > 255 or image.mode != "I" else 255.0
    scaled = (values - low) * (255.0 / (high - low if high > low else 1.0))
    return Image.fromarray(scaled.round().astype(np.uint8))


def picture_problem(value: Any, root: Path | None = None) -> str:
    """Why a picture cannot be used, or "" if it can.

    Reads the header; decodes only where the end of the data looks cut off.
    """
    try:
        with _opened(value, root) as (image, _, stream):
            suspicious = stream is not None and _cut_off(image, stream)
        if suspicious:
            open_picture(value, root)
    except DataError as error:
        return str(error.received).strip("'\"")
    return ""


def _cut_off(image: Image.Image, stream: IO[bytes]) -> bool:
    end = _ENDS.get(image.format or "")
    if end is None:
        return False
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - 64))
    return end not in stream.read()


def check_pictures(
    frame: pd.DataFrame, column: str, root: Path | None = None
) -> tuple[np.ndarray, Finding | None]:
    """Find pictures that cannot be opened.

    Args:
        frame: Rows as `automl_nb.data.conform` shapes them.
        column: A column of pictures; missing ones (None) are no problem by themselves.
        root: See `resolve_path`.

    Returns:
        (n,) mask of rows with an unreadable picture, and a finding where there are any.

    Raises:
        DataError: Not one picture can be opened.
    """
    problems = [value is not None and picture_problem(value, root) for value in frame[column]]
    bad = np.array([bool(problem) for problem in problems], dtype=bool)
    if not bad.any():
        return bad, None
    first = str(problems[int(np.argmax(bad))])
    present = int(frame[column].notna().sum())
    if int(bad.sum()) == present:
        raise DataError(
            f"Column '{column}' must hold pictures that can be opened.",
            received=f"none of {present}; the first: {first}",
            hint="Relative paths start at the table's folder; or leave it out with drop.",
        )
    n = int(bad.sum())
    text = f"{n} of {len(bad)} rows have an unreadable '{column}' and are left out; {first}."
    return bad, Finding("pictures readable", Severity.WARNING, text, column=column, n_rows=n)


def picture_bytes(picture: Any) -> bytes:
    """All that a Pillow picture shows: mode, size and pixels, of a palette their colours."""
    if picture.mode in {"P", "PA"}:
        picture = picture.convert("RGBA")
    return f"{picture.mode} {picture.size} ".encode() + bytes(picture.tobytes())


def picture_digest(value: Any, root: Path | None = None, *, part: int = 0) -> str:
    """Hash of a picture's content: of the file or bytes, or of the pixels; "" if missing.

    Args:
        value: As for `open_picture`.
        root: See `resolve_path`.
        part: Where files are many: hash their size and this many bytes of both ends alone.

    Raises:
        DataError: The file cannot be read.
    """
    if value is None:
        return ""
    if isinstance(value, dict) and is_picture(value):
        value = value["bytes"] or value["path"]
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if not isinstance(value, str | PurePath):
        return hashlib.sha256(picture_bytes(value)).hexdigest()
    with _file(value, root) as stream:
        if not part:
            return hashlib.sha256(stream.read()).hexdigest()
        head = stream.read(part)
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, size - part))
        return hashlib.sha256(f"{size} ".encode() + head + stream.read()).hexdigest()
