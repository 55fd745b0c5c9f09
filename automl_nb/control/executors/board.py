"""A few numbers that two processes see at once: what a task is told besides answers to reports.

They lie in a file that both have mapped into memory. A task asks for them once a batch; neither a
message nor a thread has to come first, also right after it was held and let go.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

_FIELDS = ("seconds", "lost", "ending", "halted")
_ONE = struct.Struct("=d")


class Board:
    """Numbers by name: a task's ``seconds``, those ``lost`` to pauses, ``ending``, ``halted``.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ours = Board.made(Path(folder) / "board")
        ...     theirs = Board(Path(folder) / "board")
        ...     ours["seconds"] = 60.0
        ...     seen = theirs["seconds"], theirs["ending"]
        ...     ours.close()
        ...     theirs.close()
        >>> seen
        (60.0, 0.0)
    """

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), len(_FIELDS) * _ONE.size)

    @classmethod
    def made(cls, path: Path) -> Board:
        """A new one, all zero."""
        path.write_bytes(bytes(len(_FIELDS) * _ONE.size))
        return cls(path)

    def __getitem__(self, name: str) -> float:
        value: float = _ONE.unpack_from(self._map, _FIELDS.index(name) * _ONE.size)[0]
        return value

    def __setitem__(self, name: str, value: float) -> None:
        _ONE.pack_into(self._map, _FIELDS.index(name) * _ONE.size, float(value))

    def close(self) -> None:
        """It is no longer used here."""
        self._map.close()
