"""The folder that a new run gets, and gives back if nothing could be begun in it."""

from __future__ import annotations

import os
import unicodedata
from contextlib import suppress
from pathlib import Path

from automl_nb.control.journal import NAME as JOURNAL
from automl_nb.control.lock import NAME as LOCK
from automl_nb.control.orders import NAME as ORDERS
from automl_nb.core.errors import RunError, SettingError, shorten
from automl_nb.core.settings import FitSettings

_DOTS = {".", ".."}
_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}  # control characters, halves of characters, line breaks
LONGEST = 240  # bytes: file systems take 255, less the number that is put behind


def folder_name(settings: FitSettings) -> str:
    """A plain name from the label's."""
    label = settings.label if isinstance(settings.label, str) else settings.label[0]
    plain = "".join(c if c.isalnum() else "-" for c in label).strip("-")[:40]
    return plain or "run"


def new_folder(root: Path, name: str) -> Path:
    """A folder that isn't there yet: ``name``, ``name-2``, ``name-3`` ...

    Raises:
        SettingError: The name isn't that of a folder.
        RunError: No folder can be made there.
    """
    _check_name(name)
    for number in range(1, 100_000):
        folder = root.expanduser() / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if not root.expanduser().is_dir():
                break
            continue
        except OSError as error:
            raise _no_folder(root, error.strerror or str(error)) from error
        if not os.access(folder, os.W_OK):
            break
        return folder
    raise _no_folder(root, "not a folder that can be written to")


def _check_name(name: object) -> None:
    if not isinstance(name, str) or Path(name).name != name or name in _DOTS:
        raise SettingError(
            "A run's name must be a plain folder name.",
            received=name,
            hint="Give the folder as run_dir='FOLDER'.",
        )
    if any(unicodedata.category(char) in _UNSEEN for char in name):
        raise SettingError(
            "A run's name must be one line without control characters.",
            received=name,
            hint="Leave them out; a folder is given as run_dir='FOLDER'.",
        )
    if len(name.encode()) > LONGEST:
        raise SettingError(
            f"A run's name is too long for a folder: {LONGEST} bytes at most.",
            received=f"{len(name)} characters, {shorten(name, 40)}",
            hint="Give a shorter name.",
        )


def forget_folder(folder: Path) -> None:
    """Take a run's folder away again, unless it holds more than a run's first files."""
    with suppress(OSError):
        mine = {JOURNAL, LOCK, ORDERS}
        if {item.name for item in folder.iterdir()} <= mine:
            for name in mine:
                (folder / name).unlink(missing_ok=True)
            folder.rmdir()


def _no_folder(root: Path, why: str) -> RunError:
    return RunError(
        "The folder for runs must be writable.",
        received=f"{shorten(str(root))}: {why}",
        hint="Choose another with run_dir='FOLDER' or the variable AUTOML_NB_RUNS.",
    )
