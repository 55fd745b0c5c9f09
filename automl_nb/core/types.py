"""Facts that travel between the parts, as frozen dataclasses that print well.

Each turns to JSON and back through `automl_nb.core.jsonable`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import stdev
from typing import Any

from automl_nb.core.recipe import Recipe


class ColumnKind(StrEnum):
    """What a column holds, as far as learning is concerned."""

    TEXT = "text"
    IMAGE = "image"
    NUMBER = "number"
    CATEGORY = "category"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    ID = "id"
    CONSTANT = "constant"
    LABELS = "labels"  # a set of labels a row, for multi-label tasks


class TaskKind(StrEnum):
    """What is to be learnt."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    MULTILABEL = "multilabel"
    REGRESSION = "regression"

    @property
    def is_classification(self) -> bool:
        """True for every kind but regression."""
        return self is not TaskKind.REGRESSION


@dataclass(frozen=True)
class Column:
    """One column: its kind, why, and what was counted."""

    name: str
    kind: ColumnKind
    reason: str
    dtype: str = ""
    n_missing: int = 0
    n_unique: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in order."""

    columns: tuple[Column, ...]
    n_rows: int = 0

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """All column names, in order."""
        return tuple(column.name for column in self.columns)

    def of_kind(self, *kinds: ColumnKind) -> tuple[str, ...]:
        """The names of the columns of these kinds, in order."""
        return tuple(column.name for column in self.columns if column.kind in kinds)


@dataclass(frozen=True)
class Task:
    """What is learnt from which column.

    Attributes:
        classes: The labels as text, in the order of the columns of every
            probability matrix; empty for regression. For binary tasks the
            second is the positive one.
        reason: Why this task was inferred, or "given".
    """

    kind: TaskKind
    label: str
    classes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def n_outputs(self) -> int:
        """Columns of a score matrix: one a class, or one for regression."""
        return max(1, len(self.classes))


@dataclass(frozen=True)
class Objective:
    """The number that a run tries to improve.

    Attributes:
        metric: A name of the metric registry.
        greater_is_better: The direction.
    """

    metric: str
    greater_is_better: bool = True

    def better(self, new: float, old: float | None) -> bool:
        """Whether `new` beats `old` (anything finite beats None)."""
        if math.isnan(new):
            return False
        if old is None:
            return True
        return new > old if self.greater_is_better else new < old


class Severity(StrEnum):
    """How much a finding matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """Something that a check noticed about the data."""

    rule: str
    severity: Severity
    message: str
    column: str = ""
    n_rows: int = 0


@dataclass(frozen=True)
class Interval:
    """A value with its 95% interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """What IPython shows at the end of a cell."""
        printer.text(str(self))


@dataclass(frozen=True)
class Foretold:
    """The best score that is expected at a time.

    Attributes:
        at: Seconds of the run's time.
        value: The middle of the interval.
        low: Lower end of the interval that is to hold 90% of what then comes.
        high: Its upper end.
    """

    at: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class LeaderboardRow:
    """One trained model of a run, as the leaderboard shows it.

    Attributes:
        model: Its name within the run, such as ``"joined + ridge"``.
        strategy: A name of the strategy registry (or "ensemble", "baseline").
        inputs: The encoders it reads.
        score: Validation score (out of fold) under the run's metric.
        low: Lower end of the 95% interval of `score`.
        high: Upper end.
        fit_s: Seconds spent training.
        predict_ms: Milliseconds a row when predicting in bulk, or NaN.
        stage: The plan's step that made it.
        t: Seconds since the start of the run when it was ready.
        note: What a person should know of it.
        architectures: How a network that was searched for is wired, see
            `automl_nb.transfer.cells.architecture`; none for all others.
        seeds: The seeds that it was trained with, its own first, where there are several. `score`,
            `low` and `high` are then of the mean over them.
        seed_scores: Its score with each of them.
        size_bytes: What it takes on disk with all that it reads with, 0 if unknown.
        recipe: How it was made; None where an earlier version made it.
    """

    model: str
    strategy: str
    inputs: tuple[str, ...]
    score: float
    low: float
    high: float
    fit_s: float
    predict_ms: float
    stage: str
    t: float
    note: str = ""
    architectures: tuple[dict[str, object], ...] = ()
    seeds: tuple[int, ...] = ()
    seed_scores: tuple[float, ...] = ()
    size_bytes: int = 0
    recipe: Recipe | None = None

    @property
    def spread(self) -> float:
        """Standard deviation of its scores over seeds, s - 1 in the divisor; NaN for one seed."""
        return stdev(self.seed_scores) if len(self.seed_scores) > 1 else math.nan


def seed_trial(model: str, seed: int) -> str:
    """The name of the trial that trains a model once more, with another seed.

    Example:
        >>> seed_trial("svm(tfidf)", 43)
        'svm(tfidf), seed 43'
    """
    return f"{model}, seed {seed}"
