"""Watching a run: when frames come, and what interrupts do."""

from __future__ import annotations

import pytest

from automl_nb.core.watch import watch
from tests.support import scripted


class Recorder:
    """A renderer that notes what it was told."""

    def __init__(self):
        self.calls = []

    def update(self, state):
        self.calls.append("update")

    def stopping(self, state):
        self.calls.append("stopping")

    def close(self, state):
        self.calls.append("close")


def test_the_last_state_is_always_drawn():
    run, seen = scripted.Run(scripted.reviews(), chunk=50), Recorder()
    assert watch(run, seen) is False
    assert run.done
    assert seen.calls[-1] == "close"
    assert seen.calls.count("close") == 1


def test_the_first_interrupt_stops_and_the_run_ends_by_itself():
    run, seen = scripted.Run(scripted.reviews(), interrupts={2}), Recorder()
    assert watch(run, seen) is True
    assert run.state.status == "stopped"
    assert seen.calls == ["update", "stopping", "update", "close"]


def test_the_second_interrupt_raises_after_a_last_frame():
    run, seen = scripted.Run(scripted.reviews(), interrupts={2, 3}), Recorder()
    with pytest.raises(KeyboardInterrupt):
        watch(run, seen)
    assert seen.calls[-1] == "close"
