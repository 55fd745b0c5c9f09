"""Whole runs on small data: what comes out, and how the engine behaves when things go wrong."""

import errno
import gc
import os
import re
import threading
import time
import weakref

import numpy as np
import psutil
import pytest

import automl_nb
from automl_nb.control.memory import held_bytes
from automl_nb.core import events as ev
from automl_nb.core.errors import RunError
from automl_nb.core.jsonable import event_to_line
from automl_nb.core.trials import Deadline, TooSlow
from automl_nb.features.text import FrozenText
from automl_nb.pipeline import bundle as bundles
from automl_nb.pipeline.too_short import FirstModel
from automl_nb.pipeline.vault import best_in
from automl_nb.run import Run
from automl_nb.transfer.logistic import Logistic
from automl_nb.transfer.prior import Prior
from tests.support import frames

QUICK = {"time": 600, "strategies": ["logistic"], "fresh": True}


def told(run: Run) -> str:
    return "\n".join(message.text for message in run.state.messages)


@pytest.mark.parametrize("which", ["text_run", "table_run", "picture_run", "mixed_run"])
def test_a_run_goes_from_rows_to_a_tested_model(which, request):
    run = request.getfixturevalue(which)
    state = run.state
    assert state.status == "finished"
    assert "more time would change nothing" in state.ended.reason
    assert state.stages[0].name == "data"
    assert {stage.outcome for stage in state.stages} <= {"done", "skipped"}
    prior = next(row for row in state.leaderboard if row.model == "prior")
    best = state.ranked()[0]
    assert best.score != prior.score
    assert state.objective.greater_is_better == (best.score > prior.score)
    card = run.scorecard
    assert card.test_openings == 1
    assert card.part == "test"
    assert len(run.leaderboard) == len(state.leaderboard) >= 2


@pytest.mark.parametrize("which", ["text_run", "table_run", "picture_run", "mixed_run"])
def test_the_scorecard_is_that_of_the_model_on_the_sealed_rows(which, request):
    run = request.getfixturevalue(which)
    described = run.state.split
    assert described.n_test > 0
    assert run.scorecard.n_rows == described.n_test


@pytest.mark.parametrize("which", ["text_run", "table_run", "picture_run", "mixed_run"])
def test_every_incumbent_is_no_worse_than_the_one_before(which, request):
    run = request.getfixturevalue(which)
    scores = [one.score for one in run.state.incumbents]
    assert scores
    sign = 1 if run.state.objective.greater_is_better else -1
    rows = {row.model: row for row in run.state.leaderboard}
    for before, after in zip(run.state.incumbents, run.state.incumbents[1:], strict=False):
        width = rows[before.model].high - rows[before.model].low
        assert sign * (after.score - before.score) >= -0.25 * width


def test_the_ledger_tells_every_trial_of_a_run_with_its_cost(table_run):
    tried = table_run.ledger
    metric = table_run.state.objective.metric
    assert tried["trial"].is_unique
    assert "prior" in set(tried["trial"])
    done = tried[tried["status"] == "done"].set_index("trial")
    scores = {row.model: row.score for row in table_run.state.leaderboard}
    assert all(done.loc[name, metric] == scores[name] for name in done.index)
    assert (tried["seconds"] >= 0).all()
    assert (tried["ended_s"] >= tried["began_s"]).all()
    assert (tried["memory_mb"] >= 0).all()
    assert automl_nb.open_run(table_run.folder).ledger.equals(tried)


def test_the_cost_of_a_trial_is_that_of_the_run_that_did_it():
    first = automl_nb.fit(frames.table(), "cultivar", **QUICK).ledger
    assert first["cpu_s"].sum() > 0
    again = automl_nb.fit(frames.table(), "cultivar", **QUICK | {"fresh": False}).ledger
    assert again["why"].str.startswith("an earlier run did it").all()
    assert (again["seconds"] == 0).all()


