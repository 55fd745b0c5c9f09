"""One suite for every executor: what `control/executors/base.py` promises, each must keep."""

import contextlib
import gc
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest

import automl_nb
from automl_nb.control.executors import process as process_executor
from automl_nb.control.executors.catalog import EXECUTORS
from automl_nb.control.executors.process import Process
from automl_nb.control.orders import Order
from automl_nb.control.steering import Steering
from automl_nb.core.clock import Clock
from automl_nb.core.errors import SettingError, TrialError
from automl_nb.core.trials import Cancelled, CancelToken, Decision, TooSlow
from tests.support import tasks
from tests.support.tasks import MB, task

ROOT = Path(automl_nb.__file__).parents[1]
ISOLATING = [spec.name for spec in EXECUTORS if spec.load().isolates]
POSIX = os.name == "posix"


def made(name, folder, **options):
    kind = EXECUTORS[name].load()
    return kind(folder / "work", **options) if kind.isolates else kind()


@pytest.fixture(params=EXECUTORS.names())
def executor(request, tmp_path, _others):
    with contextlib.closing(Closing(made(request.param, tmp_path))) as closing:
        yield closing.executor


@pytest.fixture(params=ISOLATING)
def strict(request, tmp_path, _others):
    """An executor that isolates, and doesn't wait long."""
    with contextlib.closing(Closing(made(request.param, tmp_path, grace_s=0.5))) as closing:
        yield closing.executor
        assert closing.executor.run(task(tasks.count))["steps"] == 3  # it goes on with others


class Closing:
    def __init__(self, executor):
        self.executor = executor

    def close(self):
        self.executor.shutdown()


OTHERS = set()  # processes that are no executor's


@pytest.fixture(autouse=True)
def _others():
    OTHERS.clear()
    OTHERS.update(psutil.Process().children(recursive=True))


def children():
    return [one for one in psutil.Process().children(recursive=True) if one not in OTHERS]


def until(holds):
    """Wait for something that another process does."""
    over = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < over
        time.sleep(0.005)


# -- what comes back -------------------------------------------------------------


def test_what_it_returns_arrives(executor):
    made = executor.run(task(tasks.count, steps=4))
    assert made["steps"] == 4
    assert (made["pid"] != os.getpid()) == executor.isolates
    assert ("log.txt" in made.get("files", ())) == executor.isolates


def test_reports_arrive_whole_and_in_order(executor):
    heard = []
    executor.run(task(tasks.count, steps=7, heard=heard.append))
    assert [report.resource for report in heard] == [float(step) for step in range(7)]
    assert [report.metrics["loss"] for report in heard] == [1 / (step + 1) for step in range(7)]
    assert all(report.total == 9.0 for report in heard)
    assert all(report.peak_memory_bytes > MB for report in heard) == executor.isolates


def test_what_it_cost_elsewhere_is_told(executor):
    spent = []
    executor.run(task(tasks.count, steps=3, spent=lambda *cost: spent.append(cost)))
    assert len(spent) == executor.isolates
    assert all(cpu_s > 0.0 and size >= 0 for cpu_s, size in spent)


def test_the_clock_and_the_listener_are_those_of_who_serves(executor):
    threads = []
    executor.run(task(tasks.count, heard=lambda report: threads.append(threading.get_ident())))
    assert set(threads) == {threading.get_ident()}


def test_an_answer_ends_it_at_that_very_report(executor):
    def heard(report):
        return Decision.STOP if report.resource == 2.0 else None

    assert executor.run(task(tasks.count, steps=9, heard=heard))["steps"] == 3


def test_past_the_deadline_it_is_told_to_stop(executor):
    asked = task(tasks.count, steps=9, seconds=0.0)
    assert executor.run(asked)["steps"] == 1
    assert asked.deadline.pressed


def test_in_time_nothing_was_pressed(executor):
    asked = task(tasks.count)
    executor.run(asked)
    assert not asked.deadline.pressed


def test_a_deadline_may_be_moved_meanwhile(executor):
    def heard(_report):
        asked.deadline.extend(99.0)

    asked = task(tasks.count, steps=4, seconds=-1.0, heard=heard)
    assert executor.run(asked)["steps"] == 4


