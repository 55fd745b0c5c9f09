"""Kinds of columns, each with a reason that a person understands."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from automl_nb.core.errors import ColumnError, UnknownNameError
from automl_nb.core.types import ColumnKind, Task, TaskKind
from automl_nb.data.convert import as_date, as_number, as_text, as_truth, date_form
from automl_nb.data.schema import infer_schema, input_columns

N = 200


def rng():
    return np.random.default_rng(0)


def png() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (2, 2)).save(data, "PNG")
    return data.getvalue()


def kind_of(values, name="x"):
    schema = infer_schema(pd.DataFrame({name: pd.Series(values)}))
    return str(schema[name].kind), schema[name].reason


def sentences(n=N):
    words = np.array(
        ["the", "film", "was", "good", "bad", "plot", "actors", "slow", "never", "music"]
    )
    return [
        " ".join(rng.choice(words, rng.integers(6, 20)))
        for rng in map(np.random.default_rng, range(n))
    ]


def town(i):
    return f"{'New ' if i % 3 else ''}{chr(65 + i % 26)}{chr(97 + i // 26)}ville"


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("review", sentences(), "text"),
        ("title", [f"{a} {b} story" for a in "abcdefghij" for b in "klmnopqrst"], "text"),
        (
            "surname",
            [
                "".join(rng.choice(list("abcdefgh"), 7))
                for rng in map(np.random.default_rng, range(N))
            ],
            "text",
        ),
        (
            "评论",
            ["这部电影非常好看我很喜欢它的音乐和演员" + chr(0x4E00 + i) for i in range(N)],
            "text",
        ),
        ("link", [f"https://example.org/page/{i}" for i in range(N)], "text"),
        ("city", [town(i % 60) for i in range(N * 2)], "category"),
        ("contract", ["monthly", "yearly"] * 100, "category"),
        (
            "canned",
            ["please wait, somebody will be with you soon", "thank you very much for your patience"]
            * 100,
            "category",
        ),
        ("note", ["it was a very good day out", "we came home late again"] * 6, "text"),
        ("customerID", [f"C-{i:05d}" for i in range(N)], "id"),
        ("key", [f"{i * 7919 % 65536:04x}-{i:04d}" for i in range(N)], "id"),
        ("whatever", list(range(N)), "id"),
        ("user_id", rng().permutation(10_000)[:N].tolist(), "id"),
        ("Unnamed: 0", list(range(5, 5 + N)), "id"),
        ("store_id", [i % 8 + 1 for i in range(N)], "category"),
        ("zip_code", [10_000 + i % 70 for i in range(N)], "category"),
        ("code", [f"{i % 50:03d}" for i in range(N)], "category"),
        ("age", rng().integers(18, 90, N).tolist(), "number"),
        ("income", rng().normal(50_000, 9_000, N).tolist(), "number"),
        ("TotalCharges", [" " if i % 20 == 0 else f"{i * 1.5}" for i in range(N)], "number"),
        ("price", [f"${i:,}.50" for i in range(900, 900 + N)], "number"),
        ("share", [f"{i % 100}%" for i in range(N)], "number"),
        ("reading", ["?" if i % 9 == 0 else str(i % 37 / 7) for i in range(N)], "number"),
        ("flag", [0, 1] * 50, "boolean"),
        ("bought", [True, False] * 50, "boolean"),
        ("bought", [True, None, False] * 50, "boolean"),
        ("bought", ["true", "False", None] * 50, "boolean"),
        ("when", pd.date_range("2020", periods=N), "datetime"),
        ("when", pd.date_range("2020", periods=N).strftime("%d.%m.%Y"), "datetime"),
        (
            "when",
            pd.date_range("2020", periods=N, freq="h").strftime("%Y-%m-%dT%H:%M:%SZ"),
            "datetime",
        ),
        ("when", pd.date_range("2020", periods=N).strftime("%b %d, %Y"), "datetime"),
        ("empty", [None] * N, "constant"),
        ("same", ["x"] * N, "constant"),
        ("image", [f"cats/{i}.JPG" for i in range(N)], "image"),
        ("image", [png()] * N, "image"),
        ("image", [Image.new("L", (2, 2))] * 5, "image"),
        ("mixed", [1, "a", 2.5, None] * 50, "category"),
        ("tags", [["a", "b"], ["c"]] * 5, "labels"),
    ],
)
def test_columns_of_real_tables_get_the_sensible_kind(name, values, kind):
    found, reason = kind_of(values, name)
    assert (found, bool(reason)) == (kind, True), reason


def test_words_for_nothing_count_as_missing_in_numbers_alone():
    frame = pd.DataFrame(
        {"n": ["1", "n/a", " ", "2.5"] * 10, "t": ["None", "brick", "", "stone"] * 10}
    )
    schema = infer_schema(frame)
    assert (schema["n"].kind, schema["n"].n_missing) == (ColumnKind.NUMBER, 20)
    assert (schema["t"].kind, schema["t"].n_missing, schema["t"].n_unique) == (
        ColumnKind.CATEGORY,
        10,
        3,
    )


def test_codes_with_leading_zeros_are_no_numbers():
    assert kind_of([f"{i:05d}" for i in range(N)])[0] == "id"


def test_given_kinds_win_and_wrong_ones_are_refused():
    frame = pd.DataFrame({"x": [1.5, 2.5]})
    assert infer_schema(frame, kinds={"x": "category"})["x"].reason == "given"
    with pytest.raises(UnknownNameError, match="category"):
        infer_schema(frame, kinds={"x": "categroy"})
    with pytest.raises(ColumnError, match="'x'"):
        infer_schema(frame, kinds={"X": "text"})


def test_inputs_leave_out_label_keys_constants_and_columns_set_aside():
    frame = pd.DataFrame(
        {
            "row": range(30),
            "x": np.arange(30) / 7,
            "k": 1,
            "g": list("ab") * 15,
            "y": list("pq") * 15,
        }
    )
    schema = infer_schema(frame, label="y", aside={"g": "its rows stay together"})
    assert input_columns(schema, Task(TaskKind.BINARY, "y", ("p", "q"))) == ("x",)
    assert schema["g"].reason == "its rows stay together"


def test_a_frame_that_is_not_plain_is_understood():
    frame = pd.DataFrame(
        {"x": pd.array([1, None, 3, 3], dtype="Int8"), "c": pd.Categorical(list("abab"))},
        index=[9] * 4,
    )
    schema = infer_schema(frame)
    assert [str(column.kind) for column in schema.columns] == ["number", "category"]


def test_examples_are_short_and_plain():
    schema = infer_schema(
        pd.DataFrame({"t": ["word " * 100], "n": [np.int64(3)], "b": [b"\x89PNG\r\n\x1a\n"]})
    )
    assert len(schema["t"].examples[0]) <= 60
    assert schema["n"].examples == ("3",)
    assert schema["b"].examples == ("8 bytes",)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12.0),
        (" 12.5 ", 12.5),
        ("-1e3", -1000.0),
        ("1,234,567.8", 1234567.8),
        ("€40", 40.0),
        ("-$3.50", -3.5),
        ("7%", 7.0),
        (".5", 0.5),
    ],
)
def test_numbers_are_read_from_text(text, number):
    numbers, bad = as_number(pd.Series([text]))
    assert (numbers[0], bad[0]) == (number, False)


@pytest.mark.parametrize("text", ["12a", "1,23", "007", "1_000", "$", "%", "one", "1.2.3", "12:30"])
def test_what_is_no_number_is_told(text):
    assert as_number(pd.Series([text]))[1].tolist() == [True]


def test_truth_values_are_read_from_text():
    truths, bad = as_truth(pd.Series(["TRUE", "false", "n/a", "maybe"]))
    assert truths[:2].tolist() == [1.0, 0.0]
    assert np.isnan(truths[2])
    assert bad.tolist() == [False, False, False, True]


def test_one_form_of_dates_holds_for_a_whole_column():
    assert date_form(pd.Series(["01/02/2020", "03/04/2020"])) == "%m/%d/%Y"
    assert date_form(pd.Series(["01/02/2020", "23/04/2020"])) == "%d/%m/%Y"
    assert date_form(pd.Series(["01/02/2020", "soon"])) == ""
    dates, bad = as_date(pd.Series(["23/04/2020", "2020-05-01", "no"]), "%d/%m/%Y")
    assert dates[:2].tolist() == [pd.Timestamp("2020-04-23"), pd.Timestamp("2020-05-01")]
    assert bad.tolist() == [False, False, True]


def test_text_of_whole_numbers_has_no_decimal_point():
    texts, bad = as_text(pd.Series([3.0, 2.5, np.nan]))
    assert texts.tolist() == ["3", "2.5", None]
    assert not bad.any()
