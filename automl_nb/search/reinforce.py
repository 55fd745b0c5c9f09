"""REINFORCE: a controller learns by gain and loss which values to draw."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping
from typing import Any

import numpy as np
from optuna.study import Study
from optuna.trial import FrozenTrial

from automl_nb.core.parameters import Choice, Parameter
from automl_nb.core.space import Space
from automl_nb.search.base import Searcher, gains, told
from automl_nb.search.tried import SECONDS
from automl_nb.search.unit import at, n_values, place_of

BINS = 8  # stretches that a range of numbers is cut into
RATE, DECAY, ENTROPY = 0.5, 0.9, 0.01


class Reinforce(Searcher):
    """Policy gradient over one categorical distribution for each parameter.

    The logits of the values that were drawn move by (Williams 1992, equation 6 and section 5)

        rate x ((reward - baseline) x grad log p + entropy x grad H)

    with an exponential moving average as baseline, as in Zoph & Le 2017, arXiv 1611.01578. The
    reward is the share of earlier trials that a trial beats, so that no scale of scores matters;
    where durations are told, it is divided by the duration beside the mean one: reward per
    second. Numbers are cut into stretches and drawn evenly within one.

    Args:
        space: What is searched.
        seed: Seeds every proposal.
        rate: Step of the logits.
        decay: Of the baseline.
        entropy: Weight of the entropy, which keeps the controller from settling too early.
        bins: Stretches that a range of numbers is cut into.
    """

    name: str = "reinforce"

    def __init__(
        self,
        space: Space,
        *,
        seed: int = 0,
        rate: float = RATE,
        decay: float = DECAY,
        entropy: float = ENTROPY,
        bins: int = BINS,
    ) -> None:
        super().__init__(space, seed=seed)
        self.rate, self.decay, self.entropy = rate, decay, entropy
        self.sizes = {p.name: int(min(n_values(p), _most(p, bins))) for p in self.free}
        self._learnt = _Learnt(self.sizes)

    def propose(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        """A draw from the controller."""
        logits = self.logits(study)
        rng = self.rng(trial.number)
        made = {}
        for parameter in self.free:
            chances = softmax(logits[parameter.name])
            drawn = int(rng.choice(len(chances), p=chances))
            made[parameter.name] = at(parameter, (drawn + float(rng.random())) / len(chances))
        return made

    def logits(self, study: Study) -> Mapping[str, np.ndarray]:
        """The controller after all trials that ended, in the order of their numbers.

        What was learnt is kept between calls; it is learnt anew if a trial with a lower number
        than the last one ended since.
        """
        trials = told(study)
        seen = len(self._learnt.numbers)
        if [trial.number for trial in trials[:seen]] != self._learnt.numbers:
            self._learnt, seen = _Learnt(self.sizes), 0
        fresh = trials[seen:]
        for trial, gained in zip(fresh, gains(study, fresh), strict=True):
            self._learn(trial, gained)
        return self._learnt.logits

    def _learn(self, trial: FrozenTrial, gained: float) -> None:
        learnt = self._learnt
        reward = learnt.reward(gained, float(trial.user_attrs.get(SECONDS, 0.0)))
        advantage = reward - learnt.baseline
        for parameter in self.free:
            if parameter.name in trial.params:
                logits = learnt.logits[parameter.name]
                drawn = self.drawn(parameter, trial.params[parameter.name])
                step = advantage * log_gradient(logits, drawn)
                logits += self.rate * (step + self.entropy * entropy_gradient(logits))
        learnt.baseline += (1.0 - self.decay) * advantage
        learnt.numbers.append(trial.number)

    def drawn(self, parameter: Parameter, value: Any) -> int:
        """The stretch in which a value lies."""
        count = self.sizes[parameter.name]
        return min(int(place_of(parameter, value) * count), count - 1)


class _Learnt:
    """What follows from the trials so far."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.logits = {name: np.zeros(size) for name, size in sizes.items()}
        self.baseline = 0.5  # the mean share of others that a trial beats
        self.numbers: list[int] = []
        self._gains: list[float] = []
        self._seconds: list[float] = []

    def reward(self, gained: float, seconds: float) -> float:
        """The share of earlier trials that are beaten, per second where seconds are known."""
        beaten = (bisect_left(self._gains, gained) + bisect_right(self._gains, gained)) / 2
        share = beaten / len(self._gains) if self._gains else 0.5
        insort(self._gains, gained)
        if seconds <= 0.0:
            return share
        self._seconds.append(seconds)
        return share * (sum(self._seconds) / len(self._seconds)) / seconds


def softmax(logits: np.ndarray) -> np.ndarray:
    """(k,) chances of (k,) logits."""
    raised = np.exp(logits - logits.max())
    return np.asarray(raised / raised.sum())


def log_gradient(logits: np.ndarray, drawn: int) -> np.ndarray:
    """(k,) gradient of the logarithm of the chance of what was drawn.

    Example:
        >>> log_gradient(np.zeros(2), 0)
        array([ 0.5, -0.5])
    """
    step = -softmax(logits)
    step[drawn] += 1.0
    return step


def entropy_gradient(logits: np.ndarray) -> np.ndarray:
    """(k,) gradient of the entropy of the chances: -p (log p + H)."""
    chances = softmax(logits)
    logs = np.log(np.maximum(chances, 1e-300))
    return np.asarray(-chances * (logs - chances @ logs))


def _most(parameter: Parameter, bins: int) -> int:
    return len(parameter.searched) if isinstance(parameter, Choice) else bins
