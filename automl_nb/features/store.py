"""Feature blocks on disk, found by what they were computed from.

A block's name is the hash of the encoder (weights, length, number format) and of the
rows' content. Whoever asks for the same again, another trial, another run, gets the
file mapped into memory. A block that is damaged is computed again; a disk that is
full or read-only costs the sharing, never the run.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from automl_nb.core.trials import CancelToken
from automl_nb.features.base import Encoder, Matrix, ProgressFn
from automl_nb.features.content import content_hash

VERSION = 1
DENSE = "block.npy"
SPARSE = ("data.npy", "indices.npy", "indptr.npy")
META = "meta.json"

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
        self._warn = warn or (lambda _: None)
        self._memory: dict[str, Matrix] = {}

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

    def size(self) -> int:
        """Bytes on disk."""
        return sum(size for _, size, _ in self._blocks())

    def trim(self, max_bytes: int) -> int:
        """Delete the blocks that were used longest ago until `max_bytes` are left.

        Returns:
            Bytes freed.
        """
        blocks = sorted(self._blocks(), key=lambda block: block[0])
        excess = sum(size for _, size, _ in blocks) - max_bytes
        freed = 0
        for _, size, folder in blocks:
            if freed >= excess:
                break
            shutil.rmtree(folder, ignore_errors=True)
            freed += size
        return freed

    def _find(self, key: str, n_rows: int) -> Matrix | None:
        if key in self._memory:
            return self._memory[key]
        if self.root is None:
            return None
        folder = self.root / key
        if not folder.is_dir():
            return None
        try:
            block = read_block(folder, n_rows)
        except (OSError, ValueError, KeyError, TypeError, EOFError):
            shutil.rmtree(folder, ignore_errors=True)  # damaged: to be computed again
            return None
        with contextlib.suppress(OSError):  # the time of the last use, for `trim`
            os.utime(folder)
        return block

    def _keep(self, key: str, block: Matrix, encoder: Encoder) -> Matrix:
        if self.root is not None:
            try:
                write_block(self.root / key, block, encoder.key)
                return read_block(self.root / key, block.shape[0])
            except (OSError, ValueError) as error:
                self._warn(
                    f"Features cannot be kept in {self.root} ({error}). "
                    "This run goes on with them in memory; a later run computes them again."
                )
        self._memory[key] = block
        return block

    def _blocks(self) -> Iterator[tuple[float, int, Path]]:
        """Time of last use, bytes and folder of each stored block."""
        if self.root is None or not self.root.is_dir():
            return
        for folder in self.root.iterdir():
            with contextlib.suppress(OSError):  # another process may trim as well
                if (folder / META).is_file():
                    size = sum(file.stat().st_size for file in folder.iterdir())
                    yield folder.stat().st_mtime, size, folder


def block_key(encoder: Encoder, frame: pd.DataFrame) -> str:
    """The name of a block: 32 hex digits over encoder, columns' content and order of rows."""
    digest = hashlib.sha256(f"{VERSION} {encoder.identity()}".encode())
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
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as scratch:
        made = Path(scratch) / "block"
        made.mkdir()
        if sparse.issparse(block):
            for name in SPARSE:
                np.save(made / name, getattr(block, name.removesuffix(".npy")))
        else:
            np.save(made / DENSE, np.ascontiguousarray(block))
        meta = {"version": VERSION, "shape": list(block.shape), "encoder": label}
        (made / META).write_text(json.dumps(meta), encoding="utf-8")
        try:
            os.replace(made, folder)  # noqa: PTH105 (the intent is the swap)
        except OSError:
            if not (folder / META).is_file():  # else another process was first
                raise


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
