"""Decision thresholds fitted to the metric at hand, on out-of-fold scores.

The most probable class is the best answer for accuracy where probabilities are right, and never
for F1 or balanced accuracy. One temperature leaves rare classes too shy: with offsets 52 topics
are told apart .961 of the time, without them .952 (Reuters, the published split).
So each class gets an offset (see `decide.Thresholds`), found by coordinate ascent on the
metric on four fifths of the rows, five times; the mean of the five is steadier than one fit.
It is kept only where the rows left out gain clearly: tuned thresholds overfit easily.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_nb.core.types import Objective, Task, TaskKind
from automl_nb.evaluate.bootstrap import paired_gain
from automl_nb.evaluate.decide import Thresholds, log_odds, log_probabilities, plain_thresholds
from automl_nb.evaluate.judged import Counts
from automl_nb.evaluate.metric import Metric, OfCounts
from automl_nb.evaluate.metrics import load_metric

_FOLDS = 5
_SURE = 1.28  # standard errors that the gain must exceed (one-sided 90%)
_SWEEPS = 2
_CANDIDATES = 65  # offsets tried for a class in one step
_REACH = 2.0  # how far one step may move an offset, in nats
_PRIOR_POWERS = (0.25, 0.5, 0.75, 1.0)
# One-sided: the best precision is one sure guess, the best recall is always yes.
_ONE_SIDED = ("precision", "recall")


def fit_thresholds(
    scores: np.ndarray, y: np.ndarray, task: Task, objective: Objective, *, seed: int = 0
) -> Thresholds:
    """The offsets that serve the objective's metric, or none.

    Args:
        scores: (n, k) calibrated out-of-fold probabilities; rows with NaN are left out.
        y: (n,) class positions, or (n, k) 0/1 for multi-label.
        task: Regression gets no thresholds.
        objective: Its metric decides; metrics of probabilities need no thresholds.
        seed: Seeds the folds.

    Returns:
        Offsets that gained on rows that didn't fit them (one-sided 90% sure);
        `Thresholds` without offsets otherwise.
    """
    plain = plain_thresholds(task)
    metric = load_metric(objective.metric)
    if not is_tunable(metric, task):
        return plain
    kept = ~np.isnan(scores).any(axis=1)
    scores, y = scores[kept], y[kept]
    if len(y) < 4 * _FOLDS:
        return plain
    fold_of = np.random.default_rng(seed).permutation(len(y)) % _FOLDS
    fitted = [
        best_offsets(scores[fold_of != fold], y[fold_of != fold], task, metric)
        for fold in range(_FOLDS)
    ]
    tuned = plain.decide(scores)
    for fold, thresholds in enumerate(fitted):
        held = fold_of == fold
        tuned[held] = thresholds.decide(scores[held])
    gain, error = paired_gain(metric, y, tuned, plain.decide(scores), task, seed=seed)
    if gain <= _SURE * error:
        return plain
    mean = np.mean([thresholds.offsets for thresholds in fitted], axis=0)
    return Thresholds(task.kind, tuple(mean.tolist()))


def is_tunable(metric: Metric, task: Task) -> bool:
    """Whether thresholds can serve this metric sensibly."""
    return (
        metric.of_counts is not None
        and task.kind in metric.tasks
        and not metric.name.startswith(_ONE_SIDED)
    )


def best_offsets(scores: np.ndarray, y: np.ndarray, task: Task, metric: Metric) -> Thresholds:
    """The best offsets that coordinate ascent finds on these rows."""
    search = _Search.of(scores, y, task, metric)
    offsets = search.start()
    for _ in range(_SWEEPS):
        before = offsets.copy()
        for position in range(search.first, len(offsets)):
            offsets[position] = search.best_for(offsets, position)
        if np.array_equal(before, offsets):
            break
    return Thresholds(task.kind, tuple(float(value) for value in offsets))


@dataclass(frozen=True)
class _Search:
    """One problem of choosing offsets.

    Attributes:
        logits: (n, k) log probabilities; log-odds for multi-label.
        value: Counts to values, greater being better.
        first: The first class whose offset is free (of two classes one is enough).
    """

    logits: np.ndarray
    y: np.ndarray
    task: Task
    value: OfCounts
    first: int

    @classmethod
    def of(cls, scores: np.ndarray, y: np.ndarray, task: Task, metric: Metric) -> _Search:
        multilabel = task.kind is TaskKind.MULTILABEL
        logits = log_odds(scores) if multilabel else log_probabilities(scores)
        sign = 1.0 if metric.greater_is_better else -1.0
        of_counts = metric.of_counts
        assert of_counts is not None  # by is_tunable

        def value(counts: Counts, task: Task) -> np.ndarray:
            signed: np.ndarray = sign * of_counts(counts, task)
            return signed

        first = 1 if task.kind is TaskKind.BINARY else 0
        return cls(logits, y, task, value, first)

    def start(self) -> np.ndarray:
        """No offsets, or those that undo the classes' unequal shares in part."""
        k = self.logits.shape[1]
        if self.task.kind is TaskKind.MULTILABEL:
            return np.zeros(k)
        shares = (np.bincount(self.y, minlength=k) + 1.0) / (len(self.y) + k)
        undo = -np.log(shares)
        undo -= undo[0] if self.task.kind is TaskKind.BINARY else undo.mean()
        tried: list[np.ndarray] = [np.zeros(k), *(power * undo for power in _PRIOR_POWERS)]
        values = [float(self.value(self._counts(offsets), self.task)[0]) for offsets in tried]
        return tried[int(np.argmax(values))]

    def best_for(self, offsets: np.ndarray, position: int) -> float:
        """The best offset of one class while the others stand still.

        The middle of the widest best stretch nearest to the present offset.
        """
        grid = offsets[position] + np.linspace(-_REACH, _REACH, _CANDIDATES)
        if self.task.kind is TaskKind.MULTILABEL:
            counts = self._label_counts(offsets, position, grid)
        else:
            counts = self._class_counts(offsets, position, grid)
        values = self.value(counts, self.task)
        best = np.flatnonzero(values >= values.max() - 1e-12)
        stretches = np.split(best, np.flatnonzero(np.diff(best) > 1) + 1)
        middle = len(grid) // 2
        nearest = min(stretches, key=lambda stretch: int(np.abs(stretch - middle).min()))
        chosen = middle if middle in nearest else nearest[len(nearest) // 2]
        return float(grid[chosen])

    def _counts(self, offsets: np.ndarray) -> Counts:
        predicted = (self.logits + offsets).argmax(axis=1)
        k = self.logits.shape[1]
        hits = np.bincount(self.y[predicted == self.y], minlength=k)
        return self._totals(hits[None, :], np.bincount(predicted, minlength=k)[None, :])

    def _totals(self, hits: np.ndarray, predicted: np.ndarray) -> Counts:
        k, n = self.logits.shape[1], len(self.y)
        multilabel = self.task.kind is TaskKind.MULTILABEL
        actual = self.y.sum(axis=0) if multilabel else np.bincount(self.y, minlength=k)
        shape = (len(hits), k)
        return Counts(
            hits.astype(np.float64),
            predicted.astype(np.float64),
            np.broadcast_to(actual.astype(np.float64), shape),
            np.full(len(hits), float(n)),
        )

    def _class_counts(self, offsets: np.ndarray, position: int, grid: np.ndarray) -> Counts:
        """The counts were `position` given each offset of the grid."""
        k, steps = self.logits.shape[1], len(grid)
        others = self.logits + offsets
        others[:, position] = -np.inf
        rival = others.argmax(axis=1)
        needed = others.max(axis=1) - self.logits[:, position]  # the class wins above this
        turn = np.searchsorted(grid, needed, "right")  # the first step at which it does
        taken = _running(turn, np.full(len(turn), position), steps, k)
        lost = _running(turn, rival, steps, k)
        predicted = np.bincount(rival, minlength=k) + taken - lost
        right, was_right = self.y == position, rival == self.y
        hits = (
            np.bincount(rival[was_right], minlength=k)
            + _running(turn[right], np.full(int(right.sum()), position), steps, k)
            - _running(turn[was_right], rival[was_right], steps, k)
        )
        return self._totals(hits, predicted)

    def _label_counts(self, offsets: np.ndarray, position: int, grid: np.ndarray) -> Counts:
        """As `_class_counts`, for one label of a multi-label task."""
        chosen = self.logits + offsets >= 0
        predicted = np.tile(chosen.sum(axis=0), (len(grid), 1))
        hits = np.tile((chosen & (self.y > 0)).sum(axis=0), (len(grid), 1))
        said = self.logits[:, position, None] + grid >= 0
        predicted[:, position] = said.sum(axis=0)
        hits[:, position] = said[self.y[:, position] > 0].sum(axis=0)
        return self._totals(hits, predicted)


def _running(turn: np.ndarray, position: np.ndarray, steps: int, k: int) -> np.ndarray:
    """(steps, k) how many rows have turned by each step, by class position."""
    inside = turn < steps
    cells = turn[inside] * k + position[inside]
    turned = np.bincount(cells, minlength=steps * k).reshape(steps, k)
    return turned.cumsum(axis=0)
