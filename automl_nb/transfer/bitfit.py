"""Only the biases learn, a thousandth of the weights.

Ben Zaken, Ravfogel & Goldberg 2022 (BitFit), arXiv 2106.10199: with up to a few thousand rows
as good as tuning all weights, and hardly anything to over-fit with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl_nb.core.space import Float, Space
from automl_nb.core.types import Task
from automl_nb.transfer.adapters import FASTER, adapter_groups
from automl_nb.transfer.tuner import Tuner
from automl_nb.zoo.architectures import has_biases

if TYPE_CHECKING:
    from automl_nb.transfer.student import Student
    from automl_nb.zoo.card import BackboneCard


class BitFit(Tuner):
    """Strategy ``bitfit``: of each f(W x + b) the b alone.

    Example:
        >>> from automl_nb.core.types import Task, TaskKind
        >>> from automl_nb.zoo.catalog import CARDS
        >>> task = Task(TaskKind.BINARY, "label", ("no", "yes"))
        >>> BitFit().refuses(CARDS["modernbert"], task)
        'modernbert has no biases (modernbert)'
    """

    name = "bitfit"
    copies = 1.0  # few of them are trained

    def refuses(self, card: BackboneCard, task: Task) -> str:
        """Networks without biases."""
        del task
        if not has_biases(card.family):
            return f"{card.name} has no biases ({card.family or 'unknown family'})"
        return ""

    def space(self) -> Space:
        """The rate of the biases."""
        return Space((Float("lr", 1e-5, 1e-1, 1e-4 * FASTER, log=True, summary="learning rate"),))

    def shape(self, student: Student) -> None:
        """Freeze all but the biases, those of normalisations among them."""
        trained = 0
        for name, parameter in student.body.named_parameters():
            is_bias = name.rpartition(".")[2] == "bias"
            parameter.requires_grad_(is_bias)
            trained += parameter.numel() * is_bias
        student.note = f"{trained:,} biases alone"

    def groups(self, student: Student) -> list[dict[str, Any]]:
        """The head and the biases."""
        return adapter_groups(student)
