"""A random part of the layers or weight tensors learns, the rest stays as it came.

The control for every choice of what to unfreeze: if chosen layers are no better than drawn ones,
the choice was worth nothing. It has no paper of its own: Lee et al. 2023 (arXiv 2210.11466) choose
the layers by the kind of shift, which this is the control for; Child-Tuning (Xu et al. 2021, arXiv
2109.05687) masks the gradients of drawn weights, where this draws whole layers or tensors, once.
The head always learns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl_nb.core.space import Choice, Float, Space
from automl_nb.transfer.tiers import tiers_of
from automl_nb.transfer.tuner import Tuner

if TYPE_CHECKING:
    from automl_nb.transfer.student import Student


class RandomSubset(Tuner):
    """Strategy ``random-subset``: the usual recipe on a part that the seed draws."""

    name = "random-subset"
    copies = 1.0  # few of them are trained

    def space(self) -> Space:
        """How much is drawn, and of what."""
        return Space(
            (
                Float("share", 0.01, 1.0, 0.3, summary="share of the layers or tensors"),
                Choice("parts", ("layers", "tensors"), "layers", "what is drawn"),
            )
        )

    def shape(self, student: Student) -> None:
        """Freeze what isn't drawn; one part at least is."""
        parts = tiers_of(student)
        kind = self.setting(student.config, "parts")
        if kind == "tensors":
            parts = [[parameter] for tier in parts for parameter in tier]
        wanted = max(1, round(self.setting(student.config, "share") * len(parts)))
        rng = np.random.default_rng(student.context.seed)
        drawn = {int(number) for number in rng.permutation(len(parts))[:wanted]}
        for number, part in enumerate(parts):
            for parameter in part:
                parameter.requires_grad_(number in drawn)
        student.note = f"{wanted} of {len(parts)} {kind} trained"
