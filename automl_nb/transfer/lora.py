"""Low-rank adapters (LoRA): each matrix W of the layers becomes W + (alpha / r) B A.

W stays as it came; A (r, inputs) starts at random, B (outputs, r) at zero, so that the
network starts as it was (Hu et al. 2021, arXiv 2106.09685, section 4.1). Rates are ten
times those of whole matrices. When all is learnt the product is added to W: what is saved is a
plain network, and neither PEFT nor any time is needed for it from then on (see ADR 11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from automl_nb.core.space import Float, Int, Space
from automl_nb.core.types import Task
from automl_nb.transfer.adapters import FASTER, adapter_groups
from automl_nb.transfer.tuner import Tuner
from automl_nb.zoo.architectures import has_linear_layers

if TYPE_CHECKING:
    from automl_nb.transfer.student import Student
    from automl_nb.zoo.card import BackboneCard


class Lora(Tuner):
    """Strategy ``lora``: W + (alpha / r) B A in place of each matrix W.

    Example:
        >>> Lora().space().defaults()
        {'r': 8, 'alpha': 16.0, 'lr': 0.001}
    """

    name = "lora"
    copies = 1.0  # few of them are trained

    def __init__(self) -> None:
        self._adapted: WeakKeyDictionary[Student, Any] = WeakKeyDictionary()

    def refuses(self, card: BackboneCard, task: Task) -> str:
        """Networks of convolutions alone have no matrices to adapt."""
        del task
        if not has_linear_layers(card.family):
            return (
                f"the layers of {card.name} are no linear ones ({card.family or 'unknown family'})"
            )
        return ""

    def space(self) -> Space:
        """The adapters' width and weight, and their rate."""
        return Space(
            (
                Int("r", 1, 256, 8, log=True, summary="rank of the adapters"),
                Float("alpha", 0.1, 512.0, 16.0, log=True, summary="their weight is alpha / r"),
                Float("lr", 1e-5, 1e-1, 1e-4 * FASTER, log=True, summary="their learning rate"),
            )
        )

    def shape(self, student: Student) -> None:
        """Adapters beside every linear layer of the body; all else is frozen."""
        from peft import LoraConfig
        from peft.tuners.lora import LoraModel

        r, alpha = (self.setting(student.config, name) for name in ("r", "alpha"))
        config = LoraConfig(r=r, lora_alpha=alpha, target_modules="all-linear")
        self._adapted[student] = LoraModel(student.body, config, "default")
        trained = sum(p.numel() for p in student.body.parameters() if p.requires_grad)
        student.note = f"{trained:,} weights of adapters, merged"

    def groups(self, student: Student) -> list[dict[str, Any]]:
        """The head and the adapters."""
        return adapter_groups(student)

    def settle(self, student: Student, fit: np.ndarray, judge: Any) -> None:
        """W + (alpha / r) B A as one matrix again."""
        del fit, judge
        self._adapted.pop(student).merge_and_unload()
