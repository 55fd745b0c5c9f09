"""From a source to rows ready to learn from, in one call."""

from __future__ import annotations

import io
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from automl_nb.core.errors import AutoMLError, ColumnError, DataError, SettingError
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import ColumnKind
from automl_nb.data.dataset import SealedTest, load_dataset
from automl_nb.data.labels import decode_labels

SETTINGS = FitSettings(label="y")


def table(n=300, seed=0, shift=0.0):
    rng = np.random.default_rng(seed)
    y = rng.choice(["no", "yes"], n)
    return pd.DataFrame(
        {
            "id": [f"C-{seed}-{i:05d}" for i in range(n)],
            "x": rng.normal(shift, 1, n) + (y == "yes"),
            "city": rng.choice(["Rome", "Oslo", "Lima"], n),
            "said": [
                " ".join(rng.choice(["good", "bad", "day", "night", "the"], 9)) for _ in range(n)
            ],
            "when": pd.date_range("2020", periods=n),
            "y": y,
        }
    )


def test_the_recipe_keeps_inputs_labels_folds_and_test_together():
    data = load_dataset(table(), SETTINGS)
    assert list(data.development.columns) == ["x", "city", "said", "when"]
    assert (len(data.development), len(data.y), data.test.n_rows, len(data.folds)) == (
        240,
        240,
        60,
        10,
    )
    assert isinstance(data.development.index, pd.RangeIndex)
    assert data.task.classes == ("no", "yes")
    assert data.schema["id"].kind is ColumnKind.ID
    assert "look alike" in data.checks
    assert data.class_weight is None
    assert (data.n_train, data.n_valid) == (216, 24)
    with pytest.raises(FrozenInstanceError):
        data.y = None


def test_inputs_and_labels_stay_in_step():
    frame = table()
    frame["x"] = np.arange(300) + 0.5
    data = load_dataset(frame, SETTINGS)
    truth = dict(zip(frame["x"], frame["y"], strict=True))
    rows, y = data.test.open()
    for inputs, encoded in ((data.development, data.y), (rows, y)):
        answers = decode_labels(encoded, data.label_values)
        assert [truth[x] for x in inputs["x"]] == answers.tolist()
    assert not set(rows["x"]) & set(data.development["x"])


def test_the_sealed_part_counts_its_openings():
    test = SealedTest(pd.DataFrame({"x": [1.0, 2.0]}), np.array([0, 1]))
    test.open()
    test.open()
    assert (test.openings, test.n_rows) == (2, 2)
    assert "opened 2 times" in repr(test)


def test_parts_that_the_user_gave_are_used():
    data = load_dataset(table(), SETTINGS, valid=table(80, 1), test=table(50, 2))
    (fold,) = data.folds
    assert (len(fold.fit), len(fold.judge), data.test.n_rows) == (300, 80, 50)
    assert data.how == "test part as given"
    data = load_dataset(table(), SETTINGS, valid=table(80, 1))
    assert (len(data.folds[0].fit), len(data.folds[0].judge), data.test.n_rows) == (240, 80, 60)


def test_a_split_column_divides_and_is_no_input():
    frame = table()
    frame["part"] = ["train"] * 200 + ["valid"] * 60 + ["test"] * 40
    data = load_dataset(frame, FitSettings(label="y", split_column="part"))
    (fold,) = data.folds
    assert (len(fold.fit), len(fold.judge), data.test.n_rows) == (200, 60, 40)
    assert "part" not in data.development
    with pytest.raises(SettingError, match="once"):
        load_dataset(frame, FitSettings(label="y", split_column="part"), test=table(20, 3))


def test_groups_and_time():
    frame = table()
    frame["who"] = np.arange(300) % 30
    data = load_dataset(frame, FitSettings(label="y", group="who"))
    assert "who" not in data.development
    assert "groups" in data.how
    late = load_dataset(frame, FitSettings(label="y", time_column="when"))
    rows, _ = late.test.open()
    assert rows["when"].min() > late.development["when"].max()


