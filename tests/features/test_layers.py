"""Features of every layer: against the network asked layer by layer, cached, and shared safely."""

import threading

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from automl_nb.core.errors import SettingError
from automl_nb.features.image import FrozenImage
from automl_nb.features.image_layers import ImageLayers
from automl_nb.features.layers import spread
from automl_nb.features.store import FeatureStore
from automl_nb.features.text import FrozenText
from automl_nb.features.text_layers import TextLayers
from automl_nb.zoo.architectures import ARCHITECTURES
from tests.support import trials
from tests.zoo.families import make_folder

TEXTS = pd.DataFrame({"text": ["A fine tea.", "Never again, the box was broken!", None, "tea"]})
FAMILIES = sorted(ARCHITECTURES)


def pictures(n=3, side=64):
    rng = np.random.default_rng(0)
    shapes = [Image.fromarray(rng.integers(0, 256, (side, side, 3), np.uint8)) for _ in range(n)]
    return pd.DataFrame({"picture": shapes})


def parts(block, widths):
    return dict(
        zip(widths, np.split(block, np.cumsum([*widths.values()])[:-1], axis=1), strict=True)
    )


def test_each_layer_of_a_text_is_what_the_plain_encoder_gives_of_it():
    encoder = TextLayers("text", "minilm-l3", dtype="float32")
    encoder.fit(TEXTS)
    found = parts(encoder.transform(TEXTS), encoder.widths)
    for number, block in enumerate(found.values()):
        plain = FrozenText(
            "text", "minilm-l3", layers=str(number), max_length=encoder.max_length, dtype="float32"
        )
        np.testing.assert_allclose(block, plain.transform(TEXTS), atol=1e-6)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return str(trials.small_pictures(tmp_path_factory.mktemp("backbones") / "lite0-64"))


@pytest.mark.parametrize("views", ["one", "flip"])
def test_each_stage_of_a_picture_is_the_mean_of_its_map(small, views):
    frame, encoder = pictures(), ImageLayers("picture", small, views=views, dtype="float32")
    found = parts(encoder.transform(frame), encoder.widths)
    plain = FrozenImage("picture", small, views=views, dtype="float32")
    np.testing.assert_allclose(found["pooled"], plain.transform(frame), atol=1e-5)
    pixels = np.stack([encoder.decoded(value) for value in frame["picture"]])
    with torch.no_grad():
        x = encoder.spec.tensor(pixels, "cpu")
        expected = stages(encoder.backbone.module, x)
        if views == "flip":
            mirrored = stages(encoder.backbone.module, x.flip(3))
            expected = {name: (one + mirrored[name]) / 2 for name, one in expected.items()}
    for name, block in found.items():
        if name != "pooled":
            np.testing.assert_allclose(block, expected[name].numpy(), atol=1e-4)


def stages(module, x):
    """The mean of each block's map, block by block."""
    x, found = module.stem(x), {}
    for number, block in enumerate(module.blocks):
        x = block(x)
        found[f"block {number + 1}"] = x.mean((2, 3))
    return found


def test_a_stage_is_read_at_its_end(small):
    encoder = ImageLayers("picture", small)
    assert encoder.widths == {
        "block 1": 16,
        "block 3": 24,
        "block 5": 40,
        "block 8": 80,
        "block 11": 112,
        "block 15": 192,
        "block 16": 320,
        "pooled": 1280,
    }
    assert list(ImageLayers("picture", small, most=3).widths) == ["block 1", "block 16", "pooled"]
    assert list(ImageLayers("picture", small, most=2).widths) == ["block 16", "pooled"]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_gives_its_layers(family, tmp_path):
    folder = str(make_folder(family, tmp_path / family))
    if ARCHITECTURES[family].modality == "text":
        encoder, frame = TextLayers("text", folder, max_length=8, dtype="float32"), TEXTS
    else:
        encoder, frame = ImageLayers("picture", folder, dtype="float32"), pictures(2, 32)
    block = encoder.transform(frame)
    assert block.shape == (len(frame), sum(encoder.widths.values()))
    assert np.isfinite(block).all()
    assert len(encoder.widths) > 1 or family == "swin"
    assert parts(block, encoder.widths)[next(iter(encoder.widths))].any()


def test_the_store_computes_all_layers_once(tmp_path):
    store, encoder = FeatureStore(tmp_path), TextLayers("text", "minilm-l3")
    encoder.fit(TEXTS)
    block = store.get(encoder, TEXTS)
    other = TextLayers("text", "minilm-l3")
    other.fit(TEXTS)
    assert store.has(other, TEXTS)
    np.testing.assert_array_equal(store.get(other, TEXTS), block)
    assert not store.has(TextLayers("text", "minilm-l3", most=3, max_length=16), TEXTS)
    plain = FrozenText("text", "minilm-l3", max_length=encoder.max_length)
    assert not store.has(plain, TEXTS)


def test_a_shared_network_may_be_used_by_another_thread_meanwhile(small):
    """Both encode with one network: neither hears what the other has it compute."""
    frames = [pictures(12), pictures(12).iloc[::-1].reset_index(drop=True)]
    encoders = [ImageLayers("picture", small, dtype="float32") for _ in frames]
    alone = [e.transform(frame) for e, frame in zip(encoders, frames, strict=True)]
    together: dict[int, np.ndarray] = {}

    def work(place):
        together[place] = encoders[place].transform(frames[place])

    threads = [threading.Thread(target=work, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for place in range(2):
        np.testing.assert_allclose(together[place], alone[place], atol=1e-5)


@pytest.mark.parametrize("most", [1, 0, 2.5])
def test_fewer_than_two_layers_are_refused(most):
    for kind, column in ((TextLayers, "text"), (ImageLayers, "picture")):
        with pytest.raises(SettingError, match="two upwards"):
            kind(column, most=most)


@pytest.mark.parametrize(("count", "most"), [(25, 8), (9, 8), (8, 8), (3, 2), (100, 7)])
def test_layers_are_spread_evenly(count, most):
    found = spread(count, most)
    assert found[0] == 0
    assert found[-1] == count - 1
    assert len(found) == len(set(found)) == min(count, most)
    gaps = np.diff(found)
    assert gaps.max() - gaps.min() <= 1
