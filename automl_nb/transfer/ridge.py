"""Least squares with an L2 penalty that is chosen by leave-one-out error.

Every penalty shares one eigendecomposition, and the left-out error of each row follows from
its leverage (Golub, Heath & Wahba 1979): 13 penalties cost little more than one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from automl_nb.core.types import TaskKind
from automl_nb.transfer.base import Trial, TrialContext
from automl_nb.transfer.crossfit import crossfit, one_vs_rest, row_weights
from automl_nb.transfer.linear import LinearPredictor, shared_scale

PENALTIES = tuple(float(10.0**power) for power in np.arange(-3, 3.01, 0.5))
_SPARSE_PENALTY = 1.0


class Ridge:
    """Strategy ``ridge``: one target a class (0 or 1), or the value itself."""

    name = "ridge"

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Always, on any block."""
        del context
        return "" if inputs else "it needs features"

    def grid(self, context: TrialContext) -> list[dict[str, Any]]:
        """One setting: the penalty is chosen inside."""
        del context
        return [{}]

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Fit, judge and refit."""
        return crossfit(self, context, inputs, config)

    def fit(
        self,
        context: TrialContext,
        inputs: tuple[str, ...],
        rows: np.ndarray,
        config: dict[str, Any],
    ) -> LinearPredictor:
        """Solve for these rows."""
        blocks = [context.blocks[key][rows] for key in inputs]
        targets = one_vs_rest(context.task, context.y[rows]).astype(np.float64)
        weight = row_weights(context, rows)
        if context.task.kind is TaskKind.BINARY:
            targets = targets[:, 1:]
        if context.task.kind.is_classification:
            targets = 2.0 * targets - 1.0
        if any(sparse.issparse(block) for block in blocks):
            coef, intercept = _iterative(blocks, targets, weight, config)
        else:
            coef, intercept = _closed_form(np.hstack(blocks), targets, weight)
        if context.task.kind.is_classification:
            # Least squares gives values near -1..1; as log-odds these would be far too shy.
            coef, intercept = coef * 3.0, intercept * 3.0
        return LinearPredictor(inputs, coef, intercept, context.task.kind)


def _closed_form(
    X: np.ndarray, targets: np.ndarray, weight: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    w = np.ones(len(X)) if weight is None else weight * len(X) / weight.sum()
    root = np.sqrt(w)[:, None]
    centre = np.average(X, axis=0, weights=w)
    mean = np.average(targets, axis=0, weights=w)
    _, scale = shared_scale(X)
    A = (X - centre) * (scale * root)
    B = (targets - mean) * root
    penalties = np.array(PENALTIES) * max(1.0, len(X) / 1000.0)
    share = w / len(X)  # of the intercept in each row's leverage
    solve = _few_rows if A.shape[0] < A.shape[1] else _many_rows
    solution = solve(A, B, penalties, share)
    coef = solution * scale
    return coef, mean - centre @ coef


def _many_rows(
    A: np.ndarray, B: np.ndarray, penalties: np.ndarray, share: np.ndarray
) -> np.ndarray:
    values, vectors = np.linalg.eigh(A.T @ A)
    values = np.maximum(values, 0.0)
    rotated = A @ vectors
    projected = rotated.T @ B
    best, least = None, np.inf
    for penalty in penalties:
        shrunk = 1.0 / (values + penalty)
        fitted = rotated @ (shrunk[:, None] * projected)
        leverage = (rotated**2) @ shrunk + share
        error = float(np.mean(((B - fitted) / np.maximum(1.0 - leverage, 1e-3)[:, None]) ** 2))
        if error < least:
            best, least = shrunk, error
    assert best is not None
    return np.asarray(vectors @ (best[:, None] * projected))


def _few_rows(A: np.ndarray, B: np.ndarray, penalties: np.ndarray, share: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(A @ A.T)
    values = np.maximum(values, 0.0)
    projected = vectors.T @ B
    best, least = None, np.inf
    for penalty in penalties:
        inverse = 1.0 / (values + penalty)
        dual = vectors @ (inverse[:, None] * projected)
        # Centring leaves one direction without rows; counting it as fitted by the penalty
        # would make every small penalty look perfect.
        diagonal = (vectors**2) @ inverse - share / penalty
        error = float(np.mean((dual / np.maximum(diagonal, 1e-12)[:, None]) ** 2))
        if error < least:
            best, least = dual, error
    assert best is not None
    return np.asarray(A.T @ best)


def _iterative(
    blocks: list[Any], targets: np.ndarray, weight: np.ndarray | None, config: dict[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Conjugate gradients, which never form a dense copy of sparse columns."""
    from sklearn.linear_model import Ridge as SparseRidge

    centres, parts = [], []
    for block in blocks:
        centre, scale = shared_scale(block)
        dense = None if centre is None else (np.asarray(block) - centre) * scale
        parts.append(sparse.csr_matrix(block if dense is None else dense))
        centres.append((np.zeros(block.shape[1]) if centre is None else centre, scale))
    machine = SparseRidge(
        alpha=float(config.get("alpha", _SPARSE_PENALTY)), solver="sparse_cg", tol=1e-3
    )
    machine.fit(sparse.hstack(parts, format="csr"), targets, sample_weight=weight)
    coef = np.asarray(machine.coef_).reshape(targets.shape[1], -1).T.copy()
    coef *= np.concatenate([np.full(len(centre), scale) for centre, scale in centres])[:, None]
    centre = np.concatenate([centre for centre, _ in centres])
    return coef, np.asarray(machine.intercept_).reshape(-1) - centre @ coef
