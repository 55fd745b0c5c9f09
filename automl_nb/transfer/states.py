"""Rows of different sizes by key, kept in memory while they are few and in a file when many."""

from __future__ import annotations

import weakref
from collections.abc import Hashable
from pathlib import Path
from tempfile import SpooledTemporaryFile

MEMORY = 256 * 2**20  # bytes; more than these go to a file


class StateFile:
    """Bytes by key, each written once, end to end in one file that nobody else sees.

    A disk that has no room costs the keeping, never the run: what isn't kept is not found.

    Args:
        folder: Where the file lies once it is large; the system's own place if None.
        memory: Bytes that are kept in memory.

    Example:
        >>> states = StateFile()
        >>> states.keep("a", b"12"), states.keep("b", b"345")
        (True, True)
        >>> states.find("b"), states.find("c")
        (bytearray(b'345'), None)
    """

    def __init__(self, folder: Path | None = None, memory: int = MEMORY) -> None:
        place = None if folder is None else str(folder)
        self._file = SpooledTemporaryFile(max_size=memory, dir=place)  # noqa: SIM115 - closed below
        self._places: dict[Hashable, tuple[int, int]] = {}
        self._end = 0
        self.full = False
        weakref.finalize(self, self._file.close)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._places

    def keep(self, key: Hashable, data: bytes) -> bool:
        """Write what belongs to a key; whether it is kept."""
        if self.full:
            return False
        try:
            self._file.seek(self._end)
            self._file.write(data)
            self._file.flush()
        except OSError:  # what was moved to the disk may be cut off
            self.full = True
            self._places.clear()
            return False
        self._places[key] = (self._end, len(data))
        self._end += len(data)
        return True

    def find(self, key: Hashable) -> bytearray | None:
        """What was kept of a key; None if nothing was."""
        if key not in self._places:
            return None
        start, size = self._places[key]
        self._file.seek(start)
        return bytearray(self._file.read(size))
