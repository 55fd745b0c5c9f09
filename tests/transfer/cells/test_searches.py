"""The searches find what was planted, repeat themselves, and end in time."""

from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest

from automl_nb.search.study import Study
from automl_nb.transfer.cells import searches
from automl_nb.transfer.cells.architecture import Architecture, cell_space, from_config
from automl_nb.transfer.cells.derive import likeliest
from automl_nb.transfer.cells.guard import Collapse
from automl_nb.transfer.cells.searches import FINALISTS, by_candidates, by_gradient, judged_loss
from tests.support import planted

SEEDS = range(5)
PASSES = 12
WAYS = {
    "darts": partial(by_gradient, passes=PASSES, second_order=False),
    "darts-second": partial(by_gradient, passes=PASSES, second_order=True),
    "random": partial(by_candidates, searcher="random", tries=FINALISTS),
    "evolution": partial(by_candidates, searcher="evolution", tries=FINALISTS),
}


@cache
def found(way, seed):
    """The finalists, and the best of them once all were trained from scratch on the same rows."""
    problem = planted.problem(240, seed)
    finalists = planted.finish(WAYS[way](problem))[0].finalists
    best = min(finalists, key=lambda one: judged_loss(problem, one, problem.recipe))
    return finalists, best


def hits(way):
    return sum(planted.reads(found(way, seed)[1]) for seed in SEEDS)


def chance(draws=400):
    """The share of random architectures that read the layer which tells."""
    names = tuple(planted.widths())
    study = Study(cell_space(names, 1), "random", seed=0)
    return np.mean([planted.reads(from_config(names, study.ask().config)) for _ in range(draws)])


@pytest.mark.thorough
@pytest.mark.parametrize("way", ["darts", "darts-second"])
def test_by_gradient_the_planted_layer_is_found(way):
    """Among three trained candidates each, more often than at random and than by chance."""
    assert 0.15 < chance() < 0.4
    assert hits(way) >= 4
    assert hits(way) > len(SEEDS) * chance()
    assert hits(way) >= hits("random")


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(way, marks=[pytest.mark.thorough] if way == "darts-second" else [])
        for way in WAYS
    ],
)
def test_the_same_seed_finds_the_same(way):
    again = planted.finish(WAYS[way](planted.problem(240, 0)))[0].finalists
    assert again == found(way, 0)[0]
    assert 1 <= len(again) <= FINALISTS
    assert len(set(again)) == len(again)


def test_candidates_come_best_first():
    problem = planted.problem(160, 1, epochs=9)
    finalists = planted.finish(by_candidates(problem, "tpe", 6))[0].finalists
    short = replace(problem.recipe, epochs=3)
    losses = [judged_loss(problem, one, short) for one in finalists]
    assert losses == sorted(losses)


def test_evolution_breeds_from_what_did_well():
    """After the first eight, a candidate differs from one of those in a single choice."""
    problem, asked = planted.problem(80, 0, epochs=6), []
    made = searches.from_config

    def noted(names, config):
        asked.append(dict(config))
        return made(names, config)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searches, "from_config", noted)
        planted.finish(by_candidates(problem, "evolution", 12))
    for number, child in enumerate(asked[8:], start=8):
        alive = asked[number - 8 : number]
        assert min(sum(child[k] != one[k] for k in child) for one in alive) == 1


@pytest.mark.parametrize("way", WAYS)
def test_told_to_stop_a_search_gives_what_it_has(way):
    search = WAYS[way](planted.problem(80, 0, epochs=6))
    share, loss = next(search)
    assert 0 < share < 1
    assert np.isfinite(loss)
    with pytest.raises(StopIteration) as end:
        search.send(True)
    assert end.value.value.finalists


@pytest.mark.parametrize("way", WAYS)
def test_without_time_a_search_still_names_an_architecture(way):
    result, told = planted.finish(WAYS[way](planted.problem(80, 0, is_over=lambda: True)))
    assert isinstance(result.finalists[0], Architecture)
    assert len(told) == 1


def test_the_guard_ends_a_search_whose_curvature_rises(monkeypatch):
    """A loss whose curvature in the architecture grows by half with every epoch."""
    curvature, seen = iter(1.5**epoch for epoch in range(100)), []
    weights = searches.Supernet.op_weights

    def noted(supernet):
        seen.append(weights(supernet))
        return seen[-1]

    monkeypatch.setattr(searches.Supernet, "op_weights", noted)
    monkeypatch.setattr(searches.Supernet, "curvature", lambda self: next(curvature))
    problem = planted.problem(80, 0)
    result, told = planted.finish(by_gradient(problem, 40, second_order=False))
    assert "ended before a collapse, after 23 of 40" in result.note  # 8 alone, 15 watched
    assert len(told) == 23
    five_before = likeliest(problem.lesson.names, seen[-6], FINALISTS)
    assert result.finalists == tuple(five_before)
    monkeypatch.setattr(searches.Supernet, "curvature", lambda self: 1.0)
    whole, told = planted.finish(by_gradient(problem, 40, second_order=False))
    assert len(told) == 40
    assert whole.note == ""


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([1.0] * 40, None),
        ([1.0 / (n + 1) for n in range(40)], None),
        ([-9.0] * 40, None),  # a saddle is no sharp valley
        ([0.01] * 20 + [1.0] * 20, 20),
        ([1.02**n for n in range(40)], None),  # slow growth
        ([1.1**n for n in range(40)], 14),
    ],
)
def test_a_collapse_is_told_by_fast_growth(values, ends):
    watch, stopped = Collapse(), None
    for number, value in enumerate(values):
        if watch.add(value):
            stopped = number
            break
    assert stopped == ends
    if stopped is not None:
        assert watch.safe == stopped - 5


@pytest.mark.parametrize(("second", "passes"), [(False, 20), (True, 9)])
def test_schedules_end_where_the_time_does(second, passes, monkeypatch):
    """The second pass takes a second, as the clock has it, and 28 are left after it."""
    monkeypatch.setattr(searches.Supernet, "curvature", lambda self: 1.0)
    left = iter([40.0, 29.0, 28.0, *[1.0] * 40])
    problem = replace(planted.problem(80, 0), left_s=lambda: next(left))
    result, told = planted.finish(by_gradient(problem, 40, second_order=second))
    assert len(told) == passes
    assert result.pressed
    assert result.note == f"{passes} passes, as the time allows"
    assert told[-1][0] == 1.0


def test_with_time_enough_no_pass_is_left_out():
    left = iter([1000.0, 999.0, 998.0, *[1.0] * 9])
    problem = replace(planted.problem(80, 0), left_s=lambda: next(left))
    result, told = planted.finish(by_gradient(problem, 6, second_order=False))
    assert len(told) == 6
    assert not result.pressed
