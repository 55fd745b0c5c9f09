"""Which models can't be told from the best: the paired bootstrap, over the rows and the seeds.

Two levels are drawn (Davison & Hinkley 1997, "Bootstrap Methods and their Application", 3.8): the
rows on which models are compared, the same for all of them, and for each model the seeds that it
was trained with, as both decide which one comes first (Bouthillier et al. 2021, "Accounting for
Variance in Machine Learning Benchmarks", arXiv 2103.03098).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from automl_nb.core.types import Interval, Task
from automl_nb.evaluate.bootstrap import draw_weights, percentiles
from automl_nb.evaluate.decide import Thresholds, plain_thresholds
from automl_nb.evaluate.judged import Judged
from automl_nb.evaluate.metric import Metric
from automl_nb.evaluate.metrics import load_metric

_MOST, _FEWEST = 400, 100  # resamples: the more rows, the fewer tell their spread
_CELLS = 1e6  # rows x resamples, likewise
_RANKED, _FEWEST_RANKED = {"roc_auc", "pr_auc"}, 40  # metrics that sort the rows once a class
_WIDTH = 1.96  # standard errors on each side of the 95% interval


@dataclass(frozen=True)
class Answers:
    """A model's answers to rows that it hadn't seen, once for each seed that it was trained with.

    Attributes:
        scores: (n_rows, k) float64 a seed; NaN in rows that it wasn't judged on.
        thresholds: One a seed: how label metrics decide; None for the usual way.
    """

    scores: tuple[np.ndarray, ...]
    thresholds: tuple[Thresholds | None, ...]

    @cached_property
    def judged(self) -> np.ndarray:
        """(n_rows,) whether it has answers by every seed."""
        judged: np.ndarray = np.all([np.isfinite(one).all(axis=1) for one in self.scores], axis=0)
        return judged


def tied_with_first(
    metric: str,
    y: np.ndarray,
    models: Sequence[Answers],
    task: Task,
    *,
    n: int = 0,
    seed: int = 0,
) -> list[bool]:
    """Whether each model isn't surely worse than the first.

    A model is surely worse where the 95% interval of the difference lies wholly on its side: the
    difference and 1.96 times its standard error in the resamples (Efron & Tibshirani 1993, "An
    Introduction to the Bootstrap", 12.3), which takes far fewer of them than percentiles. Only rows
    that both were judged on are compared; without any, and where the metric has no value in the
    resamples, nothing is sure.

    Args:
        metric: A name of the metric registry.
        y: The truth, as `metrics.evaluate` takes it.
        models: The best first. Those that were trained with several seeds count by the mean.
        task: Says what `y` means.
        n: Resamples; 0 for 400, or fewer where there are very many rows.
        seed: Seeds the draws.

    Returns:
        One a model; True for the first.

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> rng = np.random.default_rng(0)
        >>> y = rng.normal(size=(500, 1))
        >>> near, alike, far = (
        ...     Answers((y + spread * rng.normal(size=y.shape),), (None,)) for spread in (1, 1, 2)
        ... )
        >>> tied_with_first("mae", y[:, 0], [near, alike, far], Task(TaskKind.REGRESSION, "price"))
        [True, True, False]
    """
    judge, first = load_metric(metric), models[0]
    tied = [True] * len(models)
    alike: dict[bytes, list[int]] = {}
    for place, model in enumerate(models[1:], 1):
        alike.setdefault((first.judged & model.judged).tobytes(), []).append(place)
    for places in alike.values():
        rows = np.flatnonzero(first.judged & models[places[0]].judged)
        if len(rows) == 0:
            continue
        compared = [first, *(models[place] for place in places)]
        best, *others = drawn(judge, y, compared, rows, task, n=n, seed=seed)
        for place, other in zip(places, others, strict=True):
            gains = best - other if judge.greater_is_better else other - best
            drawn_gains = gains[1:][~np.isnan(gains[1:])]
            error = drawn_gains.std(ddof=1) if len(drawn_gains) > 1 else np.inf
            tied[place] = not gains[0] > _WIDTH * error
    return tied


def seeds_interval(
    metric: str,
    y: np.ndarray,
    model: Answers,
    task: Task,
    *,
    n: int = 0,
    seed: int = 0,
) -> Interval:
    """The mean of the metric over the model's seeds, with its 95% interval over rows and seeds.

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> y = np.arange(20.0)
        >>> lucky, unlucky = y[:, None] + 1, y[:, None] + 3
        >>> both = Answers((lucky, unlucky), (None, None))
        >>> print(seeds_interval("mae", y, both, Task(TaskKind.REGRESSION, "price")))
        2.0000 [0.5858, 3.4142]
    """
    judge = load_metric(metric)
    (values,) = drawn(judge, y, [model], np.flatnonzero(model.judged), task, n=n, seed=seed)
    return percentiles(float(values[0]), np.clip(values[1:], *judge.bounds), judge.bounds)


def drawn(
    metric: Metric,
    y: np.ndarray,
    models: Sequence[Answers],
    rows: np.ndarray,
    task: Task,
    *,
    n: int = 0,
    seed: int = 0,
) -> list[np.ndarray]:
    """Each model's value on these rows, and in the same n resamples of them: (1 + n,) float64.

    The weights are drawn once for all models.
    """
    least = _FEWEST_RANKED if metric.name in _RANKED else _FEWEST
    n = n or int(np.clip(_CELLS / len(rows), least, _MOST))
    # Sums of numbers that aren't counts are computed in double precision.
    kind = np.float32 if metric.needs == "labels" else np.float64
    truth = y[rows]
    answers = [
        [
            (scores[rows], (thresholds or plain_thresholds(task)).decide(scores[rows]))
            for scores, thresholds in zip(model.scores, model.thresholds, strict=True)
        ]
        for model in models
    ]
    values: list[list[list[np.ndarray]]] = [[[] for _ in model] for model in answers]
    for weights in (np.ones((len(rows), 1)), *draw_weights(len(rows), n, seed)):
        counted = weights.astype(kind, copy=False)
        for model, parts in zip(answers, values, strict=True):
            for (scores, decided), part in zip(model, parts, strict=True):
                part.append(metric.of(Judged(truth, scores, decided, task, counted)))
    rng = np.random.default_rng([seed, 1])
    return [_over_seeds(np.array([np.concatenate(one) for one in parts]), rng) for parts in values]


def _over_seeds(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(1 + n,) means over seeds, which are drawn anew in each resample, of (seeds, 1 + n) values.

    The mean of s draws from s seeds varies by (s - 1) / s of what the mean of s seeds does; so few
    are they that this is put right.
    """
    s = len(values)
    mean: np.ndarray = values.mean(axis=0)
    if s > 1:
        picked = rng.integers(0, s, values[:, 1:].shape)
        again = np.take_along_axis(values[:, 1:], picked, axis=0).mean(axis=0)
        mean[1:] += (s / (s - 1)) ** 0.5 * (again - mean[1:])
    return mean
