"""Where a run works: in a new folder, or in that of the run that it goes on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from automl_nb.control.lock import RunLock
from automl_nb.core.settings import FitSettings
from automl_nb.pipeline.continued import Earlier, earlier_run
from automl_nb.pipeline.new_folder import folder_name, new_folder


@dataclass(frozen=True)
class Place:
    """A folder, locked for one run.

    Attributes:
        folder: It.
        lock: Held from now on.
        earlier: What was done there before, or None in a new folder.
        said: What the person should know of earlier runs, or "".
    """

    folder: Path
    lock: RunLock
    earlier: Earlier | None = None
    said: str = ""


def find_place(
    root: Path, settings: FitSettings, name: str, source: Callable[[], dict[str, str]]
) -> Place:
    """The folder of the run that goes on, or a new one.

    Args:
        root: The folder for runs.
        settings: What is asked for.
        name: The run's name, or "" for one made from the label.
        source: Gives the `source_prints` of the data; asked where there is a run to go on with.

    Raises:
        SettingError: The name isn't that of a folder.
        RunError: No folder can be made there.
    """
    earlier, said = (
        (None, "") if settings.fresh else earlier_run(root, settings, name=name, source=source)
    )
    if earlier is not None:
        lock = RunLock(earlier.folder)
        if lock.take():
            return Place(earlier.folder, lock, earlier, earlier.sentence(settings.time_s))
    folder = new_folder(root, name or folder_name(settings))
    lock = RunLock(folder)
    lock.take()
    return Place(folder, lock, None, said)
