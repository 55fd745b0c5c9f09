"""Columns of any pandas dtype as one of a few plain ones.

The same values give the same column, whether they came as nullable, Arrow-backed,
categorical, sparse or Python objects: float64, int64, bool, datetime64[us] (in UTC,
without a zone), or object. Missing is NaN in numbers, NaT in dates, None elsewhere.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd

Values = pd.Series  # of any dtype; short, because every function here takes one

_HALF = re.compile("[\ud800-\udfff]")


def without_halves(value: Any) -> Any:
    r"""Text, at any depth of lists and mappings, with U+FFFD for each half of a character.

    Emoji that were cut in two leave such halves, and no text dtype takes them.

    Example:
        >>> without_halves([{"text": "cut \ud83d", "n": 1}]) == [{"text": "cut \ufffd", "n": 1}]
        True
    """
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, dict):
        return {without_halves(name): without_halves(item) for name, item in value.items()}
    if isinstance(value, list | tuple) and type(value) in {list, tuple}:
        return type(value)(without_halves(item) for item in value)
    if isinstance(value, np.ndarray) and value.dtype == object:
        return without_halves(value.tolist())
    return value


def frame_of_records(rows: list[Any]) -> pd.DataFrame:
    r"""A frame of mappings, one a row, whatever their texts hold.

    Example:
        >>> frame_of_records([{"text": "cut \ud83d"}]).shape
        (1, 1)
    """
    try:
        return pd.DataFrame.from_records(rows)
    except UnicodeEncodeError:
        return pd.DataFrame.from_records(without_halves(rows))


def plain_column(values: Values[Any]) -> Values[Any]:
    """The same values in a plain dtype; `values` itself is never changed.

    A column without any value becomes float64 NaN, whatever it might have held.

    Example:
        >>> plain_column(pd.Series([1, None, 3], dtype="Int32")).tolist()
        [1.0, nan, 3.0]
        >>> plain_column(pd.Series(["a", "b", "a"], dtype="category")).tolist()
        ['a', 'b', 'a']
    """
    dtype = values.dtype
    if isinstance(dtype, pd.SparseDtype):
        return plain_column(_like(values, np.asarray(values)))
    if isinstance(dtype, np.dtype) and dtype.kind != "O":
        return _from_numpy(values)
    if isinstance(dtype, pd.DatetimeTZDtype):
        return _microseconds(values.dt.tz_convert("UTC").dt.tz_localize(None))
    if isinstance(dtype, pd.PeriodDtype):
        return _microseconds(values.dt.to_timestamp())
    if _is_nullable_number(dtype):
        return _from_nullable(values)
    return _from_objects(values.astype(object))


def _like(values: Values[Any], data: Any, dtype: Any = None) -> Values[Any]:
    made: Values[Any] = pd.Series(data, index=values.index, name=values.name, dtype=dtype)
    return made


def _microseconds(values: Values[Any]) -> Values[Any]:
    return values.astype("datetime64[us]")


def _is_nullable_number(dtype: Any) -> bool:
    """Masked and Arrow-backed numbers; booleans and decimals go by way of objects."""
    types = pd.api.types
    return types.is_extension_array_dtype(dtype) and (
        types.is_integer_dtype(dtype) or types.is_float_dtype(dtype)
    )


def _from_numpy(values: Values[Any]) -> Values[Any]:
    kind = values.dtype.kind
    if kind == "M":
        return _microseconds(values)
    if kind == "m":
        return _like(values, values.dt.total_seconds())
    if kind == "f":
        return values.astype(np.float64)
    if kind == "u" and len(values) and values.max() > np.iinfo(np.int64).max:
        return values.astype(np.float64)
    if kind in "iu":
        return values.astype(np.int64)
    return values if kind == "b" else _from_objects(values.astype(object))


def _from_nullable(values: Values[Any]) -> Values[Any]:
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    if values.isna().any() or not pd.api.types.is_integer_dtype(values.dtype):
        return _like(values, numbers)
    if numbers.max(initial=0) >= 2.0**63:
        return _like(values, numbers)
    return _like(values, values.to_numpy(dtype=np.int64))


def _from_objects(values: Values[Any]) -> Values[Any]:
    missing = values.isna()
    if missing.all():
        return _like(values, np.nan, np.float64)
    holds = pd.api.types.infer_dtype(values, skipna=True)
    if holds in {"integer", "floating", "mixed-integer-float", "decimal"}:
        return _numbers(values, missing.to_numpy())
    if holds == "boolean" and not missing.any():
        return values.astype(bool)
    if holds in {"datetime64", "datetime", "date"}:
        stamps = pd.to_datetime(values.map(_in_utc, na_action="ignore"), errors="coerce")
        return _microseconds(stamps)
    if holds in {"timedelta64", "timedelta"}:
        return _like(values, [_seconds(value) for value in values], np.float64)
    if holds == "period":
        return _microseconds(values.map(lambda p: p.to_timestamp(), na_action="ignore"))
    if holds in {"complex", "time", "interval"}:
        values = values.map(str, na_action="ignore").astype(object)
    return values.mask(missing, None) if missing.any() else values


def _numbers(values: Values[Any], missing: np.ndarray) -> Values[Any]:
    whole = not missing.any() and all(isinstance(value, int | np.integer) for value in values)
    if whole and all(-(2**63) <= value < 2**63 for value in values):
        return values.astype(np.int64)
    found = [np.nan if gone else nearest_float(v) for v, gone in zip(values, missing, strict=True)]
    return _like(values, found, np.float64)


def nearest_float(value: Any) -> float:
    """The nearest float; a whole number beyond all floats is infinite, as `1e400` is."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _seconds(value: Any) -> float:
    if isinstance(value, np.timedelta64):
        return float(value / np.timedelta64(1, "s"))
    return float(value.total_seconds()) if isinstance(value, dt.timedelta) else np.nan


def _in_utc(value: Any) -> Any:
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value
