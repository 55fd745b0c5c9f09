"""What each augmentation does, beyond the promises that all keep."""

from collections import Counter

import numpy as np
import pytest
import torch

from automl_nb.transfer.augment.colour import Colour
from automl_nb.transfer.augment.crop import Crop
from automl_nb.transfer.augment.cutmix import Cutmix, box
from automl_nb.transfer.augment.eda import Eda, repeated, swapped, thinned
from automl_nb.transfer.augment.flip import Flip
from automl_nb.transfer.augment.mixup import Mixup
from automl_nb.transfer.augment.operations import ONE_WAY, OPERATIONS, TWO_WAYS, Reach, change
from automl_nb.transfer.augment.rand import Rand

REACH = Reach(turn=90.0, shear=0.5, shift=0.25, factor=0.9, bits=6)
WORDS = [f"w{i}" for i in range(40)]


def corner():
    """Black but for a white square up and left."""
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[2:6, 2:6] = 255
    return pixels


def mean_place(pixels):
    weight = pixels[..., 0].astype(float)
    rows, columns = np.indices(weight.shape)
    return (weight * rows).sum() / weight.sum(), (weight * columns).sum() / weight.sum()


def always(positive):
    """A generator whose draws are all high or all low."""

    class Drawn:
        def random(self):
            return 0.9 if positive else 0.1

    return Drawn()


def test_half_of_the_pictures_are_mirrored():
    rng = np.random.default_rng(0)
    made = [Flip().picture(corner(), rng) for _ in range(400)]
    mirrored = [np.array_equal(one, corner()[:, ::-1]) for one in made]
    assert 160 < sum(mirrored) < 240
    assert all(m or np.array_equal(one, corner()) for one, m in zip(made, mirrored, strict=True))


def test_crops_show_a_part_enlarged():
    shades = np.arange(64, dtype=np.uint8)
    pixels = np.repeat(np.add.outer(shades, shades)[..., None], 3, axis=2)
    rng, reaches = np.random.default_rng(0), []
    for _ in range(100):
        made = Crop().picture(pixels, rng)[..., 0].astype(float)
        reaches.append(np.ptp(made[:, 32]) * np.ptp(made[32]) / 63**2)
    assert 0.25 < min(reaches) < 0.5
    assert 0.85 < max(reaches) <= 1.0


def test_colours_change_and_places_do_not():
    pixels = np.full((8, 8, 3), (100, 120, 60), np.uint8)
    made = Colour().picture(pixels, np.random.default_rng(0))
    assert (made == made[0, 0]).all()
    assert not np.array_equal(made, pixels)


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_without_strength_nothing_changes(name):
    rng = np.random.default_rng(0)
    pixels = rng.integers(60, 120, (40, 50, 3), dtype=np.uint8)
    made = change(pixels, name, 0.0, REACH, rng)
    if name in {"contrast-stretch", "equalise"}:  # the colours' order stays
        assert not np.array_equal(made, pixels)
        order = np.argsort(pixels[..., 0].ravel(), kind="stable")
        assert (np.diff(made[..., 0].ravel()[order].astype(int)) >= 0).all()
    else:
        np.testing.assert_array_equal(made, pixels)


def test_a_turn_by_a_quarter_is_numpys():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (15, 15, 3), dtype=np.uint8)
    for drawn, turns in ((always(True), -1), (always(False), 1)):
        made = change(pixels, "turn", 1.0, REACH, drawn)
        inner = np.rot90(pixels, turns)[1:-1, 1:-1].astype(int)
        assert np.abs(made[1:-1, 1:-1] - inner).max() <= 1


def test_a_shift_moves_the_picture_and_keeps_the_border():
    made = change(corner(), "shift-x", 1.0, REACH, always(False))
    np.testing.assert_array_equal(made[:, 4:], corner()[:, :-4])
    assert (made[:, :4] == 0).all()
    made = change(corner(), "shift-y", 0.5, REACH, always(False))
    np.testing.assert_array_equal(made[2:], corner()[:-2])


def test_a_shear_moves_what_is_off_the_middle():
    (row, column), (sheared_row, sheared_column) = (
        mean_place(corner()),
        mean_place(change(corner(), "shear-x", 1.0, REACH, always(False))),
    )
    assert sheared_row == pytest.approx(row, abs=0.2)
    # 4 rows above the centre, half a pixel a row
    assert sheared_column - column == pytest.approx(0.5 * (row - 7.5), abs=0.3)