@pytest.mark.parametrize("which", ["text_run", "table_run", "picture_run"])
def test_a_run_can_be_opened_again(which, request, a_folder):
    run = request.getfixturevalue(which)
    again = automl_nb.open_run(run.folder)
    assert again.done
    assert again.name == run.name
    lines = [event_to_line(event) for event in run.events]
    assert [event_to_line(event) for event in again.events] == lines
    assert again.state.incumbent == run.state.incumbent
    assert again.state.stages == run.state.stages
    assert again.leaderboard.equals(run.leaderboard)
    assert again.scorecard.to_dict() == run.scorecard.to_dict()
    assert [m.name for m in again.model.members] == [m.name for m in run.model.members]
    assert not again.poll(0.0)
    again.stop()  # nothing to stop, nothing happens


def test_runs_are_listed_newest_first(text_run, table_run, a_folder):
    listed = automl_nb.runs(a_folder)
    assert {"texts", "table"} <= set(listed["name"])
    assert set(listed["status"]) == {"finished"}
    assert listed["started"].is_monotonic_decreasing
    assert len(automl_nb.runs(a_folder / "nowhere")) == 0


def test_a_damaged_run_is_listed_as_such(table_run, tmp_path):
    import shutil

    shutil.copytree(table_run.folder, tmp_path / "hurt")
    journal = tmp_path / "hurt" / "journal.jsonl"
    journal.write_text("{\n" + journal.read_text(encoding="utf-8"), encoding="utf-8")
    assert automl_nb.runs(tmp_path)["status"][0].startswith("unreadable")
    automl_nb.load(tmp_path / "hurt")  # its model is whole


def test_the_same_seed_gives_the_same_model(table_run, a_folder):
    again = automl_nb.fit(
        frames.table(),
        "cultivar",
        time=600,
        strategies=["logistic", "ridge", "knn"],
        run_dir=a_folder,
        fresh=True,
    )
    columns = ["model", "accuracy", "low", "high", "strategy", "stage", "note"]
    assert again.leaderboard[columns].equals(table_run.leaderboard[columns])
    rows = frames.table(60)
    np.testing.assert_array_equal(
        again.predict_proba(rows).to_numpy(), table_run.predict_proba(rows).to_numpy()
    )


def test_another_seed_divides_the_rows_otherwise(table_run):
    other = automl_nb.fit(frames.table(), "cultivar", seed=7, **QUICK)
    assert other.state.settings["seed"] == 7
    assert other.scorecard.to_dict() != table_run.scorecard.to_dict()


def test_the_best_so_far_is_on_disk_from_the_first_model_on():
    """Looked at from within the run, at each of its events."""
    seen = []

    def look(event):
        if isinstance(event, ev.IncumbentImproved):
            folder = best_in(run_folder[0])
            assert str(folder) == event.path
            model = automl_nb.load(run_folder[0])
            seen.append((event.model, model.facts["name"], len(model.predict(rows))))
        elif isinstance(event, ev.StageStarted) and event.stage not in {"data", "baselines"}:
            automl_nb.load(run_folder[0])

    rows = frames.table(5)
    run_folder = []

    def first(event):
        if isinstance(event, ev.RunStarted):
            from automl_nb.core.settings import runs_dir

            run_folder.append(runs_dir() / event.run)
        look(event)

    run = automl_nb.start(
        frames.table(), "cultivar", time=600, strategies=["logistic", "knn"], on_event=first
    ).wait()
    assert len(seen) >= 2
    assert all(told == kept and n == 5 for told, kept, n in seen)
    assert [path.name for path in run.folder.glob("model-*")] == [best_in(run.folder).name]


def test_only_the_chosen_strategies_are_trained(table_run):
    run = automl_nb.fit(frames.table(), "cultivar", **QUICK)
    assert {row.strategy for row in run.state.leaderboard} <= {"prior", "logistic", "ensemble"}


@pytest.mark.parametrize("strategy", ["knn", "ridge", "svm"])
def test_what_is_asked_for_by_name_is_trained(strategy):
    run = automl_nb.fit(frames.table(), "cultivar", time=600, strategies=strategy)
    assert strategy in {row.strategy for row in run.state.leaderboard}
    assert run.scorecard.metrics["accuracy"].value > 0.8


def test_no_network_is_read_that_nobody_asked_for():
    run = automl_nb.fit(frames.texts(60), "library", time=600, strategies="prior")
    assert not any("frozen" in key for key in run.model.encoders)
    stages = {stage.name: stage for stage in run.state.stages}
    assert stages["frozen features"].outcome == "skipped"


