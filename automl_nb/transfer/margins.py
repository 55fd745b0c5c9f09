"""Margins of a least-squares machine as log-odds (Platt 1999, for any number of classes)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import special

from automl_nb.core.types import TaskKind


@dataclass(frozen=True)
class Margins:
    """log-odds = slope * margin + shift, one shift a column.

    Attributes:
        slope: Shared by all columns, or one a column for multi-label.
        shift: (k,) shifts.
    """

    slope: tuple[float, ...]
    shift: tuple[float, ...]

    @classmethod
    def fit(
        cls, margins: np.ndarray, y: np.ndarray, kind: TaskKind, weight: np.ndarray | None = None
    ) -> Self:
        """Least log loss on margins of rows that were left out when they were made.

        Args:
            margins: (n, k); one column for two classes.
            y: (n,) class positions, or (n, k) 0/1 for multi-label.
            kind: Regression leaves values as they are.
            weight: (n,) weights of the rows.

        Example:
            >>> scores = np.array([[-1.0], [-0.5], [0.5], [1.0], [0.1], [-0.1]])
            >>> fitted = Margins.fit(scores, np.array([0, 0, 1, 1, 0, 1]), TaskKind.BINARY)
            >>> fitted.slope[0] > 1
            True
        """
        k = margins.shape[1]
        if kind is TaskKind.REGRESSION:
            return cls((1.0,), (0.0,) * k)
        w = np.ones(len(margins)) if weight is None else weight
        w = w / w.sum()
        if kind is TaskKind.MULTILABEL:
            found = [_fit_two(margins[:, j], y[:, j], w) for j in range(k)]
            return cls(tuple(a for a, _ in found), tuple(b for _, b in found))
        if k == 1:
            slope, shift = _fit_two(margins[:, 0], y, w)
            return cls((slope,), (shift,))
        return cls(*_fit_many(margins, y, w))

    def apply(self, margins: np.ndarray) -> np.ndarray:
        """(n, k) log-odds; values of a regression stay as they are."""
        return np.asarray(margins * np.array(self.slope) + np.array(self.shift))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"slope": list(self.slope), "shift": list(self.shift)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """What `to_dict` gave."""
        return cls(tuple(data["slope"]), tuple(data["shift"]))


_FAINT = 1e-3  # pulls the slope to 3 and the shifts to 0 where rows say nothing


def _fit_two(margin: np.ndarray, y: np.ndarray, w: np.ndarray) -> tuple[float, float]:
    from scipy.optimize import minimize

    sign = np.where(y > 0, 1.0, -1.0)

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        odds = sign * (at[0] * margin + at[1])
        slope = -w * sign * special.expit(-odds)
        value = float(-(w * special.log_expit(odds)).sum())
        return _faintly(value, np.array([slope @ margin, slope.sum()]), at)

    found = minimize(loss, np.array([3.0, 0.0]), jac=True, method="L-BFGS-B").x
    return max(float(found[0]), 1e-3), float(found[1])


def _fit_many(
    margins: np.ndarray, y: np.ndarray, w: np.ndarray
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    from scipy.optimize import minimize

    hot = np.eye(margins.shape[1])[y]

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        log_p = special.log_softmax(at[0] * margins + at[1:], axis=1)
        miss = w[:, None] * (np.exp(log_p) - hot)
        slopes = np.concatenate([[float((miss * margins).sum())], miss.sum(axis=0)])
        return _faintly(float(-(w[:, None] * hot * log_p).sum()), slopes, at)

    start = np.concatenate([[3.0], np.zeros(margins.shape[1])])
    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return (max(float(found[0]), 1e-3),), tuple(float(b) for b in found[1:])


def _faintly(value: float, slopes: np.ndarray, at: np.ndarray) -> tuple[float, np.ndarray]:
    away = at - np.concatenate([[3.0], np.zeros(len(at) - 1)])
    return value + _FAINT * float(away @ away), slopes + 2 * _FAINT * away