def test_solarised_at_full_strength_is_the_negative():
    pixels = np.random.default_rng(0).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    np.testing.assert_array_equal(
        change(pixels, "solarise", 1.0, REACH, always(True)), 255 - pixels
    )


def test_fewer_colours_keep_the_upper_bits():
    pixels = np.random.default_rng(0).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    made = change(pixels, "fewer-colours", 0.5, REACH, always(True))
    np.testing.assert_array_equal(made, pixels & 0b11111000)


def test_changes_in_both_directions_are_drawn():
    rng = np.random.default_rng(0)
    made = {change(corner(), "shift-x", 1.0, REACH, rng).tobytes() for _ in range(20)}
    assert len(made) == 2
    assert set(ONE_WAY) | set(TWO_WAYS) == set(OPERATIONS)
    assert len(OPERATIONS) == 14


def test_randaugment_is_two_changes():
    class Drawn:
        def choice(self, names, n):
            assert n == 2
            return ["solarise", "shift-x"]

        def random(self):
            return 0.9

    pixels = corner()
    reach = Reach(turn=30.0, shear=0.3, shift=150 / 331, factor=0.9, bits=4)
    expected = change(
        change(pixels, "solarise", 0.3, reach, always(True)), "shift-x", 0.3, reach, always(True)
    )
    np.testing.assert_array_equal(Rand().picture(pixels, Drawn()), expected)


def test_mixup_is_the_equation():
    pixels, targets = torch.rand(6, 3, 4, 4), torch.eye(6)
    mixed, answers = Mixup().batch({"pixels": pixels}, targets, np.random.default_rng(3))
    rng = np.random.default_rng(3)
    share, partner = rng.beta(0.2, 0.2), rng.permutation(6)
    torch.testing.assert_close(
        mixed["pixels"], (share * pixels + (1 - share) * pixels[partner]).float()
    )
    torch.testing.assert_close(answers, (share * targets + (1 - share) * targets[partner]).float())


def test_cutmix_answers_are_the_areas_that_are_seen():
    pixels = torch.arange(6.0).reshape(6, 1, 1, 1).expand(6, 3, 20, 30)
    for seed in range(10):
        mixed, answers = Cutmix().batch(
            {"pixels": pixels}, torch.eye(6), np.random.default_rng(seed)
        )
        seen = torch.stack([(mixed["pixels"][:, 0] == i).float().mean((1, 2)) for i in range(6)], 1)
        torch.testing.assert_close(answers, seen)


def test_boxes_have_the_share_of_the_area_that_is_asked_for():
    rng = np.random.default_rng(0)
    whole = [box(100, 100, 0.75, rng) for _ in range(400)]
    areas = [(r.stop - r.start) * (c.stop - c.start) for r, c in whole]
    assert max(areas) == 2500
    assert min(areas) >= 625  # a centre in the corner leaves a quarter of the box


def test_swapping_keeps_the_words():
    made = swapped(WORDS, 2, np.random.default_rng(0))
    assert Counter(made) == Counter(WORDS)
    assert 2 <= sum(a != b for a, b in zip(made, WORDS, strict=True)) <= 4


def test_thinning_leaves_some_out_and_the_order_as_it_is():
    rng = np.random.default_rng(0)
    lengths = []
    for _ in range(200):
        made = thinned(WORDS, 2, rng)
        assert made == [word for word in WORDS if word in made]
        lengths.append(len(made))
    assert 37.5 < np.mean(lengths) < 38.5
    assert thinned(["a", "b"], 2, rng) in (["a"], ["b"])


def test_repeating_adds_words_of_the_text():
    made = repeated(WORDS, 3, np.random.default_rng(0))
    assert len(made) == 43
    assert set(made) == set(WORDS)


def test_every_twentieth_word_is_changed():
    rng = np.random.default_rng(0)
    text = " ".join(WORDS)
    lengths = Counter(len(Eda().text(text, rng).split()) for _ in range(300))
    assert lengths[42] > 60  # two said again
    assert lengths[40] > 60  # two swapped, mostly
    assert max(lengths) == 42
    assert Eda().text("alone", rng) == "alone"
    assert " " not in Eda().text("一段没有空格的中文文本长度超过二十个字符可以改变的", rng)
