"""Regularised evolution: the best of a sample has a child, and the oldest dies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from optuna.study import Study
from optuna.trial import FrozenTrial

from automl_nb.core.parameters import Choice, Parameter
from automl_nb.core.space import Space
from automl_nb.search.base import Searcher, best_first, told
from automl_nb.search.points import Points
from automl_nb.search.unit import at, place_of

POPULATION, SAMPLE = 20, 5
STEP = 0.15  # standard deviation of a changed number, as a share of its range
_TRIES = 50


class RegularisedEvolution(Searcher):
    """Ageing evolution of Real et al. 2019, arXiv 1802.01548, algorithm 1.

    The population is the last `population` trials that ended: whoever is older is dead, however
    good. `sample` of them are drawn (with replacement, as the authors' code has it), the best is
    the parent, and one of its parameters is changed: a word to another one, a number by a normal
    step. A trial that was pruned ranks below all that were not.

    Args:
        space: What is searched.
        seed: Seeds every proposal.
        population: Trials that live at a time; as many even points come first.
        sample: Trials that compete to be the parent.
    """

    name: str = "evolution"

    def __init__(
        self, space: Space, *, seed: int = 0, population: int = POPULATION, sample: int = SAMPLE
    ) -> None:
        super().__init__(space, seed=seed)
        self.population, self.sample = population, sample
        self._points = Points(space, seed=seed)

    def propose(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        """A changed copy of the parent."""
        alive = self.alive(study)
        if len(alive) < self.population:
            return self._points[trial.number]
        rng = self.rng(trial.number)
        return self.child(self.parent(study, alive, rng).params, rng)

    def alive(self, study: Study) -> list[FrozenTrial]:
        """The trials that live, oldest first."""
        return told(study)[-self.population :]

    def parent(
        self, study: Study, alive: Sequence[FrozenTrial], rng: np.random.Generator
    ) -> FrozenTrial:
        """The best of a sample of those that live."""
        drawn = [alive[place] for place in rng.integers(len(alive), size=self.sample)]
        return best_first(study, drawn)[0]

    def child(self, values: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
        """The values with one of them changed, and those drawn that count only then."""
        made = {p.name: values.get(p.name, at(p, float(rng.random()))) for p in self.free}
        counting = [p for p in self.free if p.name in self.branch(made)]
        if not counting:
            return made
        changed = counting[int(rng.integers(len(counting)))]
        return made | {changed.name: another(changed, made[changed.name], rng)}


def another(parameter: Parameter, value: Any, rng: np.random.Generator) -> Any:
    """Another value than this one: any other word, or a number nearby.

    Example:
        >>> another(Choice("loss", ("a", "b"), "a"), "a", np.random.default_rng(0))
        'b'
    """
    if isinstance(parameter, Choice):
        others = [word for word in parameter.searched if word != value]
        return others[int(rng.integers(len(others)))]
    for _ in range(_TRIES):
        place = place_of(parameter, value) + STEP * float(rng.normal())
        found = at(parameter, 1.0 - abs(1.0 - abs(place)))  # reflected at both ends
        if found != value:
            return found
    low, high = parameter.searched
    return low if value != low else high