def test_a_stopped_run_keeps_its_best_and_is_tested():
    def on_event(event):
        if isinstance(event, ev.ModelAdded) and event.row.strategy == "logistic":
            started[0].stop("Enough.")

    started = []
    gate = threading.Event()

    def waiting(event):
        gate.wait(60.0)
        on_event(event)

    started.append(automl_nb.start(frames.table(), "cultivar", time=600, on_event=waiting))
    gate.set()
    run = started[0].wait()
    assert run.state.status == "stopped"
    assert run.state.ended.reason == "Enough."
    assert run.scorecard.test_openings == 1
    assert "kernel" not in {row.strategy for row in run.state.leaderboard}  # came after it
    assert len(run.predict(frames.table(5))) == 5


def test_a_run_stopped_before_its_first_model_says_so():
    def on_event(event):
        if isinstance(event, ev.RunStarted):
            gate.wait(60.0)

    gate = threading.Event()
    run = automl_nb.start(frames.table(), "cultivar", on_event=on_event, **QUICK)
    run.stop("Never mind.")
    gate.set()
    run.wait()
    assert run.state.status == "stopped"
    with pytest.raises(RunError, match="best model"):
        _ = run.model
    with pytest.raises(RunError):
        automl_nb.load(run.folder)


def test_a_trial_that_fails_costs_only_itself(monkeypatch):
    def broken(self, context, inputs, config):
        raise ValueError("matrix is singular")
        yield

    monkeypatch.setattr(Logistic, "train", broken)
    run = automl_nb.fit(
        frames.table(), "cultivar", time=600, strategies=["logistic", "knn"], fresh=True
    )
    assert run.state.status == "finished"
    assert "matrix is singular" in told(run)
    curve = run.state.curves["table: logistic"]
    assert curve.status == "failed"
    assert "logistic" not in {row.strategy for row in run.state.leaderboard}


@pytest.mark.parametrize("error", [ValueError("odd"), MemoryError("9 GiB")])
def test_a_stage_that_fails_costs_only_itself(monkeypatch, error):
    from automl_nb.features.tabular import TabularLinear

    def broken(self, frame, **rest):
        raise error

    monkeypatch.setattr(TabularLinear, "fit", broken)
    monkeypatch.setattr(TabularLinear, "transform", broken)
    run = automl_nb.fit(frames.table(), "cultivar", **QUICK)
    assert run.state.status == "finished"
    assert str(error) in told(run)
    assert "failed" in {stage.outcome for stage in run.state.stages}
    assert len(run.predict(frames.table(5))) == 5


@pytest.mark.parametrize("error", [MemoryError("no room"), RuntimeError("CUDA out of memory.")])
def test_without_memory_a_model_is_left_out_and_it_is_said(monkeypatch, error):
    def hungry(self, context, inputs, rows, config):
        raise error

    monkeypatch.setattr(Logistic, "fit", hungry)
    run = automl_nb.fit(frames.table(), "cultivar", **QUICK)
    assert run.state.status == "finished"
    curve = run.state.curves["table: logistic"]
    assert curve.status == "failed"
    assert "table: logistic doesn't fit the memory" in told(run)
    assert len(run.predict(frames.table(5))) == 5


def test_without_memory_texts_are_encoded_in_smaller_batches(monkeypatch):
    from automl_nb.features.text import FrozenText

    sizes = []
    plain = FrozenText._forward

    def tight(self, ids, dtype):
        sizes.append(len(ids))
        if len(ids) > 8:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return plain(self, ids, dtype)

    frame = frames.texts(60)
    monkeypatch.setattr(FrozenText, "_forward", tight)
    run = automl_nb.fit(
        frame.assign(text="now " + frame["text"]),  # not in the cache
        "library",
        time=600,
        strategies=["logistic"],
        backbones=["minilm-l3"],
    )
    assert run.state.status == "finished"
    assert max(sizes) > 8
    assert "logistic" in {row.strategy for row in run.state.leaderboard}


