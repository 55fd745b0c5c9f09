"""When more trials can't change a search's winner.

A search is over when what it may still gain is less than what its judge could tell (Makarova et al.
2022, "Automatic Termination for Hyperparameter Optimization", AutoML Conf, PMLR 188): a
better setting could then be found, but not told from the winner. The rule is the same whichever
searcher proposes. Two numbers are compared.

*What can be told.* All settings are judged on the same rows, so what counts is the spread of
differences, which is much less than that of scores. It is measured twice, and either is enough:

- the noise: the standard error, over the rows, of the mean difference between the best setting and
  each of the next four (their lower median);
- the tie: how much worse settings are that still can't be told from the best, nor can any between:
  the difference doesn't exceed its own standard error. Of up to 64 settings from the best to the
  worst the losses are kept for it. What is better by no more than they are worse can't be told
  from the best either. In a long search the best settings come ever closer together: that makes
  the noise as small as one likes, so that a random search would never end, and changes nothing in
  the tie.

The five best must lie within it, too: so many came near, and none beyond. Where one setting is
clearly the best, as one of few whole numbers or words may be, there have to be 100 trials, and
what is still to gain has to be half of the noise.

*What more trials may gain.* There the paper has a Gaussian process; here the record of the best
values speaks, whatever the searcher and the space. Where trials are alike, twice as many gain a
constant amount at most if the losses' lower tail is light (the domain of Gumbel), and less and
less if they have a least value, as losses have (the domain of Weibull: Leadbetter, Lindgren &
Rootzen 1983, "Extremes and Related Properties of Random Sequences", ch. 1). So m more after n
gain no more than the last doubling did, times log2(1 + m/n). Three measures of it are taken, and
the largest counts:

- what the second half of the trials gained as they came, which sees a searcher that still learns;
- what a random half of them would have missed (Dodge et al. 2019, "Show Your Work", arXiv
  1909.03004), which sees a lucky find that nothing else comes near;
- the mean of the last three improvements, as often as trials that are alike improve: log(2) times
  a doubling (Renyi 1962, see `automl_nb.control.forecast`), which sees a search that improves
  seldom, but then by much.

All three are of the searcher's own trials: starts that somebody gave (the usual settings, what
worked elsewhere) are no draws of it, and as good ones would hide that it still learns. What it is
behind the best start it has to catch up before it can change the winner. And no loss falls below 0:
where all rows are right, and surely so, nothing is left to gain.

On planted problems (tests/control/test_settled.py) hardly a search that went on found anything
that could be told from the winner. What no record tells is a better region of which nothing was
tried, such as a branch that a searcher has given up: so each model must have had a few trials.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

_LEAST = 30  # trials of the searcher's own, below which nothing is said
_NEAR = 5  # of the best, whose differences tell the noise
_IMPROVED = 3  # of the last improvements, whose mean is taken
_RANKS = 30  # of the best, among which a random half's best surely is
_MANY, _CLEAR = 100, 2.0  # trials, and by how much less they must promise, beside a clear winner
_LADDER = 64  # settings from the best to the worst whose losses are kept
_CANNOT = "More trials can't change the winner"


@dataclass
class Settled:
    """Hears how trials came out, and says when more of them can't change the winner.

    Attributes:
        needs: How many trials of each model there must have been, by its name.
        noise: The standard error by which the best settings are told apart, in the unit of the
            losses; 0 while it isn't known.
        tie: By how much settings are worse that can't be told from the best, nor any between;
            likewise.

    Example:
        >>> rows, settled = np.random.default_rng(0).normal(1.0, 0.3, 200), Settled()
        >>> for number in range(40):  # nothing but noise divides them
        ...     wobble = np.random.default_rng([1, number]).normal(0.0, 0.1, 200)
        ...     settled.hear(float(np.mean(rows + wobble)), rows + wobble, seconds=1.0)
        >>> settled.why(left_s=5.0)[:40]
        "More trials can't change the winner: the"
        >>> settled.hear(0.5, rows - 0.5, seconds=1.0)  # a find that is more than noise
        >>> settled.why(left_s=5.0)
        ''
    """

    needs: Mapping[str, int] = field(default_factory=dict)
    noise: float = 0.0
    tie: float = 0.0
    _tried: Counter[str] = field(default_factory=Counter)
    _record: list[float] = field(default_factory=list)  # the searcher's best after its trials
    _lowest: list[float] = field(default_factory=list)  # values of its own, the least first
    _best: list[float] = field(default_factory=list)  # of all, likewise
    _ladder: dict[float, np.ndarray] = field(default_factory=dict)  # losses by value
    _heard: int = 0
    _seconds: float = 0.0

    def hear(
        self,
        value: float,
        losses: np.ndarray | None = None,
        *,
        seconds: float = 0.0,
        noise: float = 0.0,
        tie: float = 0.0,
        given: bool = False,
        model: str = "",
    ) -> None:
        """How a trial came out.

        Args:
            value: Its mean loss.
            losses: (n_rows,) its losses on the rows that all trials are judged on; None where
                they are gone, as of a trial before an interruption.
            seconds: How long it took.
            noise: What the noise was known to be then, where the losses are gone.
            tie: What the tie was known to be then, likewise.
            given: Whether it wasn't the searcher that proposed it.
            model: Whose settings were tried.
        """
        self._heard += 1
        self._seconds += seconds
        self._tried[model] += 1
        insort(self._best, value)
        del self._best[_NEAR:]
        if not given:
            self._record.append(min([value, *self._record[-1:]]))
            insort(self._lowest, value)
            del self._lowest[_RANKS:]
        self.noise, self.tie = noise or self.noise, tie or self.tie
        if losses is None or value in self._ladder:  # of the same answers no difference tells
            return
        self._keep(value, losses)
        self._measure()

    def why(self, left_s: float) -> str:
        """Why the search may end, as a sentence; "" where it may not.

        Args:
            left_s: Seconds that it may still take.
        """
        n = len(self._record)
        if n < _LEAST or any(self._tried[model] < least for model, least in self.needs.items()):
            return ""
        behind = self._lowest[0] - self._best[0]
        gain = self._doubling() * math.log2(1.0 + self._to_come(left_s) / n) - behind
        gain = min(max(0.0, gain), self._best[0])
        spread = self._best[-1] - self._best[0]
        for least, words in (
            (self.noise, "the noise of their comparison"),
            (self.tie, "these rows can tell"),
        ):
            if least and spread <= least and gain <= least:
                return (
                    f"{_CANNOT}: the {_NEAR} best of {self._heard} differ by less than {words} "
                    f"({least:.2g}), and so would what is still to gain (at most {gain:.2g})."
                )
        if n >= _MANY and _CLEAR * gain <= self.noise:
            return (
                f"{_CANNOT}: after {self._heard} of them what is still to gain (at most "
                f"{gain:.2g}) is less than the noise of a comparison ({self.noise:.2g})."
            )
        return ""

    def _keep(self, value: float, losses: np.ndarray) -> None:
        """The best stay, and of the others every second where they get too many."""
        self._ladder[value] = losses
        if len(self._ladder) > _LADDER:
            values = sorted(self._ladder)
            kept = values[:_NEAR] + values[_NEAR::2]
            self._ladder = {value: self._ladder[value] for value in kept}

    def _measure(self) -> None:
        """Noise and tie, where enough settings were judged on the rows of the best."""
        values = sorted(self._ladder)
        best = self._ladder[values[0]]
        alike = [value for value in values[1:] if self._ladder[value].shape == best.shape]
        if len(alike) < _NEAR - 1:
            return
        differences = np.stack([self._ladder[value] for value in alike]) - best
        errors = differences.std(axis=1, ddof=1) / len(best) ** 0.5
        gaps = np.array(alike) - values[0]
        nearest = np.sort(errors[: _NEAR - 1])
        self.noise = float(nearest[(_NEAR - 2) // 2]) or self.noise
        told = gaps > errors
        n_tied = int(told.argmax()) if told.any() else len(gaps)
        self.tie = float(gaps[n_tied - 1]) if n_tied else 0.0

    def _doubling(self) -> float:
        """What the last doubling of the number of the searcher's trials gained."""
        best = self._lowest[0]
        came = self._record[len(self._record) // 2 - 1] - best
        # The best of a random half is the j-th of all with probability 2^-j.
        missed = sum(
            2.0**-rank * (value - best) for rank, value in enumerate(self._lowest, start=1)
        )
        improved = -np.diff(self._record)
        last = improved[improved > 0.0][-_IMPROVED:]
        seldom = math.log(2.0) * float(np.mean(last)) if len(last) else 0.0
        return max(came, missed, seldom)

    def _to_come(self, left_s: float) -> float:
        """Trials that there is time for."""
        return max(0.0, left_s) * self._heard / max(self._seconds, 1e-9)
