"""Labels as numbers and back, so that answers come in the type that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import ColumnError, LabelError, suggest
from automl_nb.core.types import Task, TaskKind
from automl_nb.data.convert import as_number

SEPARATORS = ("|", ";", ",")

LARGEST_LABEL = 1e18  # its square is still a float32, with room for a sum


@dataclass(frozen=True)
class LabelValues:
    """How answers are to look: the labels as they were given, in the order of the classes.

    Attributes:
        form: ``single`` (one value a row), ``number`` (regression), ``sets`` (lists of
            values), ``joined`` (values joined by `separator`), ``columns`` (0/1 columns).
        originals: The original label of each class: text, int, float or bool.
        separator: Joins the values of a ``joined`` label.
    """

    form: str
    originals: tuple[object, ...] = ()
    separator: str = ""


def label_text(value: Any) -> str:
    """A label as the text that names its class.

    Example:
        >>> label_text(3.0), label_text(True), label_text(" yes")
        ('3', 'True', ' yes')
    """
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, pd.Timestamp):
        return str(value.isoformat())
    return str(value)


def is_set(value: Any) -> bool:
    """Whether a label is a set of labels: a list, tuple, set or array."""
    return isinstance(value, list | tuple | set | frozenset | np.ndarray)


def classes_of(values: pd.Series[Any]) -> dict[str, object]:
    """Class names and original values of one label column, in order.

    Numbers and booleans are ordered by value, everything else as text.

    Example:
        >>> classes_of(pd.Series([10, 2, 10]))
        {'2': 2, '10': 10}
    """
    found = [_python(value) for value in pd.unique(values.dropna())]
    numeric = pd.api.types.is_numeric_dtype(values.dtype)  # booleans too
    found.sort(key=(lambda value: value) if numeric else label_text)
    if all(isinstance(value, float) and value.is_integer() for value in found):
        # Whole numbers as float are nearly always integers that a gap has widened.
        found = [int(value) for value in found if isinstance(value, float)]
    named: dict[str, object] = {}
    for value in found:
        named.setdefault(label_text(value), value)
    return named


def classes_in_sets(sets: Iterable[Sequence[Any]]) -> dict[str, object]:
    """Class names and original values that occur in sets of labels, in order."""
    found = {label_text(value): _python(value) for labels in sets for value in labels}
    return dict(sorted(found.items()))


def _python(value: Any) -> object:
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, str | int | float | bool) else label_text(value)


def split_label(text: str, separator: str) -> list[str]:
    """The labels in ``"a|b"``; an empty text holds none."""
    return [part.strip() for part in text.split(separator) if part.strip()]


def encode_labels(frame: pd.DataFrame, task: Task) -> np.ndarray:
    """Labels as the engine wants them.

    Args:
        frame: Rows with the label column (or columns).
        task: What is learnt.

    Returns:
        (n,) int64 class positions; (n, k) float32 0/1 for multi-label; (n,) float64 for
        regression.

    Raises:
        ColumnError: The label column isn't there.
        LabelError: A label is missing, unknown, or (regression) not a number.

    Example:
        >>> task = Task(TaskKind.BINARY, "y", ("no", "yes"))
        >>> encode_labels(pd.DataFrame({"y": ["yes", "no", "yes"]}), task)
        array([1, 0, 1])
    """
    if task.kind is TaskKind.MULTILABEL and is_in_columns(frame, task):
        columns = [_zero_one(frame[name]) for name in task.classes]
        return np.stack(columns, axis=1).astype(np.float32)
    if task.label not in frame.columns:
        raise ColumnError(
            "The label must be a column of the table.",
            received=task.label,
            hint=suggest(task.label, frame.columns),
        )
    values = frame[task.label]
    _refuse_missing(values)
    if task.kind is TaskKind.REGRESSION:
        return _numbers(values)
    if task.kind is TaskKind.MULTILABEL:
        return _sets(values, task.classes)
    return _positions(values, task)


def is_in_columns(frame: pd.DataFrame, task: Task) -> bool:
    """Whether a multi-label task's labels are 0/1 columns rather than one column of sets."""
    return task.label not in frame.columns and set(task.classes) <= set(frame.columns)


