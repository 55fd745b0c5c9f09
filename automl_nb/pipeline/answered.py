"""Rows that a model hadn't learnt from, with its answers: for looking at, one by one.

A run's folder keeps none of anybody's rows. While the process that trained is there, some of the
rows kept aside stay in memory; for a run that was opened again see `answered_again`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl_nb.core.types import Schema, Task, TaskKind
from automl_nb.evaluate.metrics import scored_rows
from automl_nb.features.base import Encoder, Matrix
from automl_nb.pipeline.model import Model
from automl_nb.transfer.base import Blocks

DRAWN_ROWS, WORST_ROWS = 1000, 100  # kept of the rows: drawn, and those that are most wrong


@dataclass(frozen=True)
class Answered:
    """Some rows with what is right and what a model said.

    The first `n_drawn` rows were drawn from all of them; those most wrong follow.

    Attributes:
        frame: (m, ...) their input columns.
        y: (m, ...) what is right, see `automl_nb.data.labels.encode_labels`.
        scores: (m, k) probabilities, or (m, 1) values.
        predicted: What was decided, shaped as `y`.
        wrongness: (m,) see `wrongness_of`.
        n_drawn: Rows of the random sample.
        n_rows: All rows that were answered.
        n_wrong: How many of these were answered wrongly (all, where values are predicted).
        part: Which rows: ``"test"``, ``"out of fold"`` or ``"given rows"``.
        blocks: Feature blocks of `frame` by key that are computed already.
        encoders: Further encoders by key, fitted.
    """

    task: Task
    schema: Schema
    frame: pd.DataFrame
    y: np.ndarray
    scores: np.ndarray
    predicted: np.ndarray
    wrongness: np.ndarray
    n_drawn: int
    n_rows: int
    n_wrong: int
    part: str
    blocks: Mapping[str, Matrix]
    encoders: Mapping[str, Encoder]

    @property
    def whose(self) -> str:
        """The rows' part as people say it."""
        known = {"test": "rows kept aside", "out of fold": "rows held out"}
        return known.get(self.part, self.part)

    def of_drawn(self, key: str) -> Matrix:
        """The (n_drawn, d) block of the rows that were drawn.

        Raises:
            KeyError: There is no such encoder.
        """
        if key in self.blocks:
            return self.blocks[key][: self.n_drawn]
        return self.encoders[key].transform(self.frame.head(self.n_drawn))


def answered(
    model: Model,
    blocks: Blocks,
    y: np.ndarray,
    scores: np.ndarray,
    *,
    part: str,
    encoders: Mapping[str, Encoder] | None = None,
    seed: int = 0,
) -> Answered:
    """What is worth keeping of a model's answers to these rows.

    Args:
        model: Whose answers they are.
        blocks: Of all rows.
        y: (n, ...) what is right.
        scores: (n, k) of the model; rows with NaN are left out.
        part: Which rows they are.
        encoders: Further ones, beside the model's.
        seed: Seeds the draw.
    """
    rows = np.flatnonzero(scored_rows(scores))
    predicted = model.thresholds.decide(scores[rows])
    wrongness = wrongness_of(y[rows], scores[rows], predicted, model.task)
    drawn, kept = _kept(wrongness, np.random.default_rng([seed, 11]))
    at = rows[kept]
    some = blocks.take(at)
    return Answered(
        task=model.task,
        schema=model.schema,
        frame=some.frame.copy(),
        y=y[at],
        scores=scores[at],
        predicted=predicted[kept],
        wrongness=wrongness[kept],
        n_drawn=drawn,
        n_rows=len(rows),
        n_wrong=int((wrongness > -np.inf).sum()),
        part=part,
        blocks={key: some[key] for key in model.encoders},
        encoders=model.encoders if encoders is None else {**encoders},
    )


def wrongness_of(
    y: np.ndarray, scores: np.ndarray, predicted: np.ndarray, task: Task
) -> np.ndarray:
    """(n,) how surely a row was answered wrongly; minus infinity where the answer is right.

    The probability of the class that was said; with several labels the largest distance of a
    wrongly decided label's probability from the truth; for values the absolute error.

    Example:
        >>> task = Task(TaskKind.BINARY, "label", ("no", "yes"))
        >>> scores = np.array([[0.9, 0.1], [0.2, 0.8]])
        >>> wrongness_of(np.array([1, 1]), scores, np.array([0, 1]), task).tolist()
        [0.9, -inf]
    """
    if task.kind is TaskKind.REGRESSION:
        missed: np.ndarray = np.abs(scores[:, 0] - y)
        return missed
    if task.kind is TaskKind.MULTILABEL:
        far = np.where(predicted != y, np.abs(scores - y), -np.inf)
        return np.asarray(far.max(axis=1, initial=-np.inf), dtype=np.float64)
    sure = scores[np.arange(len(y)), predicted]
    return np.where(predicted != y, sure, -np.inf)


def _kept(wrongness: np.ndarray, rng: np.random.Generator) -> tuple[int, np.ndarray]:
    """How many rows were drawn; their positions, then those of the most wrong others."""
    n = len(wrongness)
    drawn = np.sort(rng.choice(n, min(n, DRAWN_ROWS), replace=False))
    worst = np.argsort(-wrongness, kind="stable")[:WORST_ROWS]
    worst = worst[wrongness[worst] > -np.inf]
    return len(drawn), np.concatenate([drawn, np.setdiff1d(worst, drawn)])
