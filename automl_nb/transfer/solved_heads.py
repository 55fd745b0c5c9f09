"""Heads that are solved on a network's features, and what they say of rows that they didn't see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from automl_nb.core.clock import now
from automl_nb.transfer.crossfit import plain_loss
from automl_nb.transfer.initialise.base import probe_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_nb.data.split import Fold
    from automl_nb.features.frozen import FrozenEncoder
    from automl_nb.transfer.base import TrialContext
    from automl_nb.transfer.linear import LinearPredictor

HEADS = ("logistic", "class-mean")
_MOST_ROWS = 3000  # that a network reads before it is tuned


@dataclass(frozen=True)
class Headed:
    """A network with the heads that were solved on it.

    Attributes:
        encoder: Reads the column with the network.
        heads: By name.
        epochs: Passes over the rows that the network learnt from.
        rows: How many rows it and the heads learnt from.
        stopped: Whether it was told to stop while it learnt.
    """

    encoder: FrozenEncoder
    heads: dict[str, LinearPredictor]
    epochs: float
    rows: int
    stopped: bool


class Judged:
    """Scores of rows that the network which gave them hadn't seen, for each head.

    Attributes:
        oof: (n, k) by head; NaN in rows that weren't judged.
        folds: How often something was judged.
        seconds_a_row: That the last took to read a row.
    """

    def __init__(self, context: TrialContext) -> None:
        self._context = context
        shape = (len(context.y), context.task.n_outputs)
        self.oof = {name: np.full(shape, np.nan) for name in HEADS}
        self.folds, self.seconds_a_row = 0, 0.0

    def add(self, rows: np.ndarray, made: Headed) -> None:
        """One fold more: its held-out rows are read, and scored by each head."""
        self.score(rows, made.heads, self.read(rows, made.encoder))

    def read(self, rows: np.ndarray, encoder: FrozenEncoder) -> np.ndarray:
        """(len(rows), d) features."""
        frame, began = self._context.blocks.take(rows).frame, now()
        features = np.asarray(encoder.transform(frame, cancel=self._context.cancel))
        self.seconds_a_row = (now() - began) / max(1, len(rows))
        return features

    def score(
        self, rows: np.ndarray, heads: dict[str, LinearPredictor], features: np.ndarray
    ) -> None:
        """Likewise, with what was read of the rows."""
        from automl_nb.transfer.linear import link

        for name, head in heads.items():
            margins = np.asarray(features @ head.coef, dtype=np.float64) + head.intercept
            self.oof[name][rows] = link(margins, head.kind)
        self.folds += 1

    @property
    def rows(self) -> np.ndarray:
        """Those that were judged."""
        return np.flatnonzero(np.isfinite(self.oof[HEADS[0]]).all(axis=1))

    def best(self) -> str:
        """The head of least loss."""
        return min(HEADS, key=lambda name: self._loss(name, self.rows))

    def loss(self, rows: np.ndarray | None = None) -> float:
        """Of the best head; of these rows, or of all that were judged."""
        return self._loss(self.best(), self.rows if rows is None else rows)

    def _loss(self, name: str, rows: np.ndarray) -> float:
        return plain_loss(self.oof[name][rows], self._context.y[rows], self._context.task)


def as_it_came(
    context: TrialContext, encoder: FrozenEncoder, folds: Sequence[Fold]
) -> tuple[Headed, Judged]:
    """Heads on a network that hasn't learnt anything yet, and how they do out of fold.

    The rows are read once. It is what a trial has to show for as long as nothing better was judged.

    Args:
        context: The trial's data and limits.
        encoder: Reads the column with the network.
        folds: Where the heads are judged; those that are kept are solved on all rows.

    Raises:
        Cancelled: While the rows were read.
    """
    judged, drawn = Judged(context), np.random.default_rng(context.seed).permutation(len(context.y))
    some = np.sort(drawn[:_MOST_ROWS])
    features = judged.read(some, encoder)
    for fold in folds:
        fit, judge = (np.flatnonzero(np.isin(some, part)) for part in (fold.fit, fold.judge))
        if len(fit) and len(judge):
            judged.score(some[judge], solved(context, features[fit], some[fit]), features[judge])
    return Headed(encoder, solved(context, features, some), 0.0, len(some), False), judged


def solved(
    context: TrialContext, features: np.ndarray, rows: np.ndarray
) -> dict[str, LinearPredictor]:
    """The heads on the features of these rows."""
    from automl_nb.transfer.discriminant import class_means, head_of
    from automl_nb.transfer.initialise.solved import FromLogistic
    from automl_nb.transfer.linear import LinearPredictor

    task, y = context.task, context.y[rows]
    inner = probe_context(features, replace(context, y=y))
    weight = None if context.class_weight is None else context.class_weight[y]
    coef, intercept = head_of(class_means, features, y, task.kind, len(task.classes), weight=weight)
    return {
        "logistic": FromLogistic().head(features, inner),
        "class-mean": LinearPredictor((), coef, intercept, task.kind),
    }
