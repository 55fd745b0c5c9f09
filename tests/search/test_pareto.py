"""Fronts against brute force, volumes against Monte Carlo, preferences against their rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.search.pareto import hypervolume, non_dominated, prefer

POINTS = st.integers(1, 3).flatmap(
    lambda k: st.lists(st.tuples(*[st.integers(0, 5)] * k), min_size=1, max_size=12)
)


@given(points=POINTS, data=st.data())
def test_the_front_is_what_no_other_point_betters(points, data):
    words = st.sampled_from(["maximize", "minimize"])
    directions = [data.draw(words) for _ in points[0]]
    signs = [1 if word == "maximize" else -1 for word in directions]

    def betters(a, b):
        pairs = [(s * x, s * y) for s, x, y in zip(signs, a, b, strict=True)]
        return all(x >= y for x, y in pairs) and any(x > y for x, y in pairs)

    expected = [i for i, p in enumerate(points) if not any(betters(q, p) for q in points)]
    assert non_dominated(points, directions) == expected


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_volume_is_that_of_random_points_that_are_covered(k):
    rng = np.random.default_rng(k)
    points = rng.random((12, k))
    drawn = rng.random((40_000, k))
    covered = (points[None] <= drawn[:, None]).all(axis=2).any(axis=1)
    share, error = covered.mean(), 4 * np.sqrt(0.25 / len(drawn))
    found = hypervolume(points.tolist(), [1.0] * k, ["minimize"] * k)
    assert found == pytest.approx(share, abs=error)
    upside_down = hypervolume((1 - points).tolist(), [0.0] * k, ["maximize"] * k)
    assert upside_down == pytest.approx(found)


def test_points_beyond_the_reference_count_nothing():
    assert hypervolume([(2.0, 0.0)], (1.0, 1.0), ("minimize", "minimize")) == 0.0
    assert hypervolume([], (1.0, 1.0), ("minimize", "minimize")) == 0.0


@given(
    rows=st.lists(st.tuples(st.floats(0.5, 1.0), st.floats(0.1, 9.0)), min_size=1, max_size=9),
    preference=st.sampled_from(["small", "fast", "accurate"]),
    give=st.floats(0.0, 0.2),
)
def test_a_preference_keeps_its_word(rows, preference, give):
    scores, costs = zip(*rows, strict=True)
    chosen = prefer(preference, scores, costs, give=give)
    best = max(scores)
    near = [c for s, c in rows if -s <= -best + give * abs(-best)]
    if preference == "accurate":
        assert scores[chosen.place] == best
    else:
        assert costs[chosen.place] == min(near)
    assert chosen.place in non_dominated(rows, ("maximize", "minimize"))
    assert chosen.why.endswith(".")


def test_of_losses_less_is_better():
    assert prefer("accurate", [0.3, 0.1, 0.2], [1, 9, 5], direction="minimize").place == 1
    assert prefer("fast", [0.102, 0.1, 0.2], [1, 9, 0.5], direction="minimize").place == 0


def test_what_makes_no_sense_is_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'small'"):
        prefer("smal", [1.0], [1.0])
    with pytest.raises(SettingError):
        prefer("small", [], [])
    with pytest.raises(SettingError):
        prefer("small", [1.0], [1.0, 2.0])
    with pytest.raises(SettingError):
        non_dominated([(1.0, 2.0)], ("maximize",))


def test_ties_are_all_on_the_front():
    points = [(1, 1), (1, 1), (2, 0), (0, 2), (0, 0)]
    assert non_dominated(points, ("maximize", "maximize")) == [0, 1, 2, 3]


def test_what_is_known_to_be_as_good_counts_beside_what_scores_nearly_so():
    scores, costs = [0.95, 0.90, 0.80], [9.0, 4.0, 1.0]
    assert prefer("fast", scores, costs, give=0.01).place == 0
    assert prefer("fast", scores, costs, give=0.01, as_good=[True, True, False]).place == 1
    assert prefer("fast", scores, costs, give=0.1, as_good=[False, False, True]).place == 2


def test_of_costs_that_are_alike_the_best_score_counts():
    scores, costs = [0.95, 0.94, 0.93], [9.0, 2.1, 2.0]
    assert prefer("fast", scores, costs, give=0.05).place == 2
    assert prefer("fast", scores, costs, give=0.05, alike=0.1).place == 1
