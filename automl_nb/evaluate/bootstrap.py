"""95% intervals by the percentile bootstrap (Efron 1979), all resamples at once.

A resample is the rows drawn with replacement, that is, how often each row counts. Metrics
take many such weightings side by side (see `judged`), so an interval costs a few
matrix products instead of hundreds of passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from automl_nb.core.types import Interval, Task
from automl_nb.evaluate.decide import Thresholds, plain_thresholds
from automl_nb.evaluate.exact import widened
from automl_nb.evaluate.judged import Judged
from automl_nb.evaluate.metric import Metric
from automl_nb.evaluate.metrics import load_metric

N_RESAMPLES = 500
_FEWEST = 100
_CHUNK = 2_000_000  # cells of a weight matrix held at once (8 MB)
_RANKED = 1e8  # work (rows x classes x resamples) that a ranking metric may cost


def interval(
    metric: str,
    y: np.ndarray,
    scores: np.ndarray,
    task: Task,
    *,
    n: int = N_RESAMPLES,
    seed: int = 0,
    thresholds: Thresholds | None = None,
) -> Interval:
    """A metric's value with its 95% interval.

    Resamples in which the metric has no value are left out. Where the resamples lean so
    much that the value lies outside of their interval (as they do for the calibration
    error, which chance only ever adds to), they are moved back onto it. What is right for all rows
    or for none has the interval of so many rows (`automl_nb.evaluate.exact`).

    Args:
        metric: A name of the metric registry.
        y: The truth, as `metrics.evaluate` takes it.
        scores: (n_rows, k) float64.
        task: Says what `y` means.
        n: Resamples. Ranking metrics of very many rows and classes take fewer, never
            under 100: their intervals are narrow then.
        seed: Seeds the draws; the same seed draws the same rows for every metric.
        thresholds: How label metrics decide.

    Returns:
        NaN ends where no resample has a value.

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> task = Task(TaskKind.BINARY, "label", ("no", "yes"))
        >>> scores = np.array([[0.8, 0.2]] * 30 + [[0.3, 0.7]] * 20)
        >>> print(interval("accuracy", np.array([0, 1] * 25), scores, task))
        0.5000 [0.3800, 0.6400]
    """
    return intervals([metric], y, scores, task, n=n, seed=seed, thresholds=thresholds)[metric]


def intervals(
    names: Sequence[str],
    y: np.ndarray,
    scores: np.ndarray,
    task: Task,
    *,
    n: int = N_RESAMPLES,
    seed: int = 0,
    thresholds: Thresholds | None = None,
) -> dict[str, Interval]:
    """Several metrics at once, as `interval` gives them; they share draws and sums."""
    metrics = [load_metric(name) for name in names]
    drawn = resampled(metrics, y, scores, task, n=n, seed=seed, thresholds=thresholds)
    return {
        metric.name: widened(
            metric,
            percentiles(
                metric(y, scores, task, thresholds=thresholds), drawn[metric.name], metric.bounds
            ),
            y,
            task.kind,
        )
        for metric in metrics
    }


def paired_difference(
    metric: str,
    y: np.ndarray,
    scores_a: np.ndarray,
    scores_b: np.ndarray,
    task: Task,
    *,
    n: int = N_RESAMPLES,
    seed: int = 0,
) -> Interval:
    """The metric of `scores_a` less that of `scores_b`, resampling the same rows for both.

    Much narrower than two separate intervals, as hard rows are hard for both.

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> task = Task(TaskKind.REGRESSION, "price")
        >>> y = np.arange(20.0)
        >>> difference = paired_difference("mae", y, y[:, None] + 1, y[:, None] + 3, task)
        >>> print(difference)
        -2.0000 [-2.0000, -2.0000]
    """
    judge = load_metric(metric)
    value = judge(y, scores_a, task) - judge(y, scores_b, task)
    drawn_a, drawn_b = (
        resampled([judge], y, scores, task, n=n, seed=seed)[metric]
        for scores in (scores_a, scores_b)
    )
    return percentiles(value, drawn_a - drawn_b, (-np.inf, np.inf))


def paired_gain(
    metric: Metric,
    y: np.ndarray,
    new: np.ndarray,
    old: np.ndarray,
    task: Task,
    *,
    n: int = 200,
    seed: int = 0,
) -> tuple[float, float]:
    """How much better decided labels `new` are than `old`, and the standard error of that.

    Both are in the metric's unit, and a gain is positive whatever the direction.
    """
    none = np.zeros((len(y), task.n_outputs))
    values = [
        [metric.of(Judged(y, none, decided, task, weights)) for decided in (new, old)]
        for weights in (np.ones((len(y), 1)), *draw_weights(len(y), n, seed))
    ]
    sign = 1.0 if metric.greater_is_better else -1.0
    gains = [sign * (better - base) for better, base in values]
    return float(gains[0][0]), float(np.concatenate(gains[1:]).std())


def resampled(
    metrics: Sequence[Metric],
    y: np.ndarray,
    scores: np.ndarray,
    task: Task,
    *,
    n: int,
    seed: int,
    thresholds: Thresholds | None = None,
) -> dict[str, np.ndarray]:
    """Each metric's value in each resample, as float64 of (n,) or less (see `interval`)."""
    if len(y) == 0:
        return {metric.name: np.full(n, np.nan) for metric in metrics}
    predicted = (thresholds or plain_thresholds(task)).decide(scores)
    ranked = max(_FEWEST, int(_RANKED / scores.size))
    values: dict[str, list[np.ndarray]] = {metric.name: [] for metric in metrics}
    done = 0
    for weights in draw_weights(len(y), n, seed):
        rows = Judged(y, scores, predicted, task, weights)
        for metric in metrics:
            if done < ranked or metric.name not in {"roc_auc", "pr_auc"}:
                values[metric.name].append(metric.of(rows))
        done += weights.shape[1]
    return {name: np.concatenate(parts) for name, parts in values.items()}


def draw_weights(n_rows: int, n: int, seed: int) -> Iterator[np.ndarray]:
    """How often each row is drawn in each of n resamples, as (n_rows, b) float32 chunks.

    Single precision halves the traffic, and counts whole numbers exactly up to 2^24.
    """
    rng = np.random.default_rng(seed)
    width = max(1, _CHUNK // n_rows)
    for start in range(0, n, width):
        count = min(width, n - start)
        weights = np.empty((n_rows, count), np.float32)
        for column in range(count):
            drawn = rng.integers(0, n_rows, n_rows)
            weights[:, column] = np.bincount(drawn, minlength=n_rows)
        yield weights


def percentiles(value: float, drawn: np.ndarray, bounds: tuple[float, float]) -> Interval:
    """The 95% interval by the values of resamples, moved onto `value` where it lies outside."""
    drawn = drawn[~np.isnan(drawn)]
    if len(drawn) == 0 or np.isnan(value):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.percentile(drawn, [2.5, 97.5])
    if not low <= value <= high:
        low, high = np.clip(np.array([low, high]) + value - drawn.mean(), *bounds)
    return Interval(value, float(min(low, value)), float(max(high, value)))
