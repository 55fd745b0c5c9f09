"""What heads in closed form have in common: nothing is searched for, so few rows are enough."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from automl_nb.transfer.base import Trial, TrialContext
from automl_nb.transfer.crossfit import crossfit, row_weights
from automl_nb.transfer.discriminant import Solver, head_of
from automl_nb.transfer.linear import LinearPredictor


class ClosedForm:
    """Solve, judge, solve again on all rows.

    Attributes:
        name: As in the registry.
        most_columns: More would take too much memory; None where the number doesn't matter.
    """

    name: str
    most_columns: ClassVar[int | None] = None

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Classification on dense blocks."""
        if not context.task.kind.is_classification:
            return "it predicts classes; use ridge for numbers"
        if any(sparse.issparse(context.blocks[key]) for key in inputs):
            return "means of sparse columns say little; use svm"
        columns = sum(context.blocks[key].shape[1] for key in inputs)
        if self.most_columns is not None and columns > self.most_columns:
            return f"a covariance of {columns:,} columns is too large"
        return "" if inputs else "it needs features"

    def solver(self) -> Solver:
        """The function that solves for one class position a row."""
        raise TypeError(f"{type(self).__name__} must say how it is solved.")

    def grid(self, context: TrialContext) -> list[dict[str, Any]]:
        """One setting: what there is to choose is chosen inside."""
        del context
        return [{}]

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Solve, judge and solve again."""
        return crossfit(self, context, inputs, config)

    def fit(
        self,
        context: TrialContext,
        inputs: tuple[str, ...],
        rows: np.ndarray,
        config: dict[str, Any],
    ) -> LinearPredictor:
        """Solve for these rows."""
        del config
        X = np.hstack([np.asarray(context.blocks[key][rows]) for key in inputs])
        kind, weight = context.task.kind, row_weights(context, rows)
        n_classes = len(context.task.classes)
        coef, intercept = head_of(self.solver(), X, context.y[rows], kind, n_classes, weight=weight)
        return LinearPredictor(inputs, coef, intercept, kind)
