"""Where the memory's lines lie: what a store does, whatever keeps them."""

from __future__ import annotations

from typing import Protocol

MOST_LINES = 2000  # beyond, the oldest are forgotten


class Store(Protocol):
    """Lines of text, newest first; each method stands alone and leaves nothing open."""

    @property
    def place(self) -> str:
        """Where it is, without a password."""
        ...

    def add(self, line: str) -> None:
        """Keep one more line.

        Raises:
            SourceError: It can't be written.
        """
        ...

    def lines(self) -> list[str]:
        """All lines, the newest first; none where nothing was kept yet.

        Raises:
            SourceError: It can't be read.
        """
        ...

    def wipe(self) -> int:
        """Forget all lines; returns how many there were.

        Raises:
            SourceError: It can't be written.
        """
        ...
