"""The loop of a search, with scripted trials: no network, no rows."""

import math

import pytest

from automl_nb.control.controller import Controller, Costs, Limits, Outcome
from automl_nb.core.clock import Clock, counted_by
from automl_nb.core.space import Choice, Float, Int, Space, When
from automl_nb.core.trials import Deadline
from automl_nb.search.study import Study
from automl_nb.search.tried import State

SPACE = Space(
    (
        Choice("model", ("quick", "slow"), "quick"),
        Float("x", -1.0, 1.0, 0.5, when=When("model", ("quick", "slow"))),
    )
)


class Time:
    """Passes only when a trial says so."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def hand():
    time = Time()
    with counted_by(Clock(time)):
        yield time


def searched(hand, *, seconds=1.0, budget=100.0, value=lambda c: c["x"] ** 2, **limits):
    """Run a search whose trials take `seconds` each (or a number by model)."""
    tried = []

    def attempt(proposal):
        tried.append(proposal.config)
        hand.seconds += seconds if isinstance(seconds, float) else seconds[proposal.config["model"]]
        found = value(proposal.config)
        return found if isinstance(found, Outcome) else Outcome(found)

    study = Study(SPACE, "random", seed=0, direction="minimize")
    controller = Controller(
        study, attempt, Limits(Deadline(budget), **limits), kind=lambda c: c["model"]
    )
    return controller.run(), tried, study


def test_as_many_trials_as_were_asked_for(hand):
    why, tried, study = searched(hand, trials=7)
    assert len(tried) == 7
    assert "7 trials were asked for" in why
    assert study.best.values[0] == min(c["x"] ** 2 for c in tried)


def test_no_trial_is_begun_that_would_not_end_in_time(hand):
    why, tried, _ = searched(hand, seconds=10.0, budget=47.0)
    assert hand.seconds <= 47.0
    assert len(tried) == 4  # a fifth might take until 50
    assert "time is over" in why


def test_what_was_never_begun_is_no_trial_after_an_interruption_either(hand):
    _, tried, study = searched(hand, seconds=10.0, budget=47.0, trials=6)
    assert len(study.trials) > len(tried) == 4
    again = Study(SPACE, "random", seed=0, direction="minimize").replayed(study.trials)

    def attempt(proposal):
        hand.seconds += 10.0
        return Outcome(proposal.config["x"] ** 2)

    controller = Controller(
        again, attempt, Limits(Deadline(100.0), trials=6), kind=lambda config: config["model"]
    )
    assert controller.tried == 4
    assert controller.costs.expected(tried[-1]["model"]) == pytest.approx(10.0)
    assert "6 trials were asked for" in controller.run()
    assert controller.tried == 6


def test_what_is_too_slow_does_not_keep_the_quick_ones_from_going_on(hand):
    _, tried, _ = searched(hand, seconds={"quick": 1.0, "slow": 60.0}, budget=100.0)
    assert hand.seconds <= 100.0
    assert sum(c["model"] == "slow" for c in tried) == 1
    assert sum(c["model"] == "quick" for c in tried) > 10


def test_it_ends_when_nothing_gets_better(hand):
    why, tried, _ = searched(hand, value=lambda c: 1.0, patience_s=5.0, budget=1000.0)
    assert 5 <= len(tried) <= 8
    assert "Nothing got better" in why


@pytest.mark.parametrize("bad", [math.nan, math.inf, None], ids=str)
def test_a_trial_without_a_value_costs_itself_alone(bad, hand):
    def value(config):
        return Outcome(bad) if config["model"] == "slow" else config["x"] ** 2

    _, tried, study = searched(hand, value=value, trials=30)
    assert len(tried) == 30
    assert study.best.config["model"] == "quick"
    failed = [t for t in study.trials if t.state is State.FAILED]
    assert len(failed) == sum(c["model"] == "slow" for c in tried) > 0


def test_a_space_that_was_tried_whole_ends_it(hand):
    space = Space((Int("k", 1, 3, 1),))
    study = Study(space, "grid", seed=0, direction="maximize")

    def attempt(proposal):
        hand.seconds += 1.0
        return Outcome(float(proposal.config["k"]))

    controller = Controller(study, attempt, Limits(Deadline(100.0)))
    assert controller.run() == "All 3 settings of the space were tried."
    assert controller.tried == 3
    assert study.best.config == {"k": 3}


def test_somebody_may_end_it(hand):
    study = Study(SPACE, "random", seed=0)
    controller = Controller(
        study, lambda _: Outcome(1.0), Limits(Deadline(9.0)), is_over=lambda: "Enough."
    )
    assert controller.run() == "Enough."
    assert controller.tried == 0


def test_the_longest_of_late_trials_is_expected():
    costs = Costs()
    for seconds in (50.0, 1.0, 2.0, 3.0, 2.0, 1.0):
        costs.add("a", seconds)
    assert costs.expected("a") == 3.0
    assert costs.expected("b") == 0.0


def test_what_was_pruned_is_told_with_its_last_value_and_tells_nothing_of_whole_trials(hand):
    def pruned(config):
        half = ((0.1, 3.0), (0.5, 2.0 + config["x"]))
        if config["x"] > 0:
            hand.seconds -= 0.9  # it took a tenth of a whole one
            return Outcome(half[-1][1], State.PRUNED, half)
        return Outcome(config["x"] ** 2, State.DONE, (*half, (1.0, config["x"] ** 2)))

    told = []
    study = Study(SPACE, "random", seed=0, direction="minimize")

    def attempt(proposal):
        hand.seconds += 1.0
        return pruned(proposal.config)

    controller = Controller(
        study, attempt, Limits(Deadline(100.0), 12), told=lambda *one: told.append(one)
    )
    controller.run()
    states = [trial.state for trial in study.trials]
    assert {*states} == {State.DONE, State.PRUNED}
    for trial, (proposal, outcome, _) in zip(study.trials, told, strict=True):
        assert outcome.state is trial.state
        assert trial.values == (outcome.value,)
        assert trial.reports[500] == pytest.approx(2.0 + proposal.config["x"])
    assert controller.costs.expected("") == pytest.approx(1.0)
    again = Controller(study, attempt, Limits(Deadline(100.0)))
    assert again.costs.expected("") == pytest.approx(1.0)


def test_more_work_takes_more_time_up_to_what_a_trial_is_given(hand):
    space = Space((Float("epochs", 1.0, 10.0, 5.0),))
    tried = []

    def attempt(proposal):
        tried.append(proposal.config["epochs"])
        hand.seconds += min(3.0 * tried[-1], 15.0)
        return Outcome(1.0)

    def seconds_of(trial_s):
        began = hand.seconds
        controller = Controller(
            Study(space, "random", seed=0),
            attempt,
            Limits(Deadline(100.0), trial_s=lambda: trial_s),
            work=lambda config: config["epochs"],
        )
        assert "time is over" in controller.run()
        return hand.seconds - began

    assert seconds_of(math.inf) <= 100.0
    assert min(tried) < 2.0  # short ones fit in where long ones don't
    assert 75.0 <= seconds_of(15.0) <= 100.0


def test_with_two_objectives_patience_ends_when_the_front_stands(hand):
    def attempt(proposal):
        hand.seconds += 1.0
        return Outcome((1.0, 2.0) if proposal.number else (2.0, 1.0))

    study = Study(SPACE, "nsga2", seed=0, direction=("minimize", "minimize"))
    controller = Controller(study, attempt, Limits(Deadline(1000.0), patience_s=5.0))
    assert "Nothing got better for 5" in controller.run()
    assert controller.tried == 8  # two gains, and more than five seconds after the second
    assert sorted({trial.values for trial in study.front}) == [(1.0, 2.0), (2.0, 1.0)]


def test_auto_takes_no_dear_model_between_trials_that_turn_out_short(hand):
    def attempt(proposal):
        hand.seconds += 0.01
        return Outcome(proposal.config["x"] ** 2)

    study = Study(SPACE, "auto", seed=0, direction="minimize", n_trials=20)
    assert study.searcher == "gp"  # for all that is known before the first trial
    study.enqueue({})
    controller = Controller(study, attempt, Limits(Deadline(100.0), trials=20))
    controller.run()
    assert controller.study.searcher == "tpe"
    assert controller.study.why.startswith("Trials this short")
    assert len(controller.study.trials) == 20


def test_auto_keeps_the_dear_model_where_trials_are_dear(hand):
    def attempt(proposal):
        hand.seconds += 9.0
        return Outcome(proposal.config["x"] ** 2)

    study = Study(SPACE, "auto", seed=0, direction="minimize", n_trials=8)
    study.enqueue({})
    controller = Controller(study, attempt, Limits(Deadline(500.0), trials=8))
    controller.run()
    assert controller.study.searcher == "gp"


@pytest.mark.parametrize(("searcher", "told"), [("evolution", True), ("random", False)])
def test_random_trials_beside_a_searcher_are_told_and_come_again(hand, searcher, told):
    def ran(study, trials):
        controller = Controller(
            study, lambda p: Outcome(p.config["x"] ** 2), Limits(Deadline(100.0), trials=trials)
        )
        controller.run()
        return controller

    def fresh():
        return Study(SPACE, searcher, seed=0, direction="minimize")

    first = fresh()
    first.enqueue({})
    whole = ran(first, 61)
    at_random = [t.number for t in whole.study.trials if t.given]
    assert at_random == ([0, *range(5, 61, 5)] if told else [0])
    assert ("One trial in 5" in whole.beside_random) is told
    resumed = ran(fresh().replayed(whole.study.trials[:33]), 61)
    assert [t.config for t in resumed.study.trials] == [t.config for t in whole.study.trials]
    assert resumed.beside_random.split("best")[0] == whole.beside_random.split("best")[0]
