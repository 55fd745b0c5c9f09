"""Quasi-random search: points that fill the space more evenly than random ones."""

from __future__ import annotations

from typing import Any

from optuna.study import Study
from optuna.trial import FrozenTrial

from automl_nb.core.space import Space
from automl_nb.search.base import Searcher
from automl_nb.search.points import Points


class QuasiRandom(Searcher):
    """A scrambled Sobol sequence (Bergstra & Bengio 2012; Joe & Kuo 2008).

    Optuna's own draws the first point at random, counts in the study's attributes, and leaves
    conditions out; here the trial's number is the point's.

    Args:
        space: What is searched.
        seed: Seeds the scrambling.
    """

    name: str = "quasi-random"
    several: bool = True

    def __init__(self, space: Space, *, seed: int = 0) -> None:
        super().__init__(space, seed=seed)
        self._points = Points(space, seed=seed)

    def propose(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:  # noqa: ARG002
        """The point of the trial's number."""
        return self._points[trial.number]
