"""When the folds' models together can stand for one model of all rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_nb.data.split import Fold
from automl_nb.transfer.base import TrialContext

LEAST_SHARE = 0.6


def bags_well(folds: Sequence[Fold], n_rows: int) -> bool:
    """Whether the mean of the folds' models can stand for a refit on all rows.

    In k-fold division each model lacks a few rows and no row is lacked by all: their mean
    is bagging (Breiman 1996). With one holdout part, two halves, or folds that chain
    forward in time, many rows would hardly count.

    Example:
        >>> rows = np.arange(6)
        >>> thirds = [Fold(np.delete(rows, [i, i + 1]), rows[i : i + 2]) for i in (0, 2, 4)]
        >>> bags_well(thirds, 6), bags_well(thirds[:1], 6)
        (True, False)
    """
    share = float(np.mean([len(fold.fit) for fold in folds])) / max(1, n_rows)
    return len(folds) > 2 and share >= LEAST_SHARE


def is_over(context: TrialContext) -> bool:
    """Whether the trial was cancelled, or its time has passed."""
    return context.cancel.cancelled or not context.deadline.allows(0.0)