def test_when_the_disk_is_full_the_model_stays_in_memory(monkeypatch):
    def full(model, path, **rest):
        raise bundles.BundleError("The place must have room.", received="No space left", hint="")

    monkeypatch.setattr("automl_nb.pipeline.vault.write_bundle", full)
    run = automl_nb.fit(frames.table(), "cultivar", **QUICK)
    assert run.state.status == "finished"
    assert "only in memory" in told(run)
    assert {one.path for one in run.state.incumbents} == {""}
    assert len(run.predict(frames.table(5))) == 5
    assert run.scorecard.test_openings == 1


def test_when_the_journal_cannot_be_written_the_run_goes_on(monkeypatch):
    from automl_nb.control import journal

    plain = journal.event_to_line

    def fails(event):
        if isinstance(event, ev.TrialStarted):
            raise OSError(errno.ENOSPC, "No space left on device")
        return plain(event)

    monkeypatch.setattr(journal, "event_to_line", fails)
    run = automl_nb.fit(frames.table(), "cultivar", **QUICK)
    assert run.state.status == "finished"
    assert "No space left" in told(run)
    assert automl_nb.open_run(run.folder).state.status == "running"  # all that is known there


def test_two_runs_work_side_by_side():
    one = automl_nb.start(frames.table(), "cultivar", name="one", **QUICK)
    two = automl_nb.start(frames.mixed(), "library", name="two", backbones="none", **QUICK)
    assert two.wait().state.status == one.wait().state.status == "finished"
    assert one.folder != two.folder
    assert len(one.predict(frames.table(5))) == len(two.predict(frames.mixed(5))) == 5


def test_runs_of_one_name_get_folders_of_their_own():
    names = [automl_nb.fit(frames.table(), "cultivar", name="x", **QUICK).name for _ in range(3)]
    assert names == ["x", "x-2", "x-3"]


def test_a_run_that_is_let_go_leaves_nothing_behind():
    """Neither threads nor rows nor models of earlier runs stay in memory."""
    held = []
    before = threading.active_count()
    for _ in range(5):
        run = automl_nb.fit(frames.table(), "cultivar", **QUICK)
        held += [weakref.ref(run), weakref.ref(run.model), weakref.ref(run._vault)]
        del run
    gc.collect()
    assert [ref() for ref in held] == [None] * len(held)
    assert threading.active_count() <= before


@pytest.mark.thorough
def test_ten_runs_in_one_process_do_not_grow():
    held, threads, files = [], [], []
    for seed in range(10):
        automl_nb.fit(
            frames.table(), "cultivar", time=600, strategies=["ridge", "knn"], fresh=True, seed=seed
        )
        gc.collect()
        held.append(held_bytes(os.getpid()))
        threads.append(threading.active_count())
        files.append(len(psutil.Process().open_files()))
    assert held[-1] - held[2] < 16 * 2**20
    assert threads[-1] <= threads[2]
    assert files[-1] <= files[2]


def test_a_failed_run_leaves_nothing_behind():
    held = []

    def on_event(event):
        if isinstance(event, ev.DataSplit):
            big = np.zeros(1000)
            held.append(weakref.ref(big))
            raise OSError("odd")

    run = automl_nb.start(frames.table(), "cultivar", on_event=on_event, **QUICK)
    with pytest.raises(OSError, match="odd"):
        run.wait()
    gc.collect()
    assert [ref() for ref in held] == [None]
    assert run.state.status == "failed"


def test_a_network_of_the_wrong_kind_is_refused():
    from automl_nb.core.errors import SettingError

    with pytest.raises(SettingError, match="backbone"):
        automl_nb.fit(frames.table(), "cultivar", backbones=["minilm-l3"], time=600)


def test_numbers_are_learnt_too():
    run = automl_nb.fit(
        automl_nb.sample("diabetes").head(200),
        "progression",
        time=600,
        strategies=["ridge", "knn"],
    )
    assert run.state.objective.metric == "rmse"
    assert not run.state.objective.greater_is_better
    assert run.leaderboard["rmse"].is_monotonic_increasing
    assert run.scorecard.metrics["r2"].value > 0.1
    assert isinstance(run.predict(automl_nb.sample("diabetes").head(3)), np.ndarray)


