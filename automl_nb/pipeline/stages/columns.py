"""Which input columns play which part."""

from __future__ import annotations

from automl_nb.core.types import ColumnKind, TaskKind
from automl_nb.data.schema import input_columns
from automl_nb.pipeline.workbench import Workbench

_TABLE = (ColumnKind.NUMBER, ColumnKind.CATEGORY, ColumnKind.BOOLEAN, ColumnKind.DATETIME)


def texts(bench: Workbench) -> tuple[str, ...]:
    """Input columns of text."""
    return _of(bench, ColumnKind.TEXT)


def pictures(bench: Workbench) -> tuple[str, ...]:
    """Input columns of pictures."""
    return _of(bench, ColumnKind.IMAGE)


def table(bench: Workbench) -> dict[str, str]:
    """Input columns of numbers, categories, booleans and dates, with their kinds."""
    schema = bench.dataset.schema
    return {name: schema[name].kind.value for name in _of(bench, *_TABLE)}


def is_binary(bench: Workbench) -> bool:
    """Whether there are two classes: opinions mostly are, topics are many."""
    return bench.dataset.task.kind is TaskKind.BINARY


def _of(bench: Workbench, *kinds: ColumnKind) -> tuple[str, ...]:
    schema = bench.dataset.schema
    names = input_columns(schema, bench.dataset.task)
    return tuple(name for name in names if schema[name].kind in kinds)
