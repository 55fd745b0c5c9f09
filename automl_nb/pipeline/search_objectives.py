"""What a search makes small: the loss, and what a model costs where that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from automl_nb.core.settings import FitSettings
from automl_nb.search.catalog import SEARCHERS, tags_of
from automl_nb.search.pareto import non_dominated
from automl_nb.search.tried import State, Tried

_FOLLOWS_COSTS = "nsga2"  # is asked for where there are several objectives
TITLES = {"fast": "milliseconds a row", "small": "bytes on disk"}


@dataclass(frozen=True)
class Objectives:
    """The objectives of a search; less is better in all of them.

    Attributes:
        cost: ``"fast"`` for the time of an answer, ``"small"`` for the size, "" for the loss alone.
        said: What the person should know of it, or "".
        costs: Of each searched model by its label, predicted from what the run has trained of the
            same strategy on the same blocks: milliseconds a row, or bytes.
    """

    cost: str = ""
    said: str = ""
    costs: dict[str, float] = field(default_factory=dict)

    @property
    def directions(self) -> tuple[str, ...]:
        """One for each objective."""
        return ("minimize", "minimize") if self.cost else ("minimize",)

    def values(self, label: str, loss: float) -> tuple[float, ...]:
        """What a trial of a model is told with."""
        return (loss, self.costs[label]) if self.cost else (loss,)

    def note(self, front: Sequence[Tried]) -> str:
        """How many trials no other one betters, for the step's note; "" with one objective."""
        return f"; {len(front)} on the front of loss and {TITLES[self.cost]}" if self.cost else ""


def asked_objectives(settings: FitSettings) -> Objectives:
    """One objective, or two where a preference or the searcher asks for it.

    A searcher that follows one objective alone keeps to the loss, and that is said.

    Example:
        >>> asked_objectives(FitSettings("y", prefer="small")).cost
        'small'
        >>> asked_objectives(FitSettings("y", prefer="small", searcher="cma-es")).said[:35]
        'cma-es follows one objective, the l'
    """
    searcher = settings.searcher or "auto"
    cost = "" if settings.prefer == "accurate" else settings.prefer
    if cost and "several" not in tags_of(searcher):
        said = (
            f"{searcher} follows one objective, the loss; what models cost counts where one of "
            f"them is chosen. These search for both: {', '.join(SEARCHERS.names('several'))}."
        )
        return Objectives(said=said)
    return Objectives(cost or ("fast" if searcher == _FOLLOWS_COSTS else ""))


def front_first(points: Sequence[tuple[float, float]], directions: Sequence[str]) -> list[int]:
    """Positions with those of the front before all others, else in their order.

    Example:
        >>> front_first([(0.9, 9.0), (0.8, 9.5), (0.7, 1.0)], ("maximize", "minimize"))
        [0, 2, 1]
    """
    front = non_dominated(points, directions)
    return [*front, *(place for place in range(len(points)) if place not in set(front))]


def spread(trials: Sequence[Tried], front: Sequence[Tried], most: int) -> list[Tried]:
    """Some of a front from the least loss to the least cost, the least loss first.

    What is cheap because it has learnt little is left out: the worse half of all trials.

    Args:
        trials: All of the search.
        front: Those that no other one betters.
        most: How many.
    """
    done = [trial.values[0] for trial in trials if trial.state is State.DONE]
    bar = median(done) if done else np.inf
    near = {trial.values: trial for trial in reversed(front) if trial.values[0] <= bar}
    found = sorted(near.values(), key=lambda trial: trial.values)
    places = np.linspace(0, len(found) - 1, min(most, len(found))).round().astype(int)
    return [found[place] for place in places]
