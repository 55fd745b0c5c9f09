"""L2-SP: the source instead of zero as the point that weights are pulled to.

(a/2) ||w - w0||^2 + (b/2) ||v||^2 is added to the loss, where w are the backbone's trained
weights, w0 the pretrained ones and v the head's (Li, Grandvalet & Davoine 2018,
arXiv 1802.01483). The usual decay towards zero is off in the backbone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl_nb.core.space import Float, Space
from automl_nb.transfer.source import moved_from, without_decay
from automl_nb.transfer.tuner import Tuner

if TYPE_CHECKING:
    import torch

    from automl_nb.transfer.student import Student


class L2SP(Tuner):
    """Strategy ``l2-sp``: the usual recipe, and the squared distance from the source."""

    name = "l2-sp"

    def space(self) -> Space:
        """The weights a and b; the paper tries a from 0.001 to 1 and sets b to 0.01."""
        return Space(
            (
                Float("alpha", 1e-4, 1.0, 1e-2, log=True, summary="pull towards the source"),
                Float("beta", 0.0, 1.0, 1e-2, summary="pull of the head towards zero"),
            )
        )

    def groups(self, student: Student) -> list[dict[str, Any]]:
        """Without the pull towards zero, but for the head's."""
        return without_decay(student, super().groups(student))

    def regulariser(
        self, student: Student, inputs: dict[str, torch.Tensor], features: torch.Tensor
    ) -> torch.Tensor:
        """The equation; the head of a regression is that of standardised values."""
        import torch

        del inputs, features
        alpha: float = self.setting(student.config, "alpha")
        beta = self.setting(student.config, "beta")
        far = torch.stack([(p - source).square().sum() for p, source in moved_from(student)])
        penalty: torch.Tensor = alpha * far.sum() + beta * student.linear.weight.square().sum()
        return 0.5 * penalty
