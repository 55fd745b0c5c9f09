"""Runs at work on one machine: who begins when, and what a killed process leaves."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from automl_nb.control.turns import Turns, at_work

HOLDER = """
import sys
from pathlib import Path
from automl_nb.control.turns import Turns
turn = Turns(Path(sys.argv[1])).take("other", Path(sys.argv[2]), waits=True)
print(turn.before(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has taken the last place."""
    started = []

    def hold():
        words = [sys.executable, "-c", HOLDER, str(tmp_path / "turns"), str(tmp_path / "other")]
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process, process.stdout.readline().strip()

    yield hold
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_each_waits_for_those_before_it_that_wait_too(tmp_path):
    turns = Turns(tmp_path)
    first, plain, second, third = (
        turns.take(name, tmp_path / name, waits=name != "plain")
        for name in ("first", "plain", "second", "third")
    )
    assert first.before() == plain.before() == ()
    assert second.before() == ("first",)
    assert third.before() == ("first", "second")
    assert turns.waiting(tmp_path / "third") == ("first", "second")
    assert [(one.run, one.begun) for one in turns.now()] == [
        ("first", True), ("plain", True), ("second", False), ("third", False),
    ]  # fmt: skip
    second.give_back()
    assert third.before() == ("first",)
    first.give_back()
    assert third.before() == ()
    assert turns.waiting(tmp_path / "third") == ()
    third.give_back()
    plain.give_back()
    assert turns.now() == []


def test_a_killed_process_holds_up_nobody_and_its_waiting_run_is_forgotten(tmp_path, holder):
    forgotten = []
    turns = Turns(tmp_path / "turns", forgotten.append)
    mine = turns.take("mine", tmp_path / "mine", waits=True)
    assert mine.before() == ()
    process, told = holder()
    assert told == "('mine',)"
    later = turns.take("later", tmp_path / "later", waits=True)
    assert later.before() == ("mine", "other")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert later.before() == ("mine",)
    assert forgotten == [Path(tmp_path / "other")]


def test_a_process_that_ends_in_order_leaves_no_place(tmp_path, holder):
    process, told = holder()
    assert told == "()"
    process.stdin.close()
    process.wait()
    assert [item.name for item in (tmp_path / "turns").iterdir()] == ["guard.lock"]


def test_without_a_disk_that_can_be_written_to_nobody_waits(tmp_path):
    (tmp_path / "file").write_text("")
    assert Turns(tmp_path / "file" / "turns").take("run", tmp_path, waits=True) is None
    assert Turns(tmp_path / "file" / "turns").now() == []


def test_other_work_is_known_while_it_lasts():
    with at_work("explore"):
        assert [(one.run, one.folder) for one in Turns().now()] == [("explore", "")]
    assert Turns().now() == []


def test_a_run_never_waits_for_itself(tmp_path):
    """Its folder is taken again a moment before its first turn is given back."""
    turns = Turns(tmp_path / "turns")
    first = turns.take("run", tmp_path / "run", waits=True)
    again = turns.take("run", tmp_path / "run", waits=True)
    namesake = turns.take("run", tmp_path / "elsewhere" / "run", waits=True)
    assert first.before() == again.before() == ()
    assert namesake.before() == (str(tmp_path / "run"), str(tmp_path / "run"))
