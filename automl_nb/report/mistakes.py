"""The rows that a model answered wrongly while it was most sure: what they hold, what it said."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import SettingError
from automl_nb.core.show.words import count, number
from automl_nb.core.types import ColumnKind, TaskKind
from automl_nb.evaluate.words import label
from automl_nb.pipeline.answered import Answered

SHOWN = 6  # unless more are asked for
_CHARACTERS = 240  # of a text, or of a row of a table
_CELL = 32  # of a cell beside others
_CELLS = 8


@dataclass(frozen=True)
class Mistake:
    """One row that was answered wrongly.

    Attributes:
        text: Its text, or its cells with their columns' names; one line, cut when long.
        picture: Its picture as the frame holds it, or None.
        said: The answer.
        right: What is true.
        sure: How sure the model was: a probability, or for values the error.
        likely: The probability that it gave to what is true; NaN for values and several labels.
    """

    text: str
    picture: Any
    said: str
    right: str
    sure: float
    likely: float = math.nan


@dataclass(frozen=True)
class Mistakes:
    """The worst mistakes, the surest first.

    Attributes:
        rows: Not more than were asked for.
        n_wrong: Of all rows; 0 for values, where more or less every answer is.
        n_rows: That were answered.
        whose: Which rows they are.
        of_values: Whether numbers are predicted.
    """

    rows: tuple[Mistake, ...]
    n_wrong: int
    n_rows: int
    whose: str
    of_values: bool

    @property
    def title(self) -> str:
        """What they are."""
        return "Largest errors" if self.of_values else "Most confident errors"

    @property
    def told(self) -> str:
        """How many there are, in a sentence."""
        rows = f"{self.n_rows:,} {self.whose}"
        if not self.rows:
            return f"None of the {rows} was answered wrongly."
        if self.of_values:
            return f"The {count(len(self.rows), 'largest error')} among {rows}."
        were = "was" if self.n_wrong == 1 else "were"
        return f"{self.n_wrong:,} of {rows} {were} answered wrongly; the surest come first."


def mistakes(rows: Answered, most: int = SHOWN) -> Mistakes:
    """The worst mistakes among some rows.

    Args:
        rows: With a model's answers.
        most: How many at most, up to 100.

    Raises:
        SettingError: `most` isn't a number from 1 to 100.
    """
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= 100:
        raise SettingError(
            "The number of errors to show must be from 1 to 100.",
            received=most,
            hint=f"Leave it out for {SHOWN}.",
        )
    order = np.argsort(-rows.wrongness, kind="stable")[:most]
    worst = [int(at) for at in order if rows.wrongness[at] > -np.inf and rows.wrongness[at] != 0.0]
    of_values = rows.task.kind is TaskKind.REGRESSION
    return Mistakes(
        rows=tuple(_mistake(rows, at) for at in worst),
        n_wrong=0 if of_values else rows.n_wrong,
        n_rows=rows.n_rows,
        whose=rows.whose,
        of_values=of_values,
    )


def _mistake(rows: Answered, at: int) -> Mistake:
    text, picture = _content(rows, at)
    said, right = rows.predicted[at], rows.y[at]
    sure, likely = float(rows.wrongness[at]), math.nan
    if rows.task.kind is TaskKind.REGRESSION:
        return Mistake(text, picture, number(float(said)), number(float(right)), sure)
    if rows.task.kind is not TaskKind.MULTILABEL:
        likely = float(rows.scores[at, int(right)])
    return Mistake(text, picture, _answer(rows, said), _answer(rows, right), sure, likely)


def _answer(rows: Answered, value: Any) -> str:
    classes = rows.task.classes
    if rows.task.kind is not TaskKind.MULTILABEL:
        return classes[int(value)]
    return ", ".join(classes[i] for i in np.flatnonzero(value)) or "none"


def _content(rows: Answered, at: int) -> tuple[str, Any]:
    """What the row holds: its texts in full width, or else its cells; and its first picture."""
    row = {str(name): rows.frame[name].iloc[at] for name in rows.frame.columns}
    texts = [name for name in rows.schema.of_kind(ColumnKind.TEXT) if name in row]
    pictures = [name for name in rows.schema.of_kind(ColumnKind.IMAGE) if name in row]
    picture = next((row[name] for name in pictures if not _is_gap(row[name])), None)
    cells = [name for name in row if name not in {*texts, *pictures} and not _is_gap(row[name])]
    parts = [label(str(row[name]), _CHARACTERS) for name in texts if not _is_gap(row[name])]
    parts += [f"{label(name, _CELL)}: {_cell(row[name])}" for name in cells[:_CELLS]]
    more = len(cells) - _CELLS
    parts += [f"{more} more"] if more > 0 else []
    return label(" · ".join(parts), 2 * _CHARACTERS) if parts else "", picture


def _cell(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return f"{float(value):.6g}"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    return label(str(value), _CELL)


def _is_gap(value: Any) -> bool:
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))
