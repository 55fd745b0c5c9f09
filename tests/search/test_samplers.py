"""What is particular of our own samplers, against their papers."""

import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from automl_nb.core.space import Choice, Float, Int, Space
from automl_nb.search.auto import choose
from automl_nb.search.evolution import RegularisedEvolution, another
from automl_nb.search.grid import Grid, grid_values
from automl_nb.search.points import Points
from automl_nb.search.reinforce import (
    Reinforce,
    _Learnt,
    entropy_gradient,
    log_gradient,
    softmax,
)
from automl_nb.search.study import Study
from automl_nb.search.tree_parzen import BEST, LAST, Recent, TreeParzen
from automl_nb.search.unit import at, n_values, place_of
from tests.support.spaces import MIXED, score, spaces

SPACE = Space((Float("x", 0.0, 1.0, 0.5), Int("k", 1, 9, 3), Choice("c", ("a", "b", "d"), "a")))


# --- places between 0 and 1


@given(space=spaces(), place=st.floats(0.0, 1.0))
def test_a_value_lies_where_it_came_from(space, place):
    for parameter in space.free:
        value = at(parameter, place)
        assert parameter.holds(value)
        again = at(parameter, place_of(parameter, value))
        assert (
            again == pytest.approx(value, rel=1e-9) if isinstance(value, float) else again == value
        )


@pytest.mark.parametrize("log", [True, False])
def test_each_whole_number_has_its_stretch(log):
    parameter = Int("k", 1, 4, 1, log=log)
    found = [at(parameter, place) for place in np.linspace(0, 1, 100_001)]
    shares = np.bincount(found)[1:] / len(found)
    ends = np.array([0.5, 1.5, 2.5, 3.5, 4.5])
    ends = np.log(ends) if log else ends
    assert shares == pytest.approx(np.diff(ends) / (ends[-1] - ends[0]), abs=1e-4)


# --- quasi-random


def test_points_are_more_even_than_random_ones():
    space = Space(tuple(Float(f"x{i}", 0.0, 1.0, 0.5) for i in range(3)))
    for seed in range(5):
        points = Points(space, seed=seed)
        even = np.array([[*points[number].values()] for number in range(128)])
        random = np.random.default_rng(seed).random((128, 3))
        assert qmc.discrepancy(even) < 0.5 * qmc.discrepancy(random)


def test_points_are_those_of_the_sequence_however_far_it_goes():
    space = Space((Float("x", 0.0, 1.0, 0.5), Float("y", 0.0, 1.0, 0.5)))
    late, step = Points(space, seed=7), Points(space, seed=7)
    last = late[300]
    assert [step[number] for number in range(301)][-1] == last
    expected = qmc.Sobol(2, scramble=True, seed=7).random(512)[300]
    assert [*last.values()] == pytest.approx(expected)


# --- grid


