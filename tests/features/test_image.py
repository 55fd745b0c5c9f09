"""Frozen pictures: any source, in any order, missing, damaged, cancelled."""

import io
import os

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from automl_nb.core.errors import DataError, SettingError
from automl_nb.core.trials import Cancelled, CancelToken
from automl_nb.features import image as module
from automl_nb.features.image import FrozenImage
from automl_nb.features.store import block_key
from automl_nb.zoo.load import load_backbone


def picture(seed: int, size=(40, 30)) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


def frame_of(values) -> pd.DataFrame:
    return pd.DataFrame({"photo": pd.Series(list(values), dtype=object)})


def test_features_equal_the_network_on_each_picture_alone():
    pictures = [picture(seed) for seed in range(3)]
    ours = FrozenImage("photo", dtype="float32").transform(frame_of(pictures))
    backbone = load_backbone("efficientnet-lite0")
    for row, one in zip(ours, pictures, strict=True):
        square = one.resize((224, 224), Image.Resampling.BICUBIC)
        pixels = (torch.from_numpy(np.array(square)).float() - 127) / 128
        expected = backbone.module(pixels.permute(2, 0, 1)[None])[0]
        np.testing.assert_allclose(row, expected.numpy(), atol=2e-4)


def test_paths_bytes_and_pictures_of_the_same_are_the_same(tmp_path):
    one = picture(1)
    one.save(tmp_path / "one.png")
    stream = io.BytesIO()
    one.save(stream, "PNG")
    values = [one, str(tmp_path / "one.png"), tmp_path / "one.png", stream.getvalue()]
    block = FrozenImage("photo", dtype="float32").transform(frame_of(values))
    np.testing.assert_allclose(block, block[[0] * 4], atol=1e-4)


def test_relative_paths_start_from_the_root_and_stay_in_it(tmp_path):
    picture(1).save(tmp_path / "one.png")
    inside = FrozenImage("photo", root=tmp_path)
    assert inside.transform(frame_of(["one.png"])).any()
    (tmp_path / "below").mkdir()
    with pytest.raises(DataError, match="inside"):
        FrozenImage("photo", root=tmp_path / "below").transform(frame_of(["../one.png"]))


def test_missing_pictures_are_zeros_and_a_column_of_them_works():
    block = FrozenImage("photo").transform(frame_of([None, picture(0), np.nan]))
    assert not block[[0, 2]].any()
    assert block[1].any()
    assert FrozenImage("photo").transform(frame_of([None, None])).shape == (2, 1280)


def test_a_damaged_picture_is_told(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="readable"):
        FrozenImage("photo").transform(frame_of([picture(0), str(tmp_path / "bad.png")]))


def test_equal_pictures_are_decoded_once(monkeypatch, tmp_path):
    picture(1).save(tmp_path / "one.png")
    seen, decode = [], FrozenImage.decoded
    monkeypatch.setattr(
        FrozenImage, "decoded", lambda self, value: seen.append(value) or decode(self, value)
    )
    same = picture(2)
    path = str(tmp_path / "one.png")
    block = FrozenImage("photo").transform(frame_of([path, same, path, same, path]))
    assert len(seen) == 2
    assert (block[0] == block[4]).all()
    assert (block[1] == block[3]).all()


def test_more_pictures_than_a_batch_keep_their_order(monkeypatch):
    pictures = [picture(seed) for seed in range(7)]
    encoder = FrozenImage("photo", dtype="float32")
    whole = encoder.transform(frame_of(pictures))
    monkeypatch.setitem(module.PICTURES_A_BATCH, "cpu", 3)
    heard = []
    parts = encoder.transform(
        frame_of(pictures), progress=lambda done, total: heard.append((done, total))
    )
    np.testing.assert_allclose(parts, whole, atol=1e-3)
    assert heard == [(3, 7), (6, 7), (7, 7)]


