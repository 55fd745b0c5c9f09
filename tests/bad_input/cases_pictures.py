"""Pictures that cannot be opened, and folders without any."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from automl_nb.core.errors import DataError, SourceError
from tests.bad_input.cases import Case, Place, saved


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """A picture's bytes."""
    data = io.BytesIO()
    image.save(data, form, **options)
    return data.getvalue()


def square(colour: str, seed: int = 0) -> Image.Image:
    """A noisy square of one colour."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 60, (12, 12, 3), dtype=np.uint8)
    return Image.fromarray(noise // 2 + np.array(Image.new("RGB", (12, 12), colour)) // 2)


def pictures(folder: Path, n: int = 15) -> Path:
    """A folder of red and blue pictures."""
    for colour in ("blue", "red"):
        (folder / colour).mkdir(parents=True)
        for i in range(n):
            square(colour, i).save(folder / colour / f"{i}.png")
    return folder


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def column(*values: Any) -> Callable[[Place], pd.DataFrame]:
    """Forty rows of these pictures in turn."""

    def build(_: Place) -> pd.DataFrame:
        pictures = pd.Series([values[i % len(values)] for i in range(40)], dtype=object)
        return pd.DataFrame({"photo": pictures, "y": ["a", "b"] * 20})

    return build


def _listed(*paths: str) -> Callable[[Place], Path]:
    """A table in a file beside the pictures that it names."""

    def build(place: Place) -> Path:
        square("red").save(place.folder.parent / "outside.png")
        table = pd.DataFrame({"photo": [paths[i % len(paths)] for i in range(40)]})
        table.assign(y=["a", "b"] * 20).to_csv("listed.csv", index=False)
        return Path("listed.csv")

    return build


def _folder(place: Place) -> Path:
    (place.folder / "notes").mkdir()
    (place.folder / "notes" / "read.me").write_text("no picture here", encoding="utf-8")
    return Path("notes")


def _broken_folder(place: Place) -> Path:
    for name in ("cats", "dogs"):
        (place.folder / "pets" / name).mkdir(parents=True)
        for i in range(5):
            (place.folder / "pets" / name / f"{i}.jpg").write_bytes(b"this is text")
    return Path("pets")


def _flat_folder(_: Place) -> Path:
    Path("flat/notes").mkdir(parents=True)
    Path("flat/notes/read.me").write_text("no picture here", encoding="utf-8")
    for i in range(3):
        square("red", i).save(f"flat/{i}.png")
    return Path("flat")


OPENED = "'photo' must hold pictures that can be opened"
CUT = encoded(square("red"))[:-60]

PICTURES = (
    Case("a folder without pictures", SourceError, "must hold pictures", "notes", ".png", _folder),
    Case(
        "a folder of pictures without a subfolder",
        SourceError,
        "needs one subfolder for each class",
        "flat: 3 pictures, none in a subfolder",
        "Move each picture into a subfolder",
        _flat_folder,
        label=None,
    ),
    Case(
        "a folder of pictures without a subfolder, and the label by name",
        SourceError,
        "needs one subfolder for each class",
        "flat: 3 pictures, none in a subfolder",
        "Move each picture into a subfolder",
        _flat_folder,
        label="label",
    ),
    Case(
        "a folder of text called pictures",
        DataError,
        "'image' must hold pictures",
        "none of 10",
        "drop",
        _broken_folder,
        label="label",
    ),
    Case(
        "missing pictures",
        DataError,
        OPENED,
        "gone/a.png: No such file",
        "Relative paths",
        _listed("gone/a.png", "gone/b.png"),
    ),
    Case("corrupt pictures", DataError, OPENED, "none of 40", "drop", column(CUT)),
    Case("decompression bombs", DataError, OPENED, "3600000000 pixels", "drop", column(bomb())),
    Case(
        "paths that climb out of the folder",
        DataError,
        "must stay inside the table's folder",
        "../outside.png",
        "DataFrame",
        _listed("../outside.png"),
    ),
    Case(
        "paths from the top",
        DataError,
        "must stay inside the table's folder",
        "passwd.png",
        "DataFrame",
        _listed("/etc/passwd.png"),
    ),
    Case(
        "addresses instead of paths",
        DataError,
        "a file on this machine",
        "https://example.org/a.png",
        "Fetch the pictures",
        _listed("https://example.org/a.png", "https://example.org/b.png"),
    ),
    Case(
        "a missing picture to predict for",
        DataError,
        "must be a readable PNG",
        "gone.png: No such file",
        "Replace the picture",
        lambda _: pd.DataFrame({"image": ["gone.png"]}),
        verb="predict",
        model=saved("pictures"),
    ),
    Case(
        "a corrupt picture to predict for",
        DataError,
        "must be a readable PNG",
        "bytes",
        "Replace the picture",
        lambda _: pd.DataFrame({"image": pd.Series([CUT], dtype=object)}),
        verb="predict",
        model=saved("pictures"),
    ),
    Case(
        "a bomb to predict for",
        DataError,
        "pixel limit",
        "3600000000 pixels",
        "Scale it down",
        lambda _: pd.DataFrame({"image": pd.Series([bomb()], dtype=object)}),
        verb="predict",
        model=saved("pictures"),
    ),
    Case(
        "numbers as pictures to predict for",
        DataError,
        "'image' must hold pictures",
        "7",
        "Correct it",
        lambda _: pd.DataFrame({"image": [7, 8]}),
        verb="predict",
        model=saved("pictures"),
    ),
)
