"""Values of one column as numbers, truth values, dates or text, without loss.

Each function also says which values it could not convert, so that schema inference
(may this be a number?) and prediction (it must be) rest on the same rules.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.data.plain import nearest_float, plain_column

BLANKS = frozenset(
    ("", "na", "n/a", "nan", "null", "none", "nil", "?", "-", "--", ".", "#n/a", "<na>", "nat")
)
_MONEY = re.compile(r"([-+]?)\s*[$€£¥]?\s*(\d{1,3}(?:,\d{3})+|\d+)?(\.\d*)?\s*%?")
_CODE = re.compile(r"0\d+")
_LOOKS_LIKE_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:\D|$)|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+\d{2,4}"
    r"|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}|\d{4}年\d{1,2}月|\d{4}-\d{2}-\d{2}T"
)
_DAYS = (
    *("ISO8601", "%Y/%m/%d", "%Y.%m.%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    *("%m-%d-%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y"),
    *("%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%Y年%m月%d日"),
)
_TRUTH = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
DATE_FORMATS = tuple(day + time for time in _TIMES for day in _DAYS if not time or day != "ISO8601")
Converted = tuple[np.ndarray, np.ndarray]  # values, mask of those that did not convert


def is_blank(value: Any) -> bool:
    """Whether a text says that there is no value, such as ``" "`` or ``"n/a"``."""
    return isinstance(value, str) and value.strip().casefold() in BLANKS


def as_number(values: pd.Series[Any]) -> Converted:
    """Numbers, from numbers or from text such as ``"12.5"``, ``"1,234"``, ``"$7"``, ``"40%"``.

    Returns:
        (n,) float64 with NaN where missing or blank, and a mask of values that are no
        numbers (codes with leading zeros such as ``"007"`` are none).

    Example:
        >>> as_number(pd.Series(["12.5", " ", "1,234", "many"]))[0].tolist()
        [12.5, nan, 1234.0, nan]
    """
    if values.dtype != np.float64:  # else nothing is to be done, which should be quick
        values = plain_column(values)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(dtype=np.float64), np.zeros(len(values), dtype=bool)
    if values.dtype != object:
        return np.full(len(values), np.nan), values.notna().to_numpy()
    return _by_unique(values, _numbers)


def _numbers(uniques: np.ndarray) -> Converted:
    numbers = np.full(len(uniques), np.nan)
    bad = np.zeros(len(uniques), dtype=bool)
    for i, value in enumerate(uniques):
        number = number_of(value)
        numbers[i], bad[i] = (np.nan, True) if number is None else (number, False)
    return numbers, bad


def number_of(value: Any) -> float | None:
    """A number, NaN for blank text, None for what is no number."""
    if isinstance(value, bool | int | float | np.number | np.bool_):
        return nearest_float(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text.casefold() in BLANKS:
        return np.nan
    if _CODE.fullmatch(text) or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        match = _MONEY.fullmatch(text)
        if not match or not (match[2] or (match[3] or "").strip(".")):
            return None
        return float(f"{match[1]}{(match[2] or '0').replace(',', '')}{match[3] or ''}")


def as_truth(values: pd.Series[Any]) -> Converted:
    """1.0 for true, 0.0 for false, from booleans, 0/1, or the words true and false."""
    values = plain_column(values)
    if values.dtype == bool:
        return values.to_numpy(dtype=np.float64), np.zeros(len(values), dtype=bool)
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64)
        return numbers, ~(np.isnan(numbers) | np.isin(numbers, (0.0, 1.0)))
    if values.dtype != object:
        return np.full(len(values), np.nan), values.notna().to_numpy()
    return _by_unique(values, _truths)


def _truths(uniques: np.ndarray) -> Converted:
    truths = [truth_of(value) for value in uniques]
    bad = np.array([truth is None for truth in truths], dtype=bool)
    return np.array([np.nan if t is None else t for t in truths], dtype=np.float64), bad


def truth_of(value: Any) -> float | None:
    """1.0, 0.0, NaN for blank text, None for what is neither true nor false."""
    word = str(value).strip().casefold()
    return _TRUTH.get(word, np.nan if word in BLANKS else None)


def as_date(values: pd.Series[Any], form: str) -> Converted:
    """Dates in UTC, from dates or from text of one form.

    Args:
        values: Dates, or text.
        form: One of `DATE_FORMATS` (see `date_form`); ISO 8601 is always understood.

    Returns:
        (n,) datetime64[us] and a mask of values that are no such dates.
    """
    values = plain_column(values)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.to_numpy(dtype="datetime64[us]"), np.zeros(len(values), dtype=bool)
    if values.dtype != object:
        return np.full(len(values), np.datetime64("NaT", "us")), values.notna().to_numpy()

    def convert(uniques: np.ndarray) -> Converted:
        blank = np.array([is_blank(value) for value in uniques], dtype=bool)
        dates = _parse(uniques, form or "ISO8601")
        if form and form != "ISO8601":
            dates = np.where(np.isnat(dates), _parse(uniques, "ISO8601"), dates)
        return dates, np.isnat(dates) & ~blank

    return _by_unique(values, convert)


def date_form(values: pd.Series[Any], most: int = 2_000) -> str:
    """The one form in which all texts are dates, or "" if there is none.

    Month-first wins where a column leaves it open (``01/02/2020``).

    Example:
        >>> date_form(pd.Series(["13/02/2020", "01/02/2020"]))
        '%d/%m/%Y'
    """
    texts = [v for v in pd.unique(values.dropna())[:most] if not is_blank(v)]
    if not texts or not all(
        isinstance(t, str) and _LOOKS_LIKE_DATE.match(t.strip()) for t in texts
    ):
        return ""
    column = np.array(texts, dtype=object)
    few = column[:20]
    return next(
        (
            form
            for form in DATE_FORMATS
            if not np.isnat(_parse(few, form)).any() and not np.isnat(_parse(column, form)).any()
        ),
        "",
    )


def _parse(texts: np.ndarray, form: str) -> np.ndarray:
    words = [text.strip() if isinstance(text, str) else None for text in texts]
    dates = pd.to_datetime(pd.Series(words, dtype=object), format=form, errors="coerce", utc=True)
    naive: np.ndarray = dates.dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    return naive


def as_text(values: pd.Series[Any]) -> Converted:
    """Text or None: whole numbers without ``.0``, dates in ISO form, blanks kept.

    Returns:
        (n,) object and a mask of values that have no plain text (bytes, lists, mappings).
    """
    values = plain_column(values)
    if values.dtype == object:
        if pd.api.types.infer_dtype(values, skipna=True) == "string":
            return values.to_numpy(), np.zeros(len(values), dtype=bool)
        return _by_unique(values, _texts)
    return _by_unique(values.astype(object), _texts)


def _texts(uniques: np.ndarray) -> Converted:
    texts = np.empty(len(uniques), dtype=object)
    texts[:] = [text_of(value) for value in uniques]
    return texts, np.array([text is None for text in texts], dtype=bool)


def text_of(value: Any) -> str | None:
    """A plain value as text, None for what has none (bytes, lists, mappings)."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, str | int | float | bool | np.generic | pd.Timestamp):
        return str(value)
    return None


def _by_unique(values: pd.Series[Any], convert: Any) -> Converted:
    """Convert each distinct value once; missing values stay missing."""
    try:
        codes, uniques = pd.factorize(values)
    except TypeError:  # lists and mappings cannot be told apart by hash: they never convert
        kinds = np.array([isinstance(v, list | dict | set | np.ndarray) for v in values])
        plain, bad = _by_unique(values.mask(kinds, None), convert)
        return plain, bad | kinds
    converted, bad = convert(np.asarray(uniques, dtype=object))
    if np.issubdtype(converted.dtype, np.datetime64):
        missing: Any = np.datetime64("NaT", "us")
    else:
        missing = np.nan if converted.dtype == np.float64 else None
    column = np.append(converted, np.array([missing], dtype=converted.dtype))  # code -1
    return column[codes], np.append(bad, False)[codes]
