"""Runs whose trials have processes of their own."""

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

import automl_nb
from automl_nb.control.executors.base import Surroundings, Task
from automl_nb.control.executors.process import Process
from automl_nb.control.executors.thread import Thread
from automl_nb.core import events as ev
from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.trials import CancelToken, Deadline
from automl_nb.core.types import TaskKind
from automl_nb.data.table import frame_of
from automl_nb.features.store import write_block
from automl_nb.pipeline.context_files import ContextFiles, read_context
from automl_nb.pipeline.remote_trial import told
from automl_nb.transfer.catalog import STRATEGIES
from tests.support import frames, trials
from tests.support.steered import Steered

HEADS = ["logistic", "ridge", "knn", "svm"]


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    made = Process(tmp_path_factory.mktemp("processes") / "work")
    yield made
    made.shutdown()


def by(executor, context, strategy, files, inputs=("x",), **config):
    """What a strategy's trial returns, and what it reported."""
    heard = []
    task = Task(
        "trial",
        context.deadline,
        context.cancel,
        begin=lambda: STRATEGIES[strategy].load()().train(context, inputs, config),
        told=told(files, context, strategy, inputs, config),
        heard=heard.append,
    )
    return executor.run(task), heard


@pytest.mark.parametrize("kind", list(TaskKind))
@pytest.mark.parametrize(
    "strategy",
    [
        pytest.param(name, marks=pytest.mark.thorough if name == "nas-head" else ())
        for name in STRATEGIES.names("head")
    ],
)
def test_a_head_is_the_same_wherever_it_is_trained(strategy, kind, process, tmp_path):
    context = trials.table(kind)
    if STRATEGIES[strategy].load()().applies(context, ("x",)):
        context = trials.counted(kind)
        if STRATEGIES[strategy].load()().applies(context, ("x",)):
            return  # it isn't for this task
    config = {"preset": "quick"} if strategy == "boosting" else {}
    files = ContextFiles(tmp_path)
    here, said = by(Thread(), context, strategy, files, **config)
    there, heard = by(process, context, strategy, files, **config)
    np.testing.assert_allclose(there.oof, here.oof, rtol=0, atol=1e-9)
    rows = context.blocks.take(np.arange(20))
    np.testing.assert_allclose(
        there.predictor.predict(rows), here.predictor.predict(rows), rtol=0, atol=1e-9
    )
    assert [r.resource for r in heard] == [r.resource for r in said]
    assert [r.metrics for r in heard] == [r.metrics for r in said]
    assert there.name == here.name or not config.get("name")
    assert (there.strategy, there.inputs, there.note) == (here.strategy, here.inputs, here.note)


def test_a_network_reads_its_rows_from_files(process, tmp_path):
    context = trials.texts(60, ("matplotlib", "numpy", "pandas"))
    config = {
        "column": "text",
        "backbone": "minilm-l3",
        "max_length": 16,
        "epochs": 0.5,
        "modality": "text",
    }
    files = ContextFiles(tmp_path)
    here, _ = by(Thread(), context, "bitfit", files, (), **config)
    there, heard = by(process, context, "bitfit", files, (), **config)
    np.testing.assert_allclose(
        there.oof, here.oof, rtol=0, atol=1e-3
    )  # batches may be read in other parts
    assert heard[-1].peak_memory_bytes > 2**27
    rows = context.blocks.take(np.arange(4))
    np.testing.assert_allclose(
        there.predictor.predict(rows), here.predictor.predict(rows), atol=1e-3
    )


