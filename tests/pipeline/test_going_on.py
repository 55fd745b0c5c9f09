"""Runs that are left before their end, and what the same call makes of them."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import automl_nb
from automl_nb.control.journal import NAME as JOURNAL
from automl_nb.control.lock import NAME as LOCK
from automl_nb.core import events as ev
from automl_nb.core.errors import RunError
from tests.support import frames
from tests.support.steered import Steered

ROOT = Path(automl_nb.__file__).parents[1]

# A run that waits at a moment, to be killed there; then the same call again.
AT_WORK = """
import sys
import time
import automl_nb
from automl_nb.core import events as ev
from tests.support import frames
from tests.support.steered import Steered

told = 0

def on_event(event):
    global told
    told += isinstance(event, ev.TrialEnded)
    if f"{type(event).__name__} {told}" == sys.argv[2]:
        print("now", flush=True)
        time.sleep(600)

run = automl_nb.start(
    frames.table(), "cultivar", run_dir=sys.argv[1], name="run", time=600,
    strategies=["logistic", "ridge", "knn"], on_event=on_event,
)
run.wait()
"""


def killed_at(moment: str, root: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(AT_WORK), str(root), moment],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "now\n"
    process.kill()
    process.communicate()


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A run that was killed while its third trial was at work."""
    root = tmp_path_factory.mktemp("killed")
    killed_at("TrialStarted 2", root)
    return root / "run"


@pytest.fixture
def left(killed, tmp_path):
    """The same for each test, in a folder for runs of its own."""
    return Path(shutil.copytree(killed, tmp_path / "run"))


def again(root: Path, **options):
    settings = {"time": 600, "strategies": ["logistic", "ridge", "knn"], **options}
    return automl_nb.fit(frames.table(), "cultivar", run_dir=root, **settings)


def trials(run) -> list[str]:
    return [event.trial for event in run.events if isinstance(event, ev.TrialStarted)]


def test_the_same_call_goes_on_with_a_killed_run(left, tmp_path):
    before = automl_nb.open_run(left)
    assert before.status == "killed"
    run = again(tmp_path)
    assert run.folder == left
    assert [item.name for item in tmp_path.iterdir() if (item / JOURNAL).exists()] == ["run"]
    assert run.status == "finished"
    assert run.events[: len(before.events)] == before.events
    assert any("goes on with the run of" in message.text for message in run.state.messages)
    texts = [message.text for message in run.state.messages]
    assert len(texts) == len({*texts})  # what was told by then isn't told again
    times = [event.t for event in run.events]
    assert times[len(before.events)] == before.state.t  # time in which it wasn't at work is none
    assert automl_nb.open_run(run.folder).state == run.state
    undisturbed = again(tmp_path, fresh=True)
    assert undisturbed.folder != run.folder
    assert run.state.ended.score == pytest.approx(undisturbed.state.ended.score, abs=0.005)
    assert run.predict(frames.table(9)).tolist() == undisturbed.predict(frames.table(9)).tolist()


@pytest.mark.parametrize("moment", ["TrialStarted 0", "IncumbentImproved 2"])
def test_wherever_it_was_killed(moment, tmp_path):
    killed_at(moment, tmp_path)
    run = again(tmp_path)
    assert run.folder.name == "run"
    assert run.status == "finished"
    assert run.scorecard is not None


def test_no_finished_trial_is_trained_twice(left, tmp_path):
    before = automl_nb.open_run(left)
    finished = [e.trial for e in before.events if isinstance(e, ev.TrialEnded)]
    run = again(tmp_path)
    taken = [
        event.elapsed_s
        for event in run.events[len(before.events) :]
        if isinstance(event, ev.TrialEnded) and event.trial in finished
    ]
    assert len(taken) == len(finished)
    assert max(taken) < 0.01  # found, not trained


