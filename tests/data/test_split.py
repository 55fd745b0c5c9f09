"""Dividing rows: every row once, labels in proportion, groups whole, time forward."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.core.errors import ColumnError, DataError, SettingError, UnknownNameError
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import Task, TaskKind
from automl_nb.data.deal import deal, deal_groups, pick_share, strata_of
from automl_nb.data.split import Fold, default_folds, make_folds, split_test

REGRESSION = Task(TaskKind.REGRESSION, "y")


def classes(k):
    return Task(TaskKind.MULTICLASS, "y", tuple(str(i) for i in range(k)))


def blank(n):
    return pd.DataFrame({"x": np.zeros(n)})


labels = st.lists(st.integers(0, 6), min_size=4, max_size=120).map(
    lambda values: np.unique(values, return_inverse=True)[1]
)


@given(labels, st.integers(0, 5), st.floats(0.05, 0.6))
def test_the_test_part_is_disjoint_covering_and_stratified(y, seed, share):
    task, settings = classes(int(y.max()) + 1), FitSettings(seed=seed, test_size=share)
    development, tested, how = split_test(blank(len(y)), y, task, settings)
    assert sorted([*development, *tested]) == list(range(len(y)))
    assert (np.diff(development) > 0).all()
    assert set(y[development]) == set(y)
    if len(tested):
        assert "stratified" in how
    for label in np.unique(y):
        count = (y == label).sum()
        assert abs((y[tested] == label).sum() - share * count) <= 1 + (count < 3)


@given(labels, st.integers(0, 5), st.integers(2, 12))
def test_folds_judge_every_row_once_but_lone_ones(y, seed, n_folds):
    task = classes(int(y.max()) + 1)
    counts = np.bincount(y)
    try:
        folds = make_folds(blank(len(y)), y, task, FitSettings(seed=seed), n_folds)
    except DataError:
        assert counts.max() == 1
        return
    judged = np.concatenate([fold.judge for fold in folds])
    assert len(set(judged)) == len(judged)
    assert set(judged) == set(np.flatnonzero(counts[y] > 1))
    for fold in folds:
        assert not set(fold.fit) & set(fold.judge)
        assert len(fold.fit) + len(fold.judge) == len(y)
        assert set(y[fold.judge]) <= set(y[fold.fit])
    for label in np.flatnonzero(counts > 1):
        shares = [(y[fold.judge] == label).sum() for fold in folds]
        assert max(shares) - min(shares) <= 1


@given(
    st.lists(st.integers(0, 15), min_size=8, max_size=100),
    st.integers(0, 3),
    st.sampled_from([1, 2, 5]),
)
def test_groups_are_never_torn(groups, seed, n_folds):
    frame = pd.DataFrame({"g": groups})
    y = np.arange(len(groups)) % 2
    settings = FitSettings(group="g", seed=seed)
    if frame["g"].nunique() < 2:
        with pytest.raises(DataError, match="Two groups"):
            split_test(frame, y, classes(2), settings)
        return
    development, tested, _ = split_test(frame, y, classes(2), settings)
    assert not set(frame["g"].iloc[development]) & set(frame["g"].iloc[tested])
    for fold in make_folds(frame, y, classes(2), settings, n_folds):
        assert not set(frame["g"].iloc[fold.fit]) & set(frame["g"].iloc[fold.judge])
        assert len(fold.fit)
        assert len(fold.judge)


@given(st.lists(st.integers(0, 30), min_size=10, max_size=80), st.sampled_from([1, 3, 5]))
def test_time_only_runs_forward(times, n_folds):
    frame = pd.DataFrame({"t": pd.to_datetime("2024-01-01") + pd.to_timedelta(times, unit="D")})
    y = np.linspace(0, 1, len(times))
    settings = FitSettings(time_column="t")
    if len(set(times)) < 2:
        with pytest.raises(DataError):
            make_folds(frame, y, REGRESSION, settings, n_folds)
        return
    development, tested, how = split_test(frame, y, REGRESSION, settings)
    t = frame["t"]
    assert t.iloc[development].max() < t.iloc[tested].min()
    assert "latest" in how
    for fold in make_folds(frame, y, REGRESSION, settings, n_folds):
        assert t.iloc[fold.fit].max() < t.iloc[fold.judge].min()


def test_the_seed_decides():
    y = np.arange(100) % 4
    settings = FitSettings(seed=3)
    again = [split_test(blank(100), y, classes(4), settings)[1].tolist() for _ in range(2)]
    assert again[0] == again[1]
    assert again[0] != split_test(blank(100), y, classes(4), FitSettings(seed=4))[1].tolist()


def test_sizes_come_out_as_asked():
    for split in ("auto", "random"):
        settings = FitSettings(test_size=0.3, split=split)
        assert len(
            split_test(blank(1000), np.arange(1000) % 7, classes(7), settings)[1]
        ) == pytest.approx(300, abs=1)
    assert (
        len(split_test(blank(50), np.arange(50) % 2, classes(2), FitSettings(test_size=0))[1]) == 0
    )
    groups = pd.DataFrame({"g": np.arange(1000) // 5})
    tested = split_test(groups, np.arange(1000) % 2, classes(2), FitSettings(group="g"))[1]
    assert len(tested) == pytest.approx(200, abs=15)


def test_regression_folds_see_the_whole_range():
    y = np.sort(np.random.default_rng(0).lognormal(size=500))
    folds = make_folds(blank(500), y, REGRESSION, FitSettings(split="stratified"), 5)
    means = [y[fold.judge].mean() for fold in folds]
    assert max(means) / min(means) < 1.5


def test_labels_sets_are_kept_in_proportion_by_their_rarest():
    y = np.zeros((100, 3), np.float32)
    y[:, 0] = 1
    y[:10, 1] = 1
    strata = strata_of(y)
    assert np.bincount(strata).tolist() == [90, 10]
    task = Task(TaskKind.MULTILABEL, "y", ("a", "b", "c"))
    for fold in make_folds(blank(100), y, task, FitSettings(), 5):
        assert y[fold.judge, 1].sum() == 2


def test_a_split_column_says_it_all():
    frame = pd.DataFrame({"part": ["Train", "train", "dev", "TEST", "train", "validation"]})
    y = np.array([0, 1, 0, 1, 0, 1])
    settings = FitSettings(split_column="part")
    development, tested, how = split_test(frame, y, classes(2), settings)
    assert (tested.tolist(), "part" in how) == ([3], True)
    kept = frame.iloc[development].reset_index(drop=True)
    (fold,) = make_folds(kept, y[development], classes(2), settings, 5)
    assert kept["part"].iloc[fold.judge].tolist() == ["dev", "validation"]


def test_one_holdout_part_and_default_folds():
    y = np.arange(400) % 2
    (fold,) = make_folds(blank(400), y, classes(2), FitSettings(), 1)
    assert len(fold.judge) == pytest.approx(60, abs=1)
    assert [default_folds(n) for n in (299, 300, 100_000, 100_001)] == [10, 5, 5, 1]


def test_missing_groups_stand_alone_and_missing_times_come_first():
    frame = pd.DataFrame({"g": ["a", "a", None, None, "b", "b"], "t": [3.0, None, 1, 2, 5, 4]})
    y = np.array([0, 1, 0, 1, 0, 1])
    folds = make_folds(frame, y, classes(2), FitSettings(group="g"), 4)
    assert sum(len(fold.judge) for fold in folds) == 6
    tested = split_test(frame, y, classes(2), FitSettings(time_column="t"))[1]
    assert tested.tolist() == [4]


@pytest.mark.parametrize(
    ("settings", "error", "rule"),
    [
        (FitSettings(split="sorted"), UnknownNameError, "split"),
        (FitSettings(split="group"), SettingError, "group"),
        (FitSettings(split="time"), SettingError, "time"),
        (FitSettings(group="nobody"), ColumnError, "group"),
        (FitSettings(time_column="word"), ColumnError, "dates or numbers"),
        (FitSettings(split_column="word"), ColumnError, "train, valid or test"),
        (FitSettings(split_column="wrd"), ColumnError, "in the table"),
        (FitSettings(test_size=1.0), SettingError, "share"),
        (FitSettings(test_size=-0.1), SettingError, "share"),
    ],
)
def test_wrong_settings_are_told(settings, error, rule):
    frame = pd.DataFrame({"word": ["a", "b", "c", "d"] * 5})
    with pytest.raises(error, match=rule) as caught:
        split_test(frame, np.arange(20) % 2, classes(2), settings)
    assert caught.value.hint


def test_large_numbers_of_groups_are_dealt_too():
    groups = np.arange(30_000)
    parts = deal_groups(
        groups, np.zeros(30_000, int), np.array([0.8, 0.2]), np.random.default_rng(0)
    )
    assert np.bincount(parts).tolist() == pytest.approx([24_000, 6_000], abs=2)


@given(st.integers(1, 200), st.integers(1, 9), st.integers(0, 3))
def test_cards_are_dealt_evenly(n, k, seed):
    strata = np.random.default_rng(seed).integers(0, 4, n)
    parts = deal(strata, k, np.random.default_rng(seed))
    sizes = np.bincount(parts, minlength=k)
    assert sizes.max() - sizes.min() <= 1


def test_a_stratum_is_never_picked_whole():
    mask = pick_share(np.array([0, 1, 1, 2, 2, 2]), 0.9, np.random.default_rng(0))
    assert not mask[0]
    assert not mask[1:3].all()
    assert not mask[3:].all()


def test_a_fold_is_frozen():
    fold = Fold(np.array([0]), np.array([1]))
    with pytest.raises(AttributeError):
        fold.fit = np.array([1])
