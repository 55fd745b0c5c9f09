"""What the strategies that stay near the source have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from automl_nb.transfer.student import Student


def moved_from(student: Student) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The backbone's trained weights, each with its value at the source."""
    source = student.source
    return [(p, source[name]) for name, p in student.body.named_parameters() if p.requires_grad]


def without_decay(student: Student, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups with a pull towards zero on the head alone: the others go elsewhere."""
    head = {id(p) for p in student.linear.parameters()}
    return [
        group if id(group["params"][0]) in head else {**group, "weight_decay": 0.0}
        for group in groups
    ]