def _refuse_missing(values: pd.Series[Any]) -> None:
    n_missing = int(values.isna().sum())
    if n_missing:
        raise LabelError(
            "Every row needs a label here.",
            received=f"{n_missing} of {len(values)} rows without one",
            hint="Drop these rows.",
        )


def _numbers(values: pd.Series[Any]) -> np.ndarray:
    numbers, bad = as_number(values)
    if bad.any() or not np.isfinite(numbers).all():
        at = int(np.argmax(bad if bad.any() else ~np.isfinite(numbers)))
        raise LabelError(
            "A regression label must be a finite number in every row.",
            received=values.iloc[at],
            hint="Correct the row, or say task='multiclass'.",
        )
    if (size := np.abs(numbers).max(initial=0.0)) > LARGEST_LABEL:
        raise LabelError(
            f"A regression label must be below {LARGEST_LABEL:.0e} in size.",
            received=float(size),
            hint="Predict it in a larger unit, or its logarithm.",
        )
    return numbers


def _positions(values: pd.Series[Any], task: Task) -> np.ndarray:
    codes, uniques = pd.factorize(values)
    position = {name: i for i, name in enumerate(task.classes)}
    found = np.array([position.get(label_text(value), -1) for value in uniques], dtype=np.int64)
    if (found < 0).any():
        raise LabelError(
            "Every label must be one of the classes that the model knows.",
            received=uniques[int(np.argmax(found < 0))],
            hint=suggest(label_text(uniques[int(np.argmax(found < 0))]), task.classes),
        )
    return found[codes] if len(found) else np.empty(0, dtype=np.int64)


def _sets(values: pd.Series[Any], classes: tuple[str, ...]) -> np.ndarray:
    position = {name: i for i, name in enumerate(classes)}
    y = np.zeros((len(values), len(classes)), dtype=np.float32)
    for row, value in enumerate(values):
        for name in _names(value, position):
            if name not in position:
                raise LabelError(
                    "Every label must be one of the classes that the model knows.",
                    received=name,
                    hint=suggest(name, classes),
                )
            y[row, position[name]] = 1.0
    return y


def _names(value: Any, known: dict[str, int]) -> list[str]:
    if is_set(value):
        return [label_text(item) for item in value]
    text = label_text(value)
    if text in known or not text.strip():
        return [text] if text in known else []
    splits = (split_label(text, separator) for separator in SEPARATORS)
    return next((names for names in splits if all(n in known for n in names)), [text])


def _zero_one(values: pd.Series[Any]) -> np.ndarray:
    numbers, bad = as_number(values)
    wrong = bad | ~np.isin(numbers, (0.0, 1.0))
    if wrong.any():
        raise LabelError(
            f"The label column '{values.name}' of a multi-label task must hold 0 and 1 only.",
            received=values.iloc[int(np.argmax(wrong))],
            hint="Name 0/1 columns as labels, or a single column.",
        )
    return numbers


def decode_labels(y: np.ndarray, labels: LabelValues) -> np.ndarray:
    """Answers in the type and form of the labels that were learnt from.

    Args:
        y: As `encode_labels` gives it.
        labels: How they looked.

    Returns:
        (n,) int64, float64, bool or object values; (n, k) int64 for 0/1 columns.

    Example:
        >>> decode_labels(np.array([1, 0]), LabelValues("single", (False, True)))
        array([ True, False])
    """
    if labels.form == "number":
        return y.astype(np.float64)
    if labels.form == "columns":
        return (y > 0.5).astype(np.int64)
    if labels.form == "single":
        return _typed(labels.originals)[y.astype(np.int64)]
    sets = [[labels.originals[i] for i in np.flatnonzero(row > 0.5)] for row in y]
    answers = np.empty(len(sets), dtype=object)
    for row, found in enumerate(sets):
        answers[row] = found if labels.form == "sets" else labels.separator.join(map(str, found))
    return answers


def _typed(values: tuple[object, ...]) -> np.ndarray:
    for kind, dtype in ((bool, np.bool_), (int, np.int64), (float, np.float64)):
        if values and all(type(value) is kind for value in values):
            return np.array(values, dtype=dtype)
    return np.array(values, dtype=object)
