"""What the memory says of a task that is being explored."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from automl_nb.core.errors import AutoMLError
from automl_nb.core.types import TaskKind
from automl_nb.explorer.advice import Advice, Neighbour, advise
from automl_nb.explorer.card import Alike
from automl_nb.explorer.fingerprint import fingerprint_of
from automl_nb.explorer.looked import Looked
from automl_nb.explorer.memory import open_memory


def remembered(
    networks: Iterable[Looked], y: np.ndarray, kind: TaskKind, *, n_rows: int, seed: int
) -> Advice | None:
    """What worked in earlier tasks that look like this one.

    Args:
        networks: With their features of the first rows; the one whose neighbours agree most speaks.
        y: Answers of these rows.
        kind: What they mean.
        n_rows: Rows of the whole task.
        seed: Of the fingerprint's draw.

    Returns:
        None where no earlier task can be compared, or the memory can't be read: whoever needs
        it says what is wrong with it.
    """
    try:
        memory = open_memory(lambda _: None)
        records = [] if memory is None else memory.tasks()
    except AutoMLError:
        return None
    found: Advice | None = None
    for item in networks:
        if not (records and item.space and item.features is not None):
            continue
        rows = np.asarray(item.features)
        own = fingerprint_of(rows, y[: len(rows)], kind, space=item.space, seed=seed)
        if own is None:
            continue
        made = advise(own, records, kind=kind.value, n_rows=n_rows, n_classes=_classes(y, kind))
        if made is not None and (found is None or made.weight > found.weight):
            found = made
    return found


def _classes(y: np.ndarray, kind: TaskKind) -> int:
    """How many classes the answers are of; 0 for values."""
    if kind is TaskKind.REGRESSION:
        return 0
    return int(y.shape[1]) if y.ndim > 1 else len(np.unique(y))


def alike(one: Neighbour) -> Alike:
    """An earlier task as a fact of the card."""
    known = one.record
    return Alike(
        known.run,
        round(one.likeness, 4),
        round(one.weight, 4),
        known.strategy,
        known.backbone,
        known.metric,
        known.score,
    )
