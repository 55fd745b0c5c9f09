"""What was asked for by name is tried, also where the plan would not use it."""

from __future__ import annotations

from typing import Any

from automl_nb.pipeline.asked_tuning import config_of
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
                bench.train(strategy, (key,), f"{key}: {strategy}", **_config(bench, strategy))
    bench.improve()


def _config(bench: Workbench, strategy: str) -> dict[str, Any]:
    """What was set of a head that has settings of its own."""
    return config_of(strategy, bench.settings) if STRATEGIES[strategy].params else {}