def test_the_ledger_tells_each_trial_once(left, tmp_path):
    before = automl_nb.open_run(left).ledger.set_index("trial")
    assert list(before["status"]) == ["done", "done", "interrupted"]
    after = again(tmp_path).ledger.set_index("trial")
    assert after.index.is_unique
    assert set(after["status"]) == {"done"}
    finished = before.index[:2]
    costs = ["seconds", "cpu_s", "memory_mb", "began_s", "ended_s"]
    assert after.loc[finished, costs].equals(before.loc[finished, costs])
    cut = before.index[2]
    assert after.loc[cut, "began_s"] == before.loc[cut, "began_s"]


def test_time_that_was_given_meanwhile_is_still_there(tmp_path):
    def longer_and_enough(run):
        run.extend("5m")
        run.stop()

    steered = Steered(
        frames.table(), "cultivar", tmp_path, first_model, longer_and_enough,
        strategies=["logistic", "ridge", "knn"],
    )  # fmt: skip
    assert steered.run.wait().state.time_s == 900
    run = again(tmp_path)
    assert run.folder == steered.run.folder
    assert run.state.time_s == 900
    assert "keeps the time that was given to it" in said(run, "goes on with the run of")


def test_less_time_than_before_is_obeyed(left, tmp_path):
    """It was kept to the longer time, silently."""
    run = again(tmp_path, time=300)
    assert run.folder == left
    assert run.state.time_s == 300
    assert "Its whole time is 5:00 min now" in said(run, "goes on with the run of")
    assert run.status == "finished"


def test_less_time_than_was_used_ends_the_run_with_the_best_so_far(left, tmp_path):
    before = automl_nb.open_run(left)
    run = again(tmp_path, time=before.state.t / 2)
    assert run.folder == left
    assert "ends with the best model so far" in said(run, "goes on with the run of")
    assert len(trials(run)) == len(trials(before))  # nothing was begun
    assert run.state.ended.score == before.state.incumbent.score
    assert run.scorecard is not None
    longer = again(tmp_path)
    assert longer.folder == left
    assert len(trials(longer)) > len(trials(before))


def test_a_model_without_networks_is_read_again_without_a_library_for_them(left, tmp_path):
    """To look for a device imports PyTorch, which takes seconds that the run may not have."""
    used = automl_nb.open_run(left).state.t
    run = again(tmp_path, time=used / 2)
    assert run.scorecard is not None
    assert not [m.text for m in run.state.messages if "ompute on" in m.text]


def first_model(event):
    return isinstance(event, ev.IncumbentImproved)


def test_a_stopped_run_goes_on(tmp_path):
    steered = Steered(
        frames.table(), "cultivar", tmp_path, first_model, lambda run: run.stop("for today"),
        strategies=["logistic", "ridge", "knn"],
    )  # fmt: skip
    stopped = steered.run.wait()
    assert stopped.status == "stopped"
    run = again(tmp_path)
    assert run.folder == stopped.folder
    assert run.status == "finished"
    assert len(set(trials(run))) > len(set(trials(stopped)))


def test_a_finished_run_is_left_alone_unless_it_has_more_time(tmp_path):
    first = again(tmp_path)
    second = again(tmp_path)
    assert second.folder != first.folder
    longer = again(tmp_path, time=700)
    assert longer.folder in {first.folder, second.folder}
    assert longer.state.time_s == 700
    assert longer.state.ended.score >= first.state.ended.score


def said(run, words) -> str:
    """The one message of a run with these words."""
    (text,) = [message.text for message in run.state.messages if words in message.text]
    return text


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"seed": 1}, "seed: 0, now 1"),
        ({"strategies": ["knn"]}, "strategies: logistic, ridge, knn, now knn"),
        ({"search": "k=3..9", "trials": 2, "patience": "1m"}, "patience: none, now 1:00 min"),
    ],
    ids=["seed", "strategies", "search"],
)
def test_other_settings_begin_a_run_of_their_own(changed, told, left, tmp_path):
    """Called by the run's name, or not: what has changed is said, as it is typed."""
    run = again(tmp_path, **({} if "seed" in changed else {"name": "run"}), **changed)
    assert run.folder.name == ("cultivar" if "seed" in changed else "run-2")
    assert told in said(run, "with other settings")


