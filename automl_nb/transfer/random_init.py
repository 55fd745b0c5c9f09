"""The same network from random weights: what the pretrained ones are worth.

He, Girshick & Dollar 2019 (arXiv 1811.08883) for pictures. A control: on the few rows
that transfer is for, it should lose. Weights are drawn as the network's family draws
them; the head is solved on what they see; every layer learns at the same rate, the words'
embeddings too, since there is nothing to keep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.space import Float, Space
from automl_nb.transfer.anew import draw_anew
from automl_nb.transfer.tuner import Tuner, head_group

if TYPE_CHECKING:
    from automl_nb.transfer.base import TrialContext
    from automl_nb.transfer.student import Student
    from automl_nb.transfer.tuning import Network


class RandomInit(Tuner):
    """Strategy ``random-init``: the usual recipe without the pretrained weights."""

    name = "random-init"

    def space(self) -> Space:
        """A higher rate than for pretrained weights, the same in every layer."""
        return Space((Float("lr", 1e-6, 1e-1, 5e-4, log=True, summary="learning rate"),))

    def network(self, context: TrialContext, config: dict[str, Any], fit: np.ndarray) -> Network:
        """With weights drawn by the trial's seed."""
        network = super().network(context, config, fit)
        draw_anew(network, fit, context.seed)
        return network

    def shape(self, student: Student) -> None:
        """Embeddings learn too."""
        student.body.requires_grad_(True)
        student.note = "a control: random weights instead of the pretrained ones"

    def groups(self, student: Student) -> list[dict[str, Any]]:
        """The head, and all else at one rate."""
        rate: float = self.setting(student.config, "lr")
        return [
            head_group(student, rate),
            {"params": list(student.body.parameters()), "lr": rate},
        ]
