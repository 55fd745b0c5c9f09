"""Forecasts hold as often as they say, over runs of several kinds; they say nothing they can't."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_nb.control.forecast import forecast
from automl_nb.core import events as ev
from automl_nb.core.errors import SettingError
from automl_nb.core.state import RunState, replay
from automl_nb.core.types import Objective

LONG_S = 4000.0
AHEAD_S = (300.0, 600.0)


def alike(rng):
    """Trials alike in kind: random search."""
    t = 5 + np.cumsum(rng.exponential(rng.uniform(1, 12), 4000))
    return t, rng.beta(rng.uniform(3, 15), rng.uniform(1.5, 5), len(t)), "accuracy"


def learning(rng):
    """Trials that get better with their number, towards a limit."""
    t = 5 + np.cumsum(rng.exponential(rng.uniform(2, 30), 4000))
    n = np.arange(1, len(t) + 1)
    fall = n ** -rng.uniform(0.3, 1.0) * (0.3 + rng.exponential(0.7, len(t)))
    return t, np.minimum(1.0, rng.uniform(0.7, 0.98) - rng.uniform(0.05, 0.4) * fall), "accuracy"


def staged(rng):
    """A plan of steps, each better and slower than the one before; then a search."""
    top = rng.uniform(0.75, 0.97)
    steps = [(0.5 * top, 1, 1.0)]
    steps += [(top - rng.uniform(0.03, 0.2), 4, 4.0), (top - rng.uniform(0.01, 0.1), 5, 15.0)]
    steps += [(top - rng.uniform(0.0, 0.05), 3, 60.0), (top, 400, 20.0)]
    t = rng.uniform(2, 6) + np.cumsum(np.concatenate([rng.exponential(s, n) for _, n, s in steps]))
    scores = [level - rng.exponential(0.015, n) for level, n, _ in steps]
    return t, np.concatenate(scores), "accuracy"


def errors(rng):
    """Errors, of which less is better, with heavy tails."""
    t = 3 + np.cumsum(rng.exponential(rng.uniform(1, 10), 4000))
    scale, spread = rng.uniform(1, 1000), rng.uniform(0.02, 0.5)
    return t, scale * np.exp(spread * rng.standard_t(5, len(t))), "rmse"


def still(rng):
    """A search that tries nothing more after a while."""
    t, scores, metric = alike(rng)
    kept = t < rng.uniform(60, 400)
    return t[kept], scores[kept], metric


def improvements(t, scores, metric, until=LONG_S):
    up, best, found = metric != "rmse", None, []
    for time, score in zip(t.tolist(), scores.tolist(), strict=True):
        if time <= until and (best is None or (score > best if up else score < best)):
            best = score
            found.append((time, score))
    return found


def state_of(found, now, metric="accuracy"):
    state = replay(ev.IncumbentImproved(t, "m", score, "") for t, score in found)
    state.t, state.objective = now, Objective(metric, metric != "rmse")
    return state


@pytest.mark.parametrize("make", [alike, learning, staged, errors, still])
def test_nine_of_ten_outcomes_lie_in_the_interval(make):
    rng = np.random.default_rng(20)
    held = []
    for _ in range(200):
        t, scores, metric = make(rng)
        now = math.exp(rng.uniform(math.log(60), math.log(1200)))
        found = improvements(t, scores, metric)
        past = [one for one in found if one[0] <= now]
        for point in forecast(state_of(past, now, metric), AHEAD_S):
            came = [score for time, score in found if time <= point.at][-1]
            held.append(point.low <= came <= point.high)
    assert len(held) > 200
    assert 0.85 <= np.mean(held) <= 1.0


def test_intervals_are_no_wider_than_they_need_to_be():
    """Where trials are alike, an interval that holds nine of ten outcomes is a few gains wide."""
    rng = np.random.default_rng(21)
    wide = []
    for _ in range(100):
        found = improvements(*alike(rng))
        past = [one for one in found if one[0] <= 300.0]
        for point in forecast(state_of(past, 300.0), [600.0]):
            gained = [score for t, score in found if t <= 900.0][-1] - past[-1][1]
            wide.append(((point.high - point.low), gained))
    widths, gains = np.array(wide).T
    assert np.mean(widths) < 5 * np.mean(gains)


scores = st.lists(st.floats(0.01, 0.99), min_size=3, max_size=25, unique=True).map(sorted)


@settings(max_examples=60, deadline=None)
@given(scores, st.floats(1.0, 3000.0), st.integers(0, 3))
def test_a_forecast_never_falls_nor_passes_the_bound(gains, later, seed):
    times = np.linspace(2.0, 200.0, len(gains)).tolist()
    ahead = [60.0, 300.0, 600.0, 900.0]
    up = forecast(state_of(zip(times, gains, strict=True), 200.0 + later), ahead, seed=seed)
    for point in up:
        assert gains[-1] <= point.low <= point.value <= point.high <= 1.0
    for one, next_ in pairwise(up):
        assert one.low <= next_.low
        assert one.value <= next_.value
        assert one.high <= next_.high
    down = [10.0 * (1.0 - gain) for gain in gains]
    found = forecast(state_of(zip(times, down, strict=True), 200.0 + later, "rmse"), ahead)
    for point in found:
        assert 0.0 <= point.low <= point.value <= point.high <= down[-1]
    for one, next_ in pairwise(found):
        assert next_.low <= one.low
        assert next_.high <= one.high


def test_nothing_is_said_where_nothing_is_known():
    assert forecast(RunState(), AHEAD_S) == []
    two = state_of([(5.0, 0.5), (9.0, 0.8)], 100.0)
    assert forecast(two, AHEAD_S) == []
    same = state_of([(5.0, 0.5), (9.0, 0.8), (20.0, 0.8), (30.0, math.nan)], 100.0)
    assert forecast(same, AHEAD_S) == []
    three = state_of([(5.0, 0.5), (9.0, 0.8), (20.0, 0.81)], 30.0)
    assert [point.at for point in forecast(three, [60.0, 180.0, 181.0])] == [90.0, 210.0]


def test_a_perfect_score_stays():
    (point,) = forecast(state_of([(5.0, 0.5), (9.0, 0.8), (20.0, 1.0)], 100.0), [300.0])
    assert (point.low, point.high) == (1.0, 1.0)


def test_the_longer_nothing_came_the_less_is_hoped_for():
    past = [(5.0, 0.7), (20.0, 0.8), (60.0, 0.85), (100.0, 0.87)]
    soon = forecast(state_of(past, 110.0), [300.0])[0]
    late = forecast(state_of(past, 3000.0), [300.0])[0]
    assert late.high - late.low < 0.5 * (soon.high - soon.low)


def test_the_same_seed_says_the_same():
    state = state_of([(5.0, 0.7), (20.0, 0.8), (60.0, 0.85)], 110.0)
    assert forecast(state, AHEAD_S) == forecast(state, AHEAD_S)
    assert forecast(state, AHEAD_S, seed=1) != forecast(state, AHEAD_S)


@pytest.mark.parametrize("metric", ["accuracy", "rmse"])
def test_a_trial_at_work_that_heads_for_more_is_counted_once_it_can_have_ended(metric):
    """It has come half way in 200 s and is to end at 500 s of the run."""
    gain = [0.97 - 0.4 * step**-1.0 for step in range(2, 11)]
    told = gain if metric == "accuracy" else [1.0 - one for one in gain]
    past = [(5.0, 0.70), (20.0, 0.71), (60.0, 0.715)]
    found = past if metric == "accuracy" else [(t, 1.0 - score) for t, score in past]
    state = state_of(found, 300.0, metric)
    alone = forecast(state, [150.0, 250.0])
    for event in [
        ev.TrialStarted(100.0, "tuned", "finetune"),
        *(
            ev.TrialReported(110.0 + 20 * i, "tuned", i + 2.0, {"score": score}, 20.0)
            for i, score in enumerate(told)
        ),
    ]:
        state.apply(event)
    early, late = forecast(state, [150.0, 250.0])
    assert early == alone[0]
    reached = 0.95 if metric == "accuracy" else 0.05
    assert late.low - 0.03 <= reached <= late.high + 0.03
    assert abs(late.value - alone[1].value) > 0.05


def test_a_time_that_has_passed_is_no_time_to_come():
    with pytest.raises(SettingError, match="to come"):
        forecast(RunState(), [0.0])
    with pytest.raises(SettingError, match="to come"):
        forecast(RunState(), [math.inf])
