"""Whether rows are among those that a model was trained on, told without keeping any of them.

Of the rows' hashes the smallest are kept, a sample that hangs on content alone: the share of other
rows' small hashes that are among them estimates the share of these rows that are known (Broder
1997, "On the resemblance and containment of documents").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

MOST = 512  # hashes kept; up to so many rows the share is exact
_TELLING = 0.1  # a share that chance hardly brings about


def sketch(rows: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """The smallest hashes of rows as hexadecimal text, in ascending order."""
    found = np.unique(_hashes(rows, columns))[:MOST]
    return [f"{one:016x}" for one in found.tolist()]


def share_known(kept: Sequence[str], rows: pd.DataFrame, columns: Sequence[str]) -> float:
    """The share of rows that read as those of a sketch do; 0 where nothing is known of either.

    Example:
        >>> table = pd.DataFrame({"a": range(100)})
        >>> kept = sketch(table.head(50), ["a"])
        >>> share_known(kept, table, ["a"])
        0.5
    """
    known = np.array([int(one, 16) for one in kept], dtype=np.uint64)
    asked = _hashes(rows, columns)
    if len(known) == MOST:  # of the others nobody knows
        asked = asked[asked <= known[-1]]
    return float(np.isin(asked, known).mean()) if len(asked) and len(known) else 0.0


def warning(kept: Sequence[str], rows: pd.DataFrame, columns: Sequence[str]) -> tuple[str, ...]:
    """A sentence where rows were trained on, as their score says nothing of new ones."""
    share = share_known(kept, rows, columns)
    if share < _TELLING:
        return ()
    whose = "These rows" if share == 1.0 else f"About {share:.0%} of these rows"
    said = f"{whose} are among those that the model was trained on, so that this score can't be"
    return (f"{said} trusted: judge it on rows that it hasn't seen.",)


def _hashes(rows: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """(n,) uint64 of what stands in these columns, whatever types a source has stored it in."""
    plain = {}
    for name in columns:
        column = rows[name]
        is_number = pd.api.types.is_numeric_dtype(column)
        plain[name] = column.astype(float) if is_number else column.map(str)
    if not plain:
        return np.zeros(0, dtype=np.uint64)
    return np.asarray(pd.util.hash_pandas_object(pd.DataFrame(plain), index=False), dtype=np.uint64)
