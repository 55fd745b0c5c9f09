"""One worker a run: whoever works in a run's folder holds its lock, which dies with the process."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

NAME = "working.lock"


class RunLock:
    """The right to work in a run's folder.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     first, second = RunLock(Path(folder)), RunLock(Path(folder))
        ...     taken = first.take(), second.take(), is_worked_on(Path(folder))
        ...     first.give_back()
        ...     taken, is_worked_on(Path(folder))
        ((True, False, True), False)
    """

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / NAME, thread_local=False)

    def take(self) -> bool:
        """Whether nobody else works there; where the disk can't lock, nobody is assumed to."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except (OSError, NotImplementedError):
            return True
        return True

    def give_back(self) -> None:
        """Let others work there."""
        self._lock.release(force=True)


def is_worked_on(folder: Path) -> bool:
    """Whether a process, this one or another, works in the folder at this moment."""
    if not (folder / NAME).is_file():
        return False
    lock = RunLock(folder)
    free = lock.take()
    if free:
        lock.give_back()
    return not free
