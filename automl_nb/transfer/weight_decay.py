"""A stronger pull towards zero: the control for the strategies that pull towards the source.

w <- w - rate * decay * w beside Adam's step (Loshchilov & Hutter 2019, arXiv 1711.05101), with
ten times the usual decay. What pulls a pretrained weight to zero makes it forget; L2-SP pulls
as strongly towards where it came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl_nb.core.space import Float, Space
from automl_nb.transfer.tuner import Tuner

if TYPE_CHECKING:
    from automl_nb.transfer.student import Student


class WeightDecay(Tuner):
    """Strategy ``weight-decay``: the usual recipe with a strong decoupled weight decay."""

    name = "weight-decay"

    def space(self) -> Space:
        """How strong the pull is."""
        return Space(
            (Float("weight_decay", 1e-3, 1.0, 0.1, log=True, summary="AdamW's pull towards zero"),)
        )

    def groups(self, student: Student) -> list[dict[str, Any]]:
        """The same decay in every group, the head's too."""
        decay = self.setting(student.config, "weight_decay")
        return [{**group, "weight_decay": decay} for group in super().groups(student)]
