"""A probe's errors along its sizes, with the errors of resampled rows: what a forecast needs.

Accuracy and R² are means over rows. Other metrics (F1 of many labels, ROC-AUC, RMSE) are
computed of all judged rows together, and of the same resamples of them for every size. A course
holds errors, less being better: 1 - metric, or the metric itself where less of it is better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_nb.core.types import Objective, Task, TaskKind
from automl_nb.evaluate.bootstrap import draw_weights
from automl_nb.evaluate.decide import plain_thresholds
from automl_nb.evaluate.judged import Judged
from automl_nb.evaluate.metric import Metric
from automl_nb.evaluate.metrics import load_metric
from automl_nb.evaluate.tuning import fit_thresholds, is_tunable

if TYPE_CHECKING:
    from automl_nb.explorer.curve import Probed

RESAMPLES = 200
_FEWEST = 50  # resamples in which a metric has a value, for it to have an interval


@dataclass(frozen=True)
class Course:
    """Errors of a probe.

    Attributes:
        sizes: (s,) rows that it was fitted on.
        errors: (s,) of the judged rows.
        resampled: (r, s) of resamples of them, the same ones for all sizes.
        deviations: (s,) standard errors of `errors`.
        n: Judged rows.
        variance: What one row adds to the variance of an error that was foretold.
        least: The worst score, as a limit of intervals.
        greater_is_better: Whether the score is 1 - error, or the error itself.
    """

    sizes: tuple[int, ...]
    errors: np.ndarray
    resampled: np.ndarray
    deviations: np.ndarray
    n: int
    variance: Callable[[float], float]
    least: float = -np.inf
    greater_is_better: bool = True


def of_losses(probed: Probed, rng: np.random.Generator) -> Course:
    """Of the mean losses of rows: accuracy, or R²."""
    rows = probed.by_row
    rows = rows[:, np.isfinite(rows).all(axis=0)]
    n = rows.shape[1]
    drawn = [rows[:, rng.integers(0, n, n)].mean(axis=1) for _ in range(RESAMPLES)]
    is_share = bool(np.isin(rows, (0.0, 1.0)).all())  # of rows that are right
    single = probed.losses[np.isfinite(probed.losses)]  # not yet averaged over draws
    of_shares = bool(np.isin(single, (0.0, 1.0)).all())
    return Course(
        sizes=probed.sizes,
        errors=rows.mean(axis=1),
        resampled=np.stack(drawn),
        deviations=np.maximum(rows.std(axis=1), 1.0 / n) / np.sqrt(n),
        n=n,
        variance=lambda error: share_variance(error, n) if is_share else _variance(rows[-1], error),
        least=0.0 if of_shares else -np.inf,
    )


def of_metric(
    probed: Probed, y: np.ndarray, task: Task, objective: Objective, *, seed: int = 0
) -> Course | None:
    """Of a metric of answers; None where it has no value, or no interval.

    Decisions are made as a run makes them: by thresholds that are tuned to the metric, here on the
    half of the judged rows that the row isn't in.

    Args:
        probed: With its answers.
        y: (n,) or (n, k) the truth of the probe's rows.
        task: Says what `y` means.
        objective: The metric.
        seed: Seeds the resamples, and the halves.
    """
    answers = probed.answers
    if answers is None:
        return None
    judged = np.flatnonzero(np.isfinite(answers[0]).all(axis=(0, 2)))
    whole = [one for one in answers if np.isfinite(one[:, judged]).all()]
    judge = _Judge(y[judged], task, objective, tuple(draw_weights(len(judged), RESAMPLES, seed)))
    values = [
        [judge.values(one[place, judged], seed) for one in whole]
        for place in range(len(probed.sizes))
    ]
    table = np.array(values).mean(axis=1).T  # (1 + r, s)
    finite = np.isfinite(table).all(axis=1)
    if not finite[0] or finite.sum() <= _FEWEST:
        return None
    return _course(probed, judge.metric, table[finite], judged)


def _course(probed: Probed, metric: Metric, table: np.ndarray, judged: np.ndarray) -> Course:
    better, n = metric.greater_is_better, len(judged)
    table = 1.0 - table if better else table
    errors, resampled = table[0], table[1:]
    bounded = bool(np.isfinite(metric.bounds).all())
    spread = float(resampled[:, -1].var()) * n
    # None of a few rows was wrong: that doesn't mean that none ever is.
    floor = share_variance(0.0, n) if bounded else 1e-12

    def variance(error: float) -> float:
        scale = error / errors[-1] if errors[-1] > 0 else 1.0
        return max(spread * max(scale, 0.0), floor)

    lowest = max(1e-3 * float(np.abs(errors).mean()), 1e-9)
    return Course(
        sizes=probed.sizes,
        errors=errors,
        resampled=resampled,
        deviations=np.maximum(resampled.std(axis=0), lowest),
        n=n,
        variance=variance,
        least=metric.bounds[0],
        greater_is_better=better,
    )


@dataclass(frozen=True)
class _Judge:
    """What answers are held against.

    Attributes:
        weights: (n, b) how often each row counts, of all resamples.
    """

    y: np.ndarray
    task: Task
    objective: Objective
    weights: tuple[np.ndarray, ...]

    @property
    def metric(self) -> Metric:
        return load_metric(self.objective.metric)

    def values(self, answers: np.ndarray, seed: int) -> np.ndarray:
        """(1 + r,) the metric of the judged rows, and of each resample."""
        scores = answers.astype(np.float64)
        if self.task.kind.is_classification:
            scores = np.clip(scores, 0.0, 1.0)
        decided = self._decided(scores, seed)
        found = [
            self.metric.of(Judged(self.y, scores, decided, self.task, weights))
            for weights in (np.ones((len(self.y), 1)), *self.weights)
        ]
        return np.concatenate(found)

    def _decided(self, scores: np.ndarray, seed: int) -> np.ndarray:
        """What is answered for each row, by thresholds that were tuned on the other half."""
        decided = plain_thresholds(self.task).decide(scores)
        if not is_tunable(self.metric, self.task):
            return decided
        half = np.random.default_rng(seed).permutation(len(self.y)) % 2 == 0
        for own in (half, ~half):
            tuned = fit_thresholds(scores[~own], self.y[~own], self.task, self.objective, seed=seed)
            decided[own] = tuned.decide(scores[own])
        return decided


def share_variance(error: float, n: int) -> float:
    """Variance of whether a row is right, at the foretold error.

    Two rows are added, of which one is wrong (Laplace's rule): that none of a few was wrong
    doesn't mean that none ever is.
    """
    share = (min(max(error, 0.0), 1.0) * n + 1.0) / (n + 2.0)
    return share * (1.0 - share)


def _variance(last: np.ndarray, error: float) -> float:
    """Variance of one row's loss at the foretold error."""
    measured = float(last.mean())
    scale = error / measured if measured > 0 else 1.0
    return float(last.var()) * max(scale, 0.0) + 1e-12


def needs_answers(kind: TaskKind) -> bool:
    """Whether a run may report a metric that isn't a mean over rows."""
    return kind is not TaskKind.MULTICLASS
