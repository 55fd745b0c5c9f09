"""Sets of a student's weights: taken out, mixed, put back and judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from automl_nb.transfer.student import Student

Weights = dict[str, "torch.Tensor"]


def weights_of(student: Student) -> Weights:
    """A copy of all weights that are trained, the head's too."""
    return {
        name: p.detach().clone() for name, p in student.module.named_parameters() if p.requires_grad
    }


def put(student: Student, weights: Weights) -> None:
    """Copy the weights into the student."""
    import torch

    with torch.no_grad():
        for name, parameter in student.module.named_parameters():
            if name in weights:
                parameter.copy_(weights[name])


def mixed(first: Weights, second: Weights, share: float) -> Weights:
    """(1 - share) first + share second, exact at both ends.

    Example:
        >>> import torch
        >>> mixed({"w": torch.zeros(1)}, {"w": torch.ones(1)}, 0.25)
        {'w': tensor([0.2500])}
    """
    import torch

    return {name: torch.lerp(weight, second[name], share) for name, weight in first.items()}
