"""What-if: the best score to expect if a run goes on, from its improvements so far.

Improvements are the records of a sequence of trials. Of n trials alike in kind the n-th is a
record with probability 1/n, whatever the scores' distribution (Renyi 1962, "Theorie des elements
saillants d'une suite d'observations"; Arnold, Balakrishnan & Nagaraja 1998, "Records"), so that
records come as a Poisson process in the logarithm of the time, at a rate of 1. Trials aren't quite
alike: the rate a is learnt, a ~ Gamma, with that value as its prior. Records of scores that have a
limit get smaller by a random factor each time (ibid., ch. 2): the logarithm of an improvement
falls in a straight line with its number, plus noise. The line is fitted by Bayesian least squares,
recent improvements counting more. Draws of rate, line and noise give the distribution of the best
score at any later time; it never falls, and nears the metric's bound without passing it.

A trial at work that reports its score adds one more candidate at the time of its end: its learning
curve a - b r^-c, averaged over powers c by how well they fit (Domhan, Springenberg & Hutter 2015).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from automl_nb.core.errors import SettingError
from automl_nb.core.state import Curve, RunState
from automl_nb.core.types import Foretold

COVERAGE = 0.9  # of the interval
LEAST = 3  # improvements, below which nothing is said
FARTHEST = 6.0  # times the run so far, beyond which nothing is said
_DRAWS, _MOST = 2000, 40  # draws, and improvements that a draw looks ahead
_RATE_SHAPE, _RATE_PRIOR = 1.5, 1.5  # of the Gamma prior of the rate: mean 1
_SLOPE, _SLOPE_SPREAD = -0.4, 0.3  # prior of the fall of the logarithm with each improvement
_NOISE, _NOISE_COUNTS = 1.1, 4.0  # prior of the noise of the logarithm, and what it weighs
_FADING = 0.6  # an improvement's weight beside that of the next
_POWERS = (0.3, 0.6, 1.0, 2.0)
_POINTS = 4  # of a learning curve, below which it isn't drawn out


@dataclass(frozen=True)
class _Finish:
    """Where a trial at work is to end: when, and with which gain."""

    at: float
    gain: float
    spread: float


def forecast(
    state: RunState,
    ahead_s: Sequence[float],
    *,
    seed: int = 0,
    coverage: float = COVERAGE,
) -> list[Foretold]:
    """The best score at later times; none where there were fewer than three improvements.

    Args:
        state: The run so far.
        ahead_s: Seconds from now, of the run's time; those of more than six times the run so
            far are left out.
        seed: Seeds the draws.
        coverage: Share of cases that an interval is to hold.

    Raises:
        SettingError: A time isn't a positive number.

    Example:
        >>> from automl_nb.core.events import IncumbentImproved
        >>> from automl_nb.core.state import replay
        >>> state = replay(
        ...     IncumbentImproved(t, "m", score, "")
        ...     for t, score in [(10, 0.80), (20, 0.86), (60, 0.88), (150, 0.89)]
        ... )
        >>> soon, late = forecast(state, [300.0, 600.0])
        >>> 0.89 <= soon.low < soon.high < late.high
        True
    """
    for ahead in ahead_s:
        if not (math.isfinite(ahead) and ahead > 0):
            raise SettingError("A forecast is for a time to come.", received=ahead)
    now = state.t
    sign = 1.0 if _goes_up(state) else -1.0
    times, gains = _records(state, sign)
    near = [ahead for ahead in ahead_s if ahead <= FARTHEST * now]
    if len(gains) < LEAST or now <= times[0] or not near:
        return []
    rng = np.random.default_rng([seed, 11])
    bound = _bound(state, sign)
    waits = _arrivals(times, now, rng)
    # The first model is there to be bettered: by how much tells little of what comes.
    sizes = np.exp(_log_sizes(np.log(np.diff(gains)[1:]), rng))
    until = np.log1p(np.array(near) / now)
    grown = (sizes[:, :, None] * (waits[:, :, None] <= until)).sum(axis=1)
    drawn = gains[-1] + _below(grown, bound - gains[-1])
    for finish in _finishes(state, sign):
        reached = np.minimum(finish.gain + finish.spread * rng.standard_normal(_DRAWS), bound)
        over = np.array([finish.at <= now + ahead for ahead in near])
        drawn = np.where(over, np.maximum(drawn, reached[:, None]), drawn)
    tail = (1.0 - coverage) / 2
    ends = sign * np.quantile(drawn, [tail, 1.0 - tail], axis=0)
    return [
        Foretold(now + ahead, (low + high) / 2, min(low, high), max(low, high))
        for ahead, low, high in zip(near, *ends.tolist(), strict=True)
    ]


def n_improvements(state: RunState) -> int:
    """How many there were, the first model among them."""
    return len(_records(state, 1.0 if _goes_up(state) else -1.0)[0])


def _goes_up(state: RunState) -> bool:
    return state.objective is None or state.objective.greater_is_better


def _records(state: RunState, sign: float) -> tuple[list[float], list[float]]:
    """Times and gains (more is better) of the improvements."""
    times: list[float] = []
    gains: list[float] = []
    for event in state.incumbents:
        gain = sign * event.score
        if math.isfinite(gain) and (not gains or gain > gains[-1]):
            times.append(event.t)
            gains.append(gain)
    return times, gains


def _bound(state: RunState, sign: float) -> float:
    """The greatest gain that there can be."""
    from automl_nb.evaluate.metrics import METRICS, load_metric

    metric = state.objective.metric if state.objective else ""
    if metric not in METRICS:
        return math.inf
    low, high = load_metric(metric).bounds
    return high if sign > 0 else -low


def _arrivals(times: Sequence[float], now: float, rng: np.random.Generator) -> np.ndarray:
    """Draws of when the next improvements come, as log(t / now), (draws, improvements)."""
    lasted = math.log(now / max(times[0], 1e-9))
    shape = _RATE_SHAPE + len(times) - 1
    rate = rng.gamma(shape, 1.0 / (_RATE_PRIOR + lasted), _DRAWS)
    return rng.exponential(size=(_DRAWS, _MOST)).cumsum(axis=1) / rate[:, None]


def _below(grown: np.ndarray, gap: float) -> np.ndarray:
    """What is gained, for small gains as it is, for large ones nearing the gap to the bound."""
    return grown if math.isinf(gap) else -gap * np.expm1(-grown / max(gap, 1e-12))


def _log_sizes(past: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws of the logarithms of the next improvements, (draws, improvements).

    Args:
        past: (k,) those of the improvements so far.
        rng: Draws line and noise from their posterior.
    """
    k = len(past)
    before = np.arange(k) - k + 1.0  # 0 is the last one
    weight = _FADING**-before
    x = np.column_stack([np.ones(k), before])
    variance = _NOISE**2
    for _ in range(3):  # line and noise by turns
        precision = (x * weight[:, None]).T @ x / variance
        precision += np.diag([1e-9, _SLOPE_SPREAD**-2])
        pulled = (x * weight[:, None]).T @ past / variance + [0.0, _SLOPE / _SLOPE_SPREAD**2]
        line = np.linalg.solve(precision, pulled)
        missed = float((weight * (past - x @ line) ** 2).sum())
        counts = _NOISE_COUNTS + float(weight.sum())
        variance = (_NOISE_COUNTS * _NOISE**2 + missed) / counts
    lines = rng.multivariate_normal(line, np.linalg.inv(precision), _DRAWS)
    noise = np.sqrt(variance * counts / rng.chisquare(counts, _DRAWS))
    to_come = np.arange(1.0, _MOST + 1)
    wobble = rng.standard_normal((_DRAWS, _MOST)) * noise[:, None]
    return np.minimum(lines[:, :1] + lines[:, 1:] * to_come + wobble, 50.0)