def test_a_grid_has_evenly_spread_values():
    assert grid_values(Float("x", 1e-4, 1.0, 1e-2, log=True), 5) == pytest.approx(
        [1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    )
    assert grid_values(Int("k", 3, 6, 3)) == [3, 4, 5, 6]
    assert grid_values(Int("k", 1, 5, 3, log=True)) == [1, 2, 3, 4, 5]
    assert grid_values(Int("k", 1, 101, 3), 3) == [1, 51, 101]
    assert grid_values(Choice("c", tuple("abcdefgh"), "a"), 3) == [*"abcdefgh"]


def test_a_grid_that_is_too_large_is_refused():
    space = Space(tuple(Choice(f"c{i}", tuple("abcdefgh"), "a") for i in range(8)))
    with pytest.raises(Exception, match="at most 100,000"):
        Grid(space)


# --- regularised evolution (Real et al. 2019, algorithm 1)


def told(values, **settings):
    """A searcher and a study with these values, told in order."""
    searcher = RegularisedEvolution(SPACE, seed=0, **settings)
    study = optuna.create_study(sampler=searcher, direction="maximize")
    for value in values:
        trial = study.ask(searcher.distributions)
        study.tell(trial, value)
    return searcher, study


def test_the_oldest_dies_however_good_it_is():
    searcher, study = told([100.0, *range(30)], population=10)
    alive = searcher.alive(study)
    assert [trial.number for trial in alive] == [*range(21, 31)]


def test_the_parent_is_the_best_of_the_sample():
    """Of S draws with replacement from ranks 1..P the best has rank r with ((P-r+1)^S - (P-r)^S) / P^S."""
    searcher, study = told(range(10), population=10, sample=3)
    alive = searcher.alive(study)
    rng = np.random.default_rng(0)
    n = 4000
    drawn = [int(searcher.parent(study, alive, rng).value) for _ in range(n)]
    shares = np.bincount(drawn, minlength=10) / n
    expected = np.diff(np.arange(11) ** 3) / 10**3
    assert np.abs(shares - expected).max() < 4 * np.sqrt(0.25 / n)


def test_a_child_differs_from_its_parent_in_one_value():
    searcher = RegularisedEvolution(SPACE, seed=0)
    parent = {"x": 0.2, "k": 3, "c": "b"}
    rng = np.random.default_rng(0)
    changed = set()
    for _ in range(200):
        child = searcher.child(parent, rng)
        assert SPACE.holds(child)
        differing = [name for name in parent if child[name] != parent[name]]
        assert len(differing) == 1
        changed |= {(differing[0], child[differing[0]])}
    assert {value for name, value in changed if name == "c"} == {"a", "d"}
    assert len(changed) > 30


def test_what_comes_to_count_is_drawn():
    searcher = RegularisedEvolution(MIXED, seed=0)
    parent = {"lr": 1e-3, "drop": 0.1, "layers": 2, "width": 64, "loss": "plain"}
    rng = np.random.default_rng(1)
    children = [searcher.branch(searcher.child(parent, rng)) for _ in range(200)]
    assert all(("gamma" in child) == (child["loss"] == "focal") for child in children)
    drawn = [child["gamma"] for child in children if "gamma" in child]
    assert len({*drawn}) == len(drawn) > 5


@given(space=spaces(), seed=st.integers(0, 99))
def test_another_value_is_another_value(space, seed):
    rng = np.random.default_rng(seed)
    for parameter in space.free:
        value = at(parameter, float(rng.random()))
        found = another(parameter, value, rng)
        assert found != value
        assert parameter.holds(found)


def test_pruned_trials_rank_behind_all_others():
    searcher = RegularisedEvolution(SPACE, seed=0, population=4, sample=40)
    study = optuna.create_study(sampler=searcher, direction="minimize")
    for value in (5.0, 0.1, 4.0, 0.2):
        trial = study.ask(searcher.distributions)
        if value < 1:
            trial.report(value, 1)
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(trial, value)
    found = searcher.parent(study, searcher.alive(study), np.random.default_rng(0))
    assert found.number == 2


# --- REINFORCE (Williams 1992)

LOGITS = st.lists(st.floats(-3.0, 3.0), min_size=2, max_size=6).map(np.array)


def numerically(function, logits, step=1e-5):
    eye = np.eye(len(logits)) * step
    return np.array([(function(logits + d) - function(logits - d)) / (2 * step) for d in eye])


@given(logits=LOGITS, data=st.data())
def test_the_step_is_the_gradient_of_the_log_probability(logits, data):
    drawn = data.draw(st.integers(0, len(logits) - 1))
    expected = numerically(lambda z: np.log(softmax(z)[drawn]), logits)
    assert log_gradient(logits, drawn) == pytest.approx(expected, abs=1e-6)


@given(logits=LOGITS)
def test_the_bonus_is_the_gradient_of_the_entropy(logits):
    expected = numerically(lambda z: -(softmax(z) * np.log(softmax(z))).sum(), logits)
    assert entropy_gradient(logits) == pytest.approx(expected, abs=1e-6)


def test_a_step_is_that_of_the_equation():
    """Three trials by hand: share of earlier ones beaten, baseline, softmax."""
    space = Space((Choice("c", ("a", "b"), "a"),))
    searcher = Reinforce(space, seed=0, rate=1.0, decay=0.5, entropy=0.0)
    study = optuna.create_study(sampler=searcher, direction="maximize")
    for word, value in (("a", 1.0), ("b", 2.0), ("a", 0.0)):
        study.add_trial(
            optuna.trial.create_trial(
                params={"c": word}, distributions=searcher.distributions, value=value
            )
        )
    logits, baseline = np.zeros(2), 0.5
    for drawn, reward in ((0, 0.5), (1, 1.0), (0, 0.0)):
        chances = np.exp(logits) / np.exp(logits).sum()
        advantage = reward - baseline
        logits = logits + advantage * (np.eye(2)[drawn] - chances)
        baseline = 0.5 * baseline + 0.5 * reward
    assert searcher.logits(study)["c"] == pytest.approx(logits)


def test_reward_is_counted_by_the_second():
    learnt = _Learnt({})
    assert learnt.reward(1.0, 2.0) == 0.5  # nothing to beat yet, and of mean length
    assert learnt.reward(2.0, 6.0) == pytest.approx(1.0 * 4.0 / 6.0)
    assert learnt.reward(3.0, 1.0) == pytest.approx(1.0 * 3.0 / 1.0)
    assert learnt.reward(2.0, 0.0) == pytest.approx(1.5 / 3)  # unknown length; a tie counts half


def test_of_equal_scores_the_quicker_one_is_learnt():
    space = Space((Choice("c", ("slow", "quick"), "slow"), Float("x", 0.0, 1.0, 0.5)))
    study = Study(space, "reinforce", seed=0)
    for _ in range(120):
        trial = study.ask()
        number = trial.number % 7
        study.tell(trial.number, float(number), seconds=9.0 if trial.config["c"] == "slow" else 1.0)
    chances = softmax(study._heard.sampler.logits(study._heard.study)["c"])
    assert chances[1] > 0.8


def test_what_was_learnt_does_not_depend_on_who_ended_first():
    searchers = [Reinforce(MIXED, seed=0), Reinforce(MIXED, seed=0)]
    studies = [optuna.create_study(sampler=one, direction="maximize") for one in searchers]
    for study, backwards in zip(studies, (False, True), strict=True):
        trials = [study.ask(searchers[0].distributions) for _ in range(9)]
        for trial in reversed(trials) if backwards else trials:
            study.tell(trial, score(trial.params))
            study.sampler.logits(study)
    first, second = (one.logits(study) for one, study in zip(searchers, studies, strict=True))
    assert all((first[name] == second[name]).all() for name in first)


# --- auto


@pytest.mark.parametrize(
    ("space", "more", "name"),
    [
        (MIXED.narrowed("lr=1e-3,drop=.1,layers=1..3,width=64,loss=plain|poly"), {"n_trials": 6}, "grid"),
        (MIXED, {"n_trials": 30}, "gp"),
        (MIXED, {"n_trials": 30, "trial_s": 120.0}, "gp"),
        (MIXED, {"n_trials": 30, "trial_s": 0.01}, "tpe"),
        (MIXED, {"n_trials": 300}, "tpe"),
        (MIXED, {}, "tpe"),
        (MIXED, {"n_trials": 5000, "trial_s": 0.01}, "tpe"),
        (MIXED.narrowed("loss=plain"), {"n_trials": 5000, "trial_s": 0.01}, "cma-es"),
        (MIXED, {"n_trials": 300, "n_objectives": 2}, "nsga2"),
    ],
)  # fmt: skip
def test_auto_chooses_by_the_work(space, more, name):
    chosen = choose(space, **more)
    assert chosen.name == name
    assert chosen.why.endswith(".")


def test_a_study_says_what_auto_chose_and_why():
    study = Study(MIXED, n_trials=300)
    assert study.searcher == "tpe"
    assert study.why
    assert n_values(MIXED["lr"]) == float("inf")


# --- TPE


@pytest.mark.parametrize(
    ("narrowed", "branches"),
    [
        ("", [{"lr", "drop", "layers", "width", "loss"}, {"gamma"}]),
        ("loss=focal", [{"lr", "drop", "layers", "width", "gamma"}]),
        ("loss=plain|poly", [{"lr", "drop", "layers", "width", "loss"}]),
        ("drop=.1,loss=focal|poly", [{"lr", "layers", "width", "loss"}, {"gamma"}]),
    ],
)
def test_what_counts_together_is_drawn_together(narrowed, branches):
    searcher = TreeParzen(MIXED.narrowed(narrowed), seed=0)
    assert [{*branch} for branch in searcher._branches.values()] == branches


def test_of_many_trials_the_best_and_the_latest_are_learnt_from():
    searcher = TreeParzen(SPACE, seed=0)
    study = optuna.create_study(sampler=searcher, direction="maximize")
    values = np.random.default_rng(0).permutation(200)
    for value in values:
        study.tell(study.ask(searcher.distributions), float(value))
    running = study.ask(searcher.distributions)
    seen = {trial.number for trial in Recent(study)._get_trials()}
    best = {*np.argsort(-values)[:BEST].tolist()}
    assert seen == best | {*range(200 - LAST, 200)} | {running.number}
