"""What a start would go on with, told before it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from automl_nb.core.settings import FitSettings, runs_dir
from automl_nb.pipeline.continued import earlier_run
from automl_nb.pipeline.source_print import source_prints

_AT_ONCE = 2_000_000  # values, of which the print takes a few tenths of a second


def foreseen(settings: FitSettings, sources: Mapping[str, Any], *, name: str, root: Any) -> str:
    """Which earlier run would be gone on with, and with how much time; "" for a new run.

    A frame that would take long to be told from others isn't looked at: what it would go on with
    is said at the start.

    Args:
        settings: What is asked for.
        sources: Data, test, valid, unlabelled and sql, as `start` takes them.
        name: The run's name, or "".
        root: The folder for runs; the usual one if None or "".
    """
    if settings.fresh or not all(map(told_at_once, sources.values())):
        return ""
    folder = Path(root) if root else runs_dir()
    found, _ = earlier_run(folder, settings, name=name, source=lambda: source_prints(sources))
    if found is None:
        return ""
    return found.sentence(settings.time_s)


def told_at_once(source: Any) -> bool:
    """Whether a source is told from others in no time."""
    shape = getattr(source, "shape", None)
    if not isinstance(shape, tuple) or len(shape) != 2:
        return True
    return int(shape[0] * shape[1]) <= _AT_ONCE
