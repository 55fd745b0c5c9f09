"""The run's memory: append-only JSON lines, one event each, flushed a line at a time."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TextIO

from automl_nb.core.errors import RunError
from automl_nb.core.events import FORMAT_VERSION, Event, RunStarted
from automl_nb.core.jsonable import event_from_line, event_to_line

NAME = "journal.jsonl"
_BLOCK = 4096  # bytes read at a time, from the end


class Journal:
    """Writes events to ``journal.jsonl`` in a run's folder.

    A full or read-only disk must not end a run that still has memory to work in: after a
    failed write `broken` says why, and later events are only kept by whoever else listens.

    Example:
        >>> import tempfile
        >>> from automl_nb.core.events import Message
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     journal = Journal(Path(folder))
        ...     journal.append(Message(0.0, "hello"))
        ...     journal.close()
        ...     read_journal(Path(folder))
        [Message(t=0.0, text='hello', level='info')]
    """

    def __init__(self, folder: Path) -> None:
        self.broken = ""
        self._file: TextIO | None = None
        try:
            _cut_torn_line(folder / NAME)
            self._file = (folder / NAME).open("a", encoding="utf-8", newline="\n")
        except OSError as error:
            self.broken = str(error)

    def append(self, event: Event) -> None:
        """Write one event; after a failed write nothing more is tried."""
        if self.broken or self._file is None:
            return
        try:
            self._file.write(event_to_line(event) + "\n")
            self._file.flush()
        except OSError as error:
            self.broken = str(error)

    def close(self) -> None:
        """No more events."""
        try:
            if self._file is not None:
                self._file.close()
        except OSError as error:
            self.broken = self.broken or str(error)


def _cut_torn_line(path: Path) -> None:
    """Take away what a crash left of a last line: the next event begins a line of its own."""
    if not path.is_file():
        return
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        kept = end
        while kept:
            start = max(0, kept - _BLOCK)
            file.seek(start)
            newline = file.read(kept - start).rfind(b"\n")
            kept = start + newline + 1 if newline >= 0 else start
            if newline >= 0:
                break
        if kept < end:
            file.truncate(kept)


def read_start(folder: Path) -> RunStarted | None:
    """The first event of a run, or None where it can't be read."""
    try:
        with (folder / NAME).open(encoding="utf-8", errors="replace") as file:
            first = event_from_line(file.readline())
    except (OSError, ValueError):
        return None
    return first if isinstance(first, RunStarted) else None


def read_journal(folder: Path) -> list[Event]:
    """All whole events of a run. A torn last line is dropped, as a crash may leave one.

    Raises:
        RunError: There is no journal, it is damaged before its end, or a newer version
            wrote it.
    """
    path = folder / NAME
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise RunError(
            "A run's folder must hold its journal.",
            received=str(folder),
            hint=f"Choose a folder that has a {NAME}, see automl_nb.runs().",
        ) from error
    lines = [line for line in lines if line.strip()]
    _check_version(lines, path)
    events: list[Event] = []
    for number, line in enumerate(lines, 1):
        try:
            events.append(event_from_line(line))
        except ValueError as error:
            if number == len(lines):
                break
            raise RunError(
                "Every line of a journal but the last must be a whole event.",
                received=f"line {number} of {path.name}",
                hint="The file was changed or damaged; the models in the folder still load.",
            ) from error
    return events


def _check_version(lines: list[str], path: Path) -> None:
    """Whether a newer version began the run or went on with it: it may write what is unknown here.

    What it wrote is looked at as plain JSON, as no event of it need be known.
    """
    for line in lines:
        if '"format_version"' not in line:
            continue
        try:
            version = json.loads(line)["format_version"]
        except (ValueError, KeyError, TypeError):
            continue
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise RunError(
                f"A journal's format must be at most {FORMAT_VERSION}, the newest known here.",
                received=f"format {version} in {path.name}",
                hint="Update automl_nb: pip install -U automl_nb",
            )
