"""Which searcher fits: by the number and cost of trials, the parameters and the objectives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from automl_nb.core.parameters import Choice
from automl_nb.core.space import Space
from automl_nb.search.base import Searcher
from automl_nb.search.catalog import SEARCHERS
from automl_nb.search.unit import n_values

FEW = 60  # trials below which a Gaussian process is worth its time
DEAR = 5.0  # seconds of a trial beside which a proposal of it, up to 1 s, costs little
MANY, CHEAP = 1000, 0.1  # trials, and their seconds, from which CMA-ES gets going


@dataclass(frozen=True)
class Chosen:
    """A searcher's name, and a sentence that says why."""

    name: str
    why: str


def choose(
    space: Space,
    *,
    n_trials: int | None = None,
    trial_s: float | None = None,
    n_objectives: int = 1,
) -> Chosen:
    """The searcher for a piece of work.

    Args:
        space: What is searched.
        n_trials: How many trials there may be; None if nobody knows.
        trial_s: Seconds that a trial takes; None if nobody knows.
        n_objectives: How many objectives there are.

    Example:
        >>> from automl_nb.core.space import Float
        >>> space = Space((Float("lr", 1e-5, 1e-3, 1e-4, log=True),))
        >>> choose(space, n_trials=30).name, choose(space, n_trials=300).name
        ('gp', 'tpe')
    """
    combinations = _combinations(space)
    if n_trials is not None and combinations <= n_trials:
        return Chosen("grid", f"All {combinations:.0f} combinations fit into {n_trials} trials.")
    if n_objectives > 1:
        return Chosen(
            "nsga2", f"A population spreads along the front of {n_objectives} objectives."
        )
    numeric = len(space.free) > 1 and not any(isinstance(p, Choice) for p in space.free)
    known = n_trials is not None
    cheap = trial_s is not None and trial_s <= CHEAP
    if known and n_trials >= MANY and cheap and numeric:  # type: ignore[operator]  # known
        return Chosen("cma-es", f"{n_trials} cheap trials over numbers alone are enough to evolve.")
    if trial_s is not None and trial_s < DEAR:
        return Chosen("tpe", "Trials this short leave no time for a costlier model between them.")
    if known and n_trials < FEW:  # type: ignore[operator]  # known
        return Chosen("gp", f"With fewer than {FEW} trials each one has to tell the most.")
    return Chosen("tpe", "It is quick at any number of trials and knows branches of the space.")


class Auto(Searcher):
    """The searcher that `choose` names, as a sampler.

    Args:
        space: What is searched.
        seed: Seeds every proposal.
        n_trials: As for `choose`.
        trial_s: As for `choose`.
        n_objectives: As for `choose`.
    """

    name: str = "auto"
    several: bool = True

    def __init__(
        self,
        space: Space,
        *,
        seed: int = 0,
        n_trials: int | None = None,
        trial_s: float | None = None,
        n_objectives: int = 1,
    ) -> None:
        super().__init__(space, seed=seed)
        chosen = choose(space, n_trials=n_trials, trial_s=trial_s, n_objectives=n_objectives)
        self.why = chosen.why
        self.chosen: Searcher = SEARCHERS[chosen.name].load()(space, seed=seed)
        self.name, self.several = self.chosen.name, self.chosen.several
        self.whole, self.replays = self.chosen.whole, self.chosen.replays

    def propose(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        """What the chosen one proposes."""
        return self.chosen.propose(study, trial)

    def exhausted(self, study: Study) -> bool:
        """Whether the chosen one has tried everything."""
        return self.chosen.exhausted(study)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Any) -> None:
        """Passes the end of a trial on."""
        self.chosen.after_trial(study, trial, state, values)


def _combinations(space: Space) -> float:
    """How many configurations there are, at most; infinite with a range of real numbers."""
    total = 1.0
    for parameter in space.free:
        total *= n_values(parameter)
    return total
