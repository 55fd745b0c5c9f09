"""The levels of a category column, most frequent first."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd

from automl_nb.data.plain import plain_column
from automl_nb.features.ordered import natural_order

MOST = 1_000


@dataclass(frozen=True)
class Levels:
    """A category's levels as they were met in training rows.

    Attributes:
        names: The levels, most frequent first (ties in the order of the alphabet).
        counts: How many training rows have each.
        places: Each level's place in the order that the words name, or () without one.
    """

    names: tuple[str, ...]
    counts: tuple[int, ...]
    places: tuple[float, ...] = ()

    @classmethod
    def fit(cls, values: pd.Series[Any], most: int = MOST) -> Self:
        """Count the levels of training rows, at most `most` of them.

        Example:
            >>> Levels.fit(pd.Series(["good", "poor", "fair", "good", None]))
            Levels(names=('good', 'fair', 'poor'), counts=(2, 1, 1), places=(2.0, 1.0, 0.0))
        """
        codes, texts = _factorize(values)
        counted = np.bincount(codes[codes >= 0], minlength=len(texts))
        order = sorted(range(len(texts)), key=lambda i: (-counted[i], texts[i]))[:most]
        names = tuple(texts[i] for i in order)
        counts = tuple(int(counted[i]) for i in order)
        return cls(names, counts, natural_order(names) or ())

    def codes(self, values: pd.Series[Any]) -> np.ndarray:
        """Each row's level by number.

        Returns:
            (n,) int64: the position in `names`; ``len(names)`` for a level that training
            rows didn't have; -1 where there is no value.

        Example:
            >>> Levels(("a", "b"), (5, 2)).codes(pd.Series(["b", "new", None, "a"])).tolist()
            [1, 2, -1, 0]
        """
        known = self._positions
        found, texts = _factorize(values)
        table = np.array([*(known.get(text, len(known)) for text in texts), -1], dtype=np.int64)
        coded: np.ndarray = table[found]
        return coded

    def codes_of_texts(self, cells: list[Any]) -> np.ndarray | None:
        """As `codes`, for few cells of nothing but text and None; None for any others."""
        known = self._positions
        codes = []
        for cell in cells:
            if cell is not None and not isinstance(cell, str):
                return None
            text = cell.strip() if cell else ""
            codes.append(known.get(text, len(known)) if text else -1)
        return np.array(codes, dtype=np.int64)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.names)}

    def ordered(self, codes: np.ndarray) -> np.ndarray:
        """(n,) float64 places in the natural order; NaN for missing and unknown levels."""
        table = np.array([*self.places, np.nan, np.nan])  # codes len(names) and -1
        places: np.ndarray = table[codes]
        return places


def _factorize(values: pd.Series[Any]) -> tuple[np.ndarray, list[str]]:
    """Codes of the rows (-1 for none) and distinct texts; 3, 3.0 and "3 " are one level."""
    plain = plain_column(values)
    if plain.dtype == object and pd.api.types.infer_dtype(plain, skipna=True) != "string":
        plain = plain.map(_text)  # cell by cell, as True == 1.0 for pandas
    raw, uniques = pd.factorize(plain)
    merged, names = pd.factorize(np.array([_text(v) or None for v in uniques], dtype=object))
    codes: np.ndarray = np.append(merged, -1)[raw]
    return codes, [str(name) for name in names]


def _text(value: Any) -> str:
    """A cell as the name of a level; "" for no value and for what has no plain text."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | np.bool_):
        return str(value)
    if isinstance(value, int | float | np.number):
        try:
            number = float(value)
        except OverflowError:  # a whole number of hundreds of digits
            return str(value)
        if not math.isfinite(number):
            return ""
        # Beyond 2**53 a column with gaps holds rounded numbers, so all are taken as rounded.
        return str(int(number)) if number.is_integer() else str(number)
    return str(value) if isinstance(value, dt.date) and not pd.isna(value) else ""
