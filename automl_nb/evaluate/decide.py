"""From scores to answers: the most probable class, or shifted by tuned offsets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from automl_nb.core.types import Task, TaskKind

TINY = 1e-15  # probabilities are kept this far from 0 and 1 before a logarithm


@dataclass(frozen=True)
class Thresholds:
    """How scores become answers.

    One number a class is added to the logarithms of its probabilities before the largest
    is taken (for multi-label: to each label's log-odds before asking for more than 0).
    For two classes that is the same as moving the cut-off of one half, see `cutoff`.

    Attributes:
        kind: The kind of task.
        offsets: One number a class; empty for none, so that plain scores decide.

    Example:
        >>> scores = np.array([[0.7, 0.3], [0.9, 0.1]])
        >>> Thresholds(TaskKind.BINARY).decide(scores)
        array([0, 0])
        >>> Thresholds(TaskKind.BINARY, (0.0, 1.5)).decide(scores)
        array([1, 0])
    """

    kind: TaskKind
    offsets: tuple[float, ...] = ()

    @property
    def cutoff(self) -> float:
        """For two classes, the positive class's probability from which it is chosen."""
        if not self.offsets:
            return 0.5
        return float(1.0 / (1.0 + np.exp(self.offsets[1] - self.offsets[0])))

    def decide(self, scores: np.ndarray) -> np.ndarray:
        """The answers.

        Args:
            scores: (n, k) probabilities, or (n, 1) values for regression.

        Returns:
            (n,) int64 class positions; (n, k) float32 0/1 for multi-label; (n,) float64
            values for regression. On equal scores the first class is chosen.
        """
        if self.kind is TaskKind.REGRESSION:
            return scores[:, 0]
        if self.kind is TaskKind.MULTILABEL:
            shifted = log_odds(scores) + self.offsets if self.offsets else scores - 0.5
            return np.asarray(shifted >= 0, np.float32)
        shifted = log_probabilities(scores) + self.offsets if self.offsets else scores
        return np.asarray(shifted.argmax(axis=1), np.int64)

    def shifted(self, scores: np.ndarray) -> np.ndarray:
        """(n, k) probabilities whose largest is the answer: p_k exp(o_k), made to sum to 1.

        For tasks of one class a row; without offsets the scores as they are.

        Example:
            >>> Thresholds(TaskKind.BINARY, (0.0, np.log(3.0))).shifted(np.array([[0.5, 0.5]]))
            array([[0.25, 0.75]])
        """
        if not self.offsets:
            return scores
        shifted = log_probabilities(scores) + self.offsets
        weights = np.exp(shifted - shifted.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"kind": self.kind.value, "offsets": list(self.offsets)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Thresholds:
        """What `to_dict` gave."""
        return cls(TaskKind(data["kind"]), tuple(float(value) for value in data["offsets"]))


def plain_thresholds(task: Task) -> Thresholds:
    """No offsets: the most probable class, or more than one half."""
    return Thresholds(task.kind)


def log_probabilities(scores: np.ndarray) -> np.ndarray:
    """Logarithms that stay finite where a probability is 0."""
    logs: np.ndarray = np.log(np.maximum(scores, TINY))
    return logs


def log_odds(scores: np.ndarray) -> np.ndarray:
    """The log-odds, log p - log(1 - p), finite where a probability is 0 or 1."""
    kept = np.clip(scores, TINY, 1.0 - TINY)
    odds: np.ndarray = np.log(kept) - np.log1p(-kept)
    return odds
