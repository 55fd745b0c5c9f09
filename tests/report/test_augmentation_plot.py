"""The picture of augmentations: of what they really do, for pictures and for texts."""

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

import automl_nb
from automl_nb.core.errors import DataError, SettingError, UnknownNameError
from automl_nb.report.ink import colour
from automl_nb.transfer.augment.catalog import AUGMENTATIONS

TEXTS = ["the quick brown fox jumps over the lazy dog and runs away", "one two three four five six"]
LINE = 34


@pytest.fixture(scope="module")
def charts():
    return list(automl_nb.sample("charts")["image"].head(3))


def drawn(picture):
    """Arrays of the pictures in the grid, by row."""
    n = len(picture.axes)
    return np.array([ax.images[0].get_array() for ax in picture.axes]).reshape(
        n // 6, 6, 112, 112, 3
    )


def said(picture):
    return [text.get_text() for text in picture.axes[0].texts]


def test_every_augmentation_of_pictures_has_a_row(charts):
    picture = automl_nb.show_augmentations(charts)
    rows = [ax.get_ylabel() for ax in picture.axes[::6]]
    assert rows == AUGMENTATIONS.names("image")
    assert picture.description.endswith(f"a row each: {', '.join(rows)}.")


def test_the_first_row_is_the_pictures_as_they_are_in_turns(charts):
    grid = drawn(automl_nb.show_augmentations(charts, "flip"))
    original = np.asarray(Image.open(io.BytesIO(charts[0])).convert("RGB").resize((112, 112), 2))
    np.testing.assert_array_equal(grid[0, 0], original)
    np.testing.assert_array_equal(grid[0, 3], original)
    for column in range(6):
        mirrored = np.array_equal(grid[1, column], grid[0, column][:, ::-1])
        assert mirrored or np.array_equal(grid[1, column], grid[0, column])


def test_another_seed_draws_other_changes(charts):
    one, same, other = (
        drawn(automl_nb.show_augmentations(charts, "crop", seed=s)) for s in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_mixed_pictures_say_how_much_is_theirs(charts):
    picture = automl_nb.show_augmentations(charts, ["cutmix"])
    labels = [ax.get_xlabel() for ax in picture.axes[6:]]
    assert all(label.endswith("% its own") for label in labels)
    grid = drawn(picture)
    for column, label in enumerate(labels):
        if label.startswith("100%"):
            np.testing.assert_array_equal(grid[1, column], grid[0, column])
    alone = automl_nb.show_augmentations(charts[0], ["cutmix"])
    assert {ax.get_xlabel() for ax in alone.axes[6:]} == {"needs another"}


@pytest.mark.parametrize("form", ["bytes", "pillow", "array", "path"])
def test_pictures_come_in_any_form(charts, form, tmp_path):
    image = Image.open(io.BytesIO(charts[0])).convert("RGB")
    (tmp_path / "a.png").write_bytes(charts[0])
    value = {
        "bytes": charts[0],
        "pillow": image,
        "array": np.asarray(image),
        "path": str(tmp_path / "a.png"),
    }[form]
    expected = drawn(automl_nb.show_augmentations(charts[0], ["flip"]))
    np.testing.assert_array_equal(drawn(automl_nb.show_augmentations(value, ["flip"])), expected)
    np.testing.assert_array_equal(drawn(automl_nb.show_augmentations([value], ["flip"])), expected)


def test_words_that_moved_are_marked_and_those_that_went_are_counted():
    picture = automl_nb.show_augmentations(TEXTS, "eda", seed=1)
    words = said(picture)
    assert words[0] == "none"
    assert " ".join(words[1:]).startswith(TEXTS[0])
    marked = [
        t.get_text() for t in picture.axes[0].texts if to_rgb(t.get_color()) == to_rgb(colour(1))
    ]
    changed = words[words.index("eda") :]
    assert marked
    assert set(marked) <= set(changed)


def test_long_texts_are_cut_and_those_of_wide_characters_fit():
    texts = ["word " * 500, "漢字" * 200, "x" * 300, "costs $5 or _x^2_"]
    picture = automl_nb.show_augmentations(texts, "eda")
    assert picture.get_size_inches()[1] < 6
    right = [t.get_window_extent().x1 for t in picture.axes[0].texts]
    assert max(right) <= picture.bbox.x1
    assert max(len(word) for word in said(picture)) <= LINE


def test_missing_rows_are_left_out():
    rows = [None, TEXTS[0], float("nan"), TEXTS[1]]
    assert automl_nb.show_augmentations(rows).description.startswith("Augmentations of 2 texts")


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_every_theme_is_drawn(theme, charts):
    for values, name in ((charts, "mixup"), (TEXTS, "eda")):
        png = automl_nb.show_augmentations(values, name, theme=theme).png()
        assert np.asarray(Image.open(io.BytesIO(png)))[0, 0, 3] == 0  # see-through


def test_what_cannot_be_shown_says_why(charts):
    with pytest.raises(UnknownNameError, match="Did you mean 'mixup'"):
        automl_nb.show_augmentations(charts, ["mixap"])
    with pytest.raises(SettingError, match="must be for texts"):
        automl_nb.show_augmentations(TEXTS, ["flip"])
    with pytest.raises(SettingError, match="must be for images"):
        automl_nb.show_augmentations(charts, "eda")
    for nothing in ([], None, 7, [None, float("nan")], automl_nb.sample("wine")):
        with pytest.raises(SettingError, match="There must be pictures or texts"):
            automl_nb.show_augmentations(nothing)
    with pytest.raises(SettingError, match="light, dark or auto"):
        automl_nb.show_augmentations(charts, "flip", theme="pink")
    with pytest.raises(DataError):
        automl_nb.show_augmentations([b"no picture", charts[0]])
    for value in (3.5, np.ones((4, 4)), np.ones((2, 4, 4, 3), np.uint8)):
        with pytest.raises(DataError):
            automl_nb.show_augmentations([value, "text"])
