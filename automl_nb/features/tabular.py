"""Tabular columns as one matrix: for trees, and for everything that measures distances."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy import sparse

from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.trials import CancelToken
from automl_nb.features.base import Matrix, ProgressFn
from automl_nb.features.columns import TabularColumns
from automl_nb.features.levels import Levels
from automl_nb.features.numbers import Scale, Scales
from automl_nb.features.onehot import OneHot

BINS = 8  # pieces of a number's basis
MOST_PIECES = 512  # in all: with very many number columns each gets fewer
MOST_VALUES = 40_000_000  # of the bases together, over all rows
ROWS_A_PIECE = 10
MOST_LEVELS = 64  # one-hot columns of a category; rarer levels share one
RARE_SHARE = 0.002
RARE_COUNT = 3
WIDE = 1_000  # one-hot columns from which the block may be sparse


class _Tabular:
    """What both encoders share: reading columns, identity, saving."""

    name: ClassVar[str] = ""
    cacheable: ClassVar[bool] = False  # quicker made than read from disk
    cycles: ClassVar[bool] = False

    def __init__(self, columns: tuple[str, ...], kinds: Mapping[str, str]) -> None:
        self.reader = TabularColumns(columns, kinds, cycles=self.cycles)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return self.reader.columns

    @property
    def key(self) -> str:
        """The block's name within a run."""
        return self.name

    def _state(self) -> dict[str, Any]:
        return {"reader": self.reader.to_dict()}

    def identity(self) -> str:
        """Hash of the whole fitted state."""
        state = json.dumps(self._state(), sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{self.name}:1:{digest}"

    def save(self, folder: Path) -> dict[str, Any]:
        """Nothing needs a file: the whole state is the JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        return self._state()

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:  # noqa: ARG003
        """Rebuild what `save` gave."""
        made = cls((), {})
        made.reader = TabularColumns.from_dict(config["reader"])
        return made


class TabularTree(_Tabular):
    """Numbers as they are, NaN for missing; categories as codes, the most frequent first.

    A tree needs no scaling. Frequency is an order that often carries meaning, so the codes
    also work as plain numbers; `categorical_features` lists them for learners that take
    sets of levels. Levels whose words have an order come as a number, too.

    Args:
        columns: The columns to encode.
        kinds: Each column's kind: number, boolean, datetime or category.

    Example:
        >>> frame = pd.DataFrame({"size": [2.0, None, 5.0], "home": ["own", "rent", "own"]})
        >>> encoder = TabularTree(("size", "home"), {"size": "number", "home": "category"})
        >>> encoder.fit(frame)
        >>> encoder.transform(frame).tolist()
        [[2.0, 0.0], [nan, 1.0], [5.0, 0.0]]
        >>> encoder.categorical_features
        (1,)
    """

    name = "tabular-tree"

    def fit(self, frame: pd.DataFrame) -> None:
        """Learn the levels of the categories from training rows."""
        self.reader.fit(frame)

    def transform(
        self,
        frame: pd.DataFrame,
        *,
        progress: ProgressFn | None = None,
        cancel: CancelToken | None = None,
    ) -> np.ndarray:
        """(n_rows, numbers + categories) float32."""
        numbers, codes = self.reader.read(frame, cancel)
        out = np.empty((len(frame), numbers.shape[1] + codes.shape[1]), dtype=np.float32)
        out[:, : numbers.shape[1]] = numbers
        out[:, numbers.shape[1] :] = np.where(codes < 0, np.nan, codes)
        if progress is not None:
            progress(len(frame), len(frame))
        return out

    @property
    def feature_names(self) -> tuple[str, ...]:
        """What each column of the block holds."""
        return (*self.reader.number_names, *self.reader.code_names)

    @property
    def categorical_features(self) -> tuple[int, ...]:
        """Positions of the columns that hold level codes."""
        first = len(self.reader.number_names)
        return tuple(range(first, first + len(self.reader.code_names)))


class TabularLinear(_Tabular):
    """Numbers imputed, unskewed, standardised and bent (see `Scale`); categories one-hot.

    Levels that fewer than 3 training rows (or 0.2%) have share one column with unknown
    ones. Dates come as parts, also as sine and cosine. A missing category is a row of
    zeros, a missing number has a column that says so.

    Args:
        columns: The columns to encode.
        kinds: Each column's kind: number, boolean, datetime or category.

    Example:
        >>> frame = pd.DataFrame({"size": [2.0, None, 5.0], "home": ["own", "rent", "own"]})
        >>> encoder = TabularLinear(("size", "home"), {"size": "number", "home": "category"})
        >>> encoder.fit(frame)
        >>> encoder.feature_names
        ('size', 'size missing', 'home: other')
    """

    name = "tabular-linear"
    cycles = True

    def __init__(self, columns: tuple[str, ...], kinds: Mapping[str, str]) -> None:
        super().__init__(columns, kinds)
        self.scales = Scales([])
        self.one_hot = OneHot([], [])

    def fit(self, frame: pd.DataFrame) -> None:
        """Learn levels, medians, scales and knots from training rows."""
        self.reader.fit(frame)
        numbers, codes = self.reader.read(frame)
        bins = _bins(*numbers.shape)
        scales = [Scale.fit(column, bins) for column in numbers.T]
        self.scales = Scales(_flagged_once(scales, numbers))
        levels = [self.reader.levels[name] for name in self.reader.code_names]
        kept = [_frequent(level, len(frame)) for level in levels]
        shared = [bool((column >= own).any()) for column, own in zip(codes.T, kept, strict=True)]
        self.one_hot = OneHot(kept, shared)

    def transform(
        self,
        frame: pd.DataFrame,
        *,
        progress: ProgressFn | None = None,
        cancel: CancelToken | None = None,
    ) -> Matrix:
        """(n_rows, d) float32; CSR where one-hot columns are very many."""
        numbers, codes = self.reader.read(frame, cancel)
        scaled = self.scales.transform(numbers, cancel)
        if progress is not None:
            progress(len(frame), len(frame))
        if self._is_sparse:
            return sparse.csr_matrix(sparse.hstack([_csr(scaled), self.one_hot.csr(codes)]))
        return np.hstack([scaled, self.one_hot.dense(codes)])

    @property
    def _is_sparse(self) -> bool:
        """Whether CSR (8 bytes an entry that isn't 0) is the smaller form (dense: 4 bytes)."""
        full, one_hot = self.scales.width, self.one_hot.width
        return 2 * (full + len(self.one_hot.kept)) < full + one_hot and one_hot > WIDE

    @property
    def feature_names(self) -> tuple[str, ...]:
        """What each column of the block holds."""
        names = self.scales.names(self.reader.number_names)
        for name, kept, shared in zip(
            self.reader.code_names, self.one_hot.kept, self.one_hot.shared, strict=True
        ):
            names += [f"{name}: {level}" for level in self.reader.levels[name].names[:kept]]
            names += [f"{name}: other"] if shared else []
        return tuple(names)

    def _state(self) -> dict[str, Any]:
        return {
            **super()._state(),
            "scales": [to_dict(scale) for scale in self.scales.scales],
            "kept": self.one_hot.kept,
            "shared": self.one_hot.shared,
        }

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` gave."""
        made = super().load(folder, config)
        made.scales = Scales([from_dict(Scale, item) for item in config["scales"]])
        made.one_hot = OneHot(config["kept"], config["shared"])
        return made


def _bins(n: int, p: int) -> int:
    """Pieces a number, so many that neither rows run short nor memory."""
    p = max(1, p)
    return min(BINS, MOST_PIECES // p, MOST_VALUES // max(1, n * p), n // ROWS_A_PIECE)


def _flagged_once(scales: list[Scale], numbers: np.ndarray) -> list[Scale]:
    """Columns that are missing in the same rows (the parts of one date) share one flag."""
    seen: set[bytes] = set()
    made = []
    for scale, column in zip(scales, numbers.T, strict=True):
        rows = np.packbits(np.isnan(column)).tobytes() if scale.flag else b""
        made.append(replace(scale, flag=scale.flag and rows not in seen))
        seen.add(rows)
    return made


def _frequent(levels: Levels, n_rows: int) -> int:
    """How many levels (the most frequent) get a column of their own."""
    least = max(RARE_COUNT, RARE_SHARE * n_rows)
    return min(MOST_LEVELS, sum(count >= least for count in levels.counts))


def _csr(block: np.ndarray) -> sparse.csr_matrix:
    """A block without zeros worth leaving out, as CSR."""
    n, d = block.shape
    columns = np.tile(np.arange(d, dtype=np.int32), n)
    return sparse.csr_matrix((block.ravel(), columns, np.arange(n + 1) * d), shape=(n, d))
