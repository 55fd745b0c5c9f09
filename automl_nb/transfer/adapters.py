"""What strategies share that train a few weights of a network that stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl_nb.transfer.tuner import head_group

if TYPE_CHECKING:
    from automl_nb.transfer.student import Student

FASTER = 10.0  # few weights must go further than many


def adapter_groups(student: Student) -> list[dict[str, Any]]:
    """The head at its usual rate, and what is trained of the body at ten times a layer's."""
    usual = student.network.rate
    rate = float(student.config.get("lr", usual * FASTER))
    trained = [p for p in student.body.parameters() if p.requires_grad]
    return [head_group(student, usual), {"params": trained, "lr": rate, "weight_decay": 0.0}]
