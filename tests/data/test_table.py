"""A frame in any dtype becomes one and the same plain table."""

from __future__ import annotations

import datetime as dt
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.core.errors import ColumnError, SourceError
from automl_nb.data.plain import plain_column
from automl_nb.data.schema import infer_schema
from automl_nb.data.table import Table, plain_frame


def arrow(kind: pa.DataType) -> pd.ArrowDtype:
    return pd.ArrowDtype(kind)


WHOLE = [3, 1, 2, 3]
GAPS = [3, None, 2, 3]
WORDS = ["b", None, "a", "b"]
TRUTHS = [True, None, False, True]
DAYS = [
    pd.Timestamp("2024-05-01 12:00"),
    None,
    pd.Timestamp("2024-05-03"),
    pd.Timestamp("2024-05-04"),
]


@pytest.mark.parametrize(
    ("values", "dtypes", "expected"),
    [
        (
            WHOLE,
            [
                "int8",
                "uint16",
                "int64",
                "Int32",
                "UInt64",
                arrow(pa.int16()),
                "category",
                "Sparse[int]",
                object,
            ],
            "int64",
        ),
        (
            GAPS,
            ["float32", "float64", "Int64", "Float32", arrow(pa.int8()), "category", object],
            "float64",
        ),
        (
            GAPS,
            [arrow(pa.decimal128(5, 1)), arrow(pa.float64()), "Sparse[float]"],
            "float64",
        ),
        (
            WORDS,
            ["str", "string", "category", object, arrow(pa.string()), "string[python]"],
            "object",
        ),
        (WORDS, [arrow(pa.dictionary(pa.int8(), pa.string())), arrow(pa.large_string())], "object"),
        (TRUTHS, ["boolean", object, arrow(pa.bool_()), "category"], "object"),
        ([True, False], ["bool", "boolean", object, arrow(pa.bool_()), "Sparse[bool]"], "bool"),
        (
            DAYS,
            [
                "datetime64[s]",
                "datetime64[ns]",
                object,
                arrow(pa.timestamp("ms")),
                "category",
                "datetime64[us, UTC]",
            ],
            "datetime64[us]",
        ),
        (
            [None, None],
            [object, "float64", "Int8", "string", "boolean", arrow(pa.null())],
            "float64",
        ),
    ],
)
def test_the_same_values_in_any_dtype_are_the_same_column(values, dtypes, expected):
    columns = [plain_column(pd.Series(values, dtype=object).astype(dtype)) for dtype in dtypes]
    for column in columns:
        assert str(column.dtype) == expected
        pd.testing.assert_series_equal(column, columns[0])


def test_missing_text_and_truth_values_are_none():
    assert plain_column(pd.Series(["a", pd.NA], dtype="string")).tolist() == ["a", None]
    assert plain_column(pd.Series([True, pd.NA], dtype="boolean")).tolist() == [True, None]


def test_times_with_zones_become_utc_and_the_zone_is_told():
    times = pd.Series(pd.to_datetime(["2024-01-01 00:30"])).dt.tz_localize("Asia/Tokyo")
    table = Table.of(pd.DataFrame({"t": times}), "here")
    assert table.frame["t"].tolist() == [pd.Timestamp("2023-12-31 15:30")]
    assert "Asia/Tokyo" in table.findings[0].message


def test_objects_of_mixed_zones_become_utc():
    tokyo, utc = dt.timezone(dt.timedelta(hours=9)), dt.UTC
    mixed = pd.Series(
        [dt.datetime(2024, 1, 1, 9, tzinfo=tokyo), dt.datetime(2024, 1, 1, tzinfo=utc)]
    )
    assert plain_column(mixed.astype(object)).tolist() == [pd.Timestamp("2024-01-01")] * 2


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pd.Series(pd.to_timedelta([1, 2], unit="h")), [3600.0, 7200.0]),
        (pd.Series([dt.date(2024, 1, 2), None]), [pd.Timestamp("2024-01-02"), pd.NaT]),
        (pd.Series([decimal.Decimal("1.5"), decimal.Decimal(2)]), [1.5, 2.0]),
        (
            pd.Series(pd.period_range("2024", periods=2, freq="M")),
            [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")],
        ),
        (pd.Series(pd.interval_range(0, 2)), ["(0, 1]", "(1, 2]"]),
        (pd.Series([1 + 2j]), ["(1+2j)"]),
        (pd.Series([2**70, 1]), [float(2**70), 1.0]),
        (pd.Series([2**63 + 1], dtype="uint64"), [float(2**63 + 1)]),
        (pd.Series([1, "a"]), [1, "a"]),
    ],
)
def test_unusual_values_have_a_plain_form(values, expected):
    assert [v if v is not pd.NaT else None for v in plain_column(values)] == [
        v if v is not pd.NaT else None for v in expected
    ]


def test_the_callers_frame_is_left_alone():
    frame = pd.DataFrame({1: pd.array([1, None], dtype="Int8")}, index=[5, 5])
    before = frame.copy(deep=True)
    table = Table.of(frame, "here")
    table.frame.loc[0, "1"] = 99
    pd.testing.assert_frame_equal(frame, before)


def test_indexes_are_replaced_and_names_become_text():
    frame = pd.DataFrame({("a", "x"): [1], ("a", "y"): [2]}, index=["row"])
    table = Table.of(frame, "here")
    assert list(table.frame.columns) == ["a_x", "a_y"]
    assert isinstance(table.frame.index, pd.RangeIndex)
    assert list(Table.of(pd.DataFrame({1: [1], "b": [2]}), "here").frame.columns) == ["1", "b"]


def test_doubled_names_are_named():
    with pytest.raises(ColumnError, match="own") as caught:
        Table.of(pd.DataFrame([[1, 2, 3]], columns=[1, "1", "b"]), "here")
    assert caught.value.received == "'1'"


def test_no_column_is_no_table():
    with pytest.raises(SourceError, match="one column"):
        Table.of(pd.DataFrame(index=[1, 2]), "here")


def test_a_plain_frame_stays_itself():
    frame = Table.of(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), "here").frame
    assert plain_frame(frame) is frame


CELLS = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.text(max_size=8),
    st.binary(max_size=4),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.complex_numbers(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)


@given(st.lists(CELLS, max_size=30))
def test_no_column_breaks_the_reading_or_the_inference(cells):
    column = pd.Series(cells, dtype=object)
    table = Table.of(pd.DataFrame({"x": column}), "here")
    assert len(table.frame) == len(cells)
    schema = infer_schema(table.frame)
    assert schema["x"].reason
    assert 0 <= schema["x"].n_missing <= len(cells)


@given(
    st.lists(
        st.sampled_from(["int64", "Int64", "float64", "category", "Sparse[int]"]),
        min_size=2,
        max_size=2,
    ),
    st.lists(st.integers(-50, 50), min_size=1, max_size=40),
)
def test_dtypes_never_change_the_schema(dtypes, values):
    schemas = [
        infer_schema(Table.of(pd.DataFrame({"x": pd.Series(values).astype(dtype)}), "").frame)
        for dtype in dtypes
    ]
    kinds = {(schema["x"].kind, schema["x"].reason, schema["x"].n_unique) for schema in schemas}
    assert len(kinds) == 1


def test_numbers_with_missing_text_keep_their_rows():
    column = plain_column(pd.Series([1, "x", None, np.nan], dtype=object))
    assert column.tolist() == [1, "x", None, None]


def test_a_whole_number_beyond_all_floats_is_infinite():
    values = plain_column(pd.Series([10**400, -(10**400), 1], dtype=object))
    assert values.tolist() == [np.inf, -np.inf, 1.0]
