"""Rows that are typed below `%%automl predict MODEL`: texts, one a line, or CSV with a header."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

from automl_nb.core.errors import DataError, suggest
from automl_nb.core.listed import written_list

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 6  # columns named in advice


def typed_rows(model: Any, body: str) -> pd.DataFrame:
    """The rows, a column for each one that the model reads.

    Args:
        model: Has `inputs`, the names of its columns.
        body: Of a model of one column a value a line; of several CSV whose first line names them.

    Raises:
        DataError: There are no rows, or it is no CSV with names of the model's columns.
    """
    import pandas as pd

    inputs = [str(name) for name in model.inputs]
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    if len(inputs) == 1:
        if not lines:
            raise DataError("Below '%%automl predict MODEL' stand texts, one a line.")
        return pd.DataFrame({inputs[0]: lines})
    wanted = written_list(inputs[:_SHOWN]) + (",..." if len(inputs) > _SHOWN else "")
    advice = f"The first line is: {wanted}"
    try:
        with warnings.catch_warnings(action="error", category=pd.errors.ParserWarning):
            rows = pd.read_csv(io.StringIO(body), skipinitialspace=True, index_col=False)
    except (ValueError, pd.errors.ParserWarning) as error:  # pandas' own errors are such
        raise DataError(
            f"Below the line stand rows in CSV: {' '.join(str(error).split())}.",
            received=lines[0] if lines else "",
            hint=advice,
        ) from None
    given = [str(name) for name in rows.columns]
    rows.columns = pd.Index([name if name in inputs else name.strip() for name in given])
    _check_names([*rows.columns], inputs, lines[0], advice)
    if rows.empty:
        raise DataError("Below the names of the columns stands a row or more.", hint=advice)
    return rows


def _check_names(given: list[str], inputs: list[str], line: str, advice: str) -> None:
    missing = [name for name in inputs if name not in given]
    if len(missing) == len(inputs):
        raise DataError(
            f"The model reads {len(inputs)} columns, so that rows are CSV with their names first.",
            received=line,
            hint=advice,
        )
    if missing:
        other = [name for name in given if name not in inputs]
        guess = suggest(missing[0], other) if other else ""
        raise DataError(
            "Each column that the model reads must be there.",
            received=f"no '{missing[0]}'" + (f" and {len(missing) - 1} more" * (len(missing) > 1)),
            hint=f"{guess} {advice}".strip(),
        )


def answered(model: Any, rows: pd.DataFrame, *, proba: bool) -> pd.DataFrame:
    """The rows with their answers behind them: under the label's name, or a column a class."""
    import pandas as pd

    if proba:
        answers = model.predict_proba(rows)
    else:
        given = model.predict(rows)
        several = getattr(given, "ndim", 1) == 2  # 0 or 1 for each of several labels
        answers = (
            pd.DataFrame(given, columns=list(model.task.classes))
            if several
            else pd.DataFrame({model.task.label: list(given)})
        )
    shared = {name: f"{name} (given)" for name in rows.columns if name in set(answers.columns)}
    joined: pd.DataFrame = pd.concat([rows.rename(columns=shared), answers], axis=1)
    return joined
