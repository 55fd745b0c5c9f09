"""Bringing training, validation and test rows together before they are divided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import ColumnError, DataError, suggest
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import ColumnKind, Finding, Schema, Severity, Task, TaskKind
from automl_nb.data.conform import shape
from automl_nb.data.labels import encode_labels, label_text
from automl_nb.data.parts import PARTS
from automl_nb.data.pictures import check_pictures
from automl_nb.data.schema import input_columns
from automl_nb.data.sources import Columns, read_table
from automl_nb.data.table import Table
from automl_nb.data.task import label_names


@dataclass(frozen=True)
class Rows:
    """Training and validation rows in one plain frame.

    Attributes:
        frame: All columns, the label among them.
        is_valid: (n,) mask of the rows that the user gave for validation, or None.
        origin: Where they came from.
        root: Where relative picture paths start.
        findings: What was noticed while reading.
    """

    frame: pd.DataFrame
    is_valid: np.ndarray | None
    origin: str
    root: Path | None
    findings: tuple[Finding, ...] = ()

    def keep(self, mask: np.ndarray) -> Rows:
        """Some of the rows."""
        if mask.all():
            return self
        valid = None if self.is_valid is None else self.is_valid[mask]
        return replace(self, frame=self.frame[mask].reset_index(drop=True), is_valid=valid)


def gather(
    source: Any, valid: Any, settings: FitSettings, sql: str | None
) -> tuple[Rows, FitSettings]:
    """Read training and validation rows; a source may name its label and parts itself.

    Raises:
        ColumnError: A column that the settings name isn't there.
    """
    table = read_table(source, columns=_all_but_dropped(settings), sql=sql)
    settings = replace(
        settings,
        label=settings.label or table.label,
        split_column=settings.split_column or table.split_column,
    )
    _check_columns(table.frame, settings)
    frame = table.frame
    if valid is None:
        return Rows(frame, None, table.origin, table.root, table.findings), settings
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
    frame = Table.of(both, table.origin).frame
    return Rows(frame, mask, table.origin, table.root, table.findings), settings


def _all_but_dropped(settings: FitSettings) -> Columns:
    """Chooses the columns to read: what is dropped isn't even read, where the format allows."""
    if not settings.drop:
        return None

    def choose(there: list[str]) -> list[str]:
        for name in settings.drop:
            _check_column(name, "drop", there, label_names(settings))
        return [name for name in there if name not in settings.drop]

    return choose


def _check_columns(frame: pd.DataFrame, settings: FitSettings) -> None:
    labels = label_names(settings)
    named = [(name, "label") for name in labels]
    for option in ("group", "time_column", "split_column"):
        named += [(getattr(settings, option), option)] if getattr(settings, option) else []
    for name, option in named:
        _check_column(name, option, list(frame.columns), labels)


def _check_column(name: str, option: str, there: list[str], labels: tuple[str, ...]) -> None:
    if name not in there:
        raise ColumnError(
            f"The column that {option} names must be in the table.",
            received=name,
            hint=suggest(name, there),
        )
    if name in labels and option != "label":
        raise ColumnError(
            f"The label can't serve as {option} too.",
            received=name,
            hint=f"Name another column in {option}, or leave it out.",
        )


def drop_unlabelled(
    rows: Rows, settings: FitSettings
) -> tuple[Rows, pd.DataFrame, tuple[Finding, ...]]:
    """Rows that have their label, training rows that have none, and how many these are.

    Rows without a label that a split column or the user names for validation or test are in
    neither part.

    Raises:
        DataError: There is no row at all.
    """
    if rows.frame.empty:
        raise DataError(
            "A table needs rows to learn from.",
            received="0 rows",
            hint="Check the source, or the filter before it.",
        )
    missing = _unlabelled(rows.frame, label_names(settings))
    if not missing.any() or missing.all():  # all: inference says so in better words
        return rows, rows.frame.iloc[:0], ()
    n = int(missing.sum())
    text = (
        f"{n} of {len(missing)} rows have no label and are left out (in files, empty cells, NA "
        "and null are no label)."
    )
    finding = Finding("labels present", Severity.WARNING, text, n_rows=n)
    free = missing & _for_training(rows, settings)
    return rows.keep(~missing), rows.frame[free].reset_index(drop=True), (finding,)


