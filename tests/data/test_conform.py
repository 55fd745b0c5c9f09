"""Rows at prediction time: any order, any dtype, any sensible form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from automl_nb.core.errors import ColumnError, DataError, LabelError, SourceError
from automl_nb.core.settings import FitSettings
from automl_nb.data.conform import conform, conform_labelled
from automl_nb.data.dataset import load_dataset


def mixed(n=120):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, n),
            "city": rng.choice(["Rome", "Oslo"], n),
            "store_id": rng.integers(1, 9, n),
            "paid": rng.random(n) < 0.5,
            "day": pd.date_range("2024-01-01", periods=n).strftime("%d/%m/%Y"),
            "said": [
                f"{' '.join(rng.choice(['good', 'bad', 'day', 'night'], 7))} {i}" for i in range(n)
            ],
            "y": rng.choice(["no", "yes"], n),
        }
    )


@pytest.fixture(scope="module")
def learnt():
    data = load_dataset(mixed(), FitSettings(label="y"))
    return data.schema, data.task


@pytest.fixture(scope="module")
def reader():
    frame = pd.DataFrame(
        {"review": [f"a text of many words, {i}" for i in range(40)], "y": ["a", "b"] * 20}
    )
    data = load_dataset(frame, FitSettings(label="y"))
    return data.schema, data.task


def test_training_rows_conform_to_what_was_learnt(learnt):
    frame = conform(mixed(), *learnt)
    assert frame.dtypes.astype(str).to_dict() == {
        "age": "float64",
        "city": "object",
        "store_id": "object",
        "paid": "float64",
        "day": "datetime64[us]",
        "said": "object",
    }


def test_order_further_columns_and_dtypes_do_not_matter(learnt):
    expected = conform(mixed(), *learnt)
    odd = mixed()[["said", "day", "paid", "store_id", "city", "age"]]
    odd.insert(0, "extra", 1)
    odd["age"] = odd["age"].astype(str)
    odd["store_id"] = odd["store_id"].astype("float32")
    odd["paid"] = odd["paid"].map({True: "TRUE", False: "false"})
    odd["day"] = pd.to_datetime(odd["day"], format="%d/%m/%Y")
    odd["city"] = odd["city"].astype("category")
    odd.index = ["row"] * len(odd)
    pd.testing.assert_frame_equal(conform(odd, *learnt), expected)
    pd.testing.assert_frame_equal(
        conform(mixed().convert_dtypes(dtype_backend="pyarrow"), *learnt), expected
    )


def test_a_single_ambiguous_date_is_read_as_the_column_was_learnt(learnt):
    row = mixed().iloc[[0]].assign(day="03/02/2024")
    assert conform(row, *learnt)["day"].tolist() == [pd.Timestamp("2024-02-03")]


def test_missing_values_and_unseen_categories_pass(learnt):
    row = dict.fromkeys(mixed().columns[:-1])
    frame = conform([row, {**row, "city": "Ulm"}], *learnt)
    assert frame.isna().all(axis=1).tolist() == [True, False]


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("age", "old", "numbers"),
        ("paid", "perhaps", "true or false"),
        ("day", "soon", "dates"),
        ("said", b"\x00", "text"),
        ("city", ["a"], "plain values"),
        ("age", pd.Timestamp("2024"), "numbers"),
    ],
)
def test_values_that_do_not_convert_are_named(learnt, column, value, word):
    frame = mixed().head(3)
    frame[column] = pd.Series([frame[column][0], value, frame[column][2]], dtype=object)
    with pytest.raises(ColumnError, match=f"'{column}' must hold {word}") as caught:
        conform(frame, *learnt)
    assert "1 of 3" in caught.value.hint


def test_missing_columns_are_named_with_close_matches(learnt):
    with pytest.raises(ColumnError, match="Did you mean 'citty'") as caught:
        conform(mixed().rename(columns={"city": "citty"}), *learnt)
    assert "'city'" in caught.value.received


def test_counts_may_go_beyond_what_training_held():
    frame = pd.DataFrame({"kids": [0, 1] * 30, "x": np.arange(60) / 7, "y": ["a", "b", "b"] * 20})
    data = load_dataset(frame, FitSettings(label="y"))
    assert conform([{"kids": 3, "x": 1}], data.schema, data.task)["kids"].tolist() == [3.0]


@pytest.mark.parametrize(
    "empty",
    [
        [],
        pd.DataFrame({"review": []}),
        pd.Series([], dtype=object),
        np.array([], dtype=object),
        {"review": []},
    ],
)
def test_no_rows_give_no_rows(reader, empty):
    frame = conform(empty, *reader)
    assert (list(frame.columns), len(frame)) == (["review"], 0)


@pytest.mark.parametrize(
    "source",
    [
        ["one text", "two texts"],
        ("one text", "two texts"),
        pd.Series(["one text", "two texts"], index=[5, 5]),
        pd.Series(["one text", "two texts"], name="review"),
        np.array(["one text", "two texts"]),
        [{"review": "one text"}, {"review": "two texts", "more": 1}],
        {"review": ["one text", "two texts"]},
        pd.DataFrame({"review": ["one text", "two texts"]}),
    ],
)
def test_texts_come_in_many_forms(reader, source):
    assert conform(source, *reader)["review"].tolist() == ["one text", "two texts"]


def test_one_text_one_mapping_one_row(reader, learnt):
    assert conform("what a lovely film. Really!", *reader)["review"].tolist() == [
        "what a lovely film. Really!"
    ]
    assert conform({"review": "one"}, *reader)["review"].tolist() == ["one"]
    row = mixed().iloc[3]
    assert conform(row, *learnt)["city"].tolist() == [row["city"]]
    with pytest.raises(SourceError, match="file or folder"):
        conform("nothing_there.csv", *reader)
    with pytest.raises(DataError, match="6 columns"):
        conform(["a text"], *learnt)


CELLS = {
    "age": st.one_of(
        st.none(),
        st.integers(-99, 10**12),
        st.floats(),
        st.sampled_from(["7", " ", "$1,200", "8%", "old"]),
    ),
    "city": st.one_of(st.none(), st.text(max_size=5), st.sampled_from(["Rome", 3, 2.0, 1.5])),
    "store_id": st.one_of(
        st.none(), st.integers(0, 20), st.floats(0, 5), st.sampled_from(["3", "x"])
    ),
    "paid": st.one_of(
        st.sampled_from([True, False, None]), st.sampled_from(["true", "FALSE", "n/a", "so"])
    ),
    "day": st.sampled_from(["03/02/2024", "2024-02-03", None, "soon"]),
    "said": st.one_of(st.none(), st.text(max_size=9)),
}


@given(st.fixed_dictionaries(CELLS), st.sampled_from(["mapping", "frame", "nullable"]))
def test_one_row_conforms_as_many_do(learnt, row, form):
    """Single rows take a way of their own, which must give the same."""
    many = pd.DataFrame(
        {name: pd.Series([value] * 70, dtype=object) for name, value in row.items()}
    )
    one = many.head(1)
    source = {"mapping": row, "frame": one, "nullable": one.convert_dtypes()}[form]
    expected, found = outcome(many, learnt), outcome(source, learnt)
    if isinstance(expected, str):
        assert found == expected
    else:
        pd.testing.assert_frame_equal(found, expected.head(1))


def outcome(source, learnt):
    """The conformed rows, or the rule that they broke."""
    try:
        return conform(source, *learnt)
    except ColumnError as error:
        return error.rule


def test_files_are_conformed_too(reader, tmp_path):
    path = tmp_path / "new.csv"
    pd.DataFrame({"review": ["a", "b"]}).to_csv(path, index=False)
    assert conform(path, *reader)["review"].tolist() == ["a", "b"]
    assert conform(str(path), *reader)["review"].tolist() == ["a", "b"]


def test_pictures_by_path_folder_and_in_memory(tmp_path):
    for name in ("a", "b"):
        (tmp_path / "train" / name).mkdir(parents=True)
        for i in range(6):
            Image.new("RGB", (4, 4), (i * 9, 0, 99)).save(tmp_path / "train" / name / f"{i}.png")
    data = load_dataset(tmp_path / "train", FitSettings())
    new = tmp_path / "new"
    new.mkdir()
    Image.new("RGB", (4, 4)).save(new / "x.png")
    path = str((new / "x.png").resolve())
    for source in (new, str(new), new / "x.png", path, [path], ["x.png"]):
        root = new if source == ["x.png"] else tmp_path / "train"
        assert conform(source, data.schema, data.task, root=root)["image"].tolist() == [path]
    image = Image.new("RGB", (2, 2))
    assert conform([image], data.schema, data.task)["image"].tolist() == [image]
    with pytest.raises(DataError, match="inside the table's folder"):
        conform(["../secret.png"], data.schema, data.task, root=new, trusted=False)


def test_rows_to_judge_by_bring_their_labels(learnt):
    frame, y = conform_labelled(mixed(), *learnt)
    assert (len(frame), set(y)) == (120, {0, 1})
    with pytest.raises(ColumnError, match="label"):
        conform_labelled(mixed().drop(columns="y"), *learnt)
    with pytest.raises(LabelError, match="classes"):
        conform_labelled(mixed().assign(y="perhaps"), *learnt)
