"""The memory in a SQLite file of this computer, with what Python brings along."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from automl_nb.core.errors import SourceError
from automl_nb.explorer.store import MOST_LINES

_PATIENCE_S = 10.0  # for another process to finish writing
_VERSION = 1  # of the table
_LOOK = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tasks'"
_TABLE = "CREATE TABLE IF NOT EXISTS tasks (id INTEGER PRIMARY KEY AUTOINCREMENT, facts TEXT)"


class SqliteStore:
    """Lines in one table of a file.

    A damaged file is put aside, and a new one begun.

    Args:
        path: The file; it and its folder are made when the first line is kept.
        warn: Told when a damaged file was put aside.
    """

    def __init__(self, path: Path, *, warn: Callable[[str], None]) -> None:
        self._path, self._warn = path, warn

    @property
    def place(self) -> str:
        """The file."""
        return str(self._path)

    def add(self, line: str) -> None:
        """Keep one more line; of too many the oldest go."""
        with self._writing() as connection:
            connection.execute("INSERT INTO tasks (facts) VALUES (?)", (line,))
            connection.execute(
                "DELETE FROM tasks WHERE id <= (SELECT max(id) FROM tasks) - ?", (MOST_LINES,)
            )

    def lines(self) -> list[str]:
        """All lines, the newest first."""
        if not self._path.is_file():
            return []
        self._put_aside_if_damaged()
        if not self._path.is_file():
            return []
        with self._connected() as connection:  # nothing is written: the disk may be read-only
            if not connection.execute(_LOOK).fetchone():
                return []
            rows = connection.execute("SELECT facts FROM tasks ORDER BY id DESC").fetchall()
        return [str(facts) for (facts,) in rows]

    def wipe(self) -> int:
        """Forget all lines, and the damaged files that were put aside."""
        for aside in self._asides():
            aside.unlink(missing_ok=True)
        if not self._path.is_file():
            return 0
        with self._writing() as connection:
            gone = connection.execute("DELETE FROM tasks").rowcount
        with self._connected() as connection:
            connection.execute("VACUUM")  # what was deleted leaves the file, too
        return int(gone)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A connection within one transaction that writes; others wait their turn."""
        self._put_aside_if_damaged()
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Transactions are begun and ended above, not by the module.
            made = sqlite3.connect(self._path, timeout=_PATIENCE_S, isolation_level=None)
            with closing(made) as connection:
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise SourceError(
                "The memory of earlier tasks must be a file that can be read and written.",
                received=f"{self._path}: {error}",
                hint="Free the disk, or set AUTOML_NB_MEMORY=off.",
            ) from error

    def _put_aside_if_damaged(self) -> None:
        if not self._path.is_file():
            return
        before = self._path.stat()
        why = self._damage()
        if not why:
            return
        aside = self._free_name()
        try:
            if self._path.stat().st_ino == before.st_ino:  # not replaced by another process
                self._path.replace(aside)
        except OSError as error:
            raise SourceError(
                "A damaged memory of earlier tasks is put aside.",
                received=f"{self._path}: {error}",
                hint="Delete the file, or set AUTOML_NB_MEMORY=off.",
            ) from error
        self._warn(
            f"The memory of earlier tasks was damaged ({why}); it lies in {aside} now, and a new "
            "one is begun."
        )

    def _damage(self) -> str:
        """What is wrong with the file, or an empty text."""
        try:
            with closing(sqlite3.connect(self._path, timeout=_PATIENCE_S)) as connection:
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version > _VERSION:
                    raise SourceError(
                        "The memory of earlier tasks was written by a newer version.",
                        received=str(self._path),
                        hint="Update automl_nb, or set AUTOML_NB_MEMORY=off.",
                    )
                said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
                return "" if said == "ok" else str(said)
        except sqlite3.OperationalError:
            return ""  # locked or out of reach, which is no damage; it is told when it is used
        except sqlite3.DatabaseError as error:
            return str(error)

    def _free_name(self) -> Path:
        names = (self._path.with_name(f"{self._path.stem}.damaged-{i}") for i in range(1, 10_000))
        return next(name for name in names if not name.exists())

    def _asides(self) -> list[Path]:
        return list(self._path.parent.glob(f"{self._path.stem}.damaged-*"))
