"""The points of ROC and precision-recall curves, thinned to what an eye can see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_nb.core.types import Task, TaskKind
from automl_nb.evaluate.by_rank import auc_of_one, average_precision_of_one

MOST_POINTS = 120
MOST_LINES = 8
_GRID = np.linspace(0.0, 1.0, MOST_POINTS)


@dataclass(frozen=True)
class Line:
    """One curve.

    Attributes:
        name: A class, or ``"mean of N classes"``.
        x: False-positive rate, or recall.
        y: True-positive rate, or precision.
        area: The area under the whole curve (average precision for precision-recall).
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    area: float


def roc_lines(y: np.ndarray, scores: np.ndarray, task: Task) -> tuple[Line, ...]:
    """ROC curves: of the positive class for two classes, else the mean and the hardest classes.

    Example:
        >>> task = Task(TaskKind.BINARY, "label", ("no", "yes"))
        >>> scores = np.array([[0.8, 0.2], [0.3, 0.7]])
        >>> roc_lines(np.array([0, 1]), scores, task)
        (Line(name='yes', x=(0.0, 0.0, 1.0), y=(0.0, 1.0, 1.0), area=1.0),)
    """
    whole = [
        (name, *roc_points(positive, score), float(auc_of_one(positive, score, _ones(score))[0]))
        for name, positive, score in _one_against_rest(y, scores, task)
    ]
    lines = [Line(name, *_thinned(x, rate), area) for name, x, rate, area in whole]
    mean = np.mean([np.interp(_GRID, x, rate) for _, x, rate, _ in whole], axis=0) if whole else 0
    return _mean_and_hardest(lines, np.atleast_1d(mean))


def pr_lines(y: np.ndarray, scores: np.ndarray, task: Task) -> tuple[Line, ...]:
    """Precision-recall curves up to full recall, chosen as in `roc_lines`."""
    whole = [
        (
            name,
            *_to_full_recall(*pr_points(positive, score)),
            float(average_precision_of_one(positive, score, _ones(score))[0]),
        )
        for name, positive, score in _one_against_rest(y, scores, task)
    ]
    lines = [Line(name, *_thinned(x, share), area) for name, x, share, area in whole]
    mean = np.mean([np.interp(_GRID, x, part) for _, x, part, _ in whole], axis=0) if whole else 0
    return _mean_and_hardest(lines, np.atleast_1d(mean))


def roc_points(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False- and true-positive rates, both rising from 0 to 1, one point a cut-off."""
    found, wrong = _met(positive, score)
    return np.r_[0.0, wrong / wrong[-1]], np.r_[0.0, found / found[-1]]


def pr_points(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Recall, rising, and the precision there, one point a cut-off."""
    found, wrong = _met(positive, score)
    precision = found / (found + wrong)
    return np.r_[0.0, found / found[-1]], np.r_[precision[0], precision]


def _to_full_recall(recall: np.ndarray, precision: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Less the cut-offs that find nothing more: they only take more wrong rows."""
    end = int(np.searchsorted(recall, 1.0)) + 1
    return recall[:end], precision[:end]


def _met(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Right and wrong rows met down to each distinct score, from the highest."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.r_[np.diff(score[order]) != 0, True])
    found = np.cumsum(positive[order], dtype=np.float64)[last]
    return found, last + 1 - found


def _ones(score: np.ndarray) -> np.ndarray:
    return np.ones((len(score), 1))


def _one_against_rest(
    y: np.ndarray, scores: np.ndarray, task: Task
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """(class, (n,) is of it, (n,) score) of the classes that have rows on both sides."""
    if task.kind is TaskKind.REGRESSION:
        return []
    positions = [1] if task.kind is TaskKind.BINARY else range(len(task.classes))
    made = []
    for position in positions:
        positive = y[:, position] > 0 if y.ndim == 2 else y == position
        if positive.any() and not positive.all():
            made.append((task.classes[position], positive, scores[:, position]))
    return made


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """At most `MOST_POINTS` points, evenly spaced along the curve's length."""
    if len(x) > MOST_POINTS:
        along = np.r_[0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))]
        wanted = np.linspace(0.0, along[-1], MOST_POINTS)
        kept = np.unique(np.searchsorted(along, wanted).clip(0, len(x) - 1))
        x, y = x[kept], y[kept]
    return tuple(x.round(5).tolist()), tuple(y.round(5).tolist())


def _mean_and_hardest(lines: list[Line], mean: np.ndarray) -> tuple[Line, ...]:
    """All lines where they are few; otherwise their mean and those of least area."""
    if len(lines) <= 1:
        return tuple(lines)
    area = float(np.mean([line.area for line in lines]))
    name = f"mean of {len(lines)} classes"
    mean_line = Line(name, tuple(_GRID.round(5).tolist()), tuple(mean.round(5).tolist()), area)
    if len(lines) < MOST_LINES:
        return (mean_line, *lines)
    return (mean_line, *sorted(lines, key=lambda line: line.area)[: MOST_LINES - 1])