def test_a_token_that_is_set_while_a_report_is_heard_ends_it_there(executor):
    token = CancelToken()

    def heard(report):
        if report.resource == 2.0:
            token.cancel()

    assert executor.run(task(tasks.count, steps=9, cancel=token, heard=heard))["steps"] == 3


def test_no_numbers_are_passed_on_and_what_is_printed_disturbs_nobody(strict):
    heard = []
    assert strict.run(task(tasks.chatter, heard=heard.append))["read"] == ""
    assert heard[0].resource != heard[0].resource
    assert heard[0].metrics["more"] == float("inf")


# -- asking for an end -----------------------------------------------------------


def test_a_token_that_is_set_is_heard_between_reports(executor, tmp_path):
    token = CancelToken()
    beats = tmp_path / "beats"
    thread = threading.Thread(target=lambda: (until(beats.exists), token.cancel("enough")))
    thread.start()
    assert executor.run(task(tasks.beat, cancel=token, beats=str(beats)))["left"] > 0
    thread.join()


def test_ended_before_anything_was_there_it_is_cancelled(executor):
    token = CancelToken()
    with pytest.raises(Cancelled, match="enough"):
        executor.run(task(tasks.give_up, cancel=token, heard=lambda _: token.cancel("enough")))


def test_a_trial_is_skipped_and_the_next_is_not(executor):
    steering = Steering()
    steering.adopt()

    def heard(_report):
        steering.give(Order("skip"))

    with pytest.raises(Cancelled):
        executor.run(task(tasks.give_up, cancel=steering, heard=heard))
    assert steering.skips
    steering.trial_ended()
    assert executor.run(task(tasks.count, cancel=steering))["steps"] == 3


def test_cancelled_it_stops_at_its_next_report(executor):
    def heard(report):
        if report.resource == 1.0:
            executor.cancel(handle)

    handle = executor.submit(task(tasks.count, steps=9, heard=heard))
    while not handle.ended:
        executor.serve(1.0)
    assert handle.result()["steps"] == 2


def test_killed_it_has_no_result(executor):
    def heard(report):
        if report.resource == 1.0:
            executor.kill(handle, "It was in the way.")

    handle = executor.submit(task(tasks.count, steps=9, heard=heard))
    while not handle.ended:
        executor.serve(1.0)
    with pytest.raises(TrialError, match="in the way"):
        handle.result()
    assert executor.run(task(tasks.count))["steps"] == 3


def test_what_has_not_ended_has_no_result(executor):
    handle = executor.submit(task(tasks.count))
    with pytest.raises(RuntimeError, match="count has not ended"):
        handle.result()


def test_several_are_at_work(executor):
    handles = [executor.submit(task(tasks.count, steps=n)) for n in (2, 3, 4)]
    ended = []
    while len(ended) < 3:
        ended += executor.serve(1.0)
    assert {id(handle) for handle in ended} == {id(handle) for handle in handles}
    assert [handle.result()["steps"] for handle in handles] == [2, 3, 4]


def test_nothing_at_work_is_served_at_once(executor):
    assert executor.serve(600.0) == []


# -- pauses ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", [tasks.beat, tasks.strain])
def test_paused_nothing_runs_and_no_time_is_lost(executor, kind, tmp_path):
    clock, beats = Clock(), tmp_path / "beats"
    steering, seen = Steering(clock), {}

    def hand():
        until(beats.exists)
        steering.give(Order("pause"))
        if executor.isolates or kind is tasks.beat:  # a thread can't be held in one long call
            until(lambda: steering.paused)
            seen["before"], seen["work"] = still(beats), 1
        steering.give(Order("resume"))
        until(lambda: not steering.paused)
        if kind is tasks.beat:  # the other ends by itself, on a busy machine after any grace
            steering.cancel()

    thread = threading.Thread(target=hand)
    thread.start()
    steering.adopt()
    asked = task(kind, seconds=60.0, clock=clock, cancel=steering, beats=str(beats), cpu_s=1.0)
    made = executor.run(asked)
    thread.join()
    assert made["left"] > 60.0 - clock.now() + asked.deadline.started - 1.0
    assert abs(made["left"] - asked.deadline.left) < 2.0  # both know what the pause took
    if seen:
        assert clock.lost > 0.5


