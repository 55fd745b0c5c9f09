"""The evidence for a Bayesian linear model, averaged over its outputs."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from automl_nb.explorer.scores.base import Evidence, targets_of

_ROUNDS, _CLOSE = 100, 1e-5


class LogMe:
    """Score ``logme`` (You et al. 2021, arXiv 2102.11005).

    For each output t of F w + noise, with w ~ N(0, 1/alpha) and noise ~ N(0, 1/beta), the log of
    p(t | F, alpha, beta) where these two make it greatest, a row. These are found by MacKay's
    fixed point on one singular value decomposition of F (You et al. 2022, arXiv 2110.10545).

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> X = np.random.default_rng(0).normal(size=(50, 2))
        >>> exact = LogMe()(Evidence(X, X[:, 0], TaskKind.REGRESSION))
        >>> exact > LogMe()(Evidence(X, X[::-1, 0], TaskKind.REGRESSION))
        True
    """

    name: ClassVar[str] = "logme"

    def applies(self, given: Evidence) -> str:
        """Always."""
        del given
        return ""

    def __call__(self, given: Evidence) -> float:
        """Mean log evidence a row and output."""
        F = np.asarray(given.inner, dtype=np.float64)
        U, singular, _ = np.linalg.svd(F, full_matrices=False)
        targets = targets_of(given.y, given.kind)
        return float(
            np.mean([_evidence(U, singular**2, F.shape[1], column) for column in targets.T])
        )


def _evidence(U: np.ndarray, s: np.ndarray, d: int, t: np.ndarray) -> float:
    """Log evidence a row of one output; `s` are the squared singular values."""
    alpha, beta = maximise(U, s, t)
    n = len(t)
    projected = (U.T @ t) ** 2
    shrunk = s / (s + alpha / beta)
    # |m|² and |Fm - t|² of the posterior mean m.
    size = float((projected * s / (s + alpha / beta) ** 2).sum())
    error = float((projected * (1 - shrunk) ** 2).sum() + max(0.0, t @ t - projected.sum()))
    log_det = float(np.log(alpha + beta * s).sum()) + (d - len(s)) * math.log(alpha)
    whole = d * math.log(alpha) + n * math.log(beta) - log_det
    return 0.5 * (whole - beta * error - alpha * size - n * math.log(2 * math.pi)) / n


def maximise(U: np.ndarray, s: np.ndarray, t: np.ndarray) -> tuple[float, float]:
    """The alpha and beta of the greatest evidence.

    Args:
        U: (n, r) left singular vectors of the features.
        s: (r,) squared singular values.
        t: (n,) one output.
    """
    n = len(t)
    projected = (U.T @ t) ** 2
    outside = max(0.0, float(t @ t - projected.sum()))
    alpha = beta = 1.0
    for _ in range(_ROUNDS):
        before = alpha / beta
        gamma = float((s / (s + before)).sum())
        size = float((projected * s / (s + before) ** 2).sum())
        error = float((projected * (before / (s + before)) ** 2).sum()) + outside
        # Limits keep a perfect fit, or features that tell nothing, from dividing by zero.
        alpha = min(gamma / max(size, 1e-12), 1e12)
        beta = min(max(n - gamma, 1e-9) / max(error, 1e-12), 1e12)
        if abs(alpha / beta - before) <= _CLOSE * before:
            break
    return max(alpha, 1e-12), max(beta, 1e-12)
