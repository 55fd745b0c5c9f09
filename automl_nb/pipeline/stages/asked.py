"""What was asked for by name is tried, also where the plan would not use it."""

from __future__ import annotations

from automl_nb.pipeline.stages.architecture import searched_head
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.catalog import STRATEGIES

_NOT_FOR_ALL = ("tabular-tree", "text-layers", "image-layers")


def train_asked(bench: Workbench) -> None:
    """Train each strategy that was named and not used so far on every block that suits it."""
    used = {candidate.strategy for candidate in bench.candidates}
    for strategy in bench.settings.strategies:
        if strategy == "auto" or strategy in used or "backbone" in STRATEGIES[strategy].tags:
            continue
        for key in tuple(bench.encoders):
            if key in bench.only_beside:
                continue
            # Codes and gaps are for trees alone, all layers at once for heads that choose.
            if not key.startswith(_NOT_FOR_ALL) and bench.left > 0:
                train = searched_head if STRATEGIES[strategy].params else Workbench.train
                train(bench, strategy, (key,), f"{key}: {strategy}")
    bench.improve()
