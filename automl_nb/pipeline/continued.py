"""The run that a new call goes on with: the same data and settings, left before its end.

A kernel that was restarted, a process that was killed, a run that was stopped: calling `fit` again
with the same arguments goes on in the same folder. So does more time for a run that has ended. With
less time than before it ends sooner, where it has used as much already at once.
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
from automl_nb.core.events import DataDescribed, Event, RunExtended, RunResumed, RunStarted
from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.settings import FitSettings
from automl_nb.core.show.words import duration
from automl_nb.core.state import RunState, replay
from automl_nb.pipeline.earlier_words import (
    at_work,
    differences,
    not_explained,
    other_data,
    other_settings,
    unreadable,
)
from automl_nb.pipeline.source_print import source_prints

_LOOKED_AT = 50  # newest runs of the folder


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
        """The whole time from now on, what was used included: what is asked for.

        Time that was given to the run by hand stays as long as the same is asked for as before.
        """
        is_same = asked_s == _last_asked(self.events)
        return max(asked_s, self.state.time_s or asked_s) if is_same else asked_s

    @property
    def told(self) -> list[str]:
        """What the person was told by then."""
        return [message.text for message in self.state.messages]

    def sentence(self, asked_s: float) -> str:
        """What is gone on with, and with how much time, for the person."""
        before, budget = self.state.time_s, self.budget(asked_s)
        used = duration(self.state.t) + (f" of {duration(before)}" if before else "")
        when = self.state.started_at.replace("T", " ")[:16]
        told = f"This goes on with the run of {when}, '{self.folder.name}', which had used {used}."
        if budget <= self.state.t:
            told += (
                f" Time already used counts, and only {duration(budget)} are asked for now, so it "
                "ends with the best model so far; more time goes on with it again."
            )
        elif budget > asked_s:
            told += (
                f" It keeps the time that was given to it meanwhile; any other time than "
                f"{duration(asked_s)} would change that."
            )
        elif before and budget != before:
            told += f" Its whole time is {duration(budget)} now, of which that counts as used."
        return f"{told} With 'fresh' it begins anew instead."


def _last_asked(events: Iterable[Event]) -> float | None:
    """The time that the last call asked for, without what was given by hand since."""
    asked: float | None = None
    budget: float | None = None
    for event in events:
        if isinstance(event, RunStarted):
            time_s = event.settings.get("time_s")
            asked = budget = float(time_s) if isinstance(time_s, int | float) else None
        elif isinstance(event, RunExtended):
            budget = event.time_s
        elif isinstance(event, RunResumed) and event.time_s != budget:
            asked = budget = event.time_s
    return asked


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
        The run, or None; and a sentence where the last run, or one of this name, can't be gone
        on with.
    """
    said, told = "", functools.cache(source)
    is_newest = has_no_successor = True
    for folder in newest_first(root):
        started = read_start(folder)
        if started is None or (name and not _is_named(folder, name)):
            continue
        changed = differences(started, settings)
        if _label(started) == _label(settings) and (name or is_newest or not changed):
            found, why = _fitting(folder, settings, changed, told, name)
            if found is not None:
                return found, ""
            is_news = is_newest if changed else has_no_successor
            said = said or (why if is_news or name else "")
        is_newest = False
        has_no_successor = has_no_successor and bool(changed)
    return None, said


def _fitting(
    folder: Path,
    settings: FitSettings,
    changed: list[str],
    told: Callable[[], dict[str, str]],
    name: str,
) -> tuple[Earlier | None, str]:
    """The run of a folder if it can be gone on with; or why not, where a person may wonder."""
    try:
        found = read_left(folder, settings.time_s)
        if found is None:
            busy = not changed and is_worked_on(folder)
            same = busy and source_of(read_journal(folder)) in ({}, told())
            return None, at_work(folder.name) if same else ""
    except RunError as error:
        return None, "" if changed else unreadable(folder.name, error)
    prints = source_of(found.events)
    if not prints or not told():
        return None, ""
    if changed:
        why = other_settings(folder.name, changed, ended=found.longer)
        return None, why if prints == told() else ""
    if prints != told():  # of a run that has ended nobody would wonder, unless it was asked for
        is_news = bool(name) or not found.longer
        return None, other_data(folder.name, ended=found.longer) if is_news else ""
    explained = bool(found.state.settings.get("explain_steps"))
    if found.longer and settings.explain_steps and not explained:  # half of them is no lesson
        return None, not_explained(folder.name)
    return found, ""


def _label(of: RunStarted | FitSettings) -> object:
    label = of.settings.get("label") if isinstance(of, RunStarted) else of.label
    return list(label) if isinstance(label, list | tuple) else label


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


def newest_first(root: Path) -> list[Path]:
    """The folders of the newest runs."""
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
