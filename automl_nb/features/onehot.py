"""Level codes as columns of 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse


class OneHot:
    """One column a frequent level, and one for all others where training rows had such.

    Args:
        kept: How many levels (codes 0, 1, ...) of each category have their own column.
        shared: Whether there is a column for the others.

    Example:
        >>> OneHot([2], [True]).dense(np.array([[0], [1], [7], [-1]])).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """

    def __init__(self, kept: Sequence[int], shared: Sequence[bool]) -> None:
        self.kept, self.shared = list(kept), list(shared)
        self._kept = np.array(kept, dtype=np.int64)
        self._widths = self._kept + np.array(shared, dtype=np.int64)
        self._starts = np.concatenate([[0], np.cumsum(self._widths)]).astype(np.int64)

    @property
    def width(self) -> int:
        """Columns in all."""
        return int(self._starts[-1])

    def dense(self, codes: np.ndarray) -> np.ndarray:
        """(n, width) float32 from (n, q) codes; -1 gives zeros."""
        columns, present = self._columns(codes)
        out = np.zeros((len(codes), self.width), dtype=np.float32)
        rows = np.nonzero(present)[0]
        out[rows, columns[present]] = 1.0
        return out

    def csr(self, codes: np.ndarray) -> sparse.csr_matrix:
        """As `dense`, in compressed rows."""
        columns, present = self._columns(codes)
        ends = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
        ones = np.ones(int(ends[-1]), dtype=np.float32)
        return sparse.csr_matrix((ones, columns[present], ends), shape=(len(codes), self.width))

    def _columns(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        own = np.minimum(codes, self._kept)
        return own + self._starts[:-1], (own >= 0) & (own < self._widths)
