"""All that a run needs to know about its data, from a source in one recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import SettingError
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import ColumnKind, Finding, Schema, Task, TaskKind
from automl_nb.data.checks import check, check_parts
from automl_nb.data.clean import Cleaner
from automl_nb.data.deal import pick_share, strata_of
from automl_nb.data.gather import Rows, drop_unlabelled, gather, given_test, shape_inputs
from automl_nb.data.labels import LabelValues, encode_labels
from automl_nb.data.rows import fingerprint
from automl_nb.data.schema import infer_schema
from automl_nb.data.split import (
    Fold,
    compare_parts,
    default_folds,
    make_folds,
    one_fold,
    split_test,
)
from automl_nb.data.task import read_label
from automl_nb.data.unlabelled import unlabelled_rows

UNBALANCED = 1.5  # largest class over smallest, from which weights are worth having


class SealedTest:
    """The test part, which counts how often it was opened.

    Example:
        >>> test = SealedTest(pd.DataFrame({"x": [1.0]}), np.array([0]))
        >>> test.n_rows, test.openings
        (1, 0)
        >>> _ = test.open()
        >>> test.openings
        1
    """

    def __init__(self, frame: pd.DataFrame, y: np.ndarray) -> None:
        self._frame = frame
        self._y = y
        self.openings = 0

    @property
    def n_rows(self) -> int:
        """How many rows are sealed."""
        return len(self._frame)

    def open(self) -> tuple[pd.DataFrame, np.ndarray]:
        """The rows and their encoded labels, at the price of one more opening."""
        self.openings += 1
        return self._frame, self._y

    def counted(self, count: Callable[[np.ndarray], Any]) -> Any:
        """What a count says of the labels, such as how many rows of each class there are.

        For people to look at: no model sees it, so that it is no opening.

        Args:
            count: Given the (n,) or (n, k) encoded labels.
        """
        return count(self._y)

    def __repr__(self) -> str:
        return f"SealedTest({self.n_rows} rows, opened {self.openings} times)"


@dataclass(frozen=True)
class Dataset:
    """Rows ready to learn from, and what was found about them.

    Attributes:
        schema: Every column's kind and why.
        task: What is learnt.
        development: Training and validation rows: input columns only, cleaned.
        y: Their encoded labels (see `automl_nb.data.labels.encode_labels`).
        folds: The one division of the development rows that every model is judged by.
        test: The sealed test part, or None.
        findings: What the checks noticed.
        how: By which rule the rows were divided.
        checks: Whether the parts look alike, in one sentence.
        cleaner: Fitted on the development rows; to be applied to every later row.
        label_values: How answers are to look.
        origin: Where the rows came from.
        root: Where relative picture paths start, or None.
        fingerprint: Hash of all rows; changes with any value.
        class_weight: (k,) n / (k n_c), or None where the classes are near balance.
        unlabelled: Further rows without a label, shaped as `development`; None without any.
    """

    schema: Schema
    task: Task
    development: pd.DataFrame
    y: np.ndarray
    folds: tuple[Fold, ...]
    test: SealedTest | None
    findings: tuple[Finding, ...]
    how: str
    checks: str
    cleaner: Cleaner
    label_values: LabelValues
    origin: str
    root: Path | None
    fingerprint: str
    class_weight: np.ndarray | None = None
    unlabelled: pd.DataFrame | None = None

    @property
    def n_train(self) -> int:
        """Rows that a model is fitted on in a fold, on average."""
        return round(float(np.mean([len(fold.fit) for fold in self.folds])))

    @property
    def n_valid(self) -> int:
        """Rows that a fold is judged by, on average."""
        return round(float(np.mean([len(fold.judge) for fold in self.folds])))


def load_dataset(
    source: Any,
    settings: FitSettings,
    *,
    test: Any = None,
    valid: Any = None,
    sql: str | None = None,
    unlabelled: Any = None,
) -> Dataset:
    """Read, check, clean and divide rows.

    Args:
        source: Training rows: anything that `read_table` reads.
        settings: What the user asked for.
        test: Test rows; a share of `source` is sealed when None.
        valid: Validation rows; cross-validation when None.
        sql: The query, where `source` is a database.
        unlabelled: Rows without a label, to learn from beside those of `source` that have none.

    Raises:
        DataError: The rows cannot be learnt from (see its subclasses).

    Example:
        >>> frame = pd.DataFrame({"x": np.arange(100) % 7 + 0.5, "y": ["a", "b"] * 50})
        >>> data = load_dataset(frame, FitSettings(label="y"))
        >>> len(data.development), data.test.n_rows, len(data.folds)
        (80, 20, 10)
    """
    rows, settings = gather(source, valid, settings, sql)
    rows, left_out, gaps = drop_unlabelled(rows, settings)
    schema = infer_schema(
        rows.frame,
        kinds=settings.kinds,
        root=rows.root,
        label=settings.label,
        aside=_aside(settings),
    )
    task, label_values = read_label(rows.frame, schema, settings)
    odd = check(rows.frame, schema, task)
    rows, inputs, unreadable = shape_inputs(rows, schema, task)
    y = encode_labels(rows.frame, task)
    sealed, unscored = given_test(test, schema, task, settings)
    chosen, tested, how = _divide(rows, y, task, settings, test_given=sealed is not None)
    chosen = _sample(chosen, y, settings)
    folds = _folds(rows, y, chosen, task, settings)
    if sealed is None and len(tested):
        sealed = (inputs.iloc[tested].reset_index(drop=True), y[tested])
    development = inputs.iloc[chosen].reset_index(drop=True)
    cleaner = Cleaner.fit(development, schema, settings)
    development = cleaner.transform(development)
    compared = ""
    copied: tuple[Finding, ...] = ()
    if sealed is not None:
        sealed = (cleaner.transform(sealed[0]), sealed[1])
        compared = compare_parts(development, sealed[0], schema, settings.seed).message
        copied = check_parts(development, sealed[0], schema)
    free, told = unlabelled_rows(
        left_out,
        unlabelled,
        schema,
        task,
        cleaner=cleaner,
        root=rows.root,
        sealed=None if sealed is None else sealed[0],
    )
    return Dataset(
        schema=schema,
        task=task,
        development=development,
        y=y[chosen],
        folds=folds,
        test=SealedTest(*sealed) if sealed else None,
        findings=(
            *rows.findings,
            *gaps,
            *odd,
            *unreadable,
            *unscored,
            *copied,
            *cleaner.findings(),
            *told,
        ),
        how=how,
        checks=compared,
        cleaner=cleaner,
        label_values=label_values,
        origin=rows.origin,
        root=rows.root,
        fingerprint=fingerprint(rows.frame, schema.of_kind(ColumnKind.IMAGE), rows.root),
        class_weight=class_weights(y[chosen], task),
        unlabelled=free,
    )


def _aside(settings: FitSettings) -> dict[str, str]:
    aside = {}
    if settings.group:
        aside[settings.group] = "its rows stay together; not learnt from"
    if settings.split_column:
        aside[settings.split_column] = "says which part a row belongs to; not learnt from"
    return aside


def _divide(
    rows: Rows, y: np.ndarray, task: Task, settings: FitSettings, *, test_given: bool
) -> tuple[np.ndarray, np.ndarray, str]:
    """Development and test positions; rows given for validation are never tested on."""
    train = np.arange(len(y)) if rows.is_valid is None else np.flatnonzero(~rows.is_valid)
    kept, tested, how = np.arange(len(train)), np.empty(0, dtype=np.int64), "test part as given"
    if not test_given:
        kept, tested, how = split_test(rows.frame.iloc[train], y[train], task, settings)
    elif settings.split_column and len(split_test(rows.frame, y, task, settings)[1]):
        raise SettingError(
            "The test part must be given once.",
            received=f"test rows, and column '{settings.split_column}' that names some",
            hint="Leave out one of the two.",
        )
    if rows.is_valid is None:
        return kept, tested, how
    valid = np.flatnonzero(rows.is_valid)
    return np.sort(np.concatenate([train[kept], valid])), train[tested], how


def _sample(chosen: np.ndarray, y: np.ndarray, settings: FitSettings) -> np.ndarray:
    """About `settings.sample` rows at most, in proportion by label, some of each class."""
    if settings.sample < 0:
        raise SettingError(
            "A sample must be a number of rows, or 0 for all.",
            received=settings.sample,
            hint="Try sample=10000.",
        )
    if not 0 < settings.sample < len(chosen):
        return chosen
    rng = np.random.default_rng([settings.seed, 4])
    left_out = 1 - settings.sample / len(chosen)
    sampled: np.ndarray = chosen[~pick_share(strata_of(y[chosen]), left_out, rng)]
    return sampled


def _folds(
    rows: Rows, y: np.ndarray, chosen: np.ndarray, task: Task, settings: FitSettings
) -> tuple[Fold, ...]:
    if rows.is_valid is not None:
        return (one_fold(y[chosen], rows.is_valid[chosen], task),)
    n_folds = settings.folds or default_folds(len(chosen))
    return make_folds(rows.frame.iloc[chosen], y[chosen], task, settings, n_folds)


def class_weights(y: np.ndarray, task: Task) -> np.ndarray | None:
    """Balanced class weights n / (k n_c), or None where the classes are near balance.

    Example:
        >>> task = Task(TaskKind.BINARY, "y", ("a", "b"))
        >>> class_weights(np.array([0, 0, 0, 1]), task).round(2).tolist()
        [0.67, 2.0]
    """
    if task.kind not in {TaskKind.BINARY, TaskKind.MULTICLASS}:
        return None
    counts: np.ndarray = np.bincount(y, minlength=len(task.classes)).astype(np.float64)
    if counts.max() < UNBALANCED * counts.min():
        return None
    weights: np.ndarray = len(y) / (len(counts) * np.maximum(counts, 1.0))
    return weights