def _for_training(rows: Rows, settings: FitSettings) -> np.ndarray:
    """Rows that no one has named for validation or test."""
    free = np.ones(len(rows.frame), dtype=bool) if rows.is_valid is None else ~rows.is_valid
    if settings.split_column:
        said = rows.frame[settings.split_column].astype(str).str.strip().str.casefold()
        free &= (said.map(PARTS) == "train").to_numpy()
    return free


def _unlabelled(frame: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    """Rows where a label is missing or empty text."""
    missing = np.zeros(len(frame), dtype=bool)
    for name in names:
        missing |= frame[name].isna().to_numpy()
        if frame[name].dtype == object:
            missing |= [isinstance(value, str) and not value.strip() for value in frame[name]]
    return missing


def shape_inputs(
    rows: Rows, schema: Schema, task: Task
) -> tuple[Rows, pd.DataFrame, tuple[Finding, ...]]:
    """The input columns as the engine has them, less rows whose picture cannot be opened."""
    names = input_columns(schema, task)
    inputs = shape(rows.frame, schema, names, rows.root)
    kept, findings = usable_pictures(inputs, schema)
    return rows.keep(kept), inputs[kept].reset_index(drop=True), findings


def usable_pictures(inputs: pd.DataFrame, schema: Schema) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """A mask of rows whose pictures can be opened, and what was found.

    A missing picture is a gap like any other, unless there is nothing but pictures.
    """
    kept = np.ones(len(inputs), dtype=bool)
    found = []
    pictures = [str(name) for name in inputs if schema[str(name)].kind is ColumnKind.IMAGE]
    for name in pictures:
        bad, finding = check_pictures(inputs, name)
        kept &= ~bad
        found += [finding] if finding else []
    if pictures and len(pictures) == inputs.shape[1]:
        gone = inputs.isna().all(axis=1).to_numpy()
        kept &= ~gone
        if gone.any():
            text = f"{int(gone.sum())} of {len(inputs)} rows have no picture and are left out."
            found.append(
                Finding("pictures present", Severity.WARNING, text, n_rows=int(gone.sum()))
            )
    return kept, tuple(found)


Part = tuple[pd.DataFrame, np.ndarray]


def given_test(
    test: Any, schema: Schema, task: Task, settings: FitSettings
) -> tuple[Part | None, tuple[Finding, ...]]:
    """The test rows that the user gave, shaped; those that cannot be scored are left out.

    Raises:
        DataError: No row can be scored, or columns are missing.
    """
    if test is None:
        return None, ()
    table = read_table(test)
    names = label_names(settings)
    for name in names:
        if name not in table.frame.columns:
            raise ColumnError(
                "The test part must have the label, to be scored.",
                received=f"no column {name!r}",
                hint=suggest(name, table.frame.columns),
            )
    scored = ~_unlabelled(table.frame, names)
    scored &= _known_labels(table.frame, task)
    rows = Rows(table.frame, None, table.origin, table.root).keep(scored)
    rows, inputs, findings = shape_inputs(rows, schema, task)
    n = len(scored) - int(scored.sum())
    if rows.frame.empty:
        raise DataError(
            "The test part must have rows whose labels occur in training.",
            received=f"{len(scored)} rows, none of them usable",
            hint="Check the test part, or leave it out.",
        )
    if n:
        text = (
            f"{n} of {len(scored)} test rows have no label, or one that never occurs in "
            "training; the score leaves them out."
        )
        known = Finding("test labels known", Severity.WARNING, text, n_rows=n)
        findings = (known, *findings)
    return (inputs, encode_labels(rows.frame, task)), findings


def _known_labels(frame: pd.DataFrame, task: Task) -> np.ndarray:
    if task.kind not in {TaskKind.BINARY, TaskKind.MULTICLASS}:
        return np.ones(len(frame), dtype=bool)
    codes, uniques = pd.factorize(frame[task.label])
    known = np.array([label_text(value) in task.classes for value in uniques] + [False])
    mask: np.ndarray = known[codes]
    return mask
