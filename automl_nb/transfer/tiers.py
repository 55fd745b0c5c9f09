"""A network's layers as what can be thawed, trained or drawn anew one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl_nb.zoo.depth import depths

if TYPE_CHECKING:
    from automl_nb.transfer.student import Student


def tiers_of(student: Student) -> list[list[Any]]:
    """The trained weights by depth, from the bottom up; none is empty.

    What follows the stack of blocks belongs to the top one, since it reads what that gives.
    """
    found: dict[int, list[Any]] = {}
    depth_of = depths(student.body)
    for name, parameter in student.body.named_parameters():
        if parameter.requires_grad:
            found.setdefault(depth_of[name], []).append(parameter)
    return [found[depth] for depth in sorted(found)]
