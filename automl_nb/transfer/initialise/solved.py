"""Heads that are solved on the frozen features: softmax regression and least squares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_nb.transfer.initialise.base import Initialiser, probe_context
from automl_nb.transfer.linear import LinearPredictor

if TYPE_CHECKING:
    from automl_nb.transfer.base import TrialContext

_PENALTY = {"C": 10.0}


class FromLogistic(Initialiser):
    """Initialiser ``logistic``: the linear probe itself (Kumar et al. 2022)."""

    name = "logistic"

    def head(self, features: np.ndarray, context: TrialContext) -> LinearPredictor:
        """Softmax regression with a mild penalty; least squares for values."""
        from automl_nb.transfer.logistic import Logistic

        if not context.task.kind.is_classification:
            return FromRidge().head(features, context)
        inner, rows = probe_context(features, context), np.arange(len(features))
        return Logistic().fit(inner, ("features",), rows, _PENALTY)


class FromRidge(Initialiser):
    """Initialiser ``ridge``: least squares with the penalty of least leave-one-out error."""

    name = "ridge"

    def head(self, features: np.ndarray, context: TrialContext) -> LinearPredictor:
        """One linear system for all classes."""
        from automl_nb.transfer.ridge import Ridge

        inner, rows = probe_context(features, context), np.arange(len(features))
        return Ridge().fit(inner, ("features",), rows, {})