def test_the_mirrored_view_makes_mirrored_pictures_equal():
    one = picture(3)
    mirrored = one.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    options = {"dtype": "float32"}
    block = FrozenImage("photo", views="flip", **options).transform(frame_of([one, mirrored]))
    np.testing.assert_allclose(block[0], block[1], atol=2e-3)
    plain = FrozenImage("photo", **options).transform(frame_of([one, mirrored]))
    assert np.abs(plain[0] - plain[1]).max() > 0.05
    np.testing.assert_allclose(block[0], plain.mean(0), atol=2e-3)


def test_framing_changes_what_a_wide_picture_shows():
    wide = frame_of([picture(4, size=(90, 30))])
    squash, crop = (FrozenImage("photo", fit=way).transform(wide) for way in ("squash", "crop"))
    assert np.abs(squash - crop).max() > 0.05


def test_without_memory_the_batch_is_halved(monkeypatch):
    pictures = frame_of(picture(seed) for seed in range(5))
    encoder = FrozenImage("photo", dtype="float32")
    expected, forward = encoder.transform(pictures), FrozenImage._forward

    def small_machine(self, pixels, dtype, rows):
        if len(rows) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return forward(self, pixels, dtype, rows)

    monkeypatch.setattr(FrozenImage, "_forward", small_machine)
    np.testing.assert_allclose(encoder.transform(pictures), expected, atol=1e-3)


def test_cancelling_ends_at_the_next_batch(monkeypatch):
    monkeypatch.setitem(module.PICTURES_A_BATCH, "cpu", 2)
    token, done = CancelToken(), []

    def stop(rows, total):
        done.append(rows)
        token.cancel("enough")

    with pytest.raises(Cancelled):
        FrozenImage("photo").transform(
            frame_of(picture(seed) for seed in range(6)), progress=stop, cancel=token
        )
    assert done == [2]


def test_a_file_that_changed_under_its_name_is_another_block(tmp_path):
    path = tmp_path / "one.png"
    picture(1).save(path)
    encoder, frame = FrozenImage("photo", root=tmp_path), frame_of(["one.png", None, "gone.png"])
    before = block_key(encoder, frame)
    assert block_key(encoder, frame) == before
    picture(2).save(path)
    os.utime(path, (1, 1))
    assert block_key(encoder, frame) != before


def test_options_that_cannot_work_are_told():
    for option in ({"views": "all"}, {"fit": "stretch"}, {"backbone": "minilm-l6"}):
        with pytest.raises(SettingError):
            FrozenImage("photo", **option)


def test_identity_and_estimate_know_the_views():
    one, flip = FrozenImage("photo"), FrozenImage("photo", views="flip")
    assert one.identity() != flip.identity()
    frame = frame_of([picture(0), None, picture(1)])
    assert flip.estimate_s(frame) == pytest.approx(2 * one.estimate_s(frame))


@pytest.mark.parametrize("name", ["efficientnet-lite1", "efficientnet-lite2"])
def test_the_larger_ones_work_alike(name):
    assert FrozenImage("photo", name).transform(frame_of([picture(0)])).shape == (1, 1280)


def test_a_file_whose_size_and_time_stayed_is_read_anyway(tmp_path):
    path = tmp_path / "one.bmp"
    encoder, frame = FrozenImage("photo", root=tmp_path), frame_of(["one.bmp"])
    keys = set()
    for colour in ("red", "blue"):
        Image.new("RGB", (40, 40), colour).save(path)
        os.utime(path, (0, 0))
        keys.add(block_key(encoder, frame))
    assert len(keys) == 2


def test_a_palette_counts_by_its_colours():
    encoder, keys = FrozenImage("photo"), set()
    for colour in ([250, 0, 0], [0, 250, 0]):
        drawn = Image.new("P", (24, 24), 0)
        drawn.putpalette([*colour, *[0] * 765])
        keys.add(block_key(encoder, frame_of([drawn])))
    assert len(keys) == 2