def still(beats):
    """What the file holds, once it changes no more."""
    time.sleep(0.2)  # what was on its way
    if POSIX:
        until(lambda: all(child.status() == psutil.STATUS_STOPPED for child in children()))
    held, used = beats.read_text(), cpu()
    time.sleep(0.5)
    assert beats.read_text() == held
    assert cpu() - used < 0.1
    return held


def cpu():
    """Seconds that processes started from here have computed."""
    return sum(sum(child.cpu_times()[:2]) for child in children())


# -- faults ----------------------------------------------------------------------


def test_what_it_raises_comes_out_in_words(executor):
    with pytest.raises((ValueError, TrialError), match="no such luck") as caught:
        executor.run(task(tasks.raising))
    said = str(caught.value)
    assert said == ("ValueError: no such luck" if executor.isolates else "no such luck")
    with pytest.raises(TooSlow, match=r"it would take 90 s and 5\.0 s are left"):
        executor.run(task(tasks.slow))
    assert executor.run(task(tasks.count))["steps"] == 3


def test_one_that_hangs_is_killed(strict):
    with pytest.raises(TrialError, match=r"had not ended 0.5 s after its deadline and was killed"):
        strict.run(task(tasks.hang, seconds=0.5))


def test_one_that_hears_no_end_is_killed(strict):
    token = CancelToken()
    with pytest.raises(Cancelled, match="enough"):
        strict.run(task(tasks.hang, cancel=token, heard=lambda _: token.cancel("enough")))


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (tasks.leave, {"code": 3}, "ended itself with code 3"),
        (tasks.leave, {"code": 0}, "ended itself with code 0"),
        (tasks.crash, {}, "crashed by a segmentation fault"),
        (tasks.die, {"signal": "SIGABRT"}, "crashed by an abort"),
        (tasks.die, {"signal": "SIGTERM"}, r"ended from outside \(SIGTERM\)"),
    ],
)
def test_one_that_ends_its_process_costs_only_itself(strict, kind, facts, said):
    with pytest.raises(TrialError, match=said):
        strict.run(task(kind, **facts))


def test_one_that_is_killed_from_outside_may_have_lacked_memory(strict):
    """It is taken for that, so that something smaller comes next, but not told as a fact."""
    told = r"killed from outside \(signal 9\): often, but not always, for lack of memory"
    with pytest.raises(MemoryError, match=told) as raised:
        strict.run(task(tasks.die, signal="SIGKILL"))
    assert not raised.value.sure


def test_what_the_system_has_counted_is_evidence(strict, monkeypatch):
    counted = itertools.count(7)  # before the task, and after it
    monkeypatch.setattr(process_executor, "ended_for_memory", lambda: next(counted))
    with pytest.raises(MemoryError, match="has ended 1 process meanwhile for lack of") as raised:
        strict.run(task(tasks.die, signal="SIGKILL"))
    assert raised.value.sure


def test_one_that_takes_too_much_memory_costs_only_itself(strict):
    heard = []
    with pytest.raises(MemoryError):
        strict.run(task(tasks.hoard, mb=2000, memory_bytes=300 * MB, heard=heard.append))
    assert 5 < len(heard) < 20
    assert heard[-1].peak_memory_bytes < 400 * MB
    for _ in range(2):  # what it held before doesn't count
        assert strict.run(task(tasks.hoard, mb=200, memory_bytes=300 * MB))["held"] == 12


def test_who_started_it_looks_at_its_memory_too(strict):
    with pytest.raises(MemoryError, match="took more than its 315 MB and was killed"):
        strict.run(task(tasks.hoard, mb=2000, memory_bytes=300 * MB, unlimited=True))


