"""What a loss is: a maker of functions from margins and targets to one number a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from automl_nb.core.space import Space
from automl_nb.core.types import Task, TaskKind

if TYPE_CHECKING:
    import torch

    from automl_nb.transfer.base import TrialContext

RowLoss = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]


class Loss:
    """A loss of the registry.

    Margins are (n, width): 1 wide for two classes (the positive one's) and for regression,
    else one a class. Targets are (n, k): 0 and 1 a class, or shares between them where rows
    were mixed; (n, 1) values for regression. A row's loss is one number.
    """

    name: ClassVar[str]
    kinds: ClassVar[tuple[TaskKind, ...]] = (TaskKind.BINARY, TaskKind.MULTICLASS)

    def refuses(self, task: Task) -> str:
        """Why it doesn't fit this task, or an empty text if it does."""
        if task.kind in self.kinds:
            return ""
        fitting = " and ".join(kind.value for kind in self.kinds)
        return f"the loss '{self.name}' is for {fitting} tasks, and this one is {task.kind.value}"

    def space(self) -> Space:
        """What may be set."""
        return Space()

    def prepare(self, context: TrialContext, rows: np.ndarray, config: dict[str, Any]) -> RowLoss:
        """The function from a batch's margins and targets to (n,) losses.

        Args:
            context: The trial's; its class weights are a loss's affair.
            rows: (m,) training rows, to count or measure.
            config: What `space` names, as far as it was set.
        """
        del context, rows, config
        raise TypeError(f"{type(self).__name__} must say how it is computed.")


def class_margins(margins: torch.Tensor) -> torch.Tensor:
    """(n, k) margins, one a class: the other of two classes has margin 0."""
    import torch

    if margins.shape[1] > 1:
        return margins
    return torch.cat([torch.zeros_like(margins), margins], dim=1)
