"""All that a run needs to know about its data, from a source in one recipe."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import ColumnError, DataError, suggest
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import Finding, Schema, Severity, Task, TaskKind
from automl_nb.data.checks import check
from automl_nb.data.clean import Cleaner
from automl_nb.data.conform import shape
from automl_nb.data.deal import pick_share, strata_of
from automl_nb.data.labels import LabelValues, classes_in_sets, encode_labels
from automl_nb.data.schema import infer_schema, input_columns
from automl_nb.data.sources import read_table
from automl_nb.data.split import (
    Fold,
    compare_parts,
    default_folds,
    make_folds,
    one_fold,
    split_test,
)
from automl_nb.data.table import Table
from automl_nb.data.task import label_names, read_label

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

    @property
    def n_train(self) -> int:
        """Rows that a fold fits on: the mean over the folds."""
        return round(float(np.mean([len(fold.fit) for fold in self.folds])))

    @property
    def n_valid(self) -> int:
        """Rows that any fold judges."""
        return int(sum(len(fold.judge) for fold in self.folds))


def load_dataset(
    source: Any,
    settings: FitSettings,
    *,
    test: Any = None,
    valid: Any = None,
    sql: str | None = None,
) -> Dataset:
    """Read, check, clean and divide rows.

    Args:
        source: Training rows: anything that `read_table` reads.
        settings: What the user asked for.
        test: Test rows; a share of `source` is sealed when None.
        valid: Validation rows; cross-validation when None.
        sql: The query, where `source` is a database.

    Raises:
        DataError: The rows cannot be learnt from (see its subclasses).

    Example:
        >>> frame = pd.DataFrame({"x": np.arange(100) % 7 + 0.5, "y": ["a", "b"] * 50})
        >>> data = load_dataset(frame, FitSettings(label="y"))
        >>> len(data.development), data.test.n_rows, len(data.folds)
        (80, 20, 10)
    """
    rows = _gather(source, valid, settings, sql)
    rows, findings = _labelled(rows, settings)
    schema = infer_schema(
        rows.frame,
        kinds=settings.kinds,
        root=rows.root,
        label=settings.label,
        aside=_aside(settings),
    )
    task, label_values = read_label(rows.frame, schema, settings)
    findings += check(rows.frame, schema, task)
    y = encode_labels(rows.frame, task)
    inputs = shape(rows.frame, schema, input_columns(schema, task), rows.root)
    sealed, found = _given_test(test, schema, task, settings)
    findings += found
    development, tested, how = _divide(rows, y, task, settings, given=sealed is not None)
    development = _sample(development, y, settings)
    folds = _folds(rows, y, development, task, settings)
    cleaner = Cleaner.fit(inputs.iloc[development], schema, settings)
    frame = cleaner.transform(inputs.iloc[development].reset_index(drop=True))
    if sealed is not None:
        sealed = (cleaner.transform(sealed[0]), sealed[1])
    elif len(tested):
        sealed = (cleaner.transform(inputs.iloc[tested].reset_index(drop=True)), y[tested])
    alike = compare_parts(frame, sealed[0], schema, settings.seed) if sealed else None
    return Dataset(
        schema=schema,
        task=task,
        development=frame,
        y=y[development],
        folds=folds,
        test=SealedTest(*sealed) if sealed else None,
        findings=(*findings, *cleaner.findings(), *((alike,) if alike else ())),
        how=how,
        checks=alike.message if alike else "",
        cleaner=cleaner,
        label_values=label_values,
        origin=rows.origin,
        root=rows.root,
        fingerprint=fingerprint(rows.frame),
        class_weight=class_weights(y[development], task),
    )


@dataclass(frozen=True)
class _Rows:
    """Training and validation rows in one frame."""

    frame: pd.DataFrame
    is_valid: np.ndarray | None  # mask of the rows that the user gave for validation
    origin: str
    root: Path | None


def _gather(source: Any, valid: Any, settings: FitSettings, sql: str | None) -> _Rows:
    table = read_table(source, sql=sql)
    _check_columns(table.frame, settings)
    frame = table.frame.drop(columns=list(settings.drop))
    if valid is None:
        return _Rows(frame, None, table.origin, table.root)
    extra = read_table(valid).frame
    missing = [name for name in frame.columns if name not in extra.columns]
    if missing:
        raise ColumnError(
            "The validation part must have the columns of the training part.",
            received=f"no column {', '.join(map(repr, missing))}",
            hint=suggest(missing[0], extra.columns),
        )
    both = pd.concat([frame, extra[frame.columns]], ignore_index=True)
    mask = np.arange(len(both)) >= len(frame)
    return _Rows(Table.of(both, table.origin).frame, mask, table.origin, table.root)


def _check_columns(frame: pd.DataFrame, settings: FitSettings) -> None:
    named = [(name, "label") for name in label_names(settings)]
    named += [(name, "drop") for name in settings.drop]
    named += [
        (getattr(settings, option), option)
        for option in ("group", "time_column", "split_column")
        if getattr(settings, option)
    ]
    for name, option in named:
        if name not in frame.columns:
            raise ColumnError(
                f"The column that {option} names must be in the table.",
                received=name,
                hint=suggest(name, frame.columns),
            )
    clash = set(label_names(settings)) & set(settings.drop)
    if clash:
        raise ColumnError(
            "The label can't be dropped.",
            received=clash.pop(),
            hint="Take it out of drop.",
        )


def _aside(settings: FitSettings) -> dict[str, str]:
    aside = {}
    if settings.group:
        aside[settings.group] = "its rows stay together; not learnt from"
    if settings.split_column:
        aside[settings.split_column] = "says which part a row belongs to; not learnt from"
    return aside


def _labelled(rows: _Rows, settings: FitSettings) -> tuple[_Rows, tuple[Finding, ...]]:
    """Rows that have their label."""
    if rows.frame.empty:
        raise DataError(
            "A table needs rows to learn from.",
            received="0 rows",
            hint="Check the source, or the filter before it.",
        )
    missing = rows.frame[list(label_names(settings))].isna().any(axis=1).to_numpy()
    if not missing.any() or missing.all():
        return rows, ()
    kept = _Rows(
        rows.frame[~missing].reset_index(drop=True),
        None if rows.is_valid is None else rows.is_valid[~missing],
        rows.origin,
        rows.root,
    )
    n = int(missing.sum())
    text = f"{n} of {len(missing)} rows have no label and are left out."
    return kept, (Finding("labels present", Severity.WARNING, text, n_rows=n),)


Part = tuple[pd.DataFrame, np.ndarray]


def _given_test(
    test: Any, schema: Schema, task: Task, settings: FitSettings
) -> tuple[Part | None, tuple[Finding, ...]]:
    """The test rows that the user gave, shaped; those that cannot be scored are left out."""
    if test is None:
        return None, ()
    table = read_table(test)
    names = label_names(settings)
    for name in names:
        if name not in table.frame.columns:
            raise ColumnError(
                "The test part must have the label, to be scored.",
                received=name,
                hint=suggest(name, table.frame.columns),
            )
    frame = table.frame[~table.frame[list(names)].isna().any(axis=1)].reset_index(drop=True)
    scored = _scorable(frame, task)
    findings: tuple[Finding, ...] = ()
    n = len(table.frame) - int(scored.sum())
    if n:
        text = f"{n} of {len(table.frame)} test rows have no label, or one that never occurs in training; they are left out of the score."
        findings = (Finding("test labels known", Severity.WARNING, text, n_rows=n),)
    frame = frame[scored].reset_index(drop=True)
    if frame.empty:
        raise DataError(
            "The test part must have rows whose labels occur in training.",
            received=f"{len(table.frame)} rows, none of them usable",
            hint="Check the test part, or leave it out.",
        )
    inputs = shape(frame, schema, input_columns(schema, task), table.root)
    return (inputs, encode_labels(frame, task)), findings


def _scorable(frame: pd.DataFrame, task: Task) -> np.ndarray:
    if task.kind not in {TaskKind.BINARY, TaskKind.MULTICLASS}:
        return np.ones(len(frame), dtype=bool)
    names = classes_in_sets([pd.unique(frame[task.label])])
    known = {value for name, value in names.items() if name in task.classes}
    return frame[task.label].isin(list(known)).to_numpy()


def _divide(
    rows: _Rows, y: np.ndarray, task: Task, settings: FitSettings, *, given: bool
) -> tuple[np.ndarray, np.ndarray, str]:
    """Development and test positions; rows given for validation are never tested on."""
    everything, nothing = np.arange(len(y)), np.empty(0, dtype=np.int64)
    if given:
        return everything, nothing, "the test part was given"
    if rows.is_valid is None:
        return split_test(rows.frame, y, task, settings)
    train = np.flatnonzero(~rows.is_valid)
    kept, tested, how = split_test(rows.frame.iloc[train], y[train], task, settings)
    development = np.sort(np.concatenate([train[kept], np.flatnonzero(rows.is_valid)]))
    return development, train[tested], how


def _sample(development: np.ndarray, y: np.ndarray, settings: FitSettings) -> np.ndarray:
    """At most `settings.sample` rows, in proportion by label."""
    if not 0 < settings.sample < len(development):
        return development
    rng = np.random.default_rng([settings.seed, 4])
    share = settings.sample / len(development)
    return development[pick_share(strata_of(y[development]), share, rng)]


def _folds(
    rows: _Rows, y: np.ndarray, development: np.ndarray, task: Task, settings: FitSettings
) -> tuple[Fold, ...]:
    if rows.is_valid is not None:
        return (one_fold(y[development], rows.is_valid[development], task),)
    n_folds = settings.folds or default_folds(len(development))
    return make_folds(rows.frame.iloc[development], y[development], task, settings, n_folds)


def class_weights(y: np.ndarray, task: Task) -> np.ndarray | None:
    """Balanced class weights n / (k n_c), or None where the classes are near balance.

    Example:
        >>> task = Task(TaskKind.BINARY, "y", ("a", "b"))
        >>> class_weights(np.array([0, 0, 0, 1]), task).round(2).tolist()
        [0.67, 2.0]
    """
    if task.kind not in {TaskKind.BINARY, TaskKind.MULTICLASS}:
        return None
    counts = np.bincount(y, minlength=len(task.classes)).astype(np.float64)
    if counts.max() < UNBALANCED * counts.min():
        return None
    weights: np.ndarray = len(y) / (len(counts) * np.maximum(counts, 1.0))
    return weights


def fingerprint(frame: pd.DataFrame) -> str:
    """Hash of column names and values: 64 hexadecimal digits.

    Example:
        >>> fingerprint(pd.DataFrame({"a": [1]})) == fingerprint(pd.DataFrame({"a": [2]}))
        False
    """
    digest = hashlib.sha256()
    for name in frame.columns:
        digest.update(f"{name}\0{frame[name].dtype}\0".encode())
        digest.update(_value_hashes(frame[name]).tobytes())
    return digest.hexdigest()


def _value_hashes(values: pd.Series[Any]) -> np.ndarray:
    try:
        return pd.util.hash_pandas_object(values, index=False).to_numpy()
    except TypeError:  # lists, pictures: hashed as they print
        texts = pd.Series([repr(value) for value in values], dtype=object)
        return pd.util.hash_pandas_object(texts, index=False).to_numpy()
