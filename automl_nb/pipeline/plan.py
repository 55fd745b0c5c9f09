"""The plan: named stages, each of which may improve the best model so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from automl_nb.core import events as ev
from automl_nb.core.trials import Cancelled
from automl_nb.pipeline.stages import baselines, cheap, finetune, frozen
from automl_nb.pipeline.workbench import Workbench


@dataclass(frozen=True)
class Stage:
    """A step of the recipe.

    Attributes:
        name: As the view shows it.
        why: One sentence for the person watching.
        work: Trains candidates; returns a note.
        least_s: Seconds without which it isn't begun.
    """

    name: str
    why: str
    work: Callable[[Workbench], str]
    least_s: float


PLAN = (
    Stage("baselines", "A model within seconds, and the bar for all others.", baselines.work, 0.0),
    Stage("cheap models", "Strong models that need no pretrained network.", cheap.work, 0.5),
    Stage("frozen features", "What pretrained networks see, computed once.", frozen.work, 1.0),
    Stage("fine-tuning", "The network itself is adapted to the task.", finetune.work, 5.0),
)
STAGES = ("data", *(stage.name for stage in PLAN), "test")


def carry_out(bench: Workbench) -> str:
    """Work through the plan; returns why it ended.

    A stop leaves the best model so far in the vault.
    """
    for stage in PLAN:
        bench.stage = stage.name
        if bench.cancel.cancelled:
            return bench.cancel.reason
        if not bench.allows(stage.least_s):
            bench.emit(ev.StageStarted(bench.t, stage.name, stage.why))
            bench.emit(ev.StageEnded(bench.t, stage.name, "skipped", "no time left for it"))
            continue
        bench.emit(ev.StageStarted(bench.t, stage.name, stage.why))
        try:
            note = stage.work(bench)
            bench.improve()
        except Cancelled:
            bench.improve()
            bench.emit(ev.StageEnded(bench.t, stage.name, "stopped", bench.cancel.reason))
            return bench.cancel.reason
        outcome = "skipped" if note.startswith("not needed") else "done"
        bench.emit(ev.StageEnded(bench.t, stage.name, outcome, note))
    if bench.left < 1.0:
        return "The time was used up."
    return "Every step of the plan was done; more time would change nothing."