def test_rows_without_label_are_left_out_and_told():
    frame = table()
    frame.loc[0, "y"] = None
    frame.loc[5, "y"] = " "
    data = load_dataset(frame, SETTINGS)
    assert len(data.development) + data.test.n_rows == 298
    assert any(f.rule == "labels present" and f.n_rows == 2 for f in data.findings)


def test_test_rows_with_unknown_labels_are_left_out_of_the_score():
    test = table(40, 1)
    test.loc[:3, "y"] = "maybe"
    test.loc[4, "y"] = None
    data = load_dataset(table(), SETTINGS, test=test)
    assert data.test.n_rows == 35
    assert any(f.rule == "test labels known" and f.n_rows == 5 for f in data.findings)


def test_parts_that_differ_are_told():
    data = load_dataset(table(), SETTINGS, test=table(100, 4, shift=3))
    assert "'x'" in data.checks


def test_cleaning_is_fitted_on_development_rows_and_applied_to_the_test():
    test = table(60, 1)
    test.loc[0, "x"] = 1e6
    test.loc[1, "said"] = "\ufeffgood \u202eday"
    data = load_dataset(table(), FitSettings(label="y", clip_outliers=True), test=test)
    rows, _ = data.test.open()
    assert rows["x"].max() == data.cleaner.fences["x"][1] < 100
    assert rows["said"][1] == "good day"


def test_sampling_caps_rows_but_keeps_every_class():
    frame = table(1000)
    frame["y"] = ["rare", "rare"] + ["a", "b"] * 499
    data = load_dataset(frame, FitSettings(label="y", sample=100))
    assert len(data.development) == pytest.approx(100, abs=2)
    assert set(data.y) == {0, 1, 2}
    assert data.class_weight.argmax() == 2


def test_the_fingerprint_follows_every_value():
    frame = table(100)
    first = load_dataset(frame, SETTINGS).fingerprint
    assert load_dataset(frame.copy(), SETTINGS).fingerprint == first
    frame.loc[99, "city"] = "Bonn"
    assert load_dataset(frame, SETTINGS).fingerprint != first


def test_the_same_data_in_any_dtype_gives_the_same_dataset():
    plain = table()
    plain["n"] = np.arange(300) % 17
    plain["b"] = np.arange(300) % 2 == 0
    odd = plain.convert_dtypes(dtype_backend="pyarrow").set_index(pd.Index([3] * 300))
    odd["city"] = odd["city"].astype("category")
    odd["n"] = odd["n"].astype("Int8")
    odd["b"] = odd["b"].astype("boolean")
    odd["x"] = pd.arrays.SparseArray(plain["x"].to_numpy())
    odd["when"] = odd["when"].astype("datetime64[ns]").dt.tz_localize("UTC")
    one, two = load_dataset(plain, SETTINGS), load_dataset(odd, SETTINGS)
    pd.testing.assert_frame_equal(one.development, two.development)
    assert one.y.tolist() == two.y.tolist()
    assert one.fingerprint == two.fingerprint
    assert [(c.kind, c.reason) for c in one.schema.columns] == [
        (c.kind, c.reason) for c in two.schema.columns
    ]


def test_drop_kinds_and_label_errors():
    data = load_dataset(table(), FitSettings(label="y", drop=("said",), kinds={"city": "text"}))
    assert "said" not in data.schema
    assert data.schema["city"].kind is ColumnKind.TEXT
    for settings in (
        FitSettings(label="z"),
        FitSettings(label="y", drop=("zz",)),
        FitSettings(label="y", drop=("y",)),
        FitSettings(label="y", group="y"),
    ):
        with pytest.raises(ColumnError):
            load_dataset(table(), settings)
    with pytest.raises(SettingError, match="label"):
        load_dataset(table(), FitSettings())


