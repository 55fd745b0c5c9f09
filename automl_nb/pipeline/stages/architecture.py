"""A head whose wiring is searched for: trained like any other, and held against chance."""

from __future__ import annotations

from typing import Any

from automl_nb.pipeline.asked_tuning import config_of
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.base import Candidate


def searched_head(
    bench: Workbench, strategy: str, inputs: tuple[str, ...], name: str, **more: Any
) -> Candidate | None:
    """Search within the trial's own time, a part of which random architectures have.

    Args:
        bench: The run.
        strategy: A head with settings of its own.
        inputs: Keys of the blocks that it reads.
        name: On the leaderboard.
        **more: What it needs to know of the blocks.

    Returns:
        None where it isn't for this run, or failed.
    """
    config = config_of(strategy, bench.settings)
    made = bench.train(strategy, inputs, name, beside_random=True, **more, **config)
    if made is not None and (said := made.config.get("beside_random")):
        bench.say(f"{name}: {said}.")
    return made
