"""Picture specs: what the files say, and what the network is given."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from automl_nb.core.errors import WeightsError
from automl_nb.zoo.pictures import PictureSpec, spec_from_config

SPEC = PictureSpec(8, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4), resize=10)


def test_files_of_the_usual_families_are_understood():
    resnet = {
        "crop_pct": 0.875,
        "do_normalize": True,
        "resample": 3,
        "size": {"shortest_edge": 224},
    }
    assert spec_from_config(resnet, 224).resize == 256
    vit = {"size": 224, "resample": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    assert spec_from_config(vit, 224) == PictureSpec(224, (0.5,) * 3, (0.5,) * 3, 224, "bilinear")
    dino = {"crop_size": {"height": 224, "width": 224}, "size": {"shortest_edge": 256}}
    assert (spec_from_config(dino, 518).size, spec_from_config(dino, 518).resize) == (224, 256)
    assert spec_from_config({}, 96).size == 96


@pytest.mark.parametrize(
    "config",
    [
        {"size": {"width": 3}},
        {"size": "large"},
        {"size": 0},
        {"image_mean": [1, 2]},
        {"image_std": [0, 1, 1]},
        {"image_mean": None},
        {"resample": 77},
    ],
)
def test_files_that_make_no_sense_are_told(config):
    with pytest.raises(WeightsError, match=r"preprocessor_config\.json"):
        spec_from_config(config, 224)


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["squash", "crop"]))
def test_any_picture_comes_to_the_networks_size(wide, high, fit):
    assert SPEC.pixels(Image.new("RGB", (wide, high), "teal"), fit).shape == (8, 8, 3)


def test_squash_keeps_the_border_and_crop_the_proportions():
    picture = Image.new("RGB", (30, 10), "black")
    picture.paste("white", (0, 0, 9, 10))
    assert SPEC.pixels(picture, "squash").max() > 200
    assert SPEC.pixels(picture, "crop").max() < 60


def test_pixels_become_scaled_colours_in_torchs_order():
    pixels = np.zeros((1, 8, 8, 3), np.uint8)
    pixels[..., 0], pixels[0, 0, 0, 1] = 255, 255
    tensor = SPEC.tensor(pixels)
    assert tensor.shape == (1, 3, 8, 8)
    assert tensor.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(tensor[0, :, 1, 1], torch.tensor([2.5, -0.4 / 0.3, -0.75]))
    torch.testing.assert_close(tensor[0, 1, 0, 0], torch.tensor(2.0))
