"""WiSE-FT: between the source and the tuned network lies a better one than either.

theta = (1 - a) theta_0 + a theta_1 for the backbone and the head (Wortsman et al. 2022,
arXiv 2109.01903), where theta_0 are the pretrained weights with the solved head and
theta_1 the tuned ones. a comes from an even grid from 0 to 1, by the loss on held-out rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_nb.core.clock import now
from automl_nb.core.space import Int, Space
from automl_nb.core.trials import Cancelled
from automl_nb.transfer.mixing import Weights, mixed, put, weights_of
from automl_nb.transfer.tuner import Tuner, judging_s

if TYPE_CHECKING:
    from automl_nb.transfer.student import Student
    from automl_nb.transfer.tuner import Judge
    from automl_nb.transfer.tuning import Network


class WiseFT(Tuner):
    """Strategy ``wise-ft``: the usual recipe, and a straight way back to where it began."""

    name = "wise-ft"
    keeps_start = False  # the tuned end is what training came to; the start is the other end

    def space(self) -> Space:
        """How fine the grid is."""
        return Space((Int("grid", 1, 20, 4, summary="steps from the source to the tuned"),))

    def shape(self, student: Student) -> None:
        """Remember the start."""
        self._start: Weights = weights_of(student)
        self._grid: int = self.setting(student.config, "grid")

    def settling_s(self, network: Network, judge: np.ndarray) -> float:
        """One more judgement for each point of the grid."""
        return (self._grid + 1) * judging_s(network, judge)

    def settle(self, student: Student, fit: np.ndarray, judge: Judge) -> None:
        """Judge both ends, then the points between as far as time allows; keep the best."""
        del fit
        best, least, tuned = 1.0, np.inf, weights_of(student)
        try:
            for step in (self._grid, 0, *range(self._grid - 1, 0, -1)):
                began, share = now(), step / self._grid
                put(student, mixed(self._start, tuned, share))
                if (loss := judge()["loss"]) < least:
                    best, least = share, loss
                if not student.context.deadline.allows(now() - began):
                    break
        except Cancelled:
            pass  # asked to stop: what was judged so far is enough
        put(student, mixed(self._start, tuned, best))
        student.note = f"{best:.0%} of the way from the source"
        if np.isfinite(least):
            student.note += f", loss {least:.3g}"