def test_a_context_is_the_same_after_its_files(tmp_path):
    columns = {
        "text": np.array(["a", "half \ud83d", 'ü\n"', None], dtype=object),
        "n": np.array([0.1, np.nan, 1e300, -0.0]),
        "day": np.array(["2020-01-01", "NaT", "1815-12-10", "2262-04-11"], dtype="datetime64[us]"),
        "yes": np.array([True, False, False, True]),
    }
    frame = frame_of(columns, 4)
    context = trials.context(
        np.eye(4), np.array([0, 1, 0, 1]), TaskKind.BINARY, frame=frame, folds=trials.folds_of(4, 2),
        class_weight=np.array([0.1, 1 / 3]),
    )  # fmt: skip
    facts = json.loads(json.dumps(ContextFiles(tmp_path).facts(context, ("x",), raw=True)))
    around = Surroundings(tmp_path, Deadline(5.0), CancelToken())
    found = read_context(facts, around)
    assert found.blocks.frame.equals(frame)
    assert found.blocks.take(np.array([1, 0])).frame["text"].tolist() == ["half \ud83d", "a"]
    np.testing.assert_array_equal(found.blocks["x"], np.eye(4, dtype=np.float32))
    np.testing.assert_array_equal(found.class_weight, context.class_weight)
    for one, other in zip(found.folds, context.folds, strict=True):
        np.testing.assert_array_equal(one.fit, other.fit)
        np.testing.assert_array_equal(one.judge, other.judge)
    for name in ("task", "objective", "schema", "seed", "device", "interchangeable", "trial_id"):
        assert getattr(found, name) == getattr(context, name)
    assert (found.workdir, found.deadline) == (tmp_path, around.deadline)


def test_a_block_that_is_on_disk_already_is_not_written_again(tmp_path):
    context = trials.table(TaskKind.BINARY)
    block = context.blocks["x"]
    write_block(tmp_path / "store" / "one", block, "x")
    mapped = np.load(tmp_path / "store" / "one" / "block.npy", mmap_mode="r")
    for given, place in [(mapped, tmp_path / "store" / "one"), (mapped[1:], None), (block, None)]:
        blocks = trials.GivenBlocks({"x": given}, pd.DataFrame(index=range(len(given))))
        files = ContextFiles(tmp_path / f"run-{len(given)}-{place is None}")
        facts = files.facts(dataclasses.replace(context, blocks=blocks), ("x",), raw=False)
        found = facts["blocks"]["places"]["x"]
        assert (found == str(place)) == (place is not None)
        assert np.array_equal(np.load(f"{found}/block.npy"), given)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"grid": np.arange(3)}, "not JSON serializable"),
        ({"widths": (3, 4)}, "its settings are more"),
    ],
)
def test_settings_that_cannot_be_told_are_named(config, said, tmp_path):
    context = trials.table(TaskKind.BINARY)
    with pytest.raises((ValueError, TypeError), match=said):
        told(ContextFiles(tmp_path), context, "svm", ("x",), config)


def test_rows_that_cannot_be_told_are_named(tmp_path):
    context = trials.table(TaskKind.BINARY)
    rows = pd.DataFrame({"c": [{1}] * len(context.y)})
    context = dataclasses.replace(context, blocks=trials.GivenBlocks({}, rows))
    with pytest.raises(ValueError, match="column 'c' holds more than numbers"):
        told(ContextFiles(tmp_path), context, "bitfit", (), {})


# -- whole runs ------------------------------------------------------------------


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    options = {"strategies": HEADS, "time": 600, "run_dir": folder, "fresh": True}
    return [
        automl_nb.fit(frames.table(), "cultivar", name=name, executor=name, **options)
        for name in ("thread", "process")
    ]


def test_a_run_is_the_same_by_either(both):
    here, there = ({row.model: row.score for row in run.state.leaderboard} for run in both)
    assert there == pytest.approx(here, abs=1e-9)
    assert len(here) >= 5
    rows = frames.table(9)
    assert both[0].predict(rows).tolist() == both[1].predict(rows).tolist()


def test_it_leaves_nothing_in_its_folder(both):
    for run in both:
        assert not (run.folder / "processes").exists()


def test_nothing_is_said_that_a_person_must_not_know(both):
    assert [m.text for m in both[0].state.messages] == [m.text for m in both[1].state.messages]


def test_a_run_goes_on_by_the_other_executor(tmp_path):
    options = {"strategies": ["ridge", "knn"], "run_dir": tmp_path, "time": 600}

    def at_knn(event):
        return isinstance(event, ev.TrialStarted) and "knn" in event.trial

    steered = Steered(
        frames.table(),
        "cultivar",
        tmp_path,
        at_knn,
        lambda run: run.stop(),
        strategies=["ridge", "knn"],
    )
    first = steered.run.wait()
    again = automl_nb.fit(frames.table(), "cultivar", executor="process", **options)
    assert again.folder == first.folder
    assert again.status == "finished"


