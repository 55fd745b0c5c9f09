"""What a score is: frozen features and answers in, one number out, more is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from automl_nb.core.types import TaskKind

CONSTANT = "constant features"  # why no score can be measured
_ALIKE = 1e-6  # of the largest feature


@dataclass(frozen=True)
class Evidence:
    """What a score may look at.

    Attributes:
        features: (n, d) what a frozen network gives for each row.
        y: (n,) class positions, (n, k) 0/1 for multi-label, or (n,) values.
        kind: What is learnt.
        layer_mean: (n, d') mean over the network's layers, where they were read.
        source: (n, z) probabilities of the classes that the network was trained to tell,
            where it still has that head.
        seed: Seeds what is drawn.
    """

    features: np.ndarray
    y: np.ndarray
    kind: TaskKind
    layer_mean: np.ndarray | None = None
    source: np.ndarray | None = None
    seed: int = 0

    @property
    def inner(self) -> np.ndarray:
        """The mean over layers if there is one, else the features.

        H-score and LogME follow the accuracy after fine-tuning more closely on it (Choose Your
        Transformer, Findings of ACL 2024).
        """
        return self.features if self.layer_mean is None else self.layer_mean

    @property
    def is_single(self) -> bool:
        """Whether each row has one class."""
        return self.kind in {TaskKind.BINARY, TaskKind.MULTICLASS}

    @property
    def is_constant(self) -> bool:
        """Whether all rows have the same features, so that no score can be measured.

        Example:
            >>> y = np.array([0, 1, 0])
            >>> Evidence(np.ones((3, 2)), y, TaskKind.BINARY).is_constant
            True
            >>> Evidence(np.eye(3), y, TaskKind.BINARY).is_constant
            False
        """
        apart = float(np.ptp(self.features, axis=0).max(initial=0.0))
        return apart <= _ALIKE * float(np.abs(self.features).max(initial=0.0))


class Score(Protocol):
    """A score of the registry."""

    name: ClassVar[str]

    def applies(self, given: Evidence) -> str:
        """Why it says nothing here, or "" if it does."""
        ...

    def __call__(self, given: Evidence) -> float:
        """The score; only numbers of the same rows can be compared."""
        ...


def targets_of(y: np.ndarray, kind: TaskKind) -> np.ndarray:
    """(n, k) float64: one 0/1 column a class, the label columns, or the value.

    Example:
        >>> targets_of(np.array([0, 2]), TaskKind.MULTICLASS).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    if kind is TaskKind.REGRESSION or y.ndim == 2:
        return np.asarray(y, dtype=np.float64).reshape(len(y), -1)
    one_hot: np.ndarray = np.eye(int(y.max()) + 1)[y]
    return one_hot


def needs_classes(given: Evidence) -> str:
    """The reason of scores that are made for rows of one class each."""
    if not given.is_single:
        return "it is made for rows that have one class each"
    return "" if len(np.unique(given.y)) > 1 else "it needs two classes"


def quality(predicted: np.ndarray, y: np.ndarray, kind: TaskKind) -> float:
    """How good predictions are: the share of rows right, or the variance explained.

    Args:
        predicted: (n, k), as `targets_of` has the truth.
        y: The truth.
        kind: What is learnt.

    Returns:
        Accuracy where rows have one class each; R², pooled over columns, otherwise.

    Example:
        >>> quality(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([0, 1]), TaskKind.BINARY)
        0.5
    """
    return 1.0 - float(losses(predicted, y, kind).mean())


def losses(predicted: np.ndarray, y: np.ndarray, kind: TaskKind) -> np.ndarray:
    """(n,) what each row takes from `quality`: 0 or 1, or its part of 1 - R²."""
    if kind in {TaskKind.BINARY, TaskKind.MULTICLASS}:
        return np.asarray(predicted.argmax(axis=1) != y, dtype=np.float64)
    truth = targets_of(y, kind)
    spread = float(((truth - truth.mean(axis=0)) ** 2).sum(axis=1).mean())
    squared = ((truth - predicted) ** 2).sum(axis=1)
    return np.asarray(squared / spread if spread > 0 else np.zeros(len(y)))
