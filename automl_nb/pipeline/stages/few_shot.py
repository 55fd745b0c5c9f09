"""What is tried beside the usual where a class has few rows."""

from __future__ import annotations

import numpy as np

from automl_nb.core.types import TaskKind
from automl_nb.pipeline.workbench import Workbench

FEW = 80  # rows of the median class


def has_few(bench: Workbench) -> bool:
    """Whether half of the classes have no more than 80 rows."""
    dataset = bench.dataset
    if dataset.task.kind not in {TaskKind.BINARY, TaskKind.MULTICLASS}:
        return False
    counts = np.bincount(dataset.y, minlength=len(dataset.task.classes))
    return float(np.median(counts)) <= FEW


def heads(bench: Workbench, key: str) -> None:
    """Heads in closed form, which have nothing to search for."""
    for strategy in ("class-mean", "lda"):
        if has_few(bench) or _is_asked(bench, strategy):
            bench.train(strategy, (key,), f"{key}: {strategy}")


def _is_asked(bench: Workbench, strategy: str) -> bool:
    return strategy in bench.settings.strategies
