"""A part of the rows on which settings are compared, drawn once for all trials of a search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from automl_nb.core.types import TaskKind
from automl_nb.data.split import Fold
from automl_nb.features.base import Matrix
from automl_nb.transfer.base import Blocks, TrialContext
from automl_nb.transfer.crossfit import grid_folds

MOST_FITTED = 1_500  # rows of a fold that settings are fitted on
MOST_JUDGED = 1_000  # rows of a fold that tell settings apart
_SIDE_FOLDS = 2  # of a strategy that trains all folds together: each stops by the other's curve


class QuickRows:
    """Some rows of each fold that settings are compared on, and their blocks.

    What is drawn follows from the seed, the folds and the answers alone. A penalty, being the
    width of a prior, means the same with fewer rows; the best settings are trained on all rows.

    Args:
        context: Of any trial of the run.

    Attributes:
        folds: Positions within the drawn rows, of the first fold or the first two.
        n_judged: How many of the folds settings are judged on; a second one may only help a
            strategy to know when to stop.
        n_whole: Rows that the first fold is really fitted on.
    """

    def __init__(self, context: TrialContext) -> None:
        self.n_judged = len(grid_folds(context))
        used = context.folds[: max(self.n_judged, _SIDE_FOLDS)]
        self.n_whole = len(used[0].fit)
        parts = [(_some(context, fold.fit, MOST_FITTED, 2 * number),
                  _some(context, fold.judge, MOST_JUDGED, 2 * number + 1))
                 for number, fold in enumerate(used)]  # fmt: skip
        self.rows = np.unique(np.concatenate([part for pair in parts for part in pair]))
        self.folds = tuple(
            Fold(np.searchsorted(self.rows, fit), np.searchsorted(self.rows, judge))
            for fit, judge in parts
        )
        self._blocks = KeptBlocks(context.blocks, self.rows)

    @property
    def judged(self) -> np.ndarray:
        """Positions within the drawn rows of those that judge."""
        return np.concatenate([fold.judge for fold in self.folds[: self.n_judged]])

    def context(self, context: TrialContext) -> TrialContext:
        """The same trial on these rows; it makes no model, so that nothing is refitted."""
        return replace(
            context,
            blocks=self._blocks,
            y=context.y[self.rows],
            folds=self.folds,
            only_judged=True,
        )


class KeptBlocks:
    """Some rows of other blocks, each taken once.

    Args:
        whole: All rows.
        rows: Positions of those that are meant.
    """

    def __init__(self, whole: Blocks, rows: np.ndarray) -> None:
        self._whole, self._rows = whole, rows
        self._known: dict[str, Matrix] = {}

    @property
    def frame(self) -> pd.DataFrame:
        """The same rows' raw columns."""
        return self._whole.frame.iloc[self._rows].reset_index(drop=True)

    def __getitem__(self, key: str) -> Matrix:
        """These rows of the block, in memory."""
        if key not in self._known:
            self._known[key] = self._whole[key][self._rows]
        return self._known[key]

    def take(self, rows: np.ndarray) -> KeptBlocks:
        """Some of these rows."""
        return KeptBlocks(self, rows)


def _some(context: TrialContext, rows: np.ndarray, most: int, draw: int) -> np.ndarray:
    """At most so many of the rows, ascending; each class keeps its share, and one row at least."""
    if len(rows) <= most:
        return rows
    order = np.random.default_rng([context.seed, 24, draw]).permutation(len(rows))
    if context.task.kind in (TaskKind.BINARY, TaskKind.MULTICLASS):
        order = order[_spread(context.y[rows[order]])]
    return np.sort(rows[order[:most]])


def _spread(y: np.ndarray) -> np.ndarray:
    """Positions of which the first ones hold every class by its share, and each class once.

    Example:
        >>> _spread(np.array([0, 0, 0, 0, 1, 1])).tolist()
        [0, 4, 1, 2, 5, 3]
    """
    order = np.argsort(y, kind="stable")
    counts = np.bincount(y)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rank = np.empty(len(y))
    rank[order] = np.arange(len(y)) - np.repeat(starts, counts)
    return np.argsort(rank / counts[y], kind="stable")
