"""Pictures through a frozen pretrained network: one vector a picture, computed once.

The next batch is decoded in threads while the network computes the present one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from automl_nb.core.clock import now
from automl_nb.core.errors import SettingError
from automl_nb.core.trials import CancelToken
from automl_nb.features.base import ProgressFn
from automl_nb.features.content import picture_hash
from automl_nb.features.frozen import FrozenEncoder
from automl_nb.features.memory import halving
from automl_nb.zoo.backbone import picture_features
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.pictures import Fit, PictureSpec

if TYPE_CHECKING:
    import torch

VIEWS = ("one", "flip")
PICTURES_A_BATCH = {"cpu": 8, "mps": 64, "cuda": 256}
MOST_THREADS = 4


class FrozenImage(FrozenEncoder):
    """A column of pictures as the pooled features of a frozen backbone.

    A missing picture is a row of zeros. Features are as the network pools them;
    scaling them is the head's affair, since it sees which rows it may learn from.

    Args:
        column: Paths, bytes or Pillow pictures.
        backbone: A catalogue name, hub id, folder or card.
        views: "one", or "flip" for the mean with the mirrored picture (twice the time).
        fit: "squash" resizes the whole picture, "crop" cuts its middle out.
        root: The folder that relative paths start from.
        dtype: auto (measured), float32, bfloat16 or float16.
        device: The torch device.

    Example:
        >>> from PIL import Image
        >>> frame = pd.DataFrame({"logo": [Image.new("RGB", (9, 9), "red"), None]})
        >>> encoder = FrozenImage("logo")
        >>> encoder.fit(frame)
        >>> encoder.transform(frame).shape
        (2, 1280)
    """

    name = "frozen-image"
    modality = "image"
    version = 1

    def __init__(
        self,
        column: str,
        backbone: str | BackboneCard = "efficientnet-lite0",
        *,
        views: str = "one",
        fit: str = "squash",
        root: str | Path | None = None,
        dtype: str = "auto",
        device: str = "cpu",
    ) -> None:
        super().__init__(column, backbone, dtype=dtype, device=device)
        for value, known in ((views, VIEWS), (fit, get_args(Fit))):
            if value not in known:
                rule = f"This option of {self.name} must be one of {', '.join(known)}."
                raise SettingError(rule, received=value)
        self.views = views
        self.framing: Fit = "crop" if fit == "crop" else "squash"
        self.root = None if root is None else Path(root)

    def settings(self) -> dict[str, Any]:
        """Views and framing; where the files lie doesn't change the numbers."""
        return {"views": self.views, "fit": self.framing}

    def fit(self, frame: pd.DataFrame) -> None:
        """Nothing is learnt: the same picture has the same features everywhere."""

    def transform(
        self,
        frame: pd.DataFrame,
        *,
        progress: ProgressFn | None = None,
        cancel: CancelToken | None = None,
    ) -> np.ndarray:
        """Encode each different picture once.

        Returns:
            (n_rows, dimension) float32.

        Raises:
            DataError: A picture cannot be read.
            Cancelled: `cancel` was set.
        """
        values = frame[self.columns[0]]
        given = np.flatnonzero(~values.isna().to_numpy())
        keys = [_sameness(values.iloc[row]) for row in given]
        position = {key: index for index, key in enumerate(dict.fromkeys(keys))}
        first = dict(zip(keys[::-1], given[::-1], strict=True))
        vectors = np.empty((len(position), self.dimension), dtype=np.float32)
        pictures = [values.iloc[first[key]] for key in position]
        done = 0
        for positions, encoded in self._encode(pictures, cancel):
            vectors[positions] = encoded
            done += len(positions)
            if progress is not None:
                progress(done * len(frame) // len(position), len(frame))
        out = np.zeros((len(frame), self.dimension), dtype=np.float32)
        out[given] = vectors[[position[key] for key in keys]]
        return out

    @property
    def dimension(self) -> int:
        """Columns of the block."""
        return self.backbone.card.dimension

    @property
    def n_views(self) -> int:
        """How often the network looks at each picture."""
        return 2 if self.views == "flip" else 1

    def estimate_s(self, frame: pd.DataFrame) -> float:
        """Seconds that `transform` would take here, from measured pictures a second."""
        return int(frame[self.columns[0]].notna().sum()) * self.n_views / self.rate()

    def content_hash(self, frame: pd.DataFrame) -> bytes:
        """The pictures' content; a file counts by name, size and time of change."""
        return picture_hash(frame[self.columns[0]], self.root)

    @property
    def spec(self) -> PictureSpec:
        """How the backbone wants its pictures."""
        spec = self.backbone.picture_spec
        assert spec is not None
        return spec

    def decoded(self, value: Any) -> np.ndarray:
        """A picture as (size, size, 3) uint8, framed for the network."""
        from automl_nb.data.pictures import open_picture

        return self.spec.pixels(open_picture(value, self.root), self.framing)

    def _encode(
        self, pictures: list[Any], cancel: CancelToken | None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Batches of (positions, vectors)."""
        if not pictures:
            return
        dtype = self.torch_dtype()
        size = PICTURES_A_BATCH[self.device.partition(":")[0]]
        starts = range(0, len(pictures), size)
        began = now()
        with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
            ahead = [pool.submit(self.decoded, value) for value in pictures[:size]]
            for start in starts:
                if cancel is not None:
                    cancel.check()
                pixels = np.stack([future.result() for future in ahead])
                following = pictures[start + size : start + 2 * size]
                ahead = [pool.submit(self.decoded, value) for value in following]
                for part, vectors in halving(
                    np.arange(len(pixels)), partial(self._forward, pixels, dtype)
                ):
                    yield part + start, vectors
        self.remember_rate(len(pictures) * self.n_views, now() - began)

    def _forward(self, pixels: np.ndarray, dtype: torch.dtype, rows: np.ndarray) -> np.ndarray:
        from automl_nb.zoo.precision import in_dtype, within

        module = in_dtype(self.backbone, dtype)
        with within(self.device, dtype):
            batch = self.spec.tensor(pixels[rows], self.device)
            features = picture_features(module, batch).float()
            if self.views == "flip":
                features = (features + picture_features(module, batch.flip(3)).float()) / 2
        vectors: np.ndarray = features.cpu().numpy()
        return vectors


def _sameness(value: Any) -> object:
    """Equal for pictures that need encoding only once."""
    return value if isinstance(value, str | bytes | os.PathLike) else id(value)
