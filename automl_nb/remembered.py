"""What earlier runs have learnt: to be looked at, written to a file, and forgotten."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from automl_nb.core.errors import SettingError

if TYPE_CHECKING:
    import pandas as pd

    from automl_nb.explorer.memory import Memory


def memory() -> pd.DataFrame:
    """The tasks that are remembered, newest first: what they were, and what worked.

    Raises:
        SettingError: The memory is switched off, or ``AUTOML_NB_MEMORY`` can't be understood.
        SourceError: It can't be read.
    """
    from automl_nb.core.show.whole_table import WholeTable

    columns = {
        "run": "run",
        "made": "made",
        "task": "kind",
        "reads": "modality",
        "rows": "n_rows",
        "classes": "n_classes",
        "scripts": "scripts",
        "metric": "metric",
        "score": "score",
        "strategy": "strategy",
        "backbone": "backbone",
        "seconds": "seconds",
        "model": "model",
    }
    records = _opened_memory().tasks()
    rows = [{name: getattr(record, own) for name, own in columns.items()} for record in records]
    frame = WholeTable(rows, columns=list(columns))
    frame["scripts"] = [
        " ".join(f"{n} {s:.0%}" for n, s in found.items()) for found in frame["scripts"]
    ]
    return frame


def memory_export(path: str | Path) -> Path:
    """Write all that is remembered to a JSON file, fingerprints included.

    Raises:
        SettingError: The memory is switched off, or the file can't be written.
        SourceError: The memory can't be read.
    """
    if not isinstance(path, str | os.PathLike):
        raise SettingError(
            "The memory is exported to a file.", received=path, hint="Give the file's path."
        )
    place = Path(path).expanduser()
    _opened_memory().export(place)
    return place


def memory_wipe() -> int:
    """Forget all remembered tasks; returns how many there were.

    Raises:
        SettingError: The memory is switched off.
        SourceError: It can't be written.
    """
    return _opened_memory().wipe()


def _opened_memory() -> Memory:
    from automl_nb.explorer.memory import open_memory

    opened = open_memory(lambda text: warnings.warn(text, stacklevel=2))
    if opened is None:
        raise SettingError(
            "The memory of earlier tasks must be switched on to be looked at.",
            received="AUTOML_NB_MEMORY=off",
            hint="Unset the variable.",
        )
    return opened
