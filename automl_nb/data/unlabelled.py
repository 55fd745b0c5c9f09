"""Rows without a label, ready to be read as the labelled ones are; none of the test's."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import AutoMLError
from automl_nb.core.types import ColumnKind, Finding, Schema, Severity, Task
from automl_nb.data.clean import Cleaner
from automl_nb.data.conform import conform, shape
from automl_nb.data.gather import usable_pictures
from automl_nb.data.schema import input_columns

UNLABELLED = "unlabelled rows"  # the rule that findings name
MOST_ROWS = 100_000  # more teach no more, and take their time


def unlabelled_rows(
    left_out: pd.DataFrame,
    given: Any,
    schema: Schema,
    task: Task,
    *,
    cleaner: Cleaner,
    root: Path | None,
    sealed: pd.DataFrame | None,
) -> tuple[pd.DataFrame | None, tuple[Finding, ...]]:
    """Input columns of the rows that have no label, cleaned.

    Args:
        left_out: Rows of the training table whose label is missing.
        given: What the user gave beside it: anything that `read_table` reads, or None.
        schema: The columns that are learnt from.
        task: Names the label.
        cleaner: Fitted on the development rows.
        root: Where relative picture paths of `left_out` start.
        sealed: The test rows, cleaned: rows with one of their texts, or alike in all
            columns, are left out, so that nothing is ever learnt from a test row.

    Returns:
        One row each, or None where there are none; what was noticed.

    Raises:
        AutoMLError: What the user gave can't be read, or lacks a column.
    """
    names = input_columns(schema, task)
    parts, findings = [], []
    if given is not None:
        parts.append(conform(given, schema, task))
    if len(left_out):
        try:
            parts.insert(0, shape(left_out.reset_index(drop=True), schema, names, root))
        except AutoMLError as error:  # rows that were only ever to be left out
            text = f"The rows without a label can't be learnt from either: {error.rule}"
            findings.append(Finding(UNLABELLED, Severity.INFO, text, n_rows=len(left_out)))
    if not parts:
        return None, tuple(findings)
    frame = pd.concat(parts, ignore_index=True)
    if len(frame) > MOST_ROWS:
        frame = frame.sample(MOST_ROWS, random_state=0).reset_index(drop=True)
    frame = cleaner.transform(frame)
    kept, _ = usable_pictures(frame, schema)
    frame = frame[kept].reset_index(drop=True)
    if sealed is not None:
        tested = _occurs_in(frame, sealed, schema)
        if tested.any():
            text = f"{int(tested.sum())} rows without a label are test rows, and aren't used."
            findings.append(Finding(UNLABELLED, Severity.WARNING, text, n_rows=int(tested.sum())))
        frame = frame[~tested].reset_index(drop=True)
    return (frame if len(frame) else None), tuple(findings)


def _occurs_in(frame: pd.DataFrame, sealed: pd.DataFrame, schema: Schema) -> np.ndarray:
    """Rows with a text of a sealed row, or equal to one in every column."""
    found = _row_hashes(frame).isin(_row_hashes(sealed)).to_numpy().copy()
    for name in frame.columns:
        if schema[str(name)].kind is ColumnKind.TEXT:
            texts = set(map(_read_alike, sealed[name].dropna())) - {""}
            found |= frame[name].map(_read_alike, na_action="ignore").isin(texts).to_numpy()
    return np.asarray(found)


def _read_alike(text: object) -> str:
    """A text without what tokenizers pass over: case, width of characters, kinds of spaces."""
    return " ".join(unicodedata.normalize("NFKC", str(text)).casefold().split())


def _row_hashes(frame: pd.DataFrame) -> pd.Series[Any]:
    plain = pd.DataFrame({name: frame[name].map(repr) for name in frame.columns})
    return pd.util.hash_pandas_object(plain, index=False)
