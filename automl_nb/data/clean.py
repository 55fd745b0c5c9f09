"""Cleaning that is fitted on training rows and then the same for every row."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.limits import LARGEST
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import ColumnKind, Finding, Schema, Severity
from automl_nb.data.table import frame_of

FENCE = 3.0  # inter-quartile ranges beyond the quartiles: Tukey's "far out"
FEW_ROWS = 64
# Controls but tab and line ends, bidi marks and overrides, zero-width spaces, byte-order
# marks, tag characters, lone surrogates. The joiners U+200C/D stay: scripts and emoji need them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_HIDDEN_ASCII = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PUNCTUATION = re.compile(r"[^\w\s]|[\d_]")


def clean_text(text: str, *, strip_punctuation: bool = False) -> str:
    r"""Unicode NFKC without control and bidi characters.

    Args:
        text: Any text.
        strip_punctuation: Also replace punctuation and digits by spaces.

    Example:
        >>> clean_text("\uff21\u202eBC\x00")
        'ABC'
        >>> clean_text("It's 5 o'clock!", strip_punctuation=True)
        'It s o clock'
    """
    if text.isascii():
        if not text.isprintable():
            text = _HIDDEN_ASCII.sub("", text)
    else:
        text = unicodedata.normalize("NFKC", _HIDDEN.sub("", text))
    if strip_punctuation:
        text = " ".join(_PUNCTUATION.sub(" ", text).split())
    return text


@dataclass(frozen=True)
class Cleaner:
    """Text and number cleaning as it was fitted; turns to JSON and back.

    Attributes:
        texts: Columns of free text; a missing one becomes "".
        categories: Columns of categories; their text is cleaned, missing stays missing.
        fences: Lower and upper fence of each number column.
        outliers: How many training values lie outside the fences.
        clip: Whether numbers are clipped to the fences.
        strip_punctuation: Whether punctuation and digits are removed from texts.
    """

    texts: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    fences: dict[str, tuple[float, float]] = field(default_factory=dict)
    outliers: dict[str, int] = field(default_factory=dict)
    clip: bool = False
    strip_punctuation: bool = False

    @classmethod
    def fit(cls, frame: pd.DataFrame, schema: Schema, settings: FitSettings) -> Cleaner:
        """Learn number ranges from training rows (as `conform` shapes them)."""

        def of_kind(kind: ColumnKind) -> tuple[str, ...]:
            return tuple(name for name in schema.of_kind(kind) if name in frame.columns)

        fences, outliers = {}, {}
        for name in of_kind(ColumnKind.NUMBER):
            found = _fences(_bounded(frame[name].to_numpy(dtype=np.float64)))
            if found is not None:
                fences[name], outliers[name] = found
        return cls(
            texts=of_kind(ColumnKind.TEXT),
            categories=of_kind(ColumnKind.CATEGORY),
            numbers=of_kind(ColumnKind.NUMBER),
            fences=fences,
            outliers=outliers,
            clip=settings.clip_outliers,
            strip_punctuation=settings.strip_punctuation,
        )

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Clean rows; `frame` stays as it is, columns not known here pass through."""
        cleaned = {name: self._column(name, frame[name].to_numpy()) for name in frame.columns}
        return frame_of(cleaned, len(frame)).set_axis(frame.index)

    def _column(self, name: str, values: np.ndarray) -> np.ndarray:
        if name in self.texts:
            return _objects([self._text(value) for value in values])
        if name in self.categories:
            return _categories(values)
        if name not in self.numbers:
            return values
        numbers = _bounded(values.astype(np.float64))
        if self.clip and name in self.fences:
            numbers = np.clip(numbers, *self.fences[name])
        return numbers

    def _text(self, value: Any) -> str:
        if not isinstance(value, str):
            return ""
        return clean_text(value, strip_punctuation=self.strip_punctuation)

    def findings(self) -> tuple[Finding, ...]:
        """One information for each column with values outside its fences."""
        done = "clipped to the fences" if self.clip else "kept as they are"
        words = {True: "value of {} lies", False: "values of {} lie"}
        return tuple(
            Finding(
                "range fences",
                Severity.INFO,
                f"{count} {words[count == 1].format(repr(name))} far outside the usual "
                f"range [{self.fences[name][0]:.4g}, {self.fences[name][1]:.4g}]; {done}.",
                column=name,
                n_rows=count,
            )
            for name, count in self.outliers.items()
            if count
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Cleaner:
        """The cleaner that `to_dict` gave, also after a round trip through JSON.

        Example:
            >>> Cleaner.from_dict(Cleaner(texts=("a",)).to_dict())
            Cleaner(texts=('a',), ...)
        """
        made = dict(data)
        for name in ("texts", "categories", "numbers"):
            made[name] = tuple(made[name])
        made["fences"] = {name: (low, high) for name, (low, high) in made["fences"].items()}
        return cls(**made)


def _objects(values: list[Any]) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _categories(values: np.ndarray) -> np.ndarray:
    """Each distinct value is cleaned once, where there are many rows."""
    if len(values) <= FEW_ROWS:
        return _objects([_category(value) for value in values])
    codes, levels = pd.factorize(values)
    column: np.ndarray = _objects([*map(_category, levels), None])[codes]
    return column


def _category(value: Any) -> str | None:
    return (clean_text(value).strip() or None) if isinstance(value, str) else None


def _bounded(numbers: np.ndarray) -> np.ndarray:
    """Infinities, and numbers that float32 cannot hold, as missing."""
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(numbers) < LARGEST, numbers, np.nan)


def _fences(numbers: np.ndarray) -> tuple[tuple[float, float], int] | None:
    present = numbers[~np.isnan(numbers)]
    if len(present) < 4:
        return None
    low, high = np.quantile(present, [0.25, 0.75])
    reach = FENCE * (high - low)
    if reach == 0:  # more than half the values are one: anything else would be "far out"
        return None
    fences = (float(low - reach), float(high + reach))
    return fences, int(((present < fences[0]) | (present > fences[1])).sum())
