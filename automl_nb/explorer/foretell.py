"""Forecasts of the metric that a run would report, all of one kind."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from automl_nb.core.types import TaskKind
from automl_nb.data.dataset import Dataset
from automl_nb.evaluate.metrics import default_objective, objective_of
from automl_nb.evaluate.words import metric_title
from automl_nb.explorer.chance import is_beyond_chance, same_for_all
from automl_nb.explorer.course import Course, of_losses, of_metric
from automl_nb.explorer.curve import Forecast, Probed, along, forecast
from automl_nb.explorer.looked import Looked

_MEANS = {"accuracy", "r2"}  # what the losses of rows are made for


class Foreteller:
    """Foretells what a run reports by itself, or accuracy or R² where the probes can't tell that.

    Args:
        dataset: Rows and task; the objective is that of a run on them.
        y: Of the rows that probes see, in their order.
        seed: Of the resamples.
    """

    def __init__(self, dataset: Dataset, y: np.ndarray, seed: int) -> None:
        self._task, self._y, self._seed = dataset.task, y, seed
        self._n_rows = len(dataset.development)
        self._reported = default_objective(dataset.task, dataset.y, dataset.schema).metric
        self._metric = self._reported

    @property
    def measure(self) -> str:
        """The title of what is foretold."""
        return metric_title(self._metric)

    @property
    def reported(self) -> str:
        """The title of what a run reports, where that is something else; "" otherwise."""
        return "" if self._metric == self._reported else metric_title(self._reported)

    def tell(self, item: Looked, others: Iterable[Looked]) -> None:
        """Give what was probed its forecast; if its metric has no value here, all get another."""
        assert item.probed is not None
        made = self._of(item.probed)
        if made is None:
            single = self._task.kind in {TaskKind.BINARY, TaskKind.MULTICLASS}
            self._metric = "accuracy" if single else "r2"
            for other in others:
                if other.forecast is not None and other.probed is not None:
                    other.forecast = self._of(other.probed)
            made = self._of(item.probed)
        item.forecast = made

    def chance(self, items: Iterable[Looked]) -> float | None:
        """What the same answer for all rows reaches, if none of these is surely better.

        Args:
            items: Networks and baselines of a column; those that were probed count.

        Returns:
            The measure, on the rows that were judged; None if one is better or none was probed.
        """
        reached = None
        for probed in [item.probed for item in items if item.probed is not None]:
            course = self._course(probed)
            same = self._course(same_for_all(probed, self._y_of(probed), self._task.kind))
            if course is None or same is None or is_beyond_chance(course, same):
                return None
            error = float(same.errors[-1])
            reached = 1.0 - error if same.greater_is_better else error
        return reached

    def _of(self, probed: Probed) -> Forecast | None:
        if self._metric in _MEANS:
            return forecast(probed, self._n_rows, seed=self._seed)
        course = self._course(probed)
        rng = np.random.default_rng([self._seed, 8])
        return None if course is None else along(course, self._n_rows, rng=rng)

    def _course(self, probed: Probed) -> Course | None:
        if self._metric in _MEANS:
            return of_losses(probed, np.random.default_rng([self._seed, 8]))
        objective = objective_of(self._metric)
        return of_metric(probed, self._y_of(probed), self._task, objective, seed=self._seed)

    def _y_of(self, probed: Probed) -> np.ndarray:
        return self._y[: probed.losses.shape[2]]
