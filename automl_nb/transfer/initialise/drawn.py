"""Heads drawn at random: the starts that networks have where nothing is solved.

All are N(0, variance) with the intercept of no knowledge: 0, or the mean for values, whose
coefficients are in their standard deviations. They stand beside the solved heads to show what
these are worth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_nb.core.types import TaskKind
from automl_nb.transfer.initialise.base import Initialiser, width_of
from automl_nb.transfer.linear import LinearPredictor

if TYPE_CHECKING:
    from automl_nb.transfer.base import TrialContext


class Random(Initialiser):
    """Initialiser ``random``: a deviation of 0.02, as transformers draw their new layers."""

    name = "random"

    def variance(self, n_in: int, n_out: int) -> float:
        """Of one coefficient.

        Args:
            n_in: Features.
            n_out: Margins.
        """
        del n_in, n_out
        return 0.02**2

    def head(self, features: np.ndarray, context: TrialContext) -> LinearPredictor:
        """Drawn with the trial's seed; the features count by their number only."""
        shape = features.shape[1], width_of(context.task)
        rng = np.random.default_rng([context.seed, 11])
        coef = rng.normal(0.0, np.sqrt(self.variance(*shape)), shape)
        intercept = np.zeros(shape[1])
        if context.task.kind is TaskKind.REGRESSION:
            coef, intercept = coef * np.std(context.y), np.full(1, np.mean(context.y))
        return LinearPredictor((), coef, intercept, context.task.kind)


class Xavier(Random):
    """Initialiser ``xavier``: signals and gradients keep their size.

    Variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010, "Understanding the difficulty of
    training deep feedforward neural networks", equation 12).
    """

    name = "xavier"

    def variance(self, n_in: int, n_out: int) -> float:
        """2 / (fan_in + fan_out)."""
        return 2.0 / (n_in + n_out)


class He(Random):
    """Initialiser ``he``: signals behind rectifiers keep their size.

    Variance 2 / fan_in (He et al. 2015, arXiv 1502.01852, equation 10).
    """

    name = "he"

    def variance(self, n_in: int, n_out: int) -> float:
        """2 / fan_in."""
        del n_out
        return 2.0 / n_in
