"""Feature blocks of some rows, each computed when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from automl_nb.features.base import Encoder, Matrix
from automl_nb.transfer.base import Blocks


class LazyBlocks:
    """Blocks by key over one frame.

    Args:
        frame: The rows.
        encoders: The encoders by key.
        encode: Computes a block; by default the encoder's own `transform`.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        encoders: Mapping[str, Encoder],
        encode: Callable[[Encoder, pd.DataFrame], Matrix] | None = None,
    ) -> None:
        self.frame = frame
        self._encoders = encoders
        self._encode = encode or (lambda encoder, rows: encoder.transform(rows))
        self._known: dict[str, Matrix] = {}

    def __getitem__(self, key: str) -> Matrix:
        """The block of this key."""
        if key not in self._known:
            self._known[key] = self._encode(self._encoders[key], self.frame)
        return self._known[key]

    def put(self, key: str, block: Matrix) -> None:
        """Keep a block that was computed elsewhere."""
        self._known[key] = block

    def take(self, rows: np.ndarray) -> TakenBlocks:
        """The same blocks for some rows, by position."""
        return TakenBlocks(self, rows)


class TakenBlocks:
    """Some rows of other blocks."""

    def __init__(self, whole: Blocks, rows: np.ndarray) -> None:
        self._whole, self._rows = whole, rows

    @property
    def frame(self) -> pd.DataFrame:
        """The same rows' raw columns."""
        return self._whole.frame.iloc[self._rows].reset_index(drop=True)

    def __getitem__(self, key: str) -> Matrix:
        """These rows of the block."""
        return self._whole[key][self._rows]

    def take(self, rows: np.ndarray) -> TakenBlocks:
        """Some of these rows."""
        return TakenBlocks(self._whole, self._rows[rows])