def test_what_is_no_other_experiment_goes_on(left, tmp_path):
    run = again(tmp_path, memory="64GB", executor="process", time=700)
    assert run.folder == left


def test_other_rows_begin_a_run_of_their_own(left, tmp_path):
    run = automl_nb.fit(
        frames.table().iloc[1:], "cultivar", run_dir=tmp_path, time=600,
        strategies=["logistic", "ridge", "knn"],
    )  # fmt: skip
    assert run.folder.name == "cultivar"
    assert "'run'" in said(run, "on other data")


def test_a_run_at_work_is_not_gone_on_with(tmp_path):
    steered = Steered(
        frames.table(), "cultivar", tmp_path, first_model, lambda run: run.pause(),
        strategies=["logistic", "ridge", "knn"],
    )  # fmt: skip
    while steered.run.status != "paused":
        steered.run.poll(0.2)
    second = again(tmp_path)
    assert second.folder != steered.run.folder
    assert steered.run.name in said(second, "is still at work")
    steered.run.resume()
    assert steered.run.wait().status == "finished"


def damage(journal: Path, how: str) -> None:
    lines = journal.read_text(encoding="utf-8").splitlines()
    if how == "torn":
        journal.write_text("\n".join(lines)[:-30], encoding="utf-8")
    elif how == "garbled":
        lines[2] = lines[2][: len(lines[2]) // 2]
        journal.write_text("\n".join(lines) + "\n", encoding="utf-8")
    elif how == "newer":
        first = json.loads(lines[0]) | {"format_version": 99}
        journal.write_text("\n".join([json.dumps(first), *lines[1:]]) + "\n", encoding="utf-8")


def test_a_torn_last_line_costs_that_line_alone(left, tmp_path):
    damage(tmp_path / "run" / JOURNAL, "torn")
    run = again(tmp_path)
    assert run.folder.name == "run"
    assert run.status == "finished"
    assert automl_nb.open_run(run.folder).status == "finished"


@pytest.mark.parametrize("how", ["garbled", "newer"])
def test_what_cannot_be_read_is_not_gone_on_with(how, left, tmp_path):
    damage(tmp_path / "run" / JOURNAL, how)
    before = (tmp_path / "run" / JOURNAL).read_bytes()
    run = again(tmp_path)
    assert run.folder.name == "cultivar"
    assert run.status == "finished"
    assert {"garbled": "line 3", "newer": "format 99"}[how] in said(run, "can't be gone on with")
    assert "can't" not in " ".join(m.text for m in again(tmp_path).state.messages)  # once is enough
    assert (tmp_path / "run" / JOURNAL).read_bytes() == before
    with pytest.raises(RunError):
        automl_nb.resume(tmp_path / "run", frames.table())


def test_a_folder_of_another_machine_goes_on_here(left, tmp_path, monkeypatch):
    """Copied with its lock; what that machine had computed and kept beside isn't here."""
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path / "cache"))
    there = tmp_path / "there"
    shutil.copytree(tmp_path / "run", there / "run")
    assert (there / "run" / LOCK).is_file()
    before = automl_nb.open_run(there / "run")
    run = again(there)
    assert run.folder == there / "run"
    assert run.status == "finished"
    assert set(trials(before)) <= {row.model for row in run.state.leaderboard}


