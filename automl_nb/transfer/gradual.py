"""Gradual unfreezing: the top layer learns first, one more layer joins after a while.

Howard & Ruder 2018 (arXiv 1801.06146). They add a layer each epoch; here
the layers join at even distances over a share of the schedule, which is fitted to the time. The
rate falls from each layer to the one below, lr_(l-1) = lr_l * xi, by xi of 0.9 or by their 1/2.6.
Frozen layers need no way back, so the first steps are the cheaper ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl_nb.core.space import Choice, Float, Space
from automl_nb.core.types import Task
from automl_nb.transfer.tiers import tiers_of
from automl_nb.transfer.tuner import Tuner, head_group, rates

if TYPE_CHECKING:
    from automl_nb.transfer.student import Student
    from automl_nb.zoo.card import BackboneCard

_ULMFIT = 2.6


class Gradual(Tuner):
    """Strategy ``gradual``: the usual recipe, thawed from the top down."""

    name = "gradual"

    def refuses(self, card: BackboneCard, task: Task) -> str:
        """One layer can't be thawed bit by bit."""
        del task
        if card.n_layers == 1:
            return f"{card.name} has one layer, so there is nothing to unfreeze bit by bit"
        return ""

    def space(self) -> Space:
        """When the last layer joins, and how rates fall from layer to layer."""
        return Space(
            (
                Float("thaw", 0.05, 1.0, 0.4, summary="share of the steps until all layers learn"),
                Choice("fall", ("xi", "2.6"), "xi", "rates fall by `decay`, or by 2.6"),
            )
        )

    def groups(self, student: Student) -> list[dict[str, Any]]:
        """Every layer with its rate, all but the top one frozen for now."""
        rate, decay = rates(student)
        fall = decay if self.setting(student.config, "fall") == "xi" else 1.0 / _ULMFIT
        self._tiers = tiers_of(student)
        made = [head_group(student, rate)]
        for depth, tier in enumerate(reversed(self._tiers)):
            made.append({"params": tier, "lr": rate * fall**depth})
        self._open(1, frozen=True)
        return made

    def after_step(self, student: Student, step: int, total: int, factor: float) -> None:
        """Thaw what is due."""
        del factor
        share = step / max(1.0, total * self.setting(student.config, "thaw"))
        self._open(1 + int(share * (len(self._tiers) - 1)))

    def _open(self, n: int, *, frozen: bool = False) -> None:
        """Let the top n tiers learn; freeze the others if so told."""
        for height, tier in enumerate(reversed(self._tiers)):
            if height < n or frozen:
                for parameter in tier:
                    parameter.requires_grad_(height < n)
