"""Grid search: every combination of values, once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from automl_nb.core.errors import SettingError
from automl_nb.core.parameters import Choice, Int, Parameter
from automl_nb.core.space import Space
from automl_nb.search.base import Searcher
from automl_nb.search.repeats import Key, key_of
from automl_nb.search.unit import at, n_values

POINTS = 5  # values of a number that has more
WHOLE = 12  # whole numbers that are all tried
MOST = 100_000  # combinations


class Grid(Searcher):
    """All combinations of the values that count together, in an order drawn from the seed.

    Words are all tried, and up to twelve whole numbers; of other numbers evenly spread ones with
    both ends. The order is shuffled, since time may run out. Optuna's grid knows no conditions.

    Args:
        space: What is searched.
        seed: Seeds the order.
        points: Values of a number that has more.

    Raises:
        SettingError: There are too many combinations.

    Example:
        >>> from automl_nb.core.space import Choice, Float
        >>> space = Space((Choice("a", ("x", "y"), "x"), Float("b", 0.0, 1.0, 0.5)))
        >>> len(Grid(space, points=3).configs)
        6
    """

    name: str = "grid"
    several: bool = True

    def __init__(self, space: Space, *, seed: int = 0, points: int = POINTS) -> None:
        super().__init__(space, seed=seed)
        if (combinations := size(space, points)) > MOST:
            raise SettingError(
                f"A grid has at most {MOST:,} combinations.",
                received=combinations,
                hint="Narrow the space, or choose another searcher.",
            )
        values = {p.name: grid_values(p, points) for p in self.free}
        found = {self._key(config): config for config in self._combined(values)}
        order = np.random.default_rng(seed).permutation(len(found))
        listed = [*found.values()]
        self.configs = [listed[place] for place in order]

    def propose(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        """The first combination that no trial had; over again where all were."""
        left = self._next(study, besides=trial.number)
        return self.configs[trial.number % len(self.configs)] if left is None else left

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,  # noqa: ARG002
        state: TrialState,  # noqa: ARG002
        values: Any,  # noqa: ARG002
    ) -> None:
        """Ends a plain Optuna study when everything was tried."""
        if self.exhausted(study):
            _stop(study)

    def exhausted(self, study: Study) -> bool:
        """Whether each combination was tried or is being tried."""
        return self._next(study) is None

    def _next(self, study: Study, besides: int = -1) -> dict[str, Any] | None:
        trials = study.get_trials(deepcopy=False)
        had = {self._key(trial.params) for trial in trials if trial.number != besides}
        return next((config for config in self.configs if self._key(config) not in had), None)

    def _key(self, params: Mapping[str, Any]) -> Key:
        return key_of({p.name: params[p.name] for p in self.free if p.name in params})

    def _combined(self, values: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
        for combination in itertools.product(*values.values()):
            yield self.branch(dict(zip(values, combination, strict=True)))


def grid_values(parameter: Parameter, points: int = POINTS) -> list[Any]:
    """The values of a parameter on a grid, in order.

    Example:
        >>> from automl_nb.core.space import Float, Int
        >>> grid_values(Float("decay", 0.5, 1.0, 0.9), 3)
        [0.5, 0.75, 1.0]
        >>> grid_values(Int("k", 1, 100, 10), 3)
        [1, 51, 100]
    """
    if isinstance(parameter, Choice):
        return [*parameter.searched]
    if isinstance(parameter, Int) and n_values(parameter) <= max(points, WHOLE):
        low, high = parameter.searched
        return [*range(low, high + 1)]
    return sorted({at(parameter, float(place)) for place in np.linspace(0.0, 1.0, points)})


def size(space: Space, points: int = POINTS) -> int:
    """How many combinations a grid has; at most, where there are conditions."""
    return math.prod(len(grid_values(parameter, points)) for parameter in space.free)


def _stop(study: Study) -> None:
    try:
        study.stop()
    except RuntimeError:  # asked and told by hand: nobody is to be stopped
        return
