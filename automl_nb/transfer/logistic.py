"""Softmax regression on frozen features: the linear probe."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from automl_nb.core.space import Float, Space
from automl_nb.core.types import TaskKind
from automl_nb.transfer.base import Trial, TrialContext
from automl_nb.transfer.crossfit import crossfit, one_vs_rest, row_weights
from automl_nb.transfer.linear import LinearPredictor, dense_scale


class Logistic:
    """Strategy ``logistic``: C is the inverse penalty; features share one scale."""

    name = "logistic"

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Classification on dense blocks."""
        if not context.task.kind.is_classification:
            return "it predicts classes; use ridge for numbers"
        if any(sparse.issparse(context.blocks[key]) for key in inputs):
            return "it is slow on sparse columns; use svm"
        return "" if inputs else "it needs features"

    def space(self) -> Space:
        """The inverse penalty."""
        return Space((Float("C", 1e-3, 1e4, 10.0, log=True, summary="inverse penalty"),))

    def grid(self, context: TrialContext) -> list[dict[str, Any]]:
        """Four penalties, two decades."""
        del context
        return [{"C": C} for C in (10.0, 1.0, 100.0, 0.1)]

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
        """L-BFGS on these rows."""
        X = np.hstack([np.asarray(context.blocks[key][rows]) for key in inputs])
        centre, scale = dense_scale(X)
        Z = (X - centre) * scale
        y = context.y[rows]
        weight = row_weights(context, rows)
        if context.task.kind is TaskKind.MULTILABEL:
            targets = one_vs_rest(context.task, y)
            solved = [
                _solve(Z, targets[:, k].astype(int), config, weight, 2) for k in range(y.shape[1])
            ]
            coef = np.hstack([piece for piece, _ in solved])
            intercept = np.concatenate([shift for _, shift in solved])
        else:
            coef, intercept = _solve(Z, y, config, weight, len(context.task.classes))
        coef = coef * scale
        return LinearPredictor(inputs, coef, intercept - centre @ coef, context.task.kind)


def _solve(
    Z: np.ndarray, y: np.ndarray, config: dict[str, Any], weight: np.ndarray | None, n_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """(d, k) coefficients and (k,) intercepts; k = 1 for two classes."""
    from sklearn.linear_model import LogisticRegression

    seen = np.unique(y)
    width = 1 if n_classes == 2 else n_classes
    coef, intercept = np.zeros((Z.shape[1], width)), np.full(width, -10.0)
    if len(seen) < 2:  # these rows show one class only
        intercept[:] = np.where(width == 1, 10.0 if seen[0] == 1 else -10.0, intercept)
        if width > 1:
            intercept[seen[0]] = 10.0
        return coef, intercept
    machine = LogisticRegression(C=float(config["C"]), max_iter=200, tol=1e-3)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stopping a little early only strengthens the penalty
        machine.fit(Z.astype(np.float64), y, sample_weight=weight)
    if len(seen) == 2 and width > 1:
        coef[:, seen[1]], intercept[seen[1]] = machine.coef_[0] / 2, machine.intercept_[0] / 2
        coef[:, seen[0]], intercept[seen[0]] = -machine.coef_[0] / 2, -machine.intercept_[0] / 2
    elif width == 1:
        coef[:, 0], intercept[0] = machine.coef_[0], machine.intercept_[0]
    else:
        coef[:, seen], intercept[seen] = machine.coef_.T, machine.intercept_
    return coef, intercept
