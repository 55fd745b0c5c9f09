"""What the columns of a table hold, with a reason for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import ColumnError, UnknownNameError, shorten, suggest
from automl_nb.core.types import Column, ColumnKind, Schema, Task
from automl_nb.data.kinds import Evidence, Verdict, judge
from automl_nb.data.labels import decode_labels, encode_labels
from automl_nb.data.table import plain_frame
from automl_nb.data.task import infer_task

__all__ = [
    "INPUT_KINDS",
    "decode_labels",
    "encode_labels",
    "infer_schema",
    "infer_task",
    "input_columns",
]

INPUT_KINDS = (
    ColumnKind.TEXT,
    ColumnKind.IMAGE,
    ColumnKind.NUMBER,
    ColumnKind.CATEGORY,
    ColumnKind.BOOLEAN,
    ColumnKind.DATETIME,
)


def infer_schema(
    frame: pd.DataFrame,
    *,
    kinds: Mapping[str, str] | None = None,
    root: Path | None = None,
    label: str | tuple[str, ...] = (),
    aside: Mapping[str, str] | None = None,
) -> Schema:
    """Infer each column's kind.

    Args:
        frame: A plain frame (see `automl_nb.data.table`).
        kinds: Kinds that the user gave, by column.
        root: Where relative picture paths start.
        label: The column (or columns) to predict; never an input.
        aside: Columns that serve another end than learning, and which (by column).

    Returns:
        A `Schema` in the order of the frame's columns.

    Raises:
        ColumnError: A named column isn't there.
        UnknownNameError: There is no such kind.

    Example:
        >>> frame = pd.DataFrame({"age": [31.5, 40.0], "said": ["it was a good day", "no"]})
        >>> [str(column.kind) for column in infer_schema(frame).columns]
        ['number', 'text']
    """
    frame = plain_frame(frame)
    kinds, aside = dict(kinds or {}), dict(aside or {})
    _check_kinds(kinds, frame)
    labels = {label} if isinstance(label, str) else set(label)
    columns = []
    for name in frame.columns:
        evidence = Evidence(str(name), frame[name], root)
        if name in kinds:
            verdict = _given(evidence, ColumnKind(kinds[name]))
        elif name in aside:
            verdict = Verdict(ColumnKind.ID, aside[name])
        elif name in labels:
            verdict = _label(evidence, several=len(labels) > 1)
        else:
            verdict = judge(evidence)
        columns.append(_describe(evidence, verdict))
    return Schema(tuple(columns), n_rows=len(frame))


def input_columns(schema: Schema, task: Task) -> tuple[str, ...]:
    """The columns that a model learns from, in order.

    Left out are the label, keys, constants and columns that serve to split.
    """
    return tuple(name for name in schema.of_kind(*INPUT_KINDS) if name != task.label)


def _check_kinds(kinds: Mapping[str, str], frame: pd.DataFrame) -> None:
    known = [str(kind) for kind in ColumnKind]
    for name, kind in kinds.items():
        if name not in frame.columns:
            raise ColumnError(
                "A kind can be given only to a column of the table.",
                received=name,
                hint=suggest(name, frame.columns),
            )
        if kind not in known:
            raise UnknownNameError("column kind", kind, known)


def _given(evidence: Evidence, kind: ColumnKind) -> Verdict:
    if kind not in {ColumnKind.DATETIME, ColumnKind.BOOLEAN}:
        return Verdict(kind, "given")
    inferred = judge(evidence)
    if kind is ColumnKind.BOOLEAN and inferred.kind is ColumnKind.NUMBER:
        raise ColumnError(
            f"Column '{evidence.name}' must hold true or false.",
            received=f"{evidence.n_distinct} different numbers",
            hint=f"Leave it a number, or compare first, such as {evidence.name} > 0.",
        )
    return Verdict(kind, "given", inferred.form)


def _label(evidence: Evidence, *, several: bool) -> Verdict:
    if several:
        return Verdict(ColumnKind.LABELS, "one of the labels")
    inferred = judge(evidence)
    if inferred.kind is ColumnKind.LABELS:
        return Verdict(ColumnKind.LABELS, "the label")
    if inferred.kind in {ColumnKind.NUMBER, ColumnKind.BOOLEAN, ColumnKind.DATETIME}:
        return Verdict(inferred.kind, "the label", inferred.form)
    return Verdict(ColumnKind.CATEGORY, "the label")


def _describe(evidence: Evidence, verdict: Verdict) -> Column:
    values = evidence.column
    return Column(
        name=evidence.name,
        kind=verdict.kind,
        reason=verdict.reason,
        dtype=f"{values.dtype}:{verdict.form}" if verdict.form else str(values.dtype),
        n_missing=evidence.n_missing(verdict.kind),
        n_unique=evidence.n_distinct,
        examples=tuple(_example(value) for value in evidence.distinct[:3]),
    )


def _example(value: Any) -> str:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, np.generic):
        value = value.item()
    return shorten(value, 60)[1:-1] if isinstance(value, str) else shorten(value, 60)


def date_form_of(column: Column) -> str:
    """The form of a column of text dates, "" for real dates."""
    return column.dtype.partition(":")[2]
