"""What is tried beside the usual where a class has few rows."""

from __future__ import annotations

from automl_nb.pipeline.few_rows import FEW, FEW_STRATEGY, VERY_FEW, median_class
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.settable import OPTIONS


def heads(bench: Workbench, key: str) -> None:
    """Heads in closed form, which have nothing to search for."""
    few = median_class(bench.dataset.y, bench.dataset.task) <= FEW
    for strategy in ("class-mean", "lda"):
        if few or strategy in bench.settings.strategies:
            bench.train(strategy, (key,), f"{key}: {strategy}")


def tuned_instead(bench: Workbench) -> str:
    """The way of tuning where the choice is open and rows are very few; "" for the usual one."""
    settings = bench.settings
    untouched = not settings.params and all(getattr(settings, name) == "auto" for name in OPTIONS)
    few = median_class(bench.dataset.y, bench.dataset.task) <= VERY_FEW
    return FEW_STRATEGY if few and untouched else ""
