"""Rows with their true answers and a model's answers, and how often each row counts.

Every metric is written once, for weighted rows and many weightings side by side.
With all weights 1 it gives the plain value; with the counts of bootstrap draws it gives
the value of every resample at once, which is what makes intervals cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from automl_nb.core.types import Task, TaskKind


@dataclass(frozen=True)
class Counts:
    """What label metrics need to know of the confusion matrix, for b weightings.

    Attributes:
        hits: (b, k) weight of the rows of a class that were given this class.
        predicted: (b, k) weight of the rows that were given the class.
        actual: (b, k) weight of the rows that are of the class.
        total: (b,) weight of all rows.
    """

    hits: np.ndarray
    predicted: np.ndarray
    actual: np.ndarray
    total: np.ndarray


@dataclass(frozen=True)
class Judged:
    """A model's answers beside the true ones, under b weightings of the rows.

    Attributes:
        y: (n,) class positions; (n, k) 0/1 for multi-label; (n,) values for regression.
        scores: (n, k) probabilities, or (n, 1) values for regression.
        predicted: What was decided, shaped like `y`.
        weights: (n, b) how often each row counts.
    """

    y: np.ndarray
    scores: np.ndarray
    predicted: np.ndarray
    task: Task
    weights: np.ndarray

    @property
    def multilabel(self) -> bool:
        """Whether a row may have several labels."""
        return self.task.kind is TaskKind.MULTILABEL

    @cached_property
    def finite(self) -> bool:
        """Whether every score is a finite number."""
        return bool(np.isfinite(self.scores).all())

    @cached_property
    def total(self) -> np.ndarray:
        """(b,) weight of all rows."""
        total: np.ndarray = self.weights.sum(axis=0, dtype=np.float64)
        return total

    @cached_property
    def truth(self) -> np.ndarray:
        """(n, k) 0/1 float64: the true classes as columns."""
        if self.multilabel:
            return self.y.astype(np.float64)
        return one_hot(self.y, self.scores.shape[1])

    @cached_property
    def counts(self) -> Counts:
        """The sums over rows that label metrics are made of."""
        if self.multilabel:
            sums = [self.y * self.predicted, self.predicted, self.y]
            parts = [self.weights.T @ np.asarray(part, self.weights.dtype) for part in sums]
        else:
            k, right = self.task.n_outputs, self.y == self.predicted
            parts = [
                weight_by_class(self.y[right], self.weights[right], k),
                weight_by_class(self.predicted, self.weights, k),
                weight_by_class(self.y, self.weights, k),
            ]
        hits, predicted, actual = (part.astype(np.float64) for part in parts)
        return Counts(hits, predicted, actual, self.total)

    def mean(self, per_row: np.ndarray) -> np.ndarray:
        """(b,) weighted means of a number a row."""
        means: np.ndarray = (per_row @ self.weights) / self.total
        return means


def one_hot(positions: np.ndarray, k: int) -> np.ndarray:
    """(n, k) float64 with a 1 at each row's position."""
    made = np.zeros((len(positions), k))
    made[np.arange(len(positions)), positions] = 1.0
    return made


def weight_by_class(positions: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    """(b, k) sums of (n, b) weights over the rows at each class position."""
    if weights.shape[1] == 1:
        return np.bincount(positions, weights=weights[:, 0], minlength=k)[None, :]
    sums = np.zeros((k, weights.shape[1]))
    if len(positions):
        order = np.argsort(positions, kind="stable")
        present, starts = np.unique(positions[order], return_index=True)
        sums[present] = np.add.reduceat(weights[order], starts, axis=0)
    return sums.T
