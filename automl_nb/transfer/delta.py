"""DELTA: the network may change as long as it goes on seeing what the source saw.

a * (1/L) sum_l ||F_l(w, x) - F_l(w0, x)||^2 / ||F_l(w0, x)||^2 is added to the loss: the distance
of the feature maps F of all L blocks from those of the source network on the same batch (Li et
al. 2019, arXiv 1901.09229). The paper weighs each channel by how much the loss
rises without it, which takes a pass for each; here all channels and blocks count alike, each block
relative to its own size. The head is left to the usual weight decay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl_nb.core.space import Float, Space
from automl_nb.transfer.tuner import Tuner
from automl_nb.transfer.tuning import stack_of

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import nn

    from automl_nb.transfer.student import Student
    from automl_nb.transfer.tuner import Judge
    from automl_nb.zoo.backbone import Backbone


class Delta(Tuner):
    """Strategy ``delta``: the usual recipe, and the distance from the source's behaviour."""

    name = "delta"

    def space(self) -> Space:
        """The weight a of the equation."""
        return Space((Float("alpha", 1e-3, 10.0, 0.1, log=True, summary="weight of the distance"),))

    def shape(self, student: Student) -> None:
        """Listen to the blocks of the student and of a copy of the source.

        The network that everything in the process shares is left alone.
        """
        self._source: Backbone = student.network.backbone.trainable()
        self._source.module.requires_grad_(False)
        self._own = Listener(student.body)
        self._other = Listener(self._source.module)

    def regulariser(
        self, student: Student, inputs: dict[str, torch.Tensor], features: torch.Tensor
    ) -> torch.Tensor:
        """The equation; padding doesn't count."""
        import torch

        del features  # computing them has left the maps with the listener
        with torch.no_grad():
            self._source.embed(inputs)
        pairs = zip(self._own.maps(), self._other.maps(), strict=True)
        mask = inputs.get("attention_mask")
        far = torch.stack([distance(own, other, mask) for own, other in pairs])
        alpha: float = self.setting(student.config, "alpha")
        return alpha * far.mean()

    def settle(self, student: Student, fit: np.ndarray, judge: Judge) -> None:
        """Nobody listens any more."""
        del student, fit, judge
        self._own.end()
        self._other.end()


class Listener:
    """Keeps what each block of a network gave in the last pass."""

    def __init__(self, module: nn.Module) -> None:
        blocks = stack_of(module)
        self._maps: list[Any] = [None] * len(blocks)
        self._hooks = [
            block.register_forward_hook(self._keeper(number)) for number, block in enumerate(blocks)
        ]

    def _keeper(self, number: int) -> Any:
        def keep(block: nn.Module, given: Any, made: Any) -> None:
            del block, given
            self._maps[number] = made[0] if isinstance(made, tuple) else made

        return keep

    def maps(self) -> list[torch.Tensor]:
        """Of each block, (n, length, d) or (n, channels, high, wide)."""
        return [kept for kept in self._maps if kept is not None]

    def end(self) -> None:
        """Let go of the blocks and of what they gave."""
        for hook in self._hooks:
            hook.remove()
        self._maps.clear()


def distance(
    own: torch.Tensor, other: torch.Tensor, mask: torch.Tensor | None = None
) -> torch.Tensor:
    """||own - other||^2 / ||other||^2 over the places where the (n, length) mask is 1."""
    own, other = own.float(), other.float()
    if mask is not None and own.shape[:2] == mask.shape:
        own, other = own * mask.unsqueeze(2), other * mask.unsqueeze(2)
    return (own - other).square().sum() / other.square().sum().clamp(min=1e-12)
