"""One suite for every similarity: laws that any distance between data sets keeps."""

import numpy as np
import pytest

from automl_nb.core.errors import SettingError
from automl_nb.core.types import TaskKind
from automl_nb.explorer.similarity.base import Sample
from automl_nb.explorer.similarity.catalog import SIMILARITIES

D = 8


def turned(angle, seed=0, n=150, k=3):
    """Classes that lie along one feature, turned towards another, and moved along with it."""
    rng = np.random.default_rng(seed)
    classes = np.arange(n) % k
    along = np.zeros(D)
    along[0], along[5] = np.cos(angle), np.sin(angle)
    rows = rng.normal(size=(n, D)) + 4.0 * (classes - 1)[:, None] * along + 2.0 * np.sin(angle)
    return Sample(rows, classes)


@pytest.fixture(params=SIMILARITIES.names())
def measure(request):
    made = SIMILARITIES[request.param].load()()
    assert made.name == request.param
    return made.distance


def test_a_data_set_is_at_no_distance_from_itself(measure):
    sample = turned(0.3)
    assert measure(sample, sample) == pytest.approx(0.0, abs=1e-6)


def test_it_is_the_same_both_ways(measure):
    a, b = turned(0.0), turned(0.7, seed=1)
    assert measure(a, b) == pytest.approx(measure(b, a), rel=1e-9, abs=1e-12)


def test_it_grows_with_the_shift(measure):
    start = turned(0.0)
    found = [measure(start, turned(angle, seed=1)) for angle in (0.0, 0.4, 0.8, 1.5)]
    assert found == sorted(found)
    assert found[-1] > 1.5 * found[0]


def test_another_draw_is_nearer_than_another_task(measure):
    start = turned(0.0)
    assert measure(start, turned(0.0, seed=3)) < measure(start, turned(1.2, seed=3))


def test_the_order_of_rows_and_the_names_of_classes_do_not_matter(measure):
    a, b = turned(0.0, n=60), turned(0.6, seed=1, n=60)
    order = np.random.default_rng(0).permutation(60)
    mixed = Sample(b.features[order], np.array([7, 2, 4])[b.classes[order]])
    assert measure(a, mixed) == pytest.approx(measure(a, b), rel=1e-3)


def test_data_sets_of_any_size_are_compared(measure):
    for n, m in ((5, 40), (1, 1), (40, 700)):
        found = measure(turned(0.0, n=n), turned(0.5, n=m))
        assert np.isfinite(found)
        assert found >= 0.0


def test_rows_that_are_all_alike_are_no_trouble(measure):
    flat = Sample(np.ones((10, D)), np.arange(10) % 2)
    assert measure(flat, flat) == pytest.approx(0.0, abs=1e-6)
    assert np.isfinite(measure(flat, turned(0.0)))


def test_wide_features_are_compared(measure):
    rng = np.random.default_rng(0)
    wide = [Sample(rng.normal(size=(40, 100)) + s, np.arange(40) % 2) for s in (0.0, 1.0)]
    assert measure(*wide) > 0.0
    assert measure(wide[0], wide[0]) == pytest.approx(0.0, abs=1e-6)


def test_features_of_two_backbones_are_refused(measure):
    with pytest.raises(SettingError, match="one backbone"):
        measure(turned(0.0), Sample(np.zeros((5, D + 1)), np.zeros(5, int)))
    with pytest.raises(SettingError, match="rows"):
        measure(turned(0.0), Sample(np.zeros((0, D)), np.zeros(0, int)))


@pytest.mark.parametrize("kind", list(TaskKind))
def test_answers_of_every_kind_become_classes(measure, kind):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, D))
    answers = {
        TaskKind.REGRESSION: rows[:, 0],
        TaskKind.MULTILABEL: (rows[:, :3] > 0.5).astype(np.float32),
    }.get(kind, (rows[:, 0] > 0).astype(int))
    sample = Sample.of(rows, answers, kind, most=50)
    assert len(sample) == 50
    assert sample.classes.shape == (50,)
    assert np.isfinite(measure(sample, turned(0.0)))
