"""When a task has few rows a class, and what is then done otherwise."""

from __future__ import annotations

import math

import numpy as np

from automl_nb.core.types import Task, TaskKind

FEW = 80  # rows of the median class: heads in closed form are worth a try
VERY_FEW = 16  # too few to tell by out-of-fold scores what a tuned network is worth
# The way of tuning for very few rows: it spares none of them for early stopping.
FEW_STRATEGY = "contrastive"


def median_class(y: np.ndarray, task: Task) -> float:
    """Rows of the median class; without end where rows don't have one class each.

    Example:
        >>> task = Task(TaskKind.BINARY, "y", ("a", "b"))
        >>> median_class(np.array([0, 0, 0, 1]), task)
        2.0
    """
    if task.kind not in {TaskKind.BINARY, TaskKind.MULTICLASS}:
        return math.inf
    return float(np.median(np.bincount(y, minlength=len(task.classes))))
