"""What is to be learnt: binary, multi-class, multi-label or regression, and why."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import ColumnError, LabelError, SettingError, UnknownNameError, suggest
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import Schema, Task, TaskKind
from automl_nb.data.convert import as_number
from automl_nb.data.labels import (
    SEPARATORS,
    LabelValues,
    classes_in_sets,
    classes_of,
    is_set,
    split_label,
)
from automl_nb.data.plain import plain_column

FEW_NUMBERS = 20
TASKS = ("auto", *(str(kind) for kind in TaskKind))


def infer_task(frame: pd.DataFrame, schema: Schema, settings: FitSettings) -> Task:
    """Infer the task from the label; `settings.task` and `settings.positive` override.

    Args:
        frame: Rows with the label column, in plain dtypes.
        schema: Kinds of the columns.
        settings: `label`, `task`, `positive`.

    Raises:
        ColumnError: The label isn't a column.
        LabelError: The label cannot be learnt, or doesn't fit the task that was given.
        SettingError: `positive` for a task that has no positive class.

    Example:
        >>> frame = pd.DataFrame({"y": ["good", "bad"] * 5})
        >>> task = infer_task(frame, Schema(()), FitSettings(label="y"))
        >>> task.classes, task.reason
        (('bad', 'good'), "2 distinct values; 'good' is the positive class")
    """
    return read_label(frame, schema, settings)[0]


def read_label(
    frame: pd.DataFrame, schema: Schema, settings: FitSettings
) -> tuple[Task, LabelValues]:
    """The task, and how answers are to look (see `LabelValues`)."""
    if settings.task not in TASKS:
        raise UnknownNameError("task", settings.task, TASKS)
    names = label_names(settings)
    for name in names:
        if name not in frame.columns:
            raise ColumnError(
                "The label must be a column of the table.",
                received=name,
                hint=suggest(name, frame.columns),
            )
    if len(names) > 1:
        return _from_columns(names, settings)
    values = plain_column(frame[names[0]]).dropna()
    _refuse_unusable(values, names[0])
    kind, reason, separator = _kind(values, _wanted(names[0], schema, settings))
    if settings.positive and kind in {TaskKind.REGRESSION, TaskKind.MULTILABEL}:
        raise SettingError(
            "Only a binary task has a positive class.",
            received=settings.positive,
            hint=f"Leave positive out: the task is {kind.value}, {reason}.",
        )
    if kind is TaskKind.REGRESSION:
        return Task(kind, names[0], (), reason), LabelValues("number")
    if kind is TaskKind.MULTILABEL:
        return _from_sets(values, names[0], reason, separator)
    return _from_classes(values, names[0], kind, reason, settings)


def label_names(settings: FitSettings) -> tuple[str, ...]:
    """The label column or columns that were asked for.

    Raises:
        SettingError: None was.
    """
    names = (settings.label,) if isinstance(settings.label, str) else tuple(settings.label)
    if not names or not all(names):
        raise SettingError(
            "A label must be named: the column to predict.",
            received=settings.label,
            hint="Give it as label='NAME'.",
        )
    return names


def _refuse_unusable(values: pd.Series[Any], name: str) -> None:
    if values.empty:
        raise LabelError(
            f"The label '{name}' must have values to learn from.",
            received="no value in any row",
            hint="Name another column as label.",
        )
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        raise LabelError(
            f"The label '{name}' must be classes or numbers.",
            received="dates",
            hint="Turn the dates into a number, such as days since the first one.",
        )
    if any(isinstance(value, bytes | dict) for value in values.head(100)):
        raise LabelError(
            f"The label '{name}' must be classes or numbers.",
            received=values.iloc[0],
            hint="Name another column as label.",
        )


def _wanted(name: str, schema: Schema, settings: FitSettings) -> str:
    """The task that was asked for, also by way of the label's kind."""
    if settings.task == "auto" and name in schema and schema[name].reason == "given":
        return {"category": "multiclass", "number": "regression", "labels": "multilabel"}.get(
            str(schema[name].kind), "auto"
        )
    return settings.task


def _kind(values: pd.Series[Any], wanted: str) -> tuple[TaskKind, str, str]:
    """Kind, reason, and the separator of joined labels."""
    inferred = _infer_kind(values)
    if wanted == "auto":
        return inferred
    kind = TaskKind(wanted)
    if kind is TaskKind.MULTILABEL:
        return kind, "given", inferred[2] or _separator(values, SEPARATORS)
    if kind is TaskKind.REGRESSION and as_number(values)[1].any():
        raise LabelError(
            "Regression needs a label of numbers.",
            received=values[as_number(values)[1]].iloc[0],
            hint="Name another label, or say task='multiclass'.",
        )
    if any(is_set(value) for value in values.head(100)):
        raise LabelError(
            f"A {kind} label must be one value a row.",
            received=values.iloc[0],
            hint="Say task='multilabel'.",
        )
    return kind, "given", ""


