"""The memory of the tasks that were seen on this computer: kept, listed, exported, wiped.

By itself it is a SQLite file in the cache folder. ``AUTOML_NB_MEMORY`` is ``off`` for none, or
the SQLAlchemy URL of a database that is shared. What is kept of a task is `TaskRecord`, and no
more: no rows, no labels.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from automl_nb.core.errors import SettingError
from automl_nb.core.jsonable import to_dict
from automl_nb.core.settings import cache_dir, memory_setting
from automl_nb.explorer.record import TaskRecord
from automl_nb.explorer.store import Store
from automl_nb.explorer.store_sql import SqlStore
from automl_nb.explorer.store_sqlite import SqliteStore

NAME = "memory.sqlite"


class Memory:
    """Records of tasks in a store.

    Args:
        store: Keeps their lines.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def place(self) -> str:
        """Where it is, without a password."""
        return self._store.place

    def keep(self, record: TaskRecord) -> None:
        """Remember one more task.

        Raises:
            SourceError: The store can't be written.
        """
        self._store.add(record.to_line())

    def tasks(self) -> list[TaskRecord]:
        """All that is remembered, the newest first; what can't be read is passed over.

        Raises:
            SourceError: The store can't be read.
        """
        read = (TaskRecord.from_line(line) for line in self._store.lines())
        return [record for record in read if record is not None]

    def export(self, path: Path) -> int:
        """Write all that is remembered as JSON; returns how many tasks there are.

        Raises:
            SourceError: The store can't be read.
            SettingError: The file can't be written.
        """
        records: list[Any] = [to_dict(record) for record in self.tasks()]
        try:
            text = json.dumps(records, ensure_ascii=False, indent=1)
            path.expanduser().write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise SettingError(
                "An export needs a file that can be written.",
                received=f"{path}: {error.strerror or error}",
                hint="Choose a path in a folder that is there.",
            ) from error
        return len(records)

    def wipe(self) -> int:
        """Forget everything; returns how many tasks were known.

        Raises:
            SourceError: The store can't be written.
        """
        return self._store.wipe()


def open_memory(warn: Callable[[str], None]) -> Memory | None:
    """The memory that the settings name; None where it is switched off.

    Nothing is read or written yet.

    Args:
        warn: Told when a damaged file was put aside.

    Raises:
        SettingError: ``AUTOML_NB_MEMORY`` is neither ``off`` nor a URL.
        MissingExtraError: The package or driver for the URL isn't installed.
    """
    setting = memory_setting()
    if setting == "off":
        return None
    if setting:
        return Memory(SqlStore(setting))
    return Memory(SqliteStore(cache_dir() / NAME, warn=warn))
