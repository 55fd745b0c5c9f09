"""Pictures of every sort become upright RGB; bad ones are refused by name."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from automl_nb.core.errors import DataError
from automl_nb.data.pictures import (
    check_pictures,
    is_picture,
    open_picture,
    picture_digest,
    picture_problem,
    resolve_path,
)


def encoded(image, fmt="PNG", **options) -> bytes:
    data = io.BytesIO()
    image.save(data, fmt, **options)
    return data.getvalue()


def corner(value):
    return open_picture(value).getpixel((0, 0))


def test_paths_bytes_and_images_open_alike(tmp_path):
    image = Image.new("RGB", (5, 3), (10, 20, 30))
    image.save(tmp_path / "p.png")
    data = (tmp_path / "p.png").read_bytes()
    ways = [
        open_picture("p.png", tmp_path),
        open_picture(tmp_path / "p.png"),
        open_picture(data),
        open_picture(image),
        open_picture({"bytes": data, "path": None}),
        open_picture({"bytes": None, "path": str(tmp_path / "p.png")}),
    ]
    for way in ways:
        assert (way.mode, way.size, way.getpixel((0, 0))) == ("RGB", (5, 3), (10, 20, 30))


@pytest.mark.parametrize(
    ("data", "colour"),
    [
        (encoded(Image.new("L", (2, 2), 7)), (7, 7, 7)),
        (encoded(Image.new("1", (2, 2), 1)), (255, 255, 255)),
        (encoded(Image.new("RGBA", (2, 2), (9, 9, 9, 0))), (255, 255, 255)),
        (encoded(Image.new("LA", (2, 2), (0, 0))), (255, 255, 255)),
        (encoded(Image.new("RGB", (2, 2), "red").quantize(4)), (255, 0, 0)),
        (encoded(Image.new("P", (2, 2), 0), transparency=0), (255, 255, 255)),
        (encoded(Image.new("RGB", (2, 2)), transparency=(0, 0, 0)), (255, 255, 255)),
        (encoded(Image.fromarray(np.full((2, 2), 65_535, np.uint16))), (255, 255, 255)),
        (encoded(Image.fromarray(np.full((2, 2), 32_896, np.uint16))), (128, 128, 128)),
        (encoded(Image.fromarray(np.array([[1.0, 0.5]], np.float32)), "TIFF"), (255, 255, 255)),
        (encoded(Image.new("RGB", (2, 2), "blue"), "BMP"), (0, 0, 255)),
        (encoded(Image.new("RGB", (2, 2), "blue"), "WEBP", lossless=True), (0, 0, 255)),
        (encoded(Image.new("RGB", (2, 2), "blue"), "PPM"), (0, 0, 255)),
    ],
)
def test_every_mode_becomes_rgb(data, colour):
    assert corner(data) == colour


def test_cmyk_is_converted():
    red = open_picture(encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG")).getpixel(
        (4, 4)
    )
    assert red[0] > 200
    assert max(red[1:]) < 60


def test_the_first_frame_of_an_animation_is_taken():
    frames = [Image.new("RGB", (2, 2), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert corner(data) == (255, 0, 0)


def test_pictures_are_turned_upright():
    image = Image.new("RGB", (4, 2), "white")
    image.putpixel((0, 0), (0, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    upright = open_picture(encoded(image, exif=exif))
    assert upright.size == (2, 4)
    assert upright.getpixel((1, 0)) == (0, 0, 0)


def test_pixel_bombs_are_refused(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    for side in (8, 20):  # beyond the limit (a warning in Pillow), beyond twice (an error)
        with pytest.raises(DataError, match="pixel limit") as caught:
            open_picture(encoded(Image.new("L", (side, side))))
        assert "bytes" in caught.value.received


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no known picture format"),
        (b"plain text", "no known picture format"),
        (encoded(Image.new("RGB", (64, 64)))[:-40], ""),
        (encoded(Image.effect_noise((64, 64), 50), "JPEG")[:600], ""),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", "no known picture format"),
    ],
)
def test_damage_is_named(tmp_path, content, why):
    (tmp_path / "bad.png").write_bytes(content)
    with pytest.raises(DataError) as caught:
        open_picture("bad.png", tmp_path)
    assert "bad.png" in caught.value.received
    assert why in caught.value.received
    assert picture_problem("bad.png", tmp_path)


def test_missing_pictures_are_named(tmp_path):
    with pytest.raises(DataError, match=r"gone\.png"):
        open_picture("gone.png", tmp_path)
    with pytest.raises(DataError):
        open_picture(None)


@pytest.mark.parametrize(
    "path",
    [
        "../out.png",
        "a/../../out.png",
        "/etc/out.png",
        "a/link/out.png",
        "https://x.org/a.png",
        "a\0.png",
    ],
)
def test_paths_stay_inside_the_folder(tmp_path, path):
    root = tmp_path / "root"
    (root / "a").mkdir(parents=True)
    (tmp_path / "out.png").write_bytes(b"")
    (root / "a" / "link").symlink_to(tmp_path)
    with pytest.raises(DataError) as caught:
        resolve_path(path, root)
    assert caught.value.hint


def test_paths_inside_are_resolved(tmp_path):
    inside = tmp_path / "a" / "b.png"
    inside.parent.mkdir()
    inside.write_bytes(b"")
    assert resolve_path("a/b.png", tmp_path) == inside.resolve()
    assert resolve_path("a/../a/b.png", tmp_path) == inside.resolve()
    assert resolve_path(str(inside), tmp_path) == inside.resolve()
    assert resolve_path("x.png").is_absolute()


def test_unreadable_pictures_are_found_without_decoding_all(tmp_path):
    good = encoded(Image.effect_noise((32, 32), 20))
    frame = pd.DataFrame(
        {"p": pd.Series([good, good[:-30], b"\x89PNG\r\n\x1a\nrest", None], dtype=object)}
    )
    bad, finding = check_pictures(frame, "p")
    assert bad.tolist() == [False, True, True, False]
    assert (finding.n_rows, finding.column) == (2, "p")
    with pytest.raises(DataError, match="can be opened") as caught:
        check_pictures(frame.iloc[1:3], "p")
    assert "none of 2" in caught.value.received


def test_digests_follow_content_not_names(tmp_path):
    image = Image.new("RGB", (2, 2), "red")
    data = encoded(image)
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(data)
    assert (
        picture_digest("a.png", tmp_path)
        == picture_digest(tmp_path / "b.png")
        == picture_digest(data)
    )
    assert picture_digest(image) == picture_digest(image.copy())
    assert picture_digest(image) != picture_digest(Image.new("RGB", (2, 2), "blue"))
    assert picture_digest(None) == ""


def test_what_a_picture_is():
    assert is_picture(encoded(Image.new("L", (1, 1))))
    assert is_picture(Image.new("L", (1, 1)))
    assert not is_picture(b"text")
    assert not is_picture("cat.png")


@given(
    st.binary(max_size=200),
    st.sampled_from(
        [
            b"",
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
            b"\xff\xd8\xff\xe0",
            b"BM",
            b"II*\x00",
            b"P6 ",
            b"RIFF0000WEBP",
        ]
    ),
)
def test_no_bytes_break_the_opening(data, start):
    problem = picture_problem(start + data)
    if not problem:
        try:
            assert open_picture(start + data).mode == "RGB"
        except DataError as error:
            problem = error.rule
    assert isinstance(problem, str)
