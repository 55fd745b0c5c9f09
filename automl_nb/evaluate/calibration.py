"""Honest probabilities: temperature scaling; beside it, the thresholds and the error measure.

`fit_thresholds` and `expected_calibration_error` live in files of their own and are
offered here too, so that a pipeline finds all of calibration in one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from automl_nb.core.types import Task, TaskKind
from automl_nb.evaluate.decide import Thresholds, log_odds, log_probabilities
from automl_nb.evaluate.reliability import (
    ReliabilityCurve,
    expected_calibration_error,
    reliability_curve,
)
from automl_nb.evaluate.tuning import fit_thresholds

__all__ = [
    "ReliabilityCurve",
    "Temperature",
    "Thresholds",
    "expected_calibration_error",
    "fit_thresholds",
    "reliability_curve",
]

_COLDEST, _HOTTEST = 1 / 50, 50.0
_STEPS = 60  # each bisection step halves what is left of the range


@dataclass(frozen=True)
class Temperature:
    """Probabilities made more or less sure by one number, without changing their order.

    p' is proportional to p^(1/T); for multi-label each label's log-odds are divided by T
    (Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv 1706.04599).

    Attributes:
        value: T; above 1 makes probabilities less sure, 1 leaves them as they are.

    Example:
        >>> Temperature(2.0, TaskKind.BINARY).apply(np.array([[0.9, 0.1]])).round(2)
        array([[0.75, 0.25]])
    """

    value: float
    kind: TaskKind

    @classmethod
    def fit(cls, scores: np.ndarray, y: np.ndarray, task: Task) -> Temperature:
        """The temperature of least log loss.

        The loss is convex in 1/T, so its slope is followed to 0. Labels are smoothed by
        one part in n + 1, so that rows that are all right don't ask for boundless
        sureness, nor keep it. Where the log loss of other rows doesn't fall, T is 1.

        Args:
            scores: (n, k) out-of-fold probabilities; rows with NaN are left out.
            y: (n,) class positions, or (n, k) 0/1 for multi-label.
            task: Regression gives T = 1.
        """
        identity = cls(1.0, task.kind)
        if task.kind is TaskKind.REGRESSION:
            return identity
        kept = ~np.isnan(scores).any(axis=1)
        logits, target = _as_choices(scores[kept], y[kept], task.kind)
        if len(target) == 0:
            return identity
        sharpness = _least_loss(logits, target)
        all_right = bool((logits.argmax(axis=1) == target).all())
        if all_right or _loss(logits, target, sharpness) < _loss(logits, target, 1.0):
            return cls(1.0 / sharpness, task.kind)
        return identity

    def apply(self, scores: np.ndarray) -> np.ndarray:
        """The calibrated scores, shaped as before; regression values are left alone."""
        if self.value == 1.0 or self.kind is TaskKind.REGRESSION:
            return scores
        if self.kind is TaskKind.MULTILABEL:
            calm: np.ndarray = 1.0 / (1.0 + np.exp(-log_odds(scores) / self.value))
            return calm
        return _softmax(log_probabilities(scores) / self.value)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"value": self.value, "kind": self.kind.value}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Temperature:
        """What `to_dict` gave."""
        return cls(float(data["value"]), TaskKind(data["kind"]))


def _as_choices(scores: np.ndarray, y: np.ndarray, kind: TaskKind) -> tuple[np.ndarray, np.ndarray]:
    """(m, c) logits and (m,) positions; multi-label gives one two-way choice a label."""
    if kind is not TaskKind.MULTILABEL:
        return log_probabilities(scores), y
    odds = log_odds(scores).ravel()
    return np.column_stack([np.zeros_like(odds), odds]), y.ravel().astype(np.int64)


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _loss(logits: np.ndarray, target: np.ndarray, sharpness: float) -> float:
    scaled = logits * sharpness
    scaled -= scaled.max(axis=1, keepdims=True)
    chosen = scaled[np.arange(len(target)), target]
    return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - chosen))


def _least_loss(logits: np.ndarray, target: np.ndarray) -> float:
    """The 1/T at which the smoothed loss has no slope, by bisection of log(1/T)."""
    smoothing = 1.0 / (len(target) + 1.0)
    chosen = logits[np.arange(len(target)), target].mean()
    aimed = (1.0 - smoothing) * chosen + smoothing * logits.mean()
    low, high = np.log(1 / _HOTTEST), np.log(1 / _COLDEST)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        expected = (_softmax(logits * np.exp(middle)) * logits).sum(axis=1).mean()
        low, high = (low, middle) if expected > aimed else (middle, high)
        if high - low < 1e-4:
            break
    return float(np.exp((low + high) / 2))