def test_folders_and_samples_bring_their_label(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for i in range(10):
            pixels = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{i}.png")
    (tmp_path / "dog" / "bad.png").write_bytes(b"no picture")
    data = load_dataset(tmp_path, FitSettings())
    assert data.task.classes == ("cat", "dog")
    assert len(data.development) + data.test.n_rows == 20
    assert any(f.rule == "pictures readable" for f in data.findings)
    assert all(value.startswith(str(tmp_path.resolve())) for value in data.development["image"])
    first = data.fingerprint
    Image.new("RGB", (8, 8)).save(tmp_path / "dog" / "3.png")
    assert load_dataset(tmp_path, FitSettings()).fingerprint != first
    assert load_dataset("sample:wine", FitSettings()).task.label == "cultivar"


def test_a_table_of_picture_paths_with_gaps(tmp_path):
    for i in range(12):
        Image.new("RGB", (4, 4), (i, 0, 0)).save(tmp_path / f"{i}.png")
    frame = pd.DataFrame(
        {"p": [f"{i}.png" for i in range(12)], "n": np.arange(12) / 3, "y": ["a", "b"] * 6}
    )
    frame.loc[0, "p"] = None
    frame.to_csv(tmp_path / "t.csv", index=False)
    data = load_dataset(str(tmp_path / "t.csv"), SETTINGS)
    assert len(data.development) + data.test.n_rows == 12
    only = load_dataset(str(tmp_path / "t.csv"), FitSettings(label="y", drop=("n",)))
    assert len(only.development) + only.test.n_rows == 11
    frame.loc[1, "p"] = "../outside.png"
    frame.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(DataError, match="inside the table's folder"):
        load_dataset(str(tmp_path / "t.csv"), SETTINGS)


def test_pictures_in_memory_are_told_apart():
    rng = np.random.default_rng(0)

    def picture():
        data = io.BytesIO()
        Image.fromarray(rng.integers(0, 255, (4, 4, 3), dtype=np.uint8)).save(data, "PNG")
        return data.getvalue()

    frame = pd.DataFrame(
        {"p": pd.Series([picture() for _ in range(20)], dtype=object), "y": ["a", "b"] * 10}
    )
    as_images = frame.assign(
        p=pd.Series([Image.open(io.BytesIO(b)) for b in frame["p"]], dtype=object)
    )
    assert load_dataset(frame, SETTINGS).test.n_rows == 4
    first = load_dataset(as_images, SETTINGS)
    assert first.fingerprint == load_dataset(as_images, SETTINGS).fingerprint
    assert not first.findings


def test_multilabel_and_regression():
    frame = table().drop(columns="y")
    frame["tags"] = ["a|b", "b", "a"] * 100
    data = load_dataset(frame, FitSettings(label="tags"))
    assert data.y.shape == (240, 2)
    frame["price"] = np.linspace(1, 9, 300)
    data = load_dataset(frame, FitSettings(label="price"))
    assert data.y.dtype == np.float64
    assert data.schema["tags"].kind is ColumnKind.CATEGORY


VALUES = st.one_of(st.none(), st.floats(), st.integers(-5, 5), st.text(max_size=4), st.booleans())


@given(
    st.integers(2, 40).flatmap(
        lambda n: st.tuples(
            st.lists(VALUES, min_size=n, max_size=n),
            st.lists(st.sampled_from(["a", "b", None]), min_size=n, max_size=n),
        )
    )
)
def test_any_table_is_loaded_or_refused_in_plain_words(columns):
    frame = pd.DataFrame(
        {
            "x": pd.Series(columns[0], dtype=object),
            "n": np.arange(len(columns[0])) % 5 / 4,
            "y": columns[1],
        }
    )
    refused = None
    try:
        data = load_dataset(frame, FitSettings(label="y"))
    except AutoMLError as error:
        refused = error
    if refused is not None:
        assert refused.hint
        return
    assert len(data.development) == len(data.y)
    assert all(len(fold.fit) and len(fold.judge) for fold in data.folds)
