"""Runs that were started behind one another, with the real engine."""

from __future__ import annotations

import automl_nb
from tests.support import frames

OPTIONS = {"time": "60s", "strategies": ["ridge", "knn"], "fresh": True, "in_turn": True}


def paused(run):
    run.pause()
    while run.status != "paused":
        run.poll(0.1)
    return run


def test_runs_take_turns_and_one_that_is_taken_off_leaves_nothing(tmp_path):
    table = frames.table()
    first = paused(automl_nb.start(table, "cultivar", name="first", **OPTIONS))
    heard = []
    second = automl_nb.start(table, "cultivar", name="second", **OPTIONS)
    third = automl_nb.start(table, "cultivar", name="third", on_event=heard.append, **OPTIONS)
    assert (second.status, third.status) == ("waiting", "waiting")
    there = automl_nb.at_work()
    assert there["run"].tolist() == ["first", "second", "third"]
    assert there["status"].tolist() == ["paused", "waiting", "waiting"]
    assert there["waits for"].tolist() == ["", "first", "first, second"]

    elsewhere = automl_nb.open_run("second")
    assert elsewhere.status == "waiting"
    elsewhere.stop()
    second.wait()
    assert second.status == "stopped"
    assert "had not begun" in second.state.ended.reason
    assert not second.folder.exists()
    assert automl_nb.runs()["name"].tolist() == ["first"]

    while third.state.behind != ("first",):
        third.poll(0.1)
    first.resume()
    assert first.wait().status == "finished"
    assert third.wait().status == "finished"
    waits = [event.behind for event in heard if type(event).__name__ == "RunWaiting"]
    assert waits[-1] == ("first",)
    assert third.state.behind == ()
    assert third.state.t < 60
    assert automl_nb.at_work().empty


def test_a_run_that_waits_is_steered_by_stopping_alone(tmp_path):
    import pytest

    table = frames.table()
    first = paused(automl_nb.start(table, "cultivar", name="first", **OPTIONS))
    second = automl_nb.start(table, "cultivar", name="second", **OPTIONS)
    with pytest.raises(automl_nb.AutoMLError, match="waits for its turn"):
        second.pause()
    second.stop()
    second.wait()
    first.stop()
    first.wait()
