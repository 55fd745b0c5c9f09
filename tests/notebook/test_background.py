"""Runs behind the cell: the cell returns at once, the output follows, the model arrives."""

from __future__ import annotations

import queue
import threading

from automl_nb.core.events import RunWaiting
from automl_nb.core.state import RunState
from automl_nb.notebook.background import Follower
from tests.support import scripted


class Recorder:
    """A renderer that remembers what it was shown."""

    def __init__(self):
        self.updates, self.closed = 0, None

    def update(self, state):
        self.updates += 1

    def stopping(self, state):
        raise AssertionError("nobody interrupts a thread")

    def close(self, state):
        self.closed = state


def test_a_follower_draws_to_the_end_in_a_state_of_its_own():
    events, view, ended = queue.SimpleQueue(), Recorder(), threading.Event()
    follower = Follower(events, view, lambda _: ended.set())
    follower.start()
    for event in scripted.reviews():
        events.put(event)
    assert ended.wait(10)
    follower.join(10)
    assert view.updates >= 2
    assert isinstance(view.closed, RunState)
    assert view.closed.status == "finished"


def test_the_cell_returns_a_run_that_can_be_stopped(shell, api):
    api.play.update(speed=1000.0, endless=True)
    api.script = lambda name: scripted.reviews(name)[:-1]
    shell.run("run = %automl fit reviews --label Größe --background -o model")
    run = shell.names["run"]
    assert not run.done
    assert "brisk-heron is stopping" in shell.run("%automl stop").out
    run.wait()
    follower = next(t for t in threading.enumerate() if t.name == "automl-nb-view")
    follower.join(10)
    assert run.state.status == "stopped"
    assert isinstance(shell.names["model"], scripted.Model)


def test_a_run_that_waits_says_so_and_is_taken_off(shell, api):
    api.play.update(speed=1000.0, endless=True)
    api.script = lambda name: [RunWaiting(0.0, name, ("calm-otter",))]
    api.at_once = True
    said = shell.run("%automl fit reviews --label Größe --background").out
    assert "brisk-heron waits until these have ended: calm-otter" in said
    assert "%automl stop brisk-heron" in said
    assert "taken off the queue" in shell.run("%automl stop").out
    api.started[-1].wait()
    for view in [t for t in threading.enumerate() if t.name == "automl-nb-view"]:
        view.join(10)
