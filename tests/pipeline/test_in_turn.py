"""How several named ways to tune share a time that is too little for an equal part each."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import automl_nb
from automl_nb.core.trials import TooSlow
from automl_nb.pipeline.stages.in_turn import InTurn, Short, part
from automl_nb.transfer.prior import Constant
from automl_nb.transfer.tuner import Tuner
from tests.support import frames
from tests.support.scripted_tuner import candidate


class Clock:
    """Trainings that take their least time, or all of their part if they are `greedy`."""

    def __init__(self, needs, seconds, *, greedy=False, told=1.0):
        self.needs, self.left, self.greedy, self.told = dict(needs), seconds, greedy, told
        self.parts, self.out, self.waited = [], [], 0

    def attempt(self, one, *, share, waits):
        mine = share * self.left
        self.parts.append((one, mine))
        if self.needs[one] > mine:
            return Short(self.told * self.needs[one])
        self.left -= mine if self.greedy else self.needs[one]
        return one

    def leave_out(self, one, short):
        self.out.append(one)

    def tell(self, waiting):
        self.waited = waiting

    def work(self):
        return InTurn(self.attempt, lambda: self.left, self.leave_out, self.tell)([*self.needs])


def test_with_time_enough_each_has_an_equal_part():
    clock = Clock({"a": 5, "b": 5, "c": 5}, 30, greedy=True)
    assert clock.work() == ["a", "b", "c"]
    assert [seconds for _, seconds in clock.parts] == pytest.approx([10, 10, 10])
    assert not clock.out
    assert not clock.waited


@pytest.mark.parametrize(("seconds", "trained"), [(36, 1), (52, 2), (102, 4)])
def test_as_many_as_fit_are_trained_in_their_order(seconds, trained):
    clock = Clock({f"way {n}": 25 for n in range(11)}, seconds)
    assert clock.work() == [f"way {n}" for n in range(trained)]
    assert clock.out == [f"way {n}" for n in range(trained, 11)]


def test_nothing_is_said_to_come_in_turn_where_none_fits():
    clock = Clock({f"way {n}": 40 for n in range(3)}, 36)
    assert clock.work() == []
    assert clock.out == [f"way {n}" for n in range(3)]
    assert not clock.waited


def test_one_that_is_too_long_does_not_keep_the_time_from_those_behind_it():
    clock = Clock({"long": 90, "short": 22, "shorter": 21}, 50)
    assert clock.work() == ["short", "shorter"]
    assert clock.out == ["long"]


def test_what_needs_more_than_was_said_gets_all_of_the_time():
    clock = Clock({"a": 20, "b": 20, "c": 20}, 29, told=0.4)
    assert clock.work() == ["a"]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(1, 200))
def test_no_time_is_left_in_which_one_would_fit(needs, seconds):
    clock = Clock(enumerate(needs), seconds)
    made = clock.work()
    assert sorted([*made, *clock.out]) == list(range(len(needs)))
    assert all(needs[one] > clock.left for one in clock.out)


@given(st.lists(st.floats(0.1, 50), min_size=1, max_size=8), st.floats(0.1, 200))
def test_a_part_is_enough_and_leaves_enough(needs, left):
    seconds, others = part(needs, left)
    assert (seconds > 0) == (needs[0] <= left)
    if seconds:
        assert needs[0] <= seconds <= left
        assert sum(needs[1 : 1 + others]) <= left - seconds + 1e-6


NAMED = ["finetune", "l2-sp", "bitfit", "gradual"]


def test_named_strategies_are_trained_in_turn_and_the_rest_left_out_with_the_reason(monkeypatch):
    """Each needs 25,000 of 60,000 seconds: a quarter is too little, and there is time for two."""
    spent = []

    def train(self, context, inputs, config):
        if context.deadline.left < 25_000:
            raise TooSlow(25_000.0, context.deadline.left)
        spent.append(self.name)
        yield from ()
        return candidate(context, {**config, "strategy": self.name}, 0.1)

    monkeypatch.setattr(Tuner, "train", train)
    left = property(lambda self: self.deadline.left - self.reserve_s - 25_000 * len(spent))
    monkeypatch.setattr("automl_nb.pipeline.workbench.Workbench.left", left)
    run = automl_nb.fit(
        frames.texts(),
        "library",
        strategies=NAMED,
        backbones="minilm-l3",
        time=60_000,
        fresh=True,
    )
    assert spent == NAMED[:2]
    said = [message.text for message in run.state.messages]
    assert any("too little for 4 of 4 ways to tune" in text for text in said)
    (out,) = (text for text in said if "left out" in text)
    assert out.startswith("minilm-l3(text): bitfit and gradual are left out: each would take 25000")
    assert "Not used: bitfit, gradual (the time was too short)." in said


class Slow(Constant):
    seconds_a_row = 100.0


def test_the_test_part_is_kept_for_the_best_network_alone(monkeypatch):
    """Three networks that would take hours for it, of which one is asked."""
    left = []

    def train(self, context, inputs, config):
        left.append(context.deadline.left)
        yield from ()
        made = candidate(context, {**config, "strategy": self.name}, 0.1)
        return replace(made, predictor=Slow(made.predictor.scores))

    monkeypatch.setattr(Tuner, "train", train)
    run = automl_nb.fit(
        frames.texts(),
        "library",
        strategies=NAMED[:3],
        backbones="minilm-l3",
        time=60_000,
        fresh=True,
    )
    one = 100.0 * run.state.split.n_test
    assert 60_000 - 1.5 * one < left[-1] < 60_000 - one
