"""What a metric is: one small function with its facts beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from automl_nb.core.types import Task, TaskKind
from automl_nb.evaluate.decide import Thresholds, plain_thresholds
from automl_nb.evaluate.judged import Counts, Judged

Needs = Literal["labels", "probabilities", "values"]
Measure = Callable[[Judged], np.ndarray]
OfCounts = Callable[[Counts, Task], np.ndarray]

SINGLE_LABEL = (TaskKind.BINARY, TaskKind.MULTICLASS)
CLASSIFICATION = (*SINGLE_LABEL, TaskKind.MULTILABEL)
REGRESSION = (TaskKind.REGRESSION,)


@dataclass(frozen=True)
class Metric:
    """A number that says how good answers are.

    Called with ``(y, scores, task)`` it gives a float: NaN where there are no rows, where
    a score isn't finite, or where the metric has no value (such as ROC-AUC of one class).

    Attributes:
        measure: `Judged` rows under b weightings to (b,) values.
        needs: Reads decided labels, probabilities or values.
        tasks: The kinds of task that it fits.
        greater_is_better: The direction.
        bounds: The least and greatest value that it can take.
        of_counts: For label metrics that are made of counts alone, those counts to
            (b,) values; thresholds are tuned on it.
    """

    name: str
    measure: Measure
    needs: Needs
    tasks: tuple[TaskKind, ...]
    greater_is_better: bool = True
    bounds: tuple[float, float] = (0.0, 1.0)
    of_counts: OfCounts | None = None

    def __call__(
        self,
        y: np.ndarray,
        scores: np.ndarray,
        task: Task,
        *,
        thresholds: Thresholds | None = None,
    ) -> float:
        """The metric's value on these rows."""
        if len(y) == 0:
            return float("nan")
        weights = np.ones((len(y), 1))
        return float(self.weighted(y, scores, task, weights, thresholds=thresholds)[0])

    def weighted(
        self,
        y: np.ndarray,
        scores: np.ndarray,
        task: Task,
        weights: np.ndarray,
        *,
        thresholds: Thresholds | None = None,
    ) -> np.ndarray:
        """The values under (n, b) weights of the rows, as (b,) float64."""
        decide = thresholds or plain_thresholds(task)
        return self.of(Judged(y, scores, decide.decide(scores), task, weights))

    def of(self, rows: Judged) -> np.ndarray:
        """The values for judged rows, as (b,) float64; NaN where there is none."""
        if not rows.finite:
            return np.full(rows.weights.shape[1], np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.measure(rows)


def of_labels(
    *tasks: TaskKind, greater_is_better: bool = True, bounds: tuple[float, float] = (0.0, 1.0)
) -> Callable[[OfCounts], Metric]:
    """Make a `Metric` of a function of `Counts`."""

    def make(function: OfCounts) -> Metric:
        def measure(rows: Judged) -> np.ndarray:
            return function(rows.counts, rows.task)

        measure.__doc__ = function.__doc__
        name = function.__name__
        return Metric(name, measure, "labels", tasks, greater_is_better, bounds, function)

    return make


def of_rows(
    needs: Needs,
    *tasks: TaskKind,
    greater_is_better: bool = True,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> Callable[[Measure], Metric]:
    """Make a `Metric` of a function of `Judged` rows."""

    def make(function: Measure) -> Metric:
        return Metric(function.__name__, function, needs, tasks, greater_is_better, bounds)

    return make
