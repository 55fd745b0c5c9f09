"""Least squares with each row left out once: the probe that most resembles what comes later."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from automl_nb.explorer.scores.base import Evidence, quality, targets_of
from automl_nb.explorer.squares import least_squares


class RidgeScore:
    """Score ``ridge``: accuracy, or R², of left-out answers (see `automl_nb.explorer.squares`).

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> y = np.arange(60) % 2
        >>> noise = np.random.default_rng(0).normal(size=(60, 3))
        >>> RidgeScore()(Evidence(noise + 9 * y[:, None], y, TaskKind.BINARY))
        1.0
    """

    name: ClassVar[str] = "ridge"

    def applies(self, given: Evidence) -> str:
        """Always."""
        del given
        return ""

    def __call__(self, given: Evidence) -> float:
        """Between 0 and 1 for classes; R² otherwise."""
        return quality(self.answers(given), given.y, given.kind)

    def answers(self, given: Evidence) -> np.ndarray:
        """(n, k) each row's answer by all other rows."""
        targets = targets_of(given.y, given.kind)
        found, _ = least_squares(given.features).left_out(np.arange(len(given.y)), targets)
        return found
