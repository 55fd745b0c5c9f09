"""What is odd about the rows, and what makes them impossible to learn from.

Each rule is a function of one column (or of the whole table) that gives findings, or
raises where going on would help nobody. Heavy rules look at a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import ColumnError, DataError, shorten
from automl_nb.core.limits import LARGEST
from automl_nb.core.types import Column, ColumnKind, Finding, Schema, Severity, Task, TaskKind
from automl_nb.data.convert import as_number
from automl_nb.data.kinds import FEW_LEVELS
from automl_nb.data.labels import encode_labels
from automl_nb.data.rows import row_hashes
from automl_nb.data.schema import INPUT_KINDS, input_columns
from automl_nb.data.table import plain_frame

MOST_ROWS = 20_000
LEAK_AUC = 0.99
LEAST_LEAK_ROWS = 20
MOSTLY_MISSING = 0.95


def check(frame: pd.DataFrame, schema: Schema, task: Task) -> tuple[Finding, ...]:
    """Look rows over before anything is learnt from them.

    Args:
        frame: All rows with their label, in plain dtypes.
        schema: Kinds of the columns.
        task: What is learnt.

    Returns:
        Findings, the weightiest first.

    Raises:
        DataError: No rows, or no column to learn from.
        ColumnError: Nested objects or bytes that are no picture.

    Example:
        >>> from automl_nb.data.schema import infer_schema
        >>> frame = pd.DataFrame({"x": [1.5, np.inf, 2.5, 3.5], "y": ["a", "b", "a", "b"]})
        >>> schema = infer_schema(frame, label="y")
        >>> [f.rule for f in check(frame, schema, Task(TaskKind.BINARY, "y", ("a", "b")))]
        ['finite numbers']
    """
    frame = plain_frame(frame)
    _refuse_empty(frame, schema, task)
    found = [
        finding
        for column in schema.columns
        if column.name != task.label
        for rule in COLUMN_RULES
        for finding in rule(frame[column.name], column)
    ]
    for table_rule in TABLE_RULES:
        found.extend(table_rule(frame, schema, task))
    return tuple(sorted(found, key=lambda finding: finding.severity is Severity.INFO))


def _refuse_empty(frame: pd.DataFrame, schema: Schema, task: Task) -> None:
    if frame.empty:
        raise DataError(
            "A table needs rows to learn from.",
            received="0 rows",
            hint="Check the source, or the filter before it.",
        )
    for column in schema.columns:
        if column.kind is ColumnKind.LABELS and column.reason in {"nested objects", LISTS}:
            raise ColumnError(
                f"Column '{column.name}' must hold plain values.",
                received=_first_nested(frame[column.name]),
                hint="Flatten it (pandas.json_normalize, explode), or leave it out with drop.",
            )
    if not input_columns(schema, task):
        kinds = ", ".join(
            f"'{c.name}' ({c.reason})" for c in schema.columns if c.name != task.label
        )
        raise DataError(
            "At least one column must be left to learn from.",
            received=kinds or "the label alone",
            hint="Add columns, or give a kind (kinds={'NAME': 'text'}) to one of these.",
        )


LISTS = "a list in each row"
NESTED = (list, dict, tuple, set, frozenset, np.ndarray)


def _first_nested(values: pd.Series[Any]) -> object:
    present = values.dropna()
    nested = [value for value in present if isinstance(value, NESTED)]
    return nested[0] if nested else present.iloc[0]


def _empty_column(values: pd.Series[Any], column: Column) -> Iterator[Finding]:
    share = column.n_missing / max(len(values), 1)
    if column.n_unique == 0:
        text = f"'{column.name}' has no value in any row and is left out."
        yield Finding("columns with values", Severity.WARNING, text, column.name, column.n_missing)
    elif share >= MOSTLY_MISSING and column.kind in INPUT_KINDS:
        text = f"'{column.name}' is missing in {share:.1%} of the rows."
        yield Finding("columns with values", Severity.INFO, text, column.name, column.n_missing)


def _finite(values: pd.Series[Any], column: Column) -> Iterator[Finding]:
    if column.kind is not ColumnKind.NUMBER:
        return
    numbers, _ = as_number(values)
    with np.errstate(invalid="ignore"):
        infinite = int(np.isinf(numbers).sum())
        absurd = int((np.abs(numbers) >= LARGEST).sum()) - infinite
    if infinite:
        text = f"{_count(infinite, 'infinite value')} of '{column.name}' count as missing."
        yield Finding("finite numbers", Severity.WARNING, text, column.name, infinite)
    if absurd:
        text = (
            f"{_count(absurd, 'value')} of '{column.name}' beyond {LARGEST:.0e} count as missing."
        )
        yield Finding("numbers of sane size", Severity.WARNING, text, column.name, absurd)


def _mixed(values: pd.Series[Any], column: Column) -> Iterator[Finding]:
    if values.dtype != object or column.kind not in {ColumnKind.CATEGORY, ColumnKind.TEXT}:
        return
    if pd.api.types.infer_dtype(values, skipna=True) == "string":
        return
    types = values.dropna().map(lambda value: type(value).__name__).value_counts()
    if len(types) > 1:
        named = ", ".join(f"{n} {name}" for name, n in types.items())
        text = f"'{column.name}' mixes types ({named}); all are read as text."
        numbers = sum(isinstance(value, int | float) for value in values.dropna())
        if numbers >= 0.9 * values.notna().sum():
            odd = next(v for v in values.dropna() if not isinstance(v, int | float))
            text += f" Correct {shorten(odd, 40)} or leave it missing, to have numbers."
        yield Finding(
            "one type a column", Severity.WARNING, text, column.name, int(types.iloc[1:].sum())
        )


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _rare_classes(frame: pd.DataFrame, _: Schema, task: Task) -> Iterator[Finding]:
    if task.kind not in {TaskKind.BINARY, TaskKind.MULTICLASS}:
        return
    counts = np.bincount(encode_labels(frame, task), minlength=len(task.classes))
    single = [name for name, n in zip(task.classes, counts, strict=True) if n == 1]
    if single:
        named = ", ".join(repr(name) for name in single[:5]) + (", ..." if len(single) > 5 else "")
        text = f"Classes with a single row are learnt from, but never judged: {named}."
        yield Finding("two rows a class", Severity.WARNING, text, task.label, len(single))


def _duplicates(frame: pd.DataFrame, schema: Schema, task: Task) -> Iterator[Finding]:
    inputs = frame[list(input_columns(schema, task))]
    if not _tells_rows_apart(inputs, schema):
        return
    hashes = row_hashes(inputs)
    n = len(hashes) - len(np.unique(hashes))
    if n:
        text = f"{_count(n, 'row')} repeat{'s' if n == 1 else ''} the inputs of an earlier row."
        yield Finding("no row twice", Severity.INFO, text, n_rows=n)
        yield from _contradictions(frame, hashes, task)


def _tells_rows_apart(frame: pd.DataFrame, schema: Schema) -> bool:
    """Whether equal rows are copies: a table of few distinct values repeats by nature.

    Numbers with fractions tell rows apart where n rows of that many possible values would not
    meet by chance, n^2 << values (the birthday problem).
    """
    possible = 1.0
    for name in frame:
        kind = schema[str(name)].kind
        if kind in {ColumnKind.TEXT, ColumnKind.IMAGE}:
            return True
        if kind is ColumnKind.NUMBER:
            numbers, _ = as_number(frame[name])
            known = numbers[np.isfinite(numbers)]
            if (known % 1 != 0).any():
                found = len(np.unique(known))
                # Hardly ever the same twice: n draws show that there are about n^2 of them.
                possible *= found if found < 0.9 * len(frame) else float(len(frame)) ** 2
                if possible > 100.0 * len(frame) ** 2:
                    return True
    return False


def _contradictions(frame: pd.DataFrame, hashes: np.ndarray, task: Task) -> Iterator[Finding]:
    if task.kind not in {TaskKind.BINARY, TaskKind.MULTICLASS}:
        return
    y = encode_labels(frame, task)
    rows = pd.DataFrame({"row": hashes, "y": y})
    torn = rows.groupby("row")["y"].nunique()
    n = int((torn > 1).sum())
    if n:
        text = f"{_count(n, 'input')} occur{'s' if n == 1 else ''} with more than one label."
        yield Finding("one label an input", Severity.WARNING, text, task.label, n)


def _leaks(frame: pd.DataFrame, schema: Schema, task: Task) -> Iterator[Finding]:
    """Single columns that tell the label all but perfectly."""
    if task.kind is TaskKind.MULTILABEL or len(frame) < LEAST_LEAK_ROWS:
        return
    y = encode_labels(frame, task)
    step = max(1, len(frame) // MOST_ROWS)
    rows = np.arange(0, len(frame), step)
    for name in schema.of_kind(ColumnKind.NUMBER, ColumnKind.BOOLEAN, ColumnKind.CATEGORY):
        if name == task.label:
            continue
        strength = _strength(frame[name].iloc[rows], schema[name], y[rows], task)
        if strength > LEAK_AUC:
            told = "correlation" if task.kind is TaskKind.REGRESSION else "AUC"
            text = (
                f"'{name}' alone tells the label ({told} {strength:.3f}): is it known beforehand?"
            )
            yield Finding("no leak", Severity.WARNING, text, name)


def _strength(values: pd.Series[Any], column: Column, y: np.ndarray, task: Task) -> float:
    """How well one column tells the label: AUC, its mean over classes, or |rank correlation|."""
    coded = task.kind is TaskKind.MULTICLASS and column.n_unique <= FEW_LEVELS
    if column.kind is ColumnKind.CATEGORY or coded:
        return _category_strength(values, y, task)
    numbers, _ = as_number(values)
    known = np.isfinite(numbers)
    if known.mean() < 0.5:
        return 0.0
    numbers, y = numbers[known], y[known]
    ranks = pd.Series(numbers).rank().to_numpy()
    if task.kind is TaskKind.REGRESSION:
        return _correlation(ranks, pd.Series(y).rank().to_numpy())
    if task.kind is TaskKind.MULTICLASS:
        return 0.0  # one number ranks two classes, not several
    area = auc(ranks, y == 1)
    return max(area, 1 - area)


def _category_strength(values: pd.Series[Any], y: np.ndarray, task: Task) -> float:
    """Share of rows that a look-up from the other rows' labels gets right, if high."""
    codes, levels = pd.factorize(values)
    if task.kind is TaskKind.REGRESSION or not 2 <= len(levels) <= len(y) / 5:
        return 0.0
    table = np.zeros((len(levels) + 1, int(y.max()) + 1))
    np.add.at(table, (codes, y), 1.0)
    right = table.max(axis=1).sum() / len(y)
    majority = table.sum(axis=0).max() / len(y)
    # A look-up that errs in one of a hundred rows that the majority gets wrong.
    return float((right - majority) / (1 - majority)) if majority < 1 else 0.0


