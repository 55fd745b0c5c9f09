"""What an encoder is: columns of a table in, a matrix of numbers out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import pandas as pd

from automl_nb.core.trials import CancelToken

if TYPE_CHECKING:
    from scipy import sparse

Matrix: TypeAlias = "np.ndarray | sparse.csr_matrix"
ProgressFn = Callable[[int, int], None]  # rows done, rows in all


@runtime_checkable
class Encoder(Protocol):
    """Turns columns of a frame into one feature block.

    An encoder is fitted on training rows alone and is then a pure function of its
    rows: the same row gives the same numbers whatever rows stand beside it.

    Attributes:
        name: Its name in the encoder registry, such as ``"tfidf-word"``.
        columns: The columns that it reads.
        key: Its name within a run, unique, such as ``"tfidf-word(text)"``.
    """

    @property
    def name(self) -> str:
        """Its name in the registry."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        ...

    @property
    def key(self) -> str:
        """The block's name within a run."""
        ...

    def fit(self, frame: pd.DataFrame) -> None:
        """Learn vocabulary, scales and the like from training rows (no labels)."""
        ...

    def transform(
        self,
        frame: pd.DataFrame,
        *,
        progress: ProgressFn | None = None,
        cancel: CancelToken | None = None,
    ) -> Matrix:
        """Encode rows.

        Returns:
            (n_rows, d) float32, dense or CSR, in the order of `frame`.

        Raises:
            Cancelled: `cancel` was set; nothing partial is returned.
        """
        ...

    def identity(self) -> str:
        """A text that changes whenever the output for some row could change.

        Covers the weights' hash, fitted state, length, pooling, dtype and version.
        """
        ...

    def save(self, folder: Path) -> dict[str, Any]:
        """Write arrays and weights under `folder`; return the rest as JSON."""
        ...

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Encoder:
        """Rebuild what `save` wrote. Never executes code from the folder."""
        ...


def join_blocks(blocks: list[Matrix]) -> Matrix:
    """Blocks side by side: dense if all are dense, CSR otherwise.

    Example:
        >>> join_blocks([np.ones((2, 1), np.float32), np.zeros((2, 2), np.float32)]).shape
        (2, 3)
    """
    if len(blocks) == 1:
        return blocks[0]
    from scipy import sparse  # a third of a second that a form would wait for

    if any(sparse.issparse(block) for block in blocks):
        joined: Matrix = sparse.csr_matrix(sparse.hstack(blocks, format="csr", dtype=np.float32))
        return joined
    return np.hstack(blocks)
