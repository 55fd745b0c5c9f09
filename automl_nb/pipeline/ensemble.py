"""Blends of models, chosen by the loss of their out-of-fold scores.

Greedy forward selection with replacement (Caruana et al. 2004), bagged over rows. It judges by
log loss (or squared error), which picks the right weights where accuracy is too coarse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_nb.core.types import Task, TaskKind

_ROUNDS = 40
_BAGS = 8
_LEAST_SHARE = 0.04  # a member below this costs more time than it can be worth


@dataclass(frozen=True)
class Blend:
    """Weights of the members, summing to 1, by position."""

    weights: tuple[float, ...]

    def apply(self, scores: list[np.ndarray]) -> np.ndarray:
        """The weighted mean of (n, k) scores."""
        parts = [w * s for w, s in zip(self.weights, scores, strict=True) if w > 0]
        return np.asarray(np.sum(parts, axis=0))


def greedy_blend(scores: list[np.ndarray], y: np.ndarray, task: Task, *, seed: int = 0) -> Blend:
    """Weights of least out-of-fold loss.

    Args:
        scores: (n, k) scores of each member for the same rows, without NaN.
        y: What they should have been.
        task: Says what `y` means.
        seed: Seeds the bags.

    Example:
        >>> task = Task(TaskKind.BINARY, "label", ("no", "yes"))
        >>> y = np.array([0, 1, 0, 1])
        >>> good = np.array([[0.9, 0.1], [0.2, 0.8], [0.8, 0.2], [0.1, 0.9]])
        >>> greedy_blend([good, 1 - good], y, task).weights
        (1.0, 0.0)
    """
    if len(scores) == 1:
        return Blend((1.0,))
    columns = [_column(one, y, task) for one in scores]
    table = np.stack(columns, axis=1).astype(np.float64)
    target = _target(y, task)
    rng = np.random.default_rng(seed)
    n = len(table)
    counts = np.zeros(len(scores))
    for bag in range(_BAGS):
        # The first bag is all rows, so that few rows never rest on resampling alone.
        rows = np.arange(n) if bag == 0 else rng.integers(0, n, n)
        counts += _select(table[rows], None if target is None else target[rows])
    weights = counts / counts.sum()
    weights[weights < _LEAST_SHARE] = 0.0
    weights /= weights.sum()
    return Blend(tuple(float(w) for w in weights))


def _column(scores: np.ndarray, y: np.ndarray, task: Task) -> np.ndarray:
    """What the loss of a blend depends on: the probability of the truth, or the value."""
    if task.kind is TaskKind.REGRESSION:
        return scores[:, 0]
    if task.kind is TaskKind.MULTILABEL:
        return np.asarray(np.where(y > 0, scores, 1.0 - scores)).ravel()
    return np.asarray(scores[np.arange(len(y)), y])


def _target(y: np.ndarray, task: Task) -> np.ndarray | None:
    return np.asarray(y, dtype=np.float64) if task.kind is TaskKind.REGRESSION else None


def _select(table: np.ndarray, target: np.ndarray | None) -> np.ndarray:
    """How often each column is taken in `_ROUNDS` greedy rounds, up to the best round."""
    total = np.zeros(len(table))
    taken: list[int] = []
    best_loss, best_round = np.inf, 1
    for number in range(1, _ROUNDS + 1):
        losses = _losses((total[:, None] + table) / number, target)
        choice = int(losses.argmin())
        taken.append(choice)
        total += table[:, choice]
        if losses[choice] < best_loss - 1e-9:
            best_loss, best_round = float(losses[choice]), number
    counts = np.bincount(taken[:best_round], minlength=table.shape[1])
    return np.asarray(counts / counts.sum())


def _losses(blends: np.ndarray, target: np.ndarray | None) -> np.ndarray:
    if target is None:
        return np.asarray(-np.log(np.maximum(blends, 1e-9)).mean(axis=0))
    return np.asarray(((blends - target[:, None]) ** 2).mean(axis=0))
