"""Stops a search by gradient before its architectures collapse."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

WINDOW, RATIO = 5, 0.75  # the paper's


@dataclass
class Collapse:
    """Watches the dominant eigenvalue of the validation loss's Hessian in the architecture.

    Where it rises fast, the found architectures do worse and worse when they are trained by
    themselves, mostly as skip connections take over. Zela et al. 2020 (arXiv 1909.09656, section
    4.3, DARTS-ES) stop where its local mean `window` epochs ago is less than `ratio` of what it is
    now, and take the architecture of that epoch. The first `window` epochs say nothing: weights
    that learn fast make any curvature rise.

    Attributes:
        window: Epochs of a local mean, and epochs that are compared.
        ratio: Below it the search ends.
        values: Eigenvalues so far; one below 0 is a saddle, and counts as 0.

    Example:
        >>> watch = Collapse(window=1)
        >>> [watch.add(value) for value in (0.1, 1.2, 1.3, 1.9)]
        [False, False, False, True]
        >>> watch.safe
        2
    """

    window: int = WINDOW
    ratio: float = RATIO
    values: list[float] = field(default_factory=list)

    def add(self, value: float) -> bool:
        """One epoch more; whether the search is to end."""
        self.values.append(max(0.0, value))
        if len(self.values) < 3 * self.window:
            return False
        now = float(np.mean(self.values[-self.window :]))
        before = float(np.mean(self.values[-2 * self.window : -self.window]))
        return before < self.ratio * now

    @property
    def safe(self) -> int:
        """The epoch, counted from 0, whose architecture counts once the search is to end."""
        return max(0, len(self.values) - 1 - self.window)