def test_an_unknown_executor_is_refused():
    with pytest.raises(UnknownNameError, match="process"):
        automl_nb.fit(frames.table(), "cultivar", executor="proces", time=60)
    with pytest.raises(SettingError):
        automl_nb.fit(frames.table(), "cultivar", executor=3, time=60)


def break_knn(monkeypatch, fault):
    spec = dataclasses.replace(STRATEGIES["knn"], target=f"tests.support.broken:{fault}")
    monkeypatch.setitem(STRATEGIES._specs, "knn", spec)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("Crash", "crashed by a segmentation fault"),
        ("Nan", "Its scores are no numbers."),
        ("Exit", "ended itself with code 7"),
        ("Hoard", "memory"),
        ("Killed", "was killed from outside (signal 9): often, but not always, for lack of memory"),
    ],
)
def test_a_trial_that_breaks_its_process_costs_only_itself(fault, said, tmp_path, monkeypatch):
    break_knn(monkeypatch, fault)
    if fault == "Hoard":
        monkeypatch.setattr("automl_nb.pipeline.execution.limit_bytes", lambda free: 700 * 2**20)
    run = automl_nb.fit(
        frames.table(), "cultivar", strategies=["ridge", "knn"], executor="process",
        run_dir=tmp_path, time=600, fresh=True,
    )  # fmt: skip
    ended = {e.trial: e for e in run.events if isinstance(e, ev.TrialEnded) and "knn" in e.trial}
    assert ended
    assert all(e.status == "failed" and said in e.note for e in ended.values()), ended
    for event in ended.values():  # what nobody knows isn't told as a fact
        assert fault != "Killed" or "out of memory" not in event.note
    assert run.status == "finished"
    assert any("ridge" in row.model for row in run.state.leaderboard)
    assert not any("knn" in row.model for row in run.state.leaderboard)


def test_paused_its_process_stands_still_and_the_same_trial_goes_on(tmp_path):
    def in_training(event):
        return isinstance(event, ev.TrialReported) and "svm" in event.trial

    before = {*psutil.Process().children()}
    steered = Steered(
        frames.table(), "cultivar", tmp_path, in_training, lambda run: run.pause(),
        strategies=["svm"], executor="process", fresh=True,
    )  # fmt: skip
    run = steered.run
    while run.status != "paused":
        run.poll(0.2)
        assert not run.done
    (child,) = {*psutil.Process().children()} - before
    if os.name == "posix":
        while child.status() != psutil.STATUS_STOPPED:  # the system lets it stop where it is
            assert not run.poll(0.1)
    for _ in range(5):
        assert not run.poll(0.1)
    run.resume()
    run.wait()
    assert run.status == "finished"
    names = [e.trial for e in run.events if isinstance(e, ev.TrialStarted)]
    assert len(names) == len(set(names))
    assert not child.is_running()


def test_stopped_it_keeps_the_best_and_leaves_no_process(tmp_path):
    def in_training(event):
        return isinstance(event, ev.TrialReported) and "knn" in event.trial

    before = {*psutil.Process().children()}
    steered = Steered(
        frames.table(), "cultivar", tmp_path, in_training, lambda run: run.stop(),
        strategies=["ridge", "knn"], executor="process", fresh=True,
    )  # fmt: skip
    run = steered.run.wait()
    assert run.status == "stopped"
    assert len(run.predict(frames.table(3))) == 3
    assert {*psutil.Process().children()} == before


@pytest.mark.slow
def test_a_trial_that_hangs_costs_only_its_time(tmp_path, monkeypatch):
    break_knn(monkeypatch, "Hang")
    run = automl_nb.fit(
        frames.table(), "cultivar", strategies=["ridge", "knn"], executor="process",
        run_dir=tmp_path, time=8, fresh=True,
    )  # fmt: skip
    (ended,) = [e for e in run.events if isinstance(e, ev.TrialEnded) and "knn" in e.trial]
    assert ended.status == "failed"
    assert "had not ended 2 s after its deadline and was killed" in ended.note
    assert "ridge" in run.state.incumbent.model
    assert run.status == "finished"


