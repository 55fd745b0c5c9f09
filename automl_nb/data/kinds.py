"""What a column holds, told from its values: one rule a function, tried in order.

A rule returns a verdict (kind, reason a person understands, note on the form of the
values) or None when it doesn't apply.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.types import ColumnKind
from automl_nb.data.convert import as_number, as_truth, date_form, is_blank
from automl_nb.data.labels import is_set
from automl_nb.data.pictures import is_picture, is_picture_name

SAMPLE = 2_000
FEW_LEVELS = 50
MOST_LEVELS = 1_000
LEAST_IDS = 20
MOSTLY = 0.9
_NO_TEXT = (ColumnKind.NUMBER, ColumnKind.BOOLEAN, ColumnKind.DATETIME)
_ID_NAME = re.compile(
    r"(?:^|[_\s.-])(?:id|uuid|guid|index|rowid|key)$|^unnamed: ?\d+$", re.IGNORECASE
)
_CAMEL_ID = re.compile(r"[a-z](?:Id|ID)$")
# Letters of scripts without spaces: a text in them is no code for lacking blanks.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_POSTAL = re.compile(r"zip|postal|post_?code|plz", re.IGNORECASE)


@dataclass(frozen=True)
class Verdict:
    """A kind, why, and in which form the values are written (for dates)."""

    kind: ColumnKind
    reason: str
    form: str = ""


@dataclass(frozen=True)
class Evidence:
    """A column as the rules look at it; what is costly is worked out once, when asked for."""

    name: str
    column: pd.Series[Any]
    root: Path | None = None

    @cached_property
    def present(self) -> pd.Series[Any]:
        """Values that are neither missing nor empty text."""
        values = self.column.dropna()
        if values.dtype != object or not self.hashable:
            return values
        empty = [v for v in self._unique if isinstance(v, str) and not v.strip()]
        return values[~values.isin(empty)] if empty else values

    @cached_property
    def hashable(self) -> bool:
        """Whether no value is a list, a mapping or the like."""
        return self._unique is not None

    @cached_property
    def _unique(self) -> Any:
        try:
            return pd.unique(self.column.dropna())
        except TypeError:
            return None

    @cached_property
    def distinct(self) -> Any:
        """The distinct values that are present, in order of appearance."""
        if self.hashable:
            return (
                self._unique
                if len(self.present) == self.column.count()
                else pd.unique(self.present)
            )
        return np.array(sorted({repr(value) for value in self.present}), dtype=object)

    def n_missing(self, kind: ColumnKind) -> int:
        """How many values are missing; words such as "n/a" tell so where no text is meant."""
        missing = len(self.column) - self.n
        if self.column.dtype == object and kind in _NO_TEXT and self.hashable:
            words = [value for value in self.distinct if is_blank(value)]
            missing += int(self.present.isin(words).sum()) if words else 0
        return missing

    @property
    def n(self) -> int:
        """How many values are present."""
        return len(self.present)

    @property
    def n_distinct(self) -> int:
        """How many of them differ."""
        return len(self.distinct)

    @cached_property
    def sample(self) -> list[Any]:
        """Up to 2,000 distinct values from all over the column."""
        step = max(1, self.n_distinct // SAMPLE)
        return list(self.distinct[::step][:SAMPLE])

    @property
    def is_text(self) -> bool:
        """Whether every sampled value is text."""
        return self.column.dtype == object and all(isinstance(v, str) for v in self.sample)

    @cached_property
    def words(self) -> float:
        """Mean words a value; two ideographs count as one word."""
        return float(np.mean([_count_words(text) for text in self.sample])) if self.sample else 0.0

    @property
    def named_id(self) -> bool:
        """Whether the name says that the column identifies rows."""
        return bool(_ID_NAME.search(self.name) or _CAMEL_ID.search(self.name))


def _count_words(text: str) -> float:
    wide = sum("\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af" for char in text)
    return text.count(" ") + 1 + wide / 2


def judge(evidence: Evidence) -> Verdict:
    """The verdict of the first rule that applies.

    Example:
        >>> judge(Evidence("age", pd.Series([31.0, 45.5, 22.0]))).reason
        'numbers'
    """
    verdicts = (rule(evidence) for rule in RULES)
    return next(verdict for verdict in verdicts if verdict is not None)


def _empty(e: Evidence) -> Verdict | None:
    if e.n:
        return None
    return Verdict(ColumnKind.CONSTANT, "no value in any row")


def _picture(e: Evidence) -> Verdict | None:
    if e.column.dtype != object:
        return None
    sample = e.present.head(200)
    if np.mean([is_picture(value) for value in sample]) >= MOSTLY:
        return Verdict(ColumnKind.IMAGE, "pictures")
    if np.mean([is_picture_name(value) for value in sample]) >= MOSTLY:
        return Verdict(ColumnKind.IMAGE, "paths of pictures")
    return None


def _sets(e: Evidence) -> Verdict | None:
    if e.hashable and not (isinstance(e.present.iloc[0], bytes) or _any_nested(e)):
        return None
    if all(is_set(value) for value in e.present.head(200)):
        return Verdict(ColumnKind.LABELS, "a list in each row")
    return Verdict(ColumnKind.LABELS, "nested objects")


def _any_nested(e: Evidence) -> bool:
    """Whether there is a tuple or a frozen set, which hashable columns may hold."""
    return e.column.dtype == object and any(isinstance(v, tuple | frozenset) for v in e.distinct)


def _constant(e: Evidence) -> Verdict | None:
    if e.n_distinct == 1 and e.n == len(e.column):
        return Verdict(ColumnKind.CONSTANT, "the same value in every row")
    return None


def _date(e: Evidence) -> Verdict | None:
    if pd.api.types.is_datetime64_any_dtype(e.column.dtype):
        return Verdict(ColumnKind.DATETIME, "dates")
    form = date_form(e.present) if e.is_text else ""
    if form:
        return Verdict(ColumnKind.DATETIME, f"dates written as text ({form})", form)
    return None


def _boolean(e: Evidence) -> Verdict | None:
    if e.column.dtype == bool:
        return Verdict(ColumnKind.BOOLEAN, "true or false")
    if e.n_distinct > 2 * 3:  # true/false in a few spellings
        return None
    truths, bad = as_truth(e.present)
    if bad.any() or np.isnan(truths).all():
        return None
    if pd.api.types.is_numeric_dtype(e.column.dtype):
        return Verdict(ColumnKind.BOOLEAN, "only 0 and 1")
    return Verdict(ColumnKind.BOOLEAN, "true or false")


def _number(e: Evidence) -> Verdict | None:
    plain = pd.api.types.is_numeric_dtype(e.column.dtype)
    if not plain and (e.column.dtype != object or _not_numbers(e.sample[:20])):
        return None
    numbers, bad = as_number(pd.Series(e.distinct, dtype=object) if not plain else e.present)
    if bad.any() or np.isnan(numbers).all():
        return None
    known = numbers[~np.isnan(numbers)]
    whole = bool(np.isfinite(known).all() and (known == np.floor(known)).all())
    if whole and (verdict := _whole_numbers(e, numbers)):
        return verdict
    return Verdict(ColumnKind.NUMBER, "numbers" if plain else "numbers written as text")


def _not_numbers(values: list[Any]) -> bool:
    return bool(as_number(pd.Series(values, dtype=object))[1].any())


def _whole_numbers(e: Evidence, numbers: np.ndarray) -> Verdict | None:
    """Row numbers, keys and postal codes are numbers only in looks."""
    unique = e.n_distinct == e.n == len(e.column)
    if unique and e.n >= LEAST_IDS and (np.diff(numbers) == 1).all():
        return Verdict(ColumnKind.ID, "counts the rows")
    if e.named_id and e.n >= LEAST_IDS and e.n_distinct > 0.9 * e.n:
        return Verdict(ColumnKind.ID, "the name says id, and (nearly) every value differs")
    if e.named_id and e.n_distinct <= MOST_LEVELS:
        return Verdict(ColumnKind.CATEGORY, f"the name says id, {e.n_distinct} distinct values")
    if _POSTAL.search(e.name):
        return Verdict(ColumnKind.CATEGORY, "postal codes")
    return None


def _text_id(e: Evidence) -> Verdict | None:
    if not e.is_text or e.n < LEAST_IDS or e.n_distinct < 0.95 * e.n:
        return None
    whole = [text for text in e.sample if not any(char.isspace() for char in text)]
    coded = [
        text
        for text in whole
        if len(text) <= 64 and any(char.isdigit() for char in text) and not _UNSPACED.search(text)
    ]
    if len(coded) >= 0.9 * len(e.sample) and not _is_address(e.sample):
        return Verdict(ColumnKind.ID, "codes without spaces, (nearly) every one different")
    if e.named_id and len(whole) >= 0.9 * len(e.sample):
        return Verdict(ColumnKind.ID, "the name says id, and (nearly) every value differs")
    return None


def _is_address(texts: list[str]) -> bool:
    return bool(np.mean(["://" in text for text in texts]) > 0.5)


def _text_or_category(e: Evidence) -> Verdict:
    if e.is_text and not _is_category(e):
        return Verdict(ColumnKind.TEXT, f"texts of {e.words:.0f} words, {_share(e)} distinct")
    mixed = "" if e.is_text else "values of mixed types, "
    counted = f"{e.n_distinct} distinct value{'s' if e.n_distinct != 1 else ''}"
    return Verdict(ColumnKind.CATEGORY, f"{mixed}{counted} in {e.n} rows")


def _share(e: Evidence) -> str:
    return "all" if e.n_distinct == e.n else f"{e.n_distinct / e.n:.0%}"


def _is_category(e: Evidence) -> bool:
    """Few values that come again and again, or short ones that come again often enough."""
    repeats = e.n / e.n_distinct
    if e.words >= 5 or max(map(len, e.sample[:200])) > 200:
        return repeats >= 20 and e.n_distinct <= FEW_LEVELS
    if e.n_distinct <= FEW_LEVELS:
        return repeats >= 2
    least = 2 if e.words < 1.5 else 4 if e.words < 3 else 10
    return e.n_distinct <= MOST_LEVELS and repeats >= least


RULES: tuple[Callable[[Evidence], Verdict | None], ...] = (
    _empty,
    _picture,
    _sets,
    _constant,
    _boolean,
    _number,
    _date,
    _text_id,
    _text_or_category,
)
