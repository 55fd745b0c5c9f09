"""Number, truth, date and category columns as numbers and level codes, before any scaling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd

from automl_nb.core.errors import ColumnError, SettingError, suggest
from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.limits import LARGEST
from automl_nb.core.trials import CancelToken
from automl_nb.core.types import ColumnKind
from automl_nb.data.convert import as_date, as_number, as_truth
from automl_nb.data.plain import plain_column
from automl_nb.features.dates import cyclic, date_parts
from automl_nb.features.levels import Levels

KINDS = (ColumnKind.NUMBER, ColumnKind.BOOLEAN, ColumnKind.DATETIME, ColumnKind.CATEGORY)
FEW = 200  # rows


class TabularColumns:
    """Reads tabular columns, whatever their dtype, into two matrices.

    Args:
        columns: The columns to read, in order.
        kinds: Each column's kind: number, boolean, datetime or category.
        cycles: Also give date parts as sine and cosine.

    Raises:
        SettingError: A column has no kind, or one that isn't tabular.

    Example:
        >>> frame = pd.DataFrame({"size": ["2", "3.5"], "colour": ["red", None]})
        >>> reader = TabularColumns(tuple(frame), {"size": "number", "colour": "category"})
        >>> reader.fit(frame)
        >>> numbers, codes = reader.read(frame)
        >>> numbers.tolist(), codes.tolist()
        ([[2.0], [3.5]], [[0], [-1]])
    """

    def __init__(
        self, columns: tuple[str, ...], kinds: Mapping[str, str], *, cycles: bool = False
    ) -> None:
        self.columns = tuple(columns)
        self.kinds = {name: _checked(name, kinds.get(name)) for name in self.columns}
        self.cycles = cycles
        self.levels: dict[str, Levels] = {}
        self.parts: dict[str, tuple[str, ...]] = {}

    def fit(self, frame: pd.DataFrame) -> None:
        """Learn levels, and which parts of the dates differ from row to row."""
        for name in self._of(ColumnKind.CATEGORY):
            self.levels[name] = Levels.fit(_column(frame, name))
        for name in self._of(ColumnKind.DATETIME):
            parts = self._date_numbers(frame, name)
            self.parts[name] = tuple(part for part, values in parts.items() if _differs(values))

    def read(
        self, frame: pd.DataFrame, cancel: CancelToken | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Numbers (n, p) float64 with NaN for missing, and codes (n, q) int64 (see `Levels`)."""
        cells = _Cells(frame)
        numbers: list[np.ndarray] = []
        codes: list[np.ndarray] = []
        for name, kind in self.kinds.items():
            if cancel is not None:
                cancel.check()
            if kind is ColumnKind.CATEGORY:
                found = cells.codes(name, self.levels[name])
                codes.append(found)
                if self.levels[name].places:
                    numbers.append(self.levels[name].ordered(found))
            elif kind is ColumnKind.DATETIME:
                parts = self._date_numbers(frame, name)
                numbers.extend(parts[part] for part in self.parts[name])
            else:
                numbers.append(cells.numbers(name, kind))
        return _side_by_side(numbers, len(frame), np.float64), _side_by_side(
            codes, len(frame), np.int64
        )

    @property
    def number_names(self) -> tuple[str, ...]:
        """What each column of the number matrix holds."""
        names: list[str] = []
        for name, kind in self.kinds.items():
            if kind is ColumnKind.CATEGORY:
                names.extend([f"{name} (order)"] if self.levels[name].places else [])
            elif kind is ColumnKind.DATETIME:
                names.extend(f"{name} {part}" for part in self.parts[name])
            else:
                names.append(name)
        return tuple(names)

    @property
    def code_names(self) -> tuple[str, ...]:
        """The columns of the code matrix."""
        return self._of(ColumnKind.CATEGORY)

    def to_dict(self) -> dict[str, Any]:
        """The fitted state as plain values, ready for JSON."""
        return {
            "columns": list(self.columns),
            "kinds": {name: str(kind) for name, kind in self.kinds.items()},
            "cycles": self.cycles,
            "parts": {name: list(parts) for name, parts in self.parts.items()},
            "levels": {name: to_dict(levels) for name, levels in self.levels.items()},
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """What `to_dict` gave, also after a round trip through JSON."""
        made = cls(tuple(data["columns"]), data["kinds"], cycles=data["cycles"])
        made.parts = {name: tuple(parts) for name, parts in data["parts"].items()}
        made.levels = {name: from_dict(Levels, item) for name, item in data["levels"].items()}
        return made

    def _of(self, wanted: ColumnKind) -> tuple[str, ...]:
        return tuple(name for name, kind in self.kinds.items() if kind is wanted)

    def _date_numbers(self, frame: pd.DataFrame, name: str) -> dict[str, np.ndarray]:
        dates, _ = as_date(plain_column(_column(frame, name)), "")
        parts = date_parts(pd.Series(dates))
        if self.cycles:
            for part in tuple(parts):
                parts |= cyclic(part, parts[part])
        return parts


def _checked(name: str, kind: str | None) -> ColumnKind:
    if kind not in KINDS:
        raise SettingError(
            f"The kind of a tabular column ('{name}') must be one that can be made a number.",
            received=kind,
            hint=f"Give one of {', '.join(KINDS)}.",
        )
    return ColumnKind(kind)


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    if name not in frame.columns:
        raise ColumnError(
            "Every column that the features were fitted on must be in the table.",
            received=name,
            hint=suggest(name, frame.columns),
        )
    return frame[name]


class _Cells:
    """A frame's columns as numbers or codes.

    Of few rows all cells are taken at once: handing out a column as a Series takes pandas
    longer than reading a handful of cells.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._places: dict[str, int] = {}
        if len(frame) <= FEW and frame.columns.is_unique:
            self._places = {name: place for place, name in enumerate(frame.columns)}
            self._dtypes = list(frame.dtypes)
            self._table = frame.to_numpy(dtype=object)

    def numbers(self, name: str, kind: ColumnKind) -> np.ndarray:
        """(n,) float64; infinite and absurd values, and what is no number, are missing."""
        plain = self._plain(name, "fiub")
        if plain is not None:
            found = plain.astype(np.float64)
            bad = (found != 0) & (found != 1) & (kind is ColumnKind.BOOLEAN)
        else:
            convert = as_truth if kind is ColumnKind.BOOLEAN else as_number
            found, bad = convert(plain_column(_column(self.frame, name)))
        with np.errstate(invalid="ignore"):
            return np.where(bad | ~(np.abs(found) < LARGEST), np.nan, found)

    def codes(self, name: str, levels: Levels) -> np.ndarray:
        """(n,) int64, see `Levels.codes`."""
        plain = self._plain(name, "O")
        if plain is not None and (found := levels.codes_of_texts(plain.tolist())) is not None:
            return found
        return levels.codes(_column(self.frame, name))

    def _plain(self, name: str, kinds: str) -> np.ndarray | None:
        """A column of one of these NumPy kinds, None for any other."""
        if name in self._places:
            dtype = self._dtypes[self._places[name]]
            if isinstance(dtype, np.dtype) and dtype.kind in kinds:
                return np.asarray(self._table[:, self._places[name]])
            return None
        values = _column(self.frame, name)
        if "O" in kinds or not isinstance(values.dtype, np.dtype) or values.dtype.kind not in kinds:
            return None
        return values.to_numpy()


def _differs(values: np.ndarray) -> bool:
    present = values[~np.isnan(values)]
    return len(present) > 0 and bool(present.min() < present.max())


def _side_by_side(columns: list[np.ndarray], n: int, dtype: type) -> np.ndarray:
    return np.stack(columns, axis=1) if columns else np.empty((n, 0), dtype=dtype)
