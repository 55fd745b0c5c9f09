"""A search that was asked for has a part of the time; what is said where it fails or had none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_nb.pipeline.asked_search import heads_part, networks_part
from automl_nb.search.study import Study

if TYPE_CHECKING:
    from automl_nb.pipeline.workbench import Workbench

_SHARE = 0.25  # of the time that is left when the step begins
_SHARE_BESIDE_NETWORKS = 0.125  # what they see is worth more than other settings of other models


def kept_for_search(bench: Workbench, reads_networks: bool) -> float:
    """Seconds that a step before a search of heads leaves it, if one was asked for."""
    if heads_part(bench.settings) is None:
        return 0.0
    share = _SHARE_BESIDE_NETWORKS if reads_networks else _SHARE
    return share * max(0.0, bench.deadline.left)


def tell_no_time(bench: Workbench, what: str = "The search") -> None:
    """It was asked for, and no trial of it could be begun."""
    bench.say(
        f"{what} that was asked for had no time for a single trial. Give more time than "
        f"time='{bench.deadline.seconds:.0f}s', or name fewer strategies.",
        "warning",
    )


def tell_skipped(bench: Workbench, stage: str) -> None:
    """There was no time for a step of the plan: it may have been the one that was to search."""
    heads = heads_part(bench.settings) is not None
    if stage == "search" and heads:
        tell_no_time(bench)
    elif stage == "fine-tuning" and not heads and networks_part(bench.settings) is not None:
        tell_no_time(bench, "The search over networks")


def tell_fault(bench: Workbench, study: Study) -> None:
    """Its searcher has failed, which ended it early."""
    if study.fault:
        bench.broken.append(study.fault)
        bench.say(f"{study.fault} The run goes on with what was found by then.", "warning")
