"""Runs in processes of their own: killed, interrupted, and loaded afterwards."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import automl_nb
from automl_nb.pipeline.vault import best_in
from tests.support import frames

ROOT = Path(automl_nb.__file__).parents[1]

# A run that says on its standard output what happens, and waits where it is told to.
AT_WORK = """
import sys
import time
import automl_nb
from automl_nb.core import events as ev
from tests.support import frames

best = 0

def on_event(event):
    global best
    best += isinstance(event, ev.IncumbentImproved)
    kind = type(event).__name__
    print(kind, best, flush=True)
    if f"{kind} {best}" == sys.argv[2]:
        time.sleep(600)

run = automl_nb.start(
    frames.table(), "cultivar", run_dir=sys.argv[1], name="run", time=600,
    strategies=["logistic", "boosting"], on_event=on_event, fresh=True,
)
run.wait()
"""


def python(code: str, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def heard(process: subprocess.Popen, line: str) -> None:
    """Read its output up to this line."""
    for found in process.stdout:
        if found.strip() == line:
            return
    pytest.fail(f"It ended before '{line}': {process.stderr.read()}")


# Right after the first model, while the next trains, at the next's report, at the second best.
@pytest.mark.parametrize(
    "moment", ["IncumbentImproved 1", "TrialStarted 1", "TrialReported 1", "IncumbentImproved 2"]
)
def test_a_killed_run_leaves_its_best_model(moment, tmp_path):
    process = python(AT_WORK, str(tmp_path), moment)
    heard(process, moment)
    process.kill()
    process.communicate()
    model = automl_nb.load(tmp_path / "run")
    assert len(model.predict(frames.table(7))) == 7
    run = automl_nb.open_run(tmp_path / "run")
    assert run.state.status == "running"  # nobody could write its end
    assert run.status == "killed"
    assert "killed" in repr(run)
    assert run.state.incumbent.model == model.facts["name"]
    assert len(run.predict(frames.table(7))) == 7


def test_killed_while_a_better_model_is_written_the_old_one_loads(tmp_path):
    code = AT_WORK.replace(
        "run = automl_nb.start(",
        """
from automl_nb.pipeline import bundle
plain = bundle._move

def slow(making, path):
    if path.name == "model-002":
        print("half written", flush=True)
        time.sleep(600)
    plain(making, path)

bundle._move = slow
run = automl_nb.start(""",
    )
    process = python(code, str(tmp_path), "")
    heard(process, "half written")
    process.kill()
    process.communicate()
    assert best_in(tmp_path / "run").name == "model-001"
    assert len(automl_nb.load(tmp_path / "run").predict(frames.table(7))) == 7


# `fit` in the foreground, as in a script; ready to be interrupted in the middle of a trial.
IN_FRONT = """
import sys
import automl_nb
from automl_nb.core import events as ev
from tests.support import frames

class Loud(automl_nb.Run):
    def poll(self, timeout=0.0):
        before = len(self.events)
        news = super().poll(timeout)
        for event in self.events[before:]:
            print(type(event).__name__, flush=True)
        return news

import automl_nb.api as api
api.Run = Loud
try:
    run = automl_nb.fit(
        frames.table(), "cultivar", run_dir=sys.argv[1], name="run", time=600,
        strategies=["boosting"], fresh=True,
    )
except KeyboardInterrupt:
    print("interrupted", flush=True)
else:
    print(run.state.status, run.state.ended.reason, len(run.predict(frames.table(3))), flush=True)
"""


def test_an_interrupt_ends_gracefully_with_the_best(tmp_path):
    process = python(IN_FRONT, str(tmp_path))
    heard(process, "IncumbentImproved")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "stopped Stopped by an interrupt. 3" in out
    run = automl_nb.open_run(tmp_path / "run")
    assert run.state.status == "stopped"
    assert run.scorecard.test_openings == 1


def test_a_second_interrupt_raises(tmp_path):
    code = IN_FRONT.replace(
        "try:",
        """
from automl_nb.pipeline import engine
import threading

def never(self, bench):
    sys.stdout.write("\\ntesting\\n")  # in one go, as the other thread prints too
    sys.stdout.flush()
    threading.Event().wait()

engine._Engine._test = never
try:""",
    )
    process = python(code, str(tmp_path))
    heard(process, "IncumbentImproved")
    process.send_signal(signal.SIGINT)
    heard(process, "testing")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert "interrupted" in out, err
    assert len(automl_nb.load(tmp_path / "run").predict(frames.table(3))) == 3