def _infer_kind(values: pd.Series[Any]) -> tuple[TaskKind, str, str]:
    if any(is_set(value) for value in values.head(100)):
        return TaskKind.MULTILABEL, "a list of labels in each row", ""
    if separator := _separator(values, SEPARATORS[:2], least_share=0.05):
        return TaskKind.MULTILABEL, f"labels joined by '{separator}'", separator
    n, n_distinct = len(values), values.nunique()
    numbers, bad = as_number(values)
    if n_distinct <= 2:
        return TaskKind.BINARY, f"{n_distinct} distinct values", ""
    if values.dtype == bool or bad.any() or np.isnan(numbers).any():
        return TaskKind.MULTICLASS, f"{n_distinct} distinct values", ""
    whole = bool((numbers == np.floor(numbers)).all())
    if whole and n_distinct <= FEW_NUMBERS and n >= 3 * n_distinct:
        return TaskKind.MULTICLASS, f"{n_distinct} distinct whole numbers", ""
    what = "whole numbers" if whole else "numbers"
    return TaskKind.REGRESSION, f"{n_distinct} distinct {what} in {n} rows", ""


def _separator(
    values: pd.Series[Any], separators: tuple[str, ...], least_share: float = 0.0
) -> str:
    """What joins labels in one text, if the parts come again in other combinations."""
    if not all(isinstance(value, str) for value in values.head(100)):
        return ""
    counts = _by_text(values)
    for separator in separators:
        joined = sum(n for text, n in counts.items() if separator in text)
        if not joined or joined < least_share * len(values):
            continue
        parts = {part for text in counts for part in split_label(text, separator)}
        if len(parts) <= len(counts) or least_share == 0:
            return separator
    return ""


def _by_text(values: pd.Series[Any]) -> dict[str, int]:
    """How often each text is there: one that comes again is looked at once."""
    found: Counter[str] = Counter()
    for value, n in values.value_counts(sort=False).items():
        found[str(value)] += int(n)
    return found


def _from_columns(names: tuple[str, ...], settings: FitSettings) -> tuple[Task, LabelValues]:
    if settings.task not in {"auto", "multilabel"}:
        raise LabelError(
            f"A {settings.task} task has one label column.",
            received=", ".join(names),
            hint="Name one column, or say task='multilabel'.",
        )
    reason = f"{len(names)} label columns"
    task = Task(TaskKind.MULTILABEL, " + ".join(names), names, reason)
    return task, LabelValues("columns", names)


def _from_sets(
    values: pd.Series[Any], name: str, reason: str, separator: str
) -> tuple[Task, LabelValues]:
    if separator or isinstance(values.iloc[0], str):
        sets = [split_label(text, separator) if separator else [text] for text in values]
        form = "joined"
    else:
        sets = [list(value) if is_set(value) else [value] for value in values]
        form = "sets"
    classes = classes_in_sets(sets)
    if not classes:
        raise LabelError(
            f"The label '{name}' must name at least one class.",
            received="only empty lists",
            hint="Name another column as label.",
        )
    why = f"{reason}, {len(classes)} classes"
    task = Task(TaskKind.MULTILABEL, name, tuple(classes), why)
    return task, LabelValues(form, tuple(classes.values()), separator or "|" * (form == "joined"))


def _from_classes(
    values: pd.Series[Any], name: str, kind: TaskKind, reason: str, settings: FitSettings
) -> tuple[Task, LabelValues]:
    classes = classes_of(values)
    _refuse_unlearnable(values, classes, name)
    if kind is TaskKind.BINARY and len(classes) != 2:
        raise LabelError(
            "A binary task has a label of two distinct values.",
            received=f"{len(classes)} distinct values",
            hint="Say task='multiclass'.",
        )
    names = tuple(classes)
    if len(names) == 2:
        kind = TaskKind.BINARY
        names = _positive_last(names, settings.positive)
        reason = f"{reason}; '{names[1]}' is the positive class"
    elif settings.positive:
        raise SettingError(
            "Only a binary task has a positive class.",
            received=settings.positive,
            hint=f"Leave positive out: '{name}' has {len(names)} classes.",
        )
    return Task(kind, name, names, reason), LabelValues("single", tuple(classes[n] for n in names))


def _positive_last(names: tuple[str, ...], positive: str) -> tuple[str, ...]:
    if not positive:
        return names
    if positive not in names:
        raise UnknownNameError("class", positive, names, hint="It is to be the positive class.")
    return tuple(sorted(names, key=lambda name: name == positive))


def _refuse_unlearnable(values: pd.Series[Any], classes: dict[str, object], name: str) -> None:
    if len(classes) < 2:
        raise LabelError(
            f"The label '{name}' must differ between rows.",
            received=f"{next(iter(classes))!r} in all {len(values)} rows that have a label",
            hint="Name another column as label, or add rows of another class.",
        )
    if len(values) >= 20 and len(classes) > len(values) / 2:
        raise LabelError(
            f"The label '{name}' must have classes that come again.",
            received=f"{len(classes)} distinct values in {len(values)} rows",
            hint="Name another column as label, or say task='regression' if they are numbers.",
        )
