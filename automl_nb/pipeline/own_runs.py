"""The runs that began with data at hand, found by its content."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from automl_nb.control.journal import read_described
from automl_nb.pipeline.continued import newest_first
from automl_nb.pipeline.foreseen import told_at_once
from automl_nb.pipeline.source_print import source_prints


def own_runs(root: Path, frames: Iterable[Any]) -> list[str]:
    """The names of the runs in a folder that learnt from one of these frames, newest first.

    A frame that would take long to be told from others isn't looked at.
    """
    folders = newest_first(root)
    told = {source_prints({"data": one}).get("data") for one in frames if told_at_once(one)}
    found = []
    for folder in folders if told else []:
        described = read_described(folder)
        if described is not None and described.source.get("data") in told - {None}:
            found.append(folder.name)
    return found
