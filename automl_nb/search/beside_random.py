"""Whether a searcher beats chance, told by trials at random that are mixed among its own.

What random search would have reached is known only to who has tried it. So of a searcher whose
worth is in doubt, one trial in five is drawn at random, and each is held against the searcher's own
trial before it: as many of both, at the same places of the search and in about the same time. If
the searcher were no better than chance, each pair would be won by either side as often, so that the
sign test says what can be told (Bergstra & Bengio 2012 for random search as the control). The
searcher hears of the random trials too: none is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from automl_nb.core.space import Space
from automl_nb.search.catalog import SEARCHERS
from automl_nb.search.repeats import random_config
from automl_nb.search.tried import State, Tried

EVERY = 5  # one trial of so many is drawn at random
_TAGS = {"evolutionary", "reinforcement"}  # whose worth over random search is in doubt
_FEWEST = 5  # pairs; fewer can't tell anything at that level
_LEVEL = 0.05


def is_watched(searcher: str) -> bool:
    """Whether a part of this searcher's trials is drawn at random.

    Example:
        >>> is_watched("evolution"), is_watched("tpe"), is_watched("random")
        (True, False, False)
    """
    return searcher in SEARCHERS and bool(_TAGS & {*SEARCHERS[searcher].tags})


def n_starts(trials: Sequence[Tried]) -> int:
    """How many trials were asked for before the searcher proposed its first."""
    own = (place for place, trial in enumerate(trials) if not trial.given)
    return next(own, len(trials))


def drawn(space: Space, seed: int, number: int, starts: int) -> dict[str, Any] | None:
    """The configuration of a trial that is drawn at random; None for one of the searcher's own.

    Args:
        space: What is searched.
        seed: Of the search; a number's draw is always the same.
        number: The trial's, from 0.
        starts: Trials that came before the searcher's first.

    Example:
        >>> from automl_nb.core.space import Int
        >>> space = Space((Int("k", 1, 9, 3),))
        >>> [drawn(space, 0, number, starts=1) is not None for number in range(7)]
        [False, False, False, False, False, True, False]
    """
    if number < starts or (number - starts) % EVERY != EVERY - 1:
        return None
    return random_config(space, np.random.default_rng([seed, 5, number]))


@dataclass(frozen=True)
class Beside:
    """A searcher's own trials beside random ones, by pairs of neighbours.

    Attributes:
        won: Pairs in which its own was better.
        lost: Pairs in which the random one was.
        best: The best value of each side.
        seconds: What each side's trials took.
    """

    won: int
    lost: int
    best: tuple[float, float] = (float("nan"), float("nan"))
    seconds: tuple[float, float] = (0.0, 0.0)

    @property
    def verdict(self) -> str:
        """``"better"``, ``"worse"``, or an empty text where chance explains the difference.

        Example:
            >>> Beside(9, 1).verdict, Beside(6, 4).verdict, Beside(1, 9).verdict
            ('better', '', 'worse')
        """
        n = self.won + self.lost
        if n < _FEWEST:
            return ""
        most = max(self.won, self.lost)
        chance = sum(comb(n, k) for k in range(most, n + 1)) / 2**n
        if chance > _LEVEL:
            return ""
        return "better" if self.won > self.lost else "worse"

    def sentence(self, searcher: str) -> str:
        """All of this for the person."""
        n = self.won + self.lost
        if n < _FEWEST:
            return f"Whether {searcher} is better than random search can't be told by {n} pairs."
        said = {
            "better": f"{searcher} did better than random search",
            "worse": f"{searcher} lost against random search, which is the better choice here",
            "": f"{searcher} can't be told from random search",
        }[self.verdict]
        own, random = (
            f"{best:.4g} in {seconds:.1f} s"
            for best, seconds in zip(self.best, self.seconds, strict=True)
        )
        return (
            f"One trial in {EVERY} was drawn at random: {said} (its own won {self.won} of {n} "
            f"pairs of neighbouring trials; best {own}, at random {random})."
        )


def beside(trials: Sequence[Tried], *, minimise: bool) -> Beside:
    """Pairs of a random trial and the searcher's own before it.

    Args:
        trials: Of the search, by number; those at random are `given`, as the starts are.
        minimise: Whether less is better.
    """
    own: Tried | None = None
    pairs: list[tuple[Tried, Tried]] = []
    for trial in trials[n_starts(trials) :]:
        if trial.state is not State.DONE:
            continue
        if not trial.given:
            own = trial
        elif own is not None:
            pairs.append((own, trial))
            own = None
    if not pairs:
        return Beside(0, 0)
    values = np.array([[one.values[0] for one in pair] for pair in pairs])
    gains = (values[:, 1] - values[:, 0]) * (1.0 if minimise else -1.0)
    best = values.min(axis=0) if minimise else values.max(axis=0)
    seconds = [sum(pair[side].seconds for pair in pairs) for side in (0, 1)]
    return Beside(
        int((gains > 0).sum()),
        int((gains < 0).sum()),
        (float(best[0]), float(best[1])),
        (seconds[0], seconds[1]),
    )
