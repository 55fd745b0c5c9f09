"""The runs of this machine that are at work or wait for their turn, as a table."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from automl_nb.core.errors import RunError
from automl_nb.run import Run

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["run", "status", "waits for", "process", "since", "folder"]


def at_work() -> pd.DataFrame:
    """The runs at work and waiting, of every process of this machine, in their order.

    ``waits for`` names the runs that come before; ``since`` is when a run was asked for.

    Example:
        >>> at_work().columns.tolist()
        ['run', 'status', 'waits for', 'process', 'since', 'folder']
    """
    from automl_nb.control.turns import Turns, in_front
    from automl_nb.core.show.whole_table import WholeTable
    from automl_nb.pipeline.in_turn import forget_unbegun

    there = Turns(forget=forget_unbegun).now()
    rows = []
    for place, one in enumerate(there):
        before = in_front(there[:place], one)
        status = _status(one.folder) if one.begun else "waiting"
        since = dt.datetime.fromtimestamp(one.began).astimezone().isoformat(timespec="seconds")
        told = "" if one.begun else ", ".join(before)
        rows.append((one.run, status, told, one.process, since, one.folder))
    return WholeTable(rows, columns=COLUMNS)


def _status(folder: str) -> str:
    """Of a run whose turn has come: running, or paused."""
    try:
        return Run.open(Path(folder)).state.status if folder else "running"
    except RunError:  # it has written nothing yet
        return "running"