def test_several_labels_are_learnt_too():
    frame = automl_nb.sample("digits").head(200)
    digit = frame.pop("digit")
    frame = frame.assign(even=(digit % 2 == 0).astype(int), large=(digit > 4).astype(int))
    run = automl_nb.fit(frame, ["even", "large"], **QUICK)
    assert run.state.task.kind == "multilabel"
    assert run.predict(frame.head(4)).shape == (4, 2)
    assert list(run.predict_proba(frame.head(4)).columns) == ["even", "large"]


def test_no_model_sees_the_rows_that_it_is_judged_by():
    """Labels drawn at random can't be foretold, so honest scores stay at the level of chance."""
    rng = np.random.default_rng(0)
    frame = frames.table().assign(cultivar=rng.choice(["a", "b"], 178))
    run = automl_nb.fit(frame, "cultivar", test_size=0.0, **QUICK)
    assert max(row.score for row in run.state.leaderboard) < 0.68
    assert run.state.scorecard is None
    with pytest.raises(RunError, match="kept aside"):
        _ = run.scorecard


def test_the_scorecard_tells_how_often_the_same_rows_were_tested(tmp_path):
    rows = frames.table()
    settings = {"strategies": ["ridge", "logistic"], "time": 60, "run_dir": tmp_path}
    label = rows.columns[-1]
    first, second = (automl_nb.fit(rows, label, **settings) for _ in range(2))
    other = automl_nb.fit(rows, label, seed=1, **settings)
    assert [run.scorecard.test_openings for run in (first, second, other)] == [1, 2, 1]
    assert any("used 2 times" in note for note in second.scorecard.notes)


def test_a_run_that_had_to_cut_something_short_says_so(monkeypatch):
    train = Logistic.train

    def hurried(self, context, inputs, config):
        assert not context.deadline.allows(float("inf"))
        return (yield from train(self, context, inputs, config))

    run = automl_nb.fit(frames.table(), "cultivar", **QUICK)
    assert "more time would change nothing" in run.state.ended.reason
    monkeypatch.setattr(Logistic, "train", hurried)
    run = automl_nb.fit(frames.table(), "cultivar", **QUICK)
    assert "table: logistic was cut short" in run.state.ended.reason


def test_a_budget_too_short_for_any_model_is_told():
    with pytest.raises(RunError, match="long enough for a first model") as caught:
        automl_nb.fit(frames.table(), "cultivar", time=1e-6)
    assert "1e-06 s" in caught.value.received
    assert re.search(r"rows were ready after \d.*such as time='30s'", caught.value.hint)


def test_the_advice_is_more_than_what_was_too_short(monkeypatch):
    def slow(self, context, inputs, config):
        time.sleep(max(0.0, context.deadline.left) + 0.2)
        raise TooSlow(1000.0, 0.0)
        yield

    monkeypatch.setattr(Prior, "train", slow)
    run = automl_nb.start(frames.table(), "cultivar", time=2, strategies=["logistic"], fresh=True)
    with pytest.raises(RunError, match="long enough for a first model") as caught:
        run.wait()
    assert re.search(r"Training began after \d.* later no model was done", caught.value.hint)
    assert "time='30s'" in caught.value.hint
    assert "time='3m'" in FirstModel(3.0, 4.0).too_short(Deadline(50.0)).hint
    with pytest.raises(RunError, match="has trained a model") as of_it:
        run.code()
    assert "failed" in of_it.value.received
    assert "long enough for a first model" in of_it.value.hint


def test_a_network_that_gave_way_to_a_smaller_one_is_no_finished_plan(monkeypatch):
    def slow(self, frame, **options):
        if self.card.name == "minilm-l6":
            raise TooSlow(1000.0, 10.0)
        return encode(self, frame, **options)

    encode = FrozenText.transform
    monkeypatch.setattr(FrozenText, "transform", slow)
    run = automl_nb.fit(
        frames.texts(),
        "library",
        time=600,
        strategies=["logistic"],
        backbones=["auto"],
        fresh=True,
    )
    assert any("minilm-l3" in row.model for row in run.state.leaderboard)
    assert "minilm-l6" in run.state.ended.reason
