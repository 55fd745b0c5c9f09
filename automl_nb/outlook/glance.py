"""A quick look at a table: what its columns hold, and what learning one of them would be.

Enough rows to tell kinds, however long the table is: a form has to answer at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from automl_nb.core.settings import FitSettings
from automl_nb.core.types import Column, Finding, Objective, Schema, Task

ROWS = 2_000
_COMPARED = 500  # rows by which a change is noticed: some milliseconds at 1,000,000 rows x 200


@dataclass(frozen=True)
class Glance:
    """What was seen.

    Attributes:
        whole: All rows as they were given, where these are a frame; else those that were read.
        rows: Up to 2,000 of them, from the whole length, in plain dtypes.
        schema: Kinds of the columns in these rows.
        n_rows: Of the whole table.
        label: The label that the source names itself, such as a folder of pictures, or "".
        root: Where relative picture paths start.
        compared: Up to 500 rows of a frame, from its whole length, as they were.
    """

    whole: Any
    rows: Any
    schema: Schema
    n_rows: int
    label: str | tuple[str, ...] = ""
    root: Path | None = None
    compared: Any = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """In their order."""
        return self.schema.columns

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns."""
        return tuple(column.name for column in self.columns)

    def is_of(self, data: Any) -> bool:
        """Whether a frame looks as it did: the same object, length, columns, dtypes, and values.

        Values are compared in 500 rows from its whole length, so that a click is answered at once:
        a value that was changed in another row of a longer frame isn't noticed.
        """
        if data is not self.whole or len(data) != self.n_rows:
            return False
        same: bool = _spread(data, _COMPARED).equals(self.compared)
        return same


def glance(data: Any, sql: str | None = None) -> Glance:
    """Look at a frame, or at what a word names.

    Args:
        data: As `automl_nb.fit` takes it.
        sql: The query, where it is a database.

    Raises:
        DataError: It can't be read.

    Example:
        >>> import automl_nb
        >>> seen = glance(automl_nb.sample("wine"))
        >>> seen.n_rows, str(seen.columns[0].kind)
        (178, 'number')
    """
    from automl_nb.data.schema import infer_schema
    from automl_nb.data.sources import read_table

    is_frame = hasattr(data, "iloc")
    table = read_table(_spread(data) if is_frame else data, sql=sql)
    whole = data if is_frame else table.frame
    rows = table.frame if is_frame else _spread(table.frame)
    schema = infer_schema(rows, root=table.root)
    # A copy, as the slice shares its values with a frame that may be changed in place.
    compared = _spread(data, _COMPARED).copy() if is_frame else None
    return Glance(whole, rows, schema, len(whole), table.label, table.root, compared)


def with_kinds(
    seen: Glance,
    kinds: Mapping[str, str],
    label: str | tuple[str, ...],
    drop: Collection[str] = (),
) -> Glance:
    """The same rows with kinds that the person gave, with a label, and without some columns.

    Args:
        seen: As `glance` gave it: other columns keep the kinds that were inferred there.
        kinds: By column.
        label: The column or columns to predict.
        drop: Columns to leave out.

    Raises:
        DataError: A column can't be of this kind.
    """
    from automl_nb.data.schema import infer_schema

    rows = seen.rows.drop(columns=list(drop))
    kept = {name: kind for name, kind in kinds.items() if name not in drop}
    told = {*kept, *([label] if isinstance(label, str) else label)}
    few = rows[[name for name in rows.columns if name in told]]
    looked_at = few if told <= {*rows.columns} else rows  # a wrong name is answered with all names
    anew = infer_schema(looked_at, kinds=kept, root=seen.root, label=label)
    columns = (anew[c.name] if c.name in told else c for c in seen.columns if c.name not in drop)
    return replace(seen, rows=rows, schema=Schema(tuple(columns), n_rows=len(rows)))


def task_of(seen: Glance, settings: FitSettings) -> Task:
    """What learning the label would be, told from all of its values.

    Raises:
        DataError: The label can't be learnt, or doesn't fit the task that was asked for.
    """
    from automl_nb.data.task import infer_task, label_names

    names, labels = _columns(seen.whole), label_names(settings)
    values = seen.whole.iloc[:, [names.index(name) for name in labels]]
    return infer_task(values.set_axis([*labels], axis=1), seen.schema, settings)


def n_unlabelled(seen: Glance, settings: FitSettings) -> int:
    """Rows whose label is empty."""
    from automl_nb.data.task import label_names

    names = _columns(seen.whole)
    values = seen.whole.iloc[:, [names.index(name) for name in label_names(settings)]]
    return int(values.isna().any(axis=1).sum())


def objective_of(seen: Glance, task: Task, settings: FitSettings) -> Objective:
    """What would be made better.

    Raises:
        SettingError: The metric isn't one of this task.
    """
    from automl_nb.data.labels import encode_labels
    from automl_nb.evaluate.metrics import resolve_objective

    return resolve_objective(settings.metric, task, encode_labels(seen.rows, task), seen.schema)


def findings_of(seen: Glance, task: Task) -> tuple[Finding, ...]:
    """What is odd about the rows that were looked at.

    Raises:
        DataError: They can't be learnt from.
    """
    from automl_nb.data.checks import check

    return check(seen.rows, seen.schema, task)


def _spread(rows: Any, most: int = ROWS) -> Any:
    step = max(1, len(rows) // most)
    return rows.iloc[::step].head(most)


def _columns(data: Any) -> tuple[str, ...]:
    from automl_nb.data.table import column_names

    return tuple(column_names(data.columns))