def auc(ranks: np.ndarray, positive: np.ndarray) -> float:
    """Area under the ROC curve from ranks (Mann-Whitney); 0.5 with one class only.

    Example:
        >>> auc(np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, False, True, True]))
        1.0
    """
    n, p = len(ranks), int(positive.sum())
    if p in {0, n}:
        return 0.5
    return float((ranks[positive].sum() - p * (p + 1) / 2) / (p * (n - p)))


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(abs(np.corrcoef(a, b)[0, 1]))


def check_parts(
    development: pd.DataFrame, test: pd.DataFrame, schema: Schema
) -> tuple[Finding, ...]:
    """Rows of the test part whose inputs also stand in the development part.

    Args:
        development: Input columns, as `automl_nb.data.conform` shapes them.
        test: The same columns.
        schema: Their kinds; tables whose rows may be equal by chance are not looked at.
    """
    if not _tells_rows_apart(development, schema):
        return ()
    known = np.unique(row_hashes(development))
    n = int(np.isin(row_hashes(test), known).sum())
    if not n:
        return ()
    share = n / len(test)
    severity = Severity.WARNING if share >= 0.01 else Severity.INFO
    means = "is a little too kind" if share < 0.2 else "says little about new rows"
    text = (
        f"{_count(n, 'test row')} ({share:.1%}) also stand{'s' if n == 1 else ''} among the "
        f"training rows, so the test score {means}."
    )
    return (Finding("no row in two parts", severity, text, n_rows=n),)


COLUMN_RULES: tuple[Callable[[pd.Series[Any], Column], Iterator[Finding]], ...] = (
    _empty_column,
    _finite,
    _mixed,
)
TABLE_RULES: tuple[Callable[[pd.DataFrame, Schema, Task], Iterator[Finding]], ...] = (
    _rare_classes,
    _duplicates,
    _leaks,
)
