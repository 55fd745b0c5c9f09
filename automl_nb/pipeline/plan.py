"""The plan: named stages, each of which may improve the best model so far.

A stage's module is imported when it is begun, so that the plan can be told at once.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_nb.core import events as ev
from automl_nb.core.endings import ALL_DONE, PERFECT
from automl_nb.core.errors import AutoMLError
from automl_nb.core.settings import FitSettings
from automl_nb.core.trials import Cancelled
from automl_nb.pipeline.asked_search import is_asked

if TYPE_CHECKING:
    from automl_nb.pipeline.workbench import Workbench

_STAGES = "automl_nb.pipeline.stages"


@dataclass(frozen=True)
class Stage:
    """A step of the recipe.

    Attributes:
        name: As the view shows it.
        why: One sentence for the person watching.
        module: Of the stages, the one whose `work` trains candidates and returns a note.
        least_s: Seconds without which it isn't begun.
        reads_networks: Whether it is for texts and pictures alone.
        is_wanted: Whether these settings ask for it.
    """

    name: str
    why: str
    module: str
    least_s: float
    reads_networks: bool = False
    is_wanted: Callable[[FitSettings], bool] = lambda _: True

    def work(self, bench: Workbench) -> str:
        """Train candidates; gives a note."""
        note: str = importlib.import_module(f"{_STAGES}.{self.module}").work(bench)
        return note


SEARCH = Stage(
    "search",
    "The settings of the models so far, searched.",
    "search",
    2.0,
    is_wanted=is_asked,
)
PLAN = (
    Stage("baselines", "A model within seconds, and the bar for all others.", "baselines", 0.0),
    Stage("cheap models", "Strong models that need no pretrained network.", "cheap", 0.5),
    Stage("frozen features", "What pretrained networks see, computed once.", "frozen", 1.0, True),
    SEARCH,
    Stage("fine-tuning", "The network itself is adapted to the task.", "finetune", 5.0, True),
    Stage(
        "other seeds",
        "How much of the best models' scores is luck.",
        "seeds",
        0.0,
        is_wanted=lambda settings: settings.reruns > 0,
    ),
)


def plan_for(settings: FitSettings) -> tuple[Stage, ...]:
    """The steps that these settings ask for."""
    return tuple(stage for stage in PLAN if stage.is_wanted(settings))


def stages_for(settings: FitSettings) -> tuple[str, ...]:
    """The names of all steps, as the view shows them."""
    return ("data", *(stage.name for stage in plan_for(settings)), "test")


def carry_out(bench: Workbench) -> str:
    """Work through the plan; returns why it ended.

    A stop leaves the best model so far in the vault.
    """
    from automl_nb.pipeline.search_told import kept_for_search

    stages = plan_for(bench.settings)
    for stage in stages:
        bench.stage = stage.name
        is_before = SEARCH in stages[stages.index(stage) + 1 :]
        bench.kept_s = kept_for_search(bench, stage.reads_networks) if is_before else 0.0
        bench.cancel.listen()
        if bench.cancel.ending:
            return bench.cancel.reason
        bench.emit(ev.StageStarted(bench.t, stage.name, stage.why))
        outcome, note = _carried_out(bench, stage)
        bench.emit(ev.StageEnded(bench.t, stage.name, outcome, note))
        if outcome == "stopped":
            return note
    if bench.is_perfect:
        return PERFECT
    left_out = [name for name in bench.cut if name not in bench.rows]  # some came later
    if left_out:
        more = f" and {len(left_out) - 1} more" if len(left_out) > 1 else ""
        return (
            f"There was no time for {left_out[0]}{more}: what was left of it was expected to be "
            "too little; a longer budget may do better."
        )
    if bench.shortened:
        return f"{bench.shortened[-1]} was cut short to end in time; a longer budget may do better."
    if bench.broken:
        return f"A step of the plan broke off: {bench.broken[0]}"
    return ALL_DONE


def _carried_out(bench: Workbench, stage: Stage) -> tuple[str, str]:
    """How a stage ended, and a note. Once there is a model, a fault costs the stage alone."""
    from automl_nb.pipeline.search_told import tell_skipped
    from automl_nb.pipeline.stages import columns

    if stage.reads_networks and not (columns.texts(bench) or columns.pictures(bench)):
        return "skipped", "there are no texts or pictures"
    if stage is not PLAN[0] and bench.is_perfect:
        return "skipped", "nothing can be better"
    least_s = stage.least_s + bench.network_start_s * stage.reads_networks
    if not bench.allows(least_s):
        bench.kept_s = 0.0  # a model of another kind is worth more than a search of these
    if not bench.allows(least_s):
        bench.cut.append(stage.name)
        tell_skipped(bench, stage.name)
        return "skipped", "no time left for it"
    try:
        note = stage.work(bench)
        bench.improve()
    except Cancelled:
        bench.improve()
        if bench.cancel.ending:
            return "stopped", bench.cancel.reason
        bench.cancel.trial_ended()
        return "skipped", "as asked"
    except AutoMLError:
        raise  # something that the user can put right
    except Exception as error:
        if bench.champion is None:
            raise
        note = f"{type(error).__name__}: {error}"[:300]
        bench.say(f"The step '{stage.name}' failed and the run goes on ({note}).", "warning")
        bench.broken.append(f"'{stage.name}' failed ({note}).")
        bench.improve()
        return "failed", note
    did_nothing = note.startswith(("not needed", "none could", "it would not"))
    return ("skipped" if did_nothing else "done"), note
