"""Blocks that are simply given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl_nb.features.base import Matrix


@dataclass
class GivenBlocks:
    """Feature blocks by key, and the raw columns of the same rows.

    Example:
        >>> blocks = GivenBlocks({"x": np.eye(3)}, pd.DataFrame(index=range(3)))
        >>> blocks.take(np.array([2]))["x"].tolist()
        [[0.0, 0.0, 1.0]]
    """

    known: dict[str, Matrix]
    frame: pd.DataFrame

    def __getitem__(self, key: str) -> Matrix:
        """The block of this key."""
        return self.known[key]

    def take(self, rows: np.ndarray) -> GivenBlocks:
        """The same blocks for some rows."""
        some = {key: block[rows] for key, block in self.known.items()}
        return GivenBlocks(some, self.frame.iloc[rows].reset_index(drop=True))
