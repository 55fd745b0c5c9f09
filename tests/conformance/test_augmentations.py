"""One suite for every augmentation: what `transfer/augment/base.py` promises, each must keep."""

import numpy as np
import pytest
import torch

from automl_nb.core.errors import SettingError
from automl_nb.data.pictures import open_picture
from automl_nb.data.samples import load_sample
from automl_nb.transfer.augment.base import Augmentation, augmentation_for
from automl_nb.transfer.augment.catalog import AUGMENTATIONS, USUAL

NAMES = AUGMENTATIONS.names()
CHANGING = [name for name in NAMES if name != "none"]


@pytest.fixture(scope="module")
def pictures():
    values = load_sample("charts", n=8).frame["image"]
    return [np.asarray(open_picture(value))[:72] for value in values]  # not square


@pytest.fixture(scope="module")
def texts():
    return [
        *load_sample("docstrings").frame["text"].head(8),
        "one",
        "",
        "这是一段没有空格的中文文本长度超过二十个字符可以改变",
    ]


@pytest.fixture(params=NAMES)
def augmentation(request):
    return AUGMENTATIONS[request.param].load()()


def all_of(augmentation, pictures, texts, seed):
    """Everything it makes of the same rows with one seed, as arrays and texts."""
    rng = np.random.default_rng(seed)
    changed = [augmentation.picture(picture, rng) for picture in pictures]
    said = [augmentation.text(text, rng) for text in texts]
    inputs, targets = augmentation.batch(*batch(pictures), rng)
    return [*changed, *said, inputs["pixels"].numpy(), targets.numpy()]


def batch(pictures):
    pixels = torch.tensor(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    return {"pixels": pixels}, torch.eye(len(pictures))


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_it_says_who_it_is(augmentation):
    assert isinstance(augmentation, Augmentation)
    assert augmentation.name in AUGMENTATIONS
    assert augmentation.modality in {"text", "image", "any"}
    tags = set(AUGMENTATIONS[augmentation.name].tags)
    assert tags == (
        {"text", "image"} if augmentation.modality == "any" else {augmentation.modality}
    )


def test_the_same_seed_gives_the_same_and_another_seed_another(augmentation, pictures, texts):
    first = all_of(augmentation, pictures, texts, 0)
    assert same(first, all_of(augmentation, pictures, texts, 0))
    assert same(first, all_of(augmentation, pictures, texts, 1)) is (augmentation.name == "none")


def test_only_rows_of_its_kind_are_changed(augmentation, pictures, texts):
    rng = np.random.default_rng(0)
    if augmentation.modality != "image":
        assert all(np.array_equal(augmentation.picture(one, rng), one) for one in pictures)
    if augmentation.modality != "text":
        assert all(augmentation.text(one, rng) == one for one in texts)
        assert not augmentation.changes_texts
    else:
        assert augmentation.changes_texts


def test_pictures_keep_shape_and_kind_and_the_originals_stay(augmentation, pictures):
    before = [picture.copy() for picture in pictures]
    rng = np.random.default_rng(0)
    for _ in range(12):  # for all kinds of changes
        for picture in pictures:
            made = augmentation.picture(picture, rng)
            assert made.shape == picture.shape
            assert made.dtype == np.uint8
    assert same(pictures, before)


@pytest.mark.parametrize("side", [1, 2, 5])
def test_tiny_pictures_do_no_harm(augmentation, side):
    rng = np.random.default_rng(0)
    tiny = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
    for _ in range(30):
        assert augmentation.picture(tiny, rng).shape == tiny.shape
    inputs, _ = augmentation.batch({"pixels": torch.zeros(1, 3, side, side)}, torch.ones(1, 1), rng)
    assert inputs["pixels"].shape == (1, 3, side, side)


def test_a_batch_keeps_shapes_and_the_sum_of_its_targets(augmentation, pictures):
    for seed in range(5):
        inputs, targets = batch(pictures)
        before = inputs["pixels"].clone()
        mixed, answers = augmentation.batch(inputs, targets, np.random.default_rng(seed))
        assert mixed["pixels"].shape == before.shape
        assert mixed["pixels"].dtype == before.dtype
        torch.testing.assert_close(answers.sum(1), torch.ones(len(pictures)))
        torch.testing.assert_close(answers.sum(0), torch.ones(len(pictures)))
        assert (answers >= 0).all()
        assert torch.equal(inputs["pixels"], before)
        assert torch.equal(targets, torch.eye(len(pictures)))


def test_who_mixes_says_so(augmentation, pictures):
    mixed, answers = augmentation.batch(*batch(pictures), np.random.default_rng(0))
    inputs, targets = batch(pictures)
    assert torch.equal(answers, targets) is not augmentation.mixes
    assert torch.equal(mixed["pixels"], inputs["pixels"]) is not augmentation.mixes


def test_texts_stay_texts_of_the_same_words(augmentation, texts):
    rng = np.random.default_rng(0)
    for _ in range(6):
        for text in texts:
            made = augmentation.text(text, rng)
            assert isinstance(made, str)
            assert bool(made.strip()) is bool(text.strip())
            assert set(made.split()) <= set(text.split()) or set(made) <= set(text)


@pytest.mark.parametrize("modality", ["text", "image"])
@pytest.mark.parametrize("name", NAMES)
def test_the_wrong_kind_of_column_is_refused(name, modality):
    own = AUGMENTATIONS[name].load()().modality
    if own in {modality, "any"}:
        assert augmentation_for({"augment": name}, modality).name == name
        return
    with pytest.raises(SettingError, match=f"must be for {modality}s") as caught:
        augmentation_for({"augment": name}, modality)
    assert name in caught.value.received


def test_auto_is_the_usual_one():
    for modality, name in USUAL.items():
        assert augmentation_for({}, modality).name == name
        assert augmentation_for({"augment": "auto"}, modality).name == name
