"""What is odd about the rows, and what makes them impossible to learn from."""

from __future__ import annotations

import pandas as pd

from automl_nb.core.errors import DataError
from automl_nb.core.types import Finding, Schema, Task


def check(frame: pd.DataFrame, schema: Schema, task: Task) -> tuple[Finding, ...]:
    """Look the rows over."""
    if frame.empty:
        raise DataError("A table needs rows.", received="0 rows", hint="Give rows.")
    return ()