def test_a_trial_that_hangs_may_be_skipped(tmp_path, monkeypatch):
    break_knn(monkeypatch, "Hang")
    monkeypatch.setattr("automl_nb.control.executors.process.GRACE_S", 0.5)

    def in_training(event):
        return isinstance(event, ev.TrialReported) and "knn" in event.trial

    steered = Steered(
        frames.table(), "cultivar", tmp_path, in_training, lambda run: run.skip(),
        strategies=["knn", "ridge"], executor="process", fresh=True,
    )  # fmt: skip
    run = steered.run.wait()
    ended = {e.trial: e.status for e in run.events if isinstance(e, ev.TrialEnded)}
    assert ended["tabular-linear: knn"] == "skipped"
    assert ended["tabular-linear: ridge"] == "done"


@pytest.mark.thorough
def test_pictures_are_read_there_too(process, tmp_path):
    context = trials.pictures()
    backbone = trials.small_pictures(tmp_path / "lite0-64")
    config = {"column": "image", "backbone": str(backbone), "epochs": 0.5, "modality": "image"}
    made, heard = by(process, context, "bitfit", ContextFiles(tmp_path / "files"), (), **config)
    assert np.isfinite(made.oof).all(axis=1).any()
    assert heard[-1].resource > 0
    assert np.isfinite(made.predictor.predict(context.blocks.take(np.arange(3)))).all()


def test_a_trial_that_cannot_fit_is_not_begun(tmp_path, monkeypatch):
    monkeypatch.setattr("automl_nb.pipeline.execution.free_bytes", lambda device=None: 1000)
    run = automl_nb.fit(
        frames.table(), "cultivar", strategies=["ridge"], run_dir=tmp_path, time=600, fresh=True
    )
    (ended,) = [e for e in run.events if isinstance(e, ev.TrialEnded) and "ridge" in e.trial]
    assert ended.status == "failed"
    assert "kB of memory at least, and 900 B are free" in ended.note
    said = " ".join(message.text for message in run.state.messages)
    assert "ridge (it failed, see the messages)" in said  # and not that it doesn't suit
    assert run.state.incumbent.model == "prior"


INTERRUPTED = """
import os, signal, sys
import automl_nb
from automl_nb.control.executors import process
from automl_nb.core import events as ev
from automl_nb.transfer.catalog import STRATEGIES
from dataclasses import replace
import psutil
from tests.support import frames

process.GRACE_S = 0.5 if sys.argv[2] == "once" else 600.0
knn = replace(STRATEGIES["knn"], target="tests.support.broken:Hang")
STRATEGIES._specs["knn"] = knn

def on_event(event):
    if isinstance(event, ev.TrialReported) and "knn" in event.trial:
        print(psutil.Process().children()[0].pid, flush=True)
        os.kill(os.getpid(), signal.SIGINT)
    if isinstance(event, ev.TrialEnded) and "knn" in event.trial:
        print(event.status, flush=True)

run = automl_nb.fit(
    frames.table(), "cultivar", run_dir=sys.argv[1], time=600, executor="process",
    strategies=["ridge", "knn"], on_event=on_event, fresh=True,
)
print(run.status, run.state.incumbent.model, flush=True)
"""


@pytest.mark.parametrize("times", ["once", "twice"])
def test_an_interrupt_leaves_no_process(times, tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path), times],
        env=os.environ | {"PYTHONPATH": str(Path(automl_nb.__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    child = psutil.Process(next(int(line) for line in parent.stdout if line.strip().isdigit()))
    if times == "twice":
        while parent.poll() is None:
            parent.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                parent.wait(0.5)
    said, errors = parent.communicate(timeout=120)
    if times == "once":
        assert "stopped" in said, errors
        assert "ridge" in said
        assert parent.returncode == 0
    else:
        assert parent.returncode != 0
    with contextlib.suppress(psutil.NoSuchProcess):
        child.wait(60)
    assert not child.is_running()