def test_without_a_process_to_start_it_says_so(strict, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(OSError, match="nowhere"):
            strict.run(task(tasks.count))


def test_what_cannot_be_told_is_refused(strict):
    import dataclasses

    with pytest.raises(SettingError, match="told in words"):
        strict.run(dataclasses.replace(task(tasks.count), told=None))


def test_a_result_that_cannot_be_read_is_a_failure(strict):
    import dataclasses

    def read(folder, said):
        return (folder / "nothing.json").read_text()

    asked = task(tasks.count)
    with pytest.raises(FileNotFoundError):
        strict.run(dataclasses.replace(asked, told=dataclasses.replace(asked.told, read=read)))


# -- nothing is left behind ------------------------------------------------------


def test_a_process_serves_again_unless_it_is_wanted_alone(strict):
    first, second = (strict.run(task(tasks.count))["pid"] for _ in range(2))
    assert first == second
    third = strict.run(task(tasks.count, lasting=False))["pid"]
    assert third == first
    assert strict.run(task(tasks.count))["pid"] != first


def test_what_a_killed_one_started_is_gone_too(strict):
    pids = []

    def heard(report):
        pids.append(int(report.resource))

    with pytest.raises(TrialError):
        strict.run(task(tasks.own_child, seconds=0.0, heard=heard))
    until(lambda: not psutil.pid_exists(pids[0]))


def test_nothing_is_left_behind(executor, tmp_path):
    for _ in range(2):
        executor.run(task(tasks.count))
    waiting = executor.submit(task(tasks.hang))
    executor.shutdown()
    executor.shutdown()
    with pytest.raises(TrialError, match="The run has ended"):
        waiting.result()
    assert children() == []
    assert list(tmp_path.iterdir()) == []
    assert executor.run(task(tasks.count))["steps"] == 3  # it may be used again


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=[pytest.mark.thorough] if n == "process" else [])
        for n in EXECUTORS.names()
    ],
)
def test_ten_of_them_do_not_grow(name, tmp_path):
    sizes, threads = [], threading.active_count()
    for _ in range(10):
        executor = made(name, tmp_path)
        executor.run(task(tasks.hoard, mb=64))
        executor.shutdown()
        gc.collect()
        sizes.append(psutil.Process().memory_info().rss)
    assert sizes[-1] - sizes[2] < 32 * MB
    assert children() == []
    assert threading.active_count() <= threads
    assert list(tmp_path.iterdir()) == []


ALONE = """
import os, signal, sys
from pathlib import Path
from automl_nb.control.executors.process import Process
from automl_nb.control.orders import Order
from automl_nb.control.steering import Steering
from tests.support.tasks import beat, task

steering = Steering()
steering.adopt()
executor = Process(Path(sys.argv[2]) / "work", grace_s=1.0)

def heard(report):
    print(executor._jobs and [*executor._jobs][0].process.pid, flush=True)
    if sys.argv[1] == "interrupt":
        os.kill(os.getpid(), signal.SIGINT)
    if sys.argv[1] == "paused":
        steering.give(Order("pause"))

try:
    beats = f"{sys.argv[2]}/beats"
    executor.run(task(beat, cancel=steering, clock=steering.clock, heard=heard, beats=beats))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.fixture
def alone(tmp_path):
    """Starts a process that starts one in its turn."""
    parents = []

    def start(way):
        parents.append(
            subprocess.Popen(
                [sys.executable, "-c", ALONE, way, str(tmp_path)],
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return parents[0], int(parents[0].stdout.readline())

    yield start
    for parent in parents:
        parent.kill()
        parent.communicate()


def has_ended(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("way", ["interrupt", "killed", "paused"])
def test_no_process_outlives_who_started_it(way, alone, tmp_path):
    parent, child = alone(way)
    if way == "interrupt":
        assert parent.stdout.readline() == "interrupted\n"
        assert parent.wait(60) == 0
    elif way == "paused" and POSIX:
        until(lambda: psutil.Process(child).status() == psutil.STATUS_STOPPED)
    else:
        until((tmp_path / "beats").exists)
    parent.kill()
    parent.wait(60)
    until(lambda: has_ended(child))


def test_a_default_folder_is_among_the_temporary_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    executor = Process()
    executor.run(task(tasks.count))
    assert len([*tmp_path.glob("automl_nb-*/process-1.txt")]) == 1
    executor.shutdown()
    assert list(tmp_path.iterdir()) == []
