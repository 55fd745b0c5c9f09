"""The run that a new call goes on with: the same data and settings, left before its end.

A kernel that was restarted, a process that was killed, a run that was stopped: calling `fit` again
with the same arguments goes on in the same folder. So does more time for a run that has ended.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from automl_nb.control.journal import NAME as JOURNAL
from automl_nb.control.journal import read_journal, read_start
from automl_nb.control.lock import is_worked_on
from automl_nb.core.errors import RunError
from automl_nb.core.events import DataDescribed, Event, RunStarted
from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.settings import FitSettings
from automl_nb.core.show.words import duration
from automl_nb.core.state import RunState, replay
from automl_nb.pipeline.source_print import source_prints

_LOOKED_AT = 50  # newest runs of the folder
_MAY_CHANGE = {"time_s", "fresh", "executor"}


@dataclass(frozen=True)
class Earlier:
    """A run to go on with.

    Attributes:
        folder: Where it lies.
        events: All that its journal says.
        state: These folded.
        longer: Whether it had come to its end and has more time now.
    """

    folder: Path
    events: tuple[Event, ...]
    state: RunState
    longer: bool

    def budget(self, asked_s: float) -> float:
        """The whole time from now on: what is asked for, or more if it was given more meanwhile."""
        return asked_s if self.longer else max(asked_s, self.state.time_s or asked_s)

    @property
    def sentence(self) -> str:
        """What is gone on with, for the person."""
        budget = self.state.time_s
        used = duration(self.state.t) + (f" of {duration(budget)}" if budget else "")
        when = self.state.started_at.replace("T", " ")[:16]
        return f"This goes on with the run of {when}, which had used {used}."


def earlier_run(
    root: Path, settings: FitSettings, *, name: str, source: Callable[[], dict[str, str]]
) -> tuple[Earlier | None, str]:
    """The newest run that goes on with this data and these settings.

    Args:
        root: The folder for runs.
        settings: What is asked for now.
        name: The run's name, or "" where none was asked for.
        source: Gives the `source_prints` of the data; asked once there is a run that may fit.

    Returns:
        The run, or None; and a sentence where a run of this name was left that can't be.
    """
    said, told = "", functools.cache(source)
    for folder in _newest_first(root):
        started = read_start(folder)
        if started is None or (name and not _is_named(folder, name)):
            continue
        changed = differences(started, settings)
        if changed and not name:
            continue
        found = _left(folder, settings)
        if found is None or not told() or source_of(found.events) != told():
            continue
        if changed:
            said = said or (
                f"Run '{folder.name}' was left before its end, but with other settings "
                f"({', '.join(changed)}), so this is a new one."
            )
        else:
            return found, ""
    return None, said


def differences(started: RunStarted, settings: FitSettings) -> list[str]:
    """The settings, other than the time, that a run was started with and that are others now.

    Example:
        >>> before = RunStarted(0.0, "run", to_dict(FitSettings("y", seed=1)), "0.1.0")
        >>> differences(before, FitSettings("y", seed=2, time_s=9.0))
        ['seed: 1, now 2']
    """
    asked = to_dict(settings)
    before = {**to_dict(FitSettings()), **started.settings}
    return [
        f"{field.name}: {before.get(field.name)}, now {asked[field.name]}"
        for field in fields(FitSettings)
        if field.name not in _MAY_CHANGE
        and _plain(before.get(field.name)) != _plain(asked[field.name])
    ]


def read_left(folder: Path, time_s: float) -> Earlier | None:
    """The run of a folder, if there is something left to do with this much time.

    Raises:
        RunError: Its journal is damaged or of a newer version.
    """
    events = read_journal(folder)
    state = replay(events)
    if is_worked_on(folder):
        return None
    done = state.ended is not None and state.ended.status == "finished"
    failed = state.ended is not None and state.ended.status == "failed"
    has_more = time_s > (state.time_s or math.inf)
    if failed or state.schema is None or (done and not has_more):
        return None
    return Earlier(folder, tuple(events), state, longer=has_more)


def _left(folder: Path, settings: FitSettings) -> Earlier | None:
    try:
        return read_left(folder, settings.time_s)
    except RunError:  # damaged, or of a newer version: nothing to go on with
        return None


def source_of(events: Iterable[Event]) -> dict[str, str]:
    """What told the run's data from others."""
    return next((e.source for e in events if isinstance(e, DataDescribed)), {})


def settings_again(events: Iterable[Event]) -> dict[str, Any]:
    """The keywords of `fit` that a run was started with, or has been given since."""
    events = list(events)
    first = next(e for e in events if isinstance(e, RunStarted))
    settings = from_dict(FitSettings, {**to_dict(FitSettings()), **first.settings})
    chosen = {field.name: getattr(settings, field.name) for field in fields(FitSettings)}
    del chosen["time_s"], chosen["fresh"]
    return chosen | {"time": replay(events).time_s or settings.time_s}


def sources_again(
    events: Iterable[Event], given: Mapping[str, Any], among: Iterable[Any] = ()
) -> dict[str, Any]:
    """The sources that a run began with: given anew, found by their content, or in files.

    Args:
        events: Of the run.
        given: Sources by name; None where the person gave none.
        among: Frames that may be the run's.

    Raises:
        RunError: One of them is gone, or isn't the one that the run began with.
    """
    described = next((e for e in events if isinstance(e, DataDescribed)), None)
    asked = {} if described is None else described.source
    files = {} if described is None else described.files
    if not asked:
        raise RunError(
            "A run can be gone on with once its data was read, and told from other data.",
            received="a run that ended before that, or read from a stream",
            hint="Call fit again.",
        )
    prints = [(source_prints({"data": frame}).get("data"), frame) for frame in among]
    found = {}
    for name, known in asked.items():
        tried = [given.get(name), files.get(name), *(one for told, one in prints if told == known)]
        fitting = [
            one
            for one in tried
            if one is not None and source_prints({name: one}).get(name) == known
        ]
        if not fitting:
            raise RunError(
                "A run goes on with the data that it began with, unchanged.",
                received=f"{name}: {'other rows' if given.get(name) is not None else 'not found'}",
                hint="Give the same data, or call fit for a new run.",
            )
        found[name] = fitting[0]
    return found


def _newest_first(root: Path) -> list[Path]:
    try:
        found = [
            (item.stat().st_mtime, item.parent) for item in root.expanduser().glob(f"*/{JOURNAL}")
        ]
    except OSError:
        return []
    return [folder for _, folder in sorted(found, reverse=True)[:_LOOKED_AT]]


def _is_named(folder: Path, name: str) -> bool:
    """``name`` or ``name-2``, ``name-3`` ..."""
    rest = folder.name.removeprefix(name)
    return folder.name.startswith(name) and (not rest or rest.removeprefix("-").isdigit())


def _plain(value: object) -> object:
    """Lists and tuples alike, as JSON knows but one of them."""
    return list(value) if isinstance(value, tuple) else value