def test_a_clock_that_was_set_back_disturbs_nothing(left, tmp_path, monkeypatch):
    """A day, between both processes and once more in the middle of the second."""
    tomorrow = time.time() + 86_400.0
    for path in left.rglob("*"):
        os.utime(path, (tomorrow, tomorrow))
    real, lost = time.time, [0.0]

    def lose_a_day(event):
        lost[0] += 86_400.0 * isinstance(event, ev.TrialStarted)

    monkeypatch.setattr(time, "time", lambda: real() - lost[0])
    run = again(tmp_path, on_event=lose_a_day)
    assert lost[0] > 86_400.0
    assert run.folder == left
    assert run.status == "finished"
    assert not run.state.ended.reason.startswith("The time")
    told = [event.t for event in run.events]
    assert told == sorted(told)
    assert (run.ledger["seconds"] >= 0.0).all()
    assert (run.ledger["ended_s"] >= run.ledger["began_s"]).all()


def test_a_model_that_was_deleted_is_told_and_trained_again(left, tmp_path):
    (place,) = left.glob("model-*")
    shutil.rmtree(place)
    opened = automl_nb.open_run(left)
    with pytest.raises(RunError, match=r"deleted or moved.*Run fit again"):
        _ = opened.model
    run = again(tmp_path)
    assert run.folder == left
    assert run.status == "finished"
    assert len(automl_nb.open_run(left).predict(frames.table(3))) == 3


def test_resume_finds_the_rows_among_frames(left, tmp_path):
    with pytest.raises(RunError, match="data"):
        automl_nb.resume(tmp_path / "run")
    with pytest.raises(RunError, match="other rows"):
        automl_nb.resume(tmp_path / "run", frames.table(20))
    run = automl_nb.resume(tmp_path / "run", among=[frames.table(20), frames.table()]).wait()
    assert run.folder.name == "run"
    assert run.status == "finished"
    with pytest.raises(RunError, match="more time"):
        automl_nb.resume(run.folder, frames.table())


def test_resume_reads_the_file_again(tmp_path):
    path = tmp_path / "wine.csv"
    frames.table().to_csv(path, index=False)
    steered = Steered(
        path, "cultivar", tmp_path / "runs", first_model, lambda run: run.stop(),
        strategies=["logistic", "ridge", "knn"], name="run",
    )  # fmt: skip
    assert steered.run.wait().status == "stopped"
    more = automl_nb.resume(tmp_path / "runs" / "run").wait()
    assert more.folder == steered.run.folder
    assert more.status == "finished"
    path.write_text(path.read_text() + path.read_text().splitlines()[-1] + "\n")
    with pytest.raises(RunError):
        automl_nb.resume(tmp_path / "runs" / "run", time=900)


def test_a_run_that_has_ended_is_told_before_it_is_made_longer(tmp_path):
    options = {"label": "cultivar", "run_dir": tmp_path, "strategies": ["logistic"]}
    assert automl_nb.api.foreseen(frames.table(), time=600, **options) == ""
    first = automl_nb.fit(frames.table(), time=600, name="theirs", **options)
    assert automl_nb.api.foreseen(frames.table(), time=600, **options) == ""
    assert automl_nb.api.foreseen(frames.table(20), time=700, **options) == ""
    told = automl_nb.api.foreseen(frames.table(), time=700, **options)
    assert "'theirs', which had used" in told
    assert "Its whole time is 11:40 min now" in told
    explained = automl_nb.fit(frames.table(), time=700, explain_steps=True, **options)
    assert explained.folder != first.folder  # of steps that are found again half would be missing
    assert "'theirs' has ended" in said(explained, "without explaining its steps")
    assert {"split", "encoding"} <= {*explained.state.explained}
    other = automl_nb.fit(frames.table(), time=700, seed=1, **options)
    assert not [m for m in other.state.messages if "left before its end" in m.text]


def test_what_was_trained_before_is_not_called_unused(left, tmp_path):
    """It stood beside the very model as the best one."""
    before = automl_nb.open_run(left)
    trained = {row.strategy for row in before.state.leaderboard} - {"prior"}
    assert trained
    run = again(tmp_path, time=before.state.t / 2)
    unused = " ".join(m.text for m in run.state.messages if m.text.startswith("Not used"))
    assert not [name for name in trained if name in unused]
    assert "knn" in unused
