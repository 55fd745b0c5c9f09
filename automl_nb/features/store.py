"""Feature blocks on disk, found by what they were computed from.

A block's name is the hash of the encoder (weights, length, number format) and of the
rows' content. Whoever asks for the same again, another trial, another run, gets the
file mapped into memory. A block that is damaged is computed again; a disk that is
full or read-only costs the sharing, never the run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from automl_nb.core.shelf import Shelf, write_folder
from automl_nb.core.trials import CancelToken
from automl_nb.features.base import Encoder, Matrix, ProgressFn
from automl_nb.features.content import content_hash

VERSION = 1
DENSE = "block.npy"
SPARSE = ("data.npy", "indices.npy", "indptr.npy")
META = "meta.json"
FITTED = "fitted.json"

Warn = Callable[[str], object]


class FeatureStore:
    """A folder of feature blocks.

    Args:
        root: The folder; None keeps blocks in memory only.
        warn: Called with a sentence when the folder cannot be used.

    Example:
        >>> store = FeatureStore(None)
        >>> store.size()
        0
    """

    def __init__(self, root: Path | None, *, warn: Warn | None = None) -> None:
        self.root = root
        self._shelf = None if root is None else Shelf(root, mark=META)
        self._warn = warn or (lambda _: None)
        self._memory: dict[str, Matrix] = {}
        self._told = False  # whether it was said that the folder cannot be used

    def get(
        self,
        encoder: Encoder,
        frame: pd.DataFrame,
        *,
        progress: ProgressFn | None = None,
        cancel: CancelToken | None = None,
    ) -> Matrix:
        """The block of these rows: from disk if it is there, else computed and kept.

        Encoders that aren't `cacheable` are just asked.

        Returns:
            (n_rows, d) float32; a dense block may be a read-only memory map.

        Raises:
            Cancelled: `cancel` was set; nothing is stored.
        """
        if not getattr(encoder, "cacheable", False):
            return encoder.transform(frame, progress=progress, cancel=cancel)
        key = block_key(encoder, frame)
        found = self._find(key, len(frame))
        if found is not None:
            if progress is not None:
                progress(len(frame), len(frame))
            return found
        block = encoder.transform(frame, progress=progress, cancel=cancel)
        return self._keep(key, block, encoder)

    def has(self, encoder: Encoder, frame: pd.DataFrame) -> bool:
        """Whether `get` would need no computing."""
        if not getattr(encoder, "cacheable", False):
            return False
        return self._find(block_key(encoder, frame), len(frame)) is not None

    def fitted(self, encoder: Encoder, frame: pd.DataFrame) -> tuple[Encoder, Matrix]:
        """The encoder fitted on these rows, and their block.

        An encoder that can say by `spec` what its fit depends on, besides the rows, is
        fitted once for all runs.
        """
        fit_transform = encoder.fit_transform  # type: ignore[attr-defined]
        if self._shelf is None or not hasattr(encoder, "spec"):
            return encoder, fit_transform(frame)
        key = _hash(encoder.spec(), encoder, frame)
        found = self._shelf.read(
            key, lambda folder: _read_fitted(folder, type(encoder), len(frame))
        )
        if found is not None:
            return found
        block = fit_transform(frame)
        try:
            self._shelf.keep(key, lambda folder: _fill_fitted(folder, encoder, block))
        except (OSError, ValueError) as error:
            self._tell(error)
        return encoder, block

    def size(self) -> int:
        """Bytes on disk."""
        return 0 if self._shelf is None else self._shelf.size()

    def trim(self, max_bytes: int) -> int:
        """Delete the blocks that were used longest ago until `max_bytes` are left.

        Returns:
            Bytes freed.
        """
        return 0 if self._shelf is None else self._shelf.trim(max_bytes)

    def _find(self, key: str, n_rows: int) -> Matrix | None:
        if key in self._memory or self._shelf is None:
            return self._memory.get(key)
        return self._shelf.read(key, lambda folder: read_block(folder, n_rows))

    def _keep(self, key: str, block: Matrix, encoder: Encoder) -> Matrix:
        if self._shelf is not None:
            try:
                folder = self._shelf.keep(key, lambda made: fill_block(made, block, encoder.key))
                return read_block(folder, block.shape[0])
            except (OSError, ValueError) as error:
                self._tell(error)
        self._memory[key] = block
        return block

    def _tell(self, error: Exception) -> None:
        if self._told:
            return
        self._told = True
        self._warn(
            f"Features cannot be kept in {self.root} ({error}). "
            "This run goes on with them in memory; a later run computes them again."
        )


def block_key(encoder: Encoder, frame: pd.DataFrame) -> str:
    """The name of a block: 32 hex digits over encoder, columns' content and order of rows."""
    return _hash(encoder.identity(), encoder, frame)


def _hash(identity: str, encoder: Encoder, frame: pd.DataFrame) -> str:
    digest = hashlib.sha256(f"{VERSION} {identity}".encode())
    own_hash = getattr(encoder, "content_hash", None)
    if own_hash is not None:  # the values point at content that lies elsewhere
        digest.update(own_hash(frame))
    else:
        for column in encoder.columns:
            digest.update(content_hash(frame[column]))
    return digest.hexdigest()[:32]


def write_block(folder: Path, block: Matrix, label: str) -> None:
    """Write a block so that it appears whole or not at all.

    Raises:
        OSError: The disk is full or read-only.
    """
    write_folder(folder, lambda made: fill_block(made, block, label), mark=META)


def fill_block(folder: Path, block: Matrix, label: str) -> None:
    """Write a block's files into a folder."""
    if sparse.issparse(block):
        for name in SPARSE:
            np.save(folder / name, getattr(block, name.removesuffix(".npy")))
    else:
        np.save(folder / DENSE, np.ascontiguousarray(block))
    meta = {"version": VERSION, "shape": list(block.shape), "encoder": label}
    (folder / META).write_text(json.dumps(meta), encoding="utf-8")


def read_block(folder: Path, n_rows: int) -> Matrix:
    """The block that `write_block` wrote.

    Raises:
        OSError, ValueError, KeyError: It is damaged, or has other rows.
    """
    meta = json.loads((folder / META).read_text(encoding="utf-8"))
    shape = tuple(int(side) for side in meta["shape"])
    if shape[0] != n_rows or meta["version"] != VERSION:
        raise ValueError("another block")
    if (folder / DENSE).is_file():
        # Nothing can be mapped of an empty file.
        is_empty = 0 in shape
        path = folder / DENSE
        block: np.ndarray = np.load(path, mmap_mode=None if is_empty else "r", allow_pickle=False)
        if block.shape != shape:
            raise ValueError("not the shape that was written")
        return block
    parts = [np.load(folder / name, allow_pickle=False) for name in SPARSE]
    made = sparse.csr_matrix(tuple(parts), shape=shape)
    made.check_format(full_check=True)
    return made


def _fill_fitted(folder: Path, encoder: Encoder, block: Matrix) -> None:
    config = encoder.save(folder / "encoder")
    (folder / FITTED).write_text(json.dumps(config), encoding="utf-8")
    fill_block(folder, block, encoder.key)


def _read_fitted(folder: Path, kind: type[Encoder], n_rows: int) -> tuple[Encoder, Matrix]:
    config = json.loads((folder / FITTED).read_text(encoding="utf-8"))
    return kind.load(folder / "encoder", config), read_block(folder, n_rows)
