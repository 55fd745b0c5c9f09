"""Rows without a label: the best head's surest answers teach it once more."""

from __future__ import annotations

from typing import Any

from automl_nb.pipeline.champion import judge_candidate
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.self_training import HEADS


def teach(bench: Workbench) -> None:
    """One round of self-training of the best head, where there are such rows.

    The strategy itself keeps the head as it was where the out-of-fold score doesn't rise.
    """
    if bench.unlabelled is None or not bench.wants("self-training"):
        return
    able = [one for one in bench.candidates if one.strategy in HEADS]
    if not able:
        return
    sign = 1.0 if bench.objective.greater_is_better else -1.0
    best = max(able, key=lambda one: sign * judge_candidate(one, bench.judge, None).value)
    settings: dict[str, Any] = {
        key: value for key, value in best.config.items() if isinstance(value, int | float)
    }
    name = f"{best.name}, self-trained"
    bench.train("self-training", best.inputs, name, head=best.strategy, **settings)
    bench.improve()