def _finishes(state: RunState, sign: float) -> list[_Finish]:
    """What the trials at work that report their score are heading for."""
    found = []
    own = state.objective.metric if state.objective else "score"
    for name, trial in state.trials.items():
        curve = state.curves.get(name)
        if trial.status != "running" or curve is None:
            continue
        told = curve.metrics.get("score") or curve.metrics.get(own, [])
        finish = _finish(curve, [sign * value for value in told], trial.began, state.t)
        found += [finish] if finish is not None else []
    return found


def _finish(curve: Curve, gains: Sequence[float], began: float, now: float) -> _Finish | None:
    """The end of a learning curve; None where too little of it is known."""
    size = min(len(gains), len(curve.resource))
    r, y = np.array(curve.resource[:size]), np.array(gains[:size])
    known = np.isfinite(y) & (r > 0)
    r, y = r[known], y[known]
    if len(r) < _POINTS or curve.total < r[-1] or now <= began:
        return None
    fits = [_fitted(r / curve.total, y, power) for power in _POWERS]
    ends, missed = (np.array(part) for part in zip(*fits, strict=True))
    noise = max(float(missed.min()), 1e-12)
    share = np.exp(-0.5 * len(r) * (missed / noise - 1.0))
    share = share / share.sum()
    gain = float(share @ ends)
    spread = math.sqrt(noise + float(share @ (ends - gain) ** 2) + (0.3 * (gain - y[-1])) ** 2)
    return _Finish(began + (now - began) * curve.total / float(r[-1]), gain, spread)


def _fitted(r: np.ndarray, y: np.ndarray, power: float) -> tuple[float, float]:
    """Gain at r = 1 of a - b r^-power with b >= 0, and the mean squared miss."""
    x = r**-power
    centred = x - x.mean()
    slope = min(0.0, float(centred @ y) / max(float(centred @ centred), 1e-12))
    curve = y.mean() + slope * centred
    return float(y.mean() + slope * (1.0 - x.mean())), float(np.mean((y - curve) ** 2))
