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

# A loss with parameters of its own is a `torch.nn.Module`, and the optimiser trains these too.
RowLoss = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]


class Loss:
    """A loss of the registry.

    Margins are (n, width): 1 wide for two classes (the positive one's) and for regression,
    else one a class. Targets are (n, k): 0 and 1 a class, or shares between them where rows
    were mixed. For regression both are (n, 1), counted from the training rows' mean in their
    standard deviations. A row's loss is one number.
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

    def class_weight(
        self, context: TrialContext, rows: np.ndarray, config: dict[str, Any]
    ) -> np.ndarray | None:
        """(k,) weights that the answers lean by, or None; the trial's, for most.

        Who makes a weighted loss small answers in proportion to weight times probability.
        The head starts with the same weights, and the held-out log loss is that of the
        answers with the weights taken out again (see `without_weights`).
        """
        del rows, config
        one_each = context.task.kind in {TaskKind.BINARY, TaskKind.MULTICLASS}
        return context.class_weight if one_each else None

    def prepare(self, context: TrialContext, rows: np.ndarray, config: dict[str, Any]) -> RowLoss:
        """The function from a batch's margins and targets to (n,) losses.

        Args:
            context: The trial's; its class weights are a loss's affair.
            rows: (m,) training rows, to count or measure.
            config: What `space` names, as far as it was set.
        """
        del context, rows, config
        raise TypeError(f"{type(self).__name__} must say how it is computed.")


def loss_for(config: dict[str, Any], task: Task) -> Loss:
    """The loss that a trial's settings ask for.

    Raises:
        SettingError: It doesn't fit the task, or one of its settings is out of bounds.
        UnknownNameError: There is none of this name.

    Example:
        >>> task = Task(TaskKind.REGRESSION, "price")
        >>> loss_for({}, task).name
        'cross-entropy'
        >>> loss_for({"loss": "focal"}, task)
        Traceback (most recent call last):
        ...
        automl_nb.core.errors.SettingError: The loss must fit the task. ...
    """
    from automl_nb.core.errors import SettingError
    from automl_nb.transfer.losses.catalog import LOSSES

    chosen = str(config.get("loss", "auto"))
    made: Loss = LOSSES["cross-entropy" if chosen == "auto" else chosen].load()()
    why = made.refuses(task)
    if why:
        fitting = [spec.name for spec in LOSSES if not spec.load()().refuses(task)]
        raise SettingError(
            "The loss must fit the task.", received=why, hint=f"Use {' or '.join(fitting)}."
        )
    space = made.space()
    space.check({name: value for name, value in config.items() if name in space})
    return made


def class_margins(margins: torch.Tensor) -> torch.Tensor:
    """(n, k) margins, one a class: the other of two classes has margin 0."""
    import torch

    if margins.shape[1] > 1:
        return margins
    return torch.cat([torch.zeros_like(margins), margins], dim=1)


def log_shares(margins: torch.Tensor) -> torch.Tensor:
    """(n, k) logarithms of the classes' probabilities."""
    return class_margins(margins).log_softmax(dim=1)


def beside(numbers: np.ndarray, margins: torch.Tensor) -> torch.Tensor:
    """Numbers as a tensor of the margins' kind, where they are."""
    import torch

    return torch.as_tensor(numbers, dtype=margins.dtype, device=margins.device)


def class_counts(context: TrialContext, rows: np.ndarray) -> np.ndarray:
    """(k,) rows of each class, one at least: what isn't seen mustn't weigh without bounds."""
    counts = np.bincount(context.y[rows], minlength=len(context.task.classes))
    return np.maximum(counts, 1)


def without_weights(scores: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Probabilities from answers that lean by the weights of the classes.

    Args:
        scores: (n, k) answers in proportion to weight times probability.
        weight: (k,), or None for scores that don't lean.

    Example:
        >>> without_weights(np.array([[0.25, 0.75]]), np.array([1.0, 3.0]))
        array([[0.5, 0.5]])
    """
    if weight is None:
        return scores
    even: np.ndarray = scores / np.maximum(weight, 1e-12)
    shares: np.ndarray = even / even.sum(axis=1, keepdims=True)
    return shares
