"""L1-SP: most weights stay exactly where they came from.

a ||w - w0||_1 is made small by a proximal step after each step of the optimiser,
w <- w0 + sign(d) max(|d| - rate * a, 0) with d = w - w0 (the penalty of Li, Grandvalet & Davoine
2018, arXiv 1802.01483; the step of Parikh & Boyd 2014, "Proximal algorithms"). A gradient of
the penalty alone would give no exact zeros. The average of the weights is not sparse where its
parts differ, so it takes one more such step at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl_nb.core.space import Float, Space
from automl_nb.transfer.source import moved_from, without_decay
from automl_nb.transfer.tuner import Tuner

if TYPE_CHECKING:
    import numpy as np
    import torch

    from automl_nb.transfer.student import Student
    from automl_nb.transfer.tuner import Judge


class L1SP(Tuner):
    """Strategy ``l1-sp``: the usual recipe, each weight drawn back to the source."""

    name = "l1-sp"

    def space(self) -> Space:
        """The weight a of the penalty; its threshold is in units of the learning rate."""
        return Space((Float("alpha", 1e-4, 1.0, 0.03, log=True, summary="pull to the source"),))

    def groups(self, student: Student) -> list[dict[str, Any]]:
        """Without the pull towards zero, but for the head's."""
        return without_decay(student, super().groups(student))

    def after_step(self, student: Student, step: int, total: int, factor: float) -> None:
        """The proximal step, by the rate that each layer has at this moment."""
        del step, total
        self._draw_back(student, factor)

    def settle(self, student: Student, fit: np.ndarray, judge: Judge) -> None:
        """One more step at the full rate makes the average as sparse as its parts."""
        del fit, judge
        self._draw_back(student, 1.0)
        moved = moved_from(student)
        same = sum(int((p == source).sum()) for p, source in moved)
        share = same / max(1, sum(p.numel() for p, _ in moved))
        student.note = f"{share:.0%} of the weights as they came"

    def _draw_back(self, student: Student, factor: float) -> None:
        alpha = self.setting(student.config, "alpha")
        rates = {id(p): group["lr"] for group in self.groups(student) for p in group["params"]}
        for parameter, source in moved_from(student):
            shrink(parameter, source, rates[id(parameter)] * factor * alpha)


def shrink(parameter: torch.Tensor, source: torch.Tensor, threshold: float) -> None:
    """Draw a weight back towards the source in place; what is nearer is set to it exactly.

    Example:
        >>> import torch
        >>> w = torch.tensor([1.0, 2.0, 3.0])
        >>> shrink(w, torch.tensor([1.25, 2.0, 0.0]), 0.5)
        >>> w
        tensor([1.2500, 2.0000, 2.5000])
    """
    import torch

    with torch.no_grad():
        drawn = torch.nn.functional.softshrink(parameter - source, threshold)
        parameter.copy_(torch.where(drawn == 0, source, source + drawn))
