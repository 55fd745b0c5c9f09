"""Pictures without a network: small colours and edge directions, in milliseconds.

On plain drawings, digits and charts this beats a network trained on photographs, and it
tells how much a pretrained one is worth.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from automl_nb.core.trials import CancelToken
from automl_nb.features.base import ProgressFn
from automl_nb.features.content import picture_hash

_SIDE, _COLOURS, _CELLS, _ANGLES = 64, 12, 8, 9
_CHUNK = 64


class Pixels:
    """12 x 12 colours and a histogram of gradients (Dalal & Triggs 2005) on 8 x 8 cells.

    Args:
        column: The picture column.

    Example:
        >>> from PIL import Image
        >>> frame = pd.DataFrame({"image": [Image.new("RGB", (20, 30), "red")]})
        >>> Pixels("image").transform(frame).shape
        (1, 1008)
    """

    name: ClassVar[str] = "pixels"
    cacheable: ClassVar[bool] = True

    def __init__(self, column: str) -> None:
        self.columns = (column,)

    @property
    def key(self) -> str:
        """The block's name within a run."""
        return f"{self.name}({self.columns[0]})"

    def fit(self, frame: pd.DataFrame) -> None:
        """Nothing is learnt."""

    def transform(
        self,
        frame: pd.DataFrame,
        *,
        progress: ProgressFn | None = None,
        cancel: CancelToken | None = None,
    ) -> np.ndarray:
        """(n_rows, 1008) float32; a missing picture counts as white."""
        values = frame[self.columns[0]].tolist()
        out = np.zeros((len(values), _COLOURS**2 * 3 + _CELLS**2 * _ANGLES), dtype=np.float32)
        for row, value in enumerate(values):
            if row % _CHUNK == 0:
                if cancel is not None:
                    cancel.check()
                if progress is not None:
                    progress(row, len(values))
            out[row] = _describe(value)
        if progress is not None:
            progress(len(values), len(values))
        return out

    def identity(self) -> str:
        """Name, column and version: nothing else matters."""
        return f"{self.name}:{self.columns[0]}:1"

    def content_hash(self, frame: pd.DataFrame) -> bytes:
        """Hash of the pictures."""
        return picture_hash(frame[self.columns[0]])

    def save(self, folder: Path) -> dict[str, Any]:
        """Write nothing."""
        folder.mkdir(parents=True, exist_ok=True)
        return {"column": self.columns[0]}

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` gave."""
        del folder
        return cls(config["column"])


def _describe(value: Any) -> np.ndarray:
    from PIL import Image

    from automl_nb.data.pictures import open_picture

    missing = value is None or (isinstance(value, float) and np.isnan(value))
    picture = Image.new("RGB", (_SIDE, _SIDE), "white") if missing else open_picture(value)
    colours = picture.resize((_COLOURS, _COLOURS), Image.Resampling.BOX)
    grey = np.asarray(
        picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BILINEAR), np.float32
    )
    return np.concatenate(
        [np.asarray(colours, np.float32).ravel() / 255.0 - 0.5, _gradients(grey / 255.0)]
    )


def _gradients(grey: np.ndarray) -> np.ndarray:
    """(cells, cells, angles) of gradient strength, each cell's root normalised."""
    down, right = np.gradient(grey)
    strength = np.hypot(right, down)
    angle = (np.arctan2(down, right) % np.pi) * (_ANGLES / np.pi)
    bins = np.minimum(angle.astype(np.int64), _ANGLES - 1)
    cell = np.arange(_SIDE) * _CELLS // _SIDE
    index = (cell[:, None] * _CELLS + cell[None, :]) * _ANGLES + bins
    sums = np.bincount(index.ravel(), strength.ravel(), minlength=_CELLS**2 * _ANGLES)
    cells = sums.reshape(_CELLS**2, _ANGLES)
    norm = np.sqrt((cells**2).sum(axis=1, keepdims=True) + 0.01)
    return np.asarray(cells / norm, np.float32).ravel()
