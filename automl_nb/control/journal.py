"""The run's memory: append-only JSON lines, one event each, flushed a line at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

from automl_nb.core.errors import RunError
from automl_nb.core.events import FORMAT_VERSION, DataDescribed, Event, RunStarted
from automl_nb.core.jsonable import event_from_line, event_to_line
from automl_nb.core.state import replay

NAME = "journal.jsonl"
_BLOCK = 4096  # bytes read at a time, from the end
_BEGINNING = 50  # lines in which the data is described


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


def read_described(folder: Path) -> DataDescribed | None:
    """What a run was told of its data, which stands near the beginning; None if it isn't there."""
    try:
        with (folder / NAME).open(encoding="utf-8", errors="replace") as file:
            for line in islice(file, _BEGINNING):
                event = event_from_line(line)
                if isinstance(event, DataDescribed):
                    return event
    except (OSError, ValueError):
        return None
    return None


def read_journal(folder: Path) -> list[Event]:
    """All whole events of a run. A torn last line is dropped, as a crash may leave one.

    Raises:
        RunError: There is no journal, it is damaged before its end, or a newer version
            wrote it.
    """
    path = folder / NAME
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise RunError(
            "A run's folder must hold its journal.",
            received=str(folder),
            hint=f"Choose a folder that has a {NAME}, see automl_nb.runs().",
        ) from error
    lines = [line for line in text.split("\n") if line.strip()]
    is_torn = not text.endswith("\n")  # each line is written with its end
    _check_version(lines, path)
    events: list[Event] = []
    for number, line in enumerate(lines, 1):
        try:
            events.append(event_from_line(line))
        except ValueError as error:
            if events and is_torn and number == len(lines):
                break
            raise _damaged(path, events, f"line {number} of {path.name}") from error
    return events


def check_begun(folder: Path, events: Sequence[Event]) -> None:
    """Refuse a journal that doesn't begin as every run's does: it was emptied or cut.

    Raises:
        RunError: It holds no beginning.
    """
    if not any(isinstance(event, RunStarted) for event in events):
        raise _damaged(folder / NAME, events, f"{folder / NAME} without its first line")


def _damaged(path: Path, events: Sequence[Event], where: str) -> RunError:
    """The error that tells what can be read all the same; the files stay as they are."""
    state = replay(events)
    told = f"It can be read up to there ({len(events)} events)." if events else ""
    if state.incumbent is not None and state.objective is not None:
        best, metric = state.incumbent, state.objective.metric
        told += f" The best model by then: {best.model}, {metric} {best.score:.4f}."
    return RunError(
        "Every line of a journal must be a whole event: this one is damaged.",
        received=where,
        hint=f"{told} Its files are left as they are. "
        f"A model that was kept still loads: automl_nb.load({str(path.parent)!r})".strip(),
    )


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
