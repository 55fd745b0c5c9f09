"""Where a script finds the rows that a run was given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from automl_nb.core.events import DataDescribed, DataSplit, Event
from automl_nb.pipeline.source_print import source_prints
from automl_nb.report.code.snippet import refused

UNNAMED = {"data": "df", "test": "test_rows"}  # what frames are called whose names aren't known


def sources_of(events: Iterable[Event], data: str, among: Mapping[str, Any]) -> dict[str, str]:
    """Names of data frames, or paths of files, for ``data``, and ``test`` where it was given.

    Args:
        events: Of the run.
        data: What the frame is called, or "" to look for it.
        among: Frames by name; one that holds the run's rows is found by its content.

    Raises:
        SettingError: The rows came from where a script can't get them, or in several parts.
    """
    events = list(events)
    described = next((e for e in events if isinstance(e, DataDescribed)), None)
    prints = {} if described is None else described.source
    files = {} if described is None else described.files
    for part in ("sql", "valid"):
        if part in prints:
            raise refused(
                f"a run on rows given as '{part}'",
                "Put all rows into one data frame, and call fit with that.",
            )
    split = next((e for e in events if isinstance(e, DataSplit)), None)
    given = "test" in prints or (split is not None and split.how.startswith("test part as given"))
    known = {source_prints({"data": frame}).get("data"): name for name, frame in among.items()}
    found = {}
    for part in ("data", "test") if given else ("data",):
        name = known.get(prints.get(part)) if part in prints else None
        path = _near(files[part]) if part in files else ""
        found[part] = (data if part == "data" else "") or name or path or UNNAMED[part]
    return found


def _near(path: str) -> str:
    """A path as it is typed here; of a folder with the sign that no frame's name has."""
    here = Path.cwd()
    near = str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
    return f"{near}/" if Path(path).is_dir() else near
