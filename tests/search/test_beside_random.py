"""Random trials beside a searcher's own: where they lie, and what they tell."""

import itertools
import math

import pytest
from scipy import stats

from automl_nb.core.space import Choice, Float, Int, Space, When
from automl_nb.search.beside_random import EVERY, Beside, beside, drawn, is_watched, n_starts
from automl_nb.search.catalog import SEARCHERS
from automl_nb.search.tried import State, Tried

SPACE = Space(
    (
        Choice("model", ("a", "b"), "a"),
        Float("x", 1e-3, 1e3, 1.0, log=True, when=When("model", ("a",))),
        Int("k", 1, 9, 3, when=When("model", ("b",))),
    )
)


def tried(number, value, *, given=False, seconds=1.0, state=State.DONE):
    return Tried(number, {}, state, () if value is None else (value,), seconds=seconds, given=given)


def test_one_trial_in_five_is_drawn_behind_the_starts():
    found = [number for number in range(30) if drawn(SPACE, 0, number, 3) is not None]
    assert found == [7, 12, 17, 22, 27]
    assert math.isclose(len(found) * EVERY, 27, rel_tol=0.1)


def test_draws_lie_in_the_space_repeat_themselves_and_differ():
    every = [drawn(SPACE, 1, number, 0) for number in range(4, 1_004, EVERY)]
    assert all(SPACE.holds(config) for config in every)
    assert every == [drawn(SPACE, 1, number, 0) for number in range(4, 1_004, EVERY)]
    assert {c["k"] for c in every if "k" in c} == set(range(1, 10))
    small = [c["x"] < 1.0 for c in every if "x" in c]
    assert sum(small) == pytest.approx(len(small) / 2, rel=0.3)  # by factors
    fixed = SPACE.narrowed("model=b,k=4")
    assert drawn(fixed, 1, 4, 0) == {"model": "b", "k": 4}


def test_pairs_are_neighbours_and_starts_are_in_none():
    trials = [
        tried(0, 0.1, given=True),  # a start
        tried(1, 5.0), tried(2, 3.0, seconds=2.0), tried(3, 4.0, given=True),
        tried(4, 1.0), tried(5, None, state=State.FAILED), tried(6, 0.5, given=True),
        tried(7, 9.0, given=True),  # its own before it has a pair already
    ]  # fmt: skip
    assert n_starts(trials) == 1
    found = beside(trials, minimise=True)
    assert (found.won, found.lost) == (1, 1)
    assert found.best == (1.0, 0.5)
    assert found.seconds == (3.0, 2.0)
    turned = beside(trials, minimise=False)
    assert (turned.won, turned.lost) == (1, 1)
    assert turned.best == (3.0, 4.0)


@pytest.mark.parametrize(("won", "lost"), [*itertools.product(range(0, 13, 3), range(13))])
def test_the_verdict_is_that_of_the_sign_test(won, lost):
    n = won + lost
    chance = stats.binomtest(max(won, lost), n, alternative="greater").pvalue if n else 1.0
    told = n >= 5 and chance <= 0.05
    assert Beside(won, lost).verdict == (("better" if won > lost else "worse") if told else "")


def test_it_says_where_the_searcher_lost():
    said = Beside(1, 11, (0.3, 0.2), (4.0, 3.0)).sentence("reinforce")
    assert "reinforce lost against random search" in said
    assert "won 1 of 12 pairs" in said
    assert "can't be told" in Beside(2, 1).sentence("evolution")


def test_searchers_in_doubt_are_watched_and_random_itself_is_not():
    watched = {name for name in SEARCHERS.names() if is_watched(name)}
    assert watched == {"cma-es", "evolution", "nsga2", "reinforce"}
