"""The print of a run's table, by which the memory of earlier tasks knows tables like it."""

from __future__ import annotations

from collections import Counter

import numpy as np

from automl_nb.core.types import ColumnKind
from automl_nb.explorer.table_print import TablePrint, table_print
from automl_nb.pipeline.champion import alone
from automl_nb.pipeline.stages import columns
from automl_nb.pipeline.workbench import Workbench

_KEY = "table"
# Simple models that are trained anyway tell what a table is like.
_LANDMARKS = {"logistic": "linear", "ridge": "linear", "boosting": "trees"}


def print_of_table(bench: Workbench) -> TablePrint | None:
    """The table's print, as it was when it was first asked for.

    Returns:
        None where texts or pictures are read, which tell a task by what networks see in them;
        where there are no columns; and where there are very few rows.
    """
    kinds = columns.table(bench)
    if not kinds or columns.texts(bench) or columns.pictures(bench):
        return None
    if _KEY not in bench.prints:
        dataset = bench.dataset
        named = [name for name, kind in kinds.items() if kind == ColumnKind.NUMBER.value]
        cells = max(1, dataset.schema.n_rows * len(kinds))
        bench.prints[_KEY] = table_print(
            dataset.development[named].to_numpy(np.float64, na_value=np.nan),
            dataset.y,
            dataset.task.kind,
            kinds=Counter(kinds.values()),
            missing=sum(dataset.schema[name].n_missing for name in kinds) / cells,
            skills=_skills(bench),
            seed=bench.settings.seed,
        )
    found: TablePrint | None = bench.prints[_KEY]
    return found


def _skills(bench: Workbench) -> dict[str, float]:
    """What share of the prior's loss the best linear model and the best trees take away."""
    losses: dict[str, float] = {}
    for candidate in bench.candidates:
        mark = _LANDMARKS.get(candidate.strategy, candidate.strategy)
        loss = alone(candidate, bench.judge).loss
        losses[mark] = min(loss, losses.get(mark, np.inf))
    nothing = losses.get("prior", 0.0)
    if nothing <= 0.0:
        return {}
    marks = {*_LANDMARKS.values()} & {*losses}
    return {mark: float(np.clip(1.0 - losses[mark] / nothing, -1.0, 1.0)) for mark in sorted(marks)}
