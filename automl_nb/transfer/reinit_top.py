"""The top layers are drawn anew, since they are bound most to what the source was trained for.

Zhang et al. 2021 (arXiv 2006.05987): the top 1 to 3 blocks from random weights of the family,
with Adam's bias correction. The head is solved on what the new network sees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.space import Int, Space
from automl_nb.core.types import Task
from automl_nb.transfer.anew import draw_anew
from automl_nb.transfer.tuner import Tuner

if TYPE_CHECKING:
    from automl_nb.transfer.base import TrialContext
    from automl_nb.transfer.student import Student
    from automl_nb.transfer.tuning import Network
    from automl_nb.zoo.card import BackboneCard


class ReinitTop(Tuner):
    """Strategy ``reinit-top``: the usual recipe with the top blocks from random weights."""

    name = "reinit-top"

    def refuses(self, card: BackboneCard, task: Task) -> str:
        """Without a layer below, nothing of the source would remain."""
        del task
        if card.n_layers == 1:
            return f"{card.name} has one layer, so nothing of it would be left"
        return ""

    def space(self) -> Space:
        """How many blocks from the top."""
        return Space((Int("top", 1, 3, 1, summary="blocks to draw anew"),))

    def network(self, context: TrialContext, config: dict[str, Any], fit: np.ndarray) -> Network:
        """With its top blocks drawn by the trial's seed; one block at least stays."""
        network = super().network(context, config, fit)
        most = max(1, network.backbone.card.n_layers - 1)
        self._drawn = min(most, self.setting(config, "top"))
        draw_anew(network, fit, context.seed, self._drawn)
        return network

    def shape(self, student: Student) -> None:
        """Say how much was drawn."""
        student.note = f"{self._drawn} of {student.network.backbone.card.n_layers} blocks anew"
