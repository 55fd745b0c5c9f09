"""The verbs: options checked before any work, folders made with care."""

import os

import numpy as np
import pandas as pd
import pytest

import automl_nb
from automl_nb.core.errors import (
    BundleError,
    ColumnError,
    RunError,
    SettingError,
    UnknownNameError,
)
from automl_nb.core.events import TrialReported
from tests.support import frames

QUICK = {"time": 600, "strategies": ["logistic"]}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path_factory.mktemp("runs"), **QUICK
    )


@pytest.mark.parametrize(
    ("options", "received", "hint"),
    [
        ({"tme": 3}, "'tme'", "time"),
        ({"metric": "acuracy"}, "'acuracy'", "accuracy"),
        ({"strategies": ["logistik"]}, "'logistik'", "logistic"),
        ({"strategy": "knnn"}, "'knnn'", "knn"),
        ({"task": "binry"}, "'binry'", "binary"),
        ({"split": "timed"}, "'timed'", "time"),
        ({"time": 0}, "0", "3m"),
        ({"time": "-3m"}, "'-3m'", "3m"),
        ({"time": "soon"}, "'soon'", "3m"),
        ({"time": "1e9h"}, "'1e9h'", "3m"),
        ({"time": float("nan")}, "nan", "3m"),
        ({"time": True}, "True", "3m"),
        ({"test_size": 1.5}, "1.5", "usual"),
        ({"test_size": "half"}, "'half'", "usual"),
        ({"folds": -1}, "-1", "usual"),
        ({"folds": 2.5}, "2.5", "usual"),
        ({"seed": -1}, "-1", "usual"),
        ({"seed": "x"}, "'x'", "usual"),
        ({"sample": -5}, "-5", "usual"),
        ({"kinds": ["text"]}, "['text']", "kinds={"),
        ({"kinds": {"ash": "numbr"}}, "'numbr'", "number"),
        ({"strategies": []}, "[]", "usual"),
        ({"backbones": ()}, "[]", "usual"),
        ({"backbones": ["minilm-l7"]}, "'minilm-l7'", "minilm-l6"),
        ({"device": "gpu"}, "'gpu'", "best one"),
        ({"fresh": "no"}, "'no'", ""),
        ({"name": 3}, "3", "run_dir"),
        ({"name": "a\0b"}, "'a\\x00b'", "run_dir"),
        ({"label": pd.Series(["a"])}, "'Series'", "label="),
    ],
)
def test_an_option_that_cannot_work_is_refused_before_any_work(options, received, hint, tmp_path):
    with pytest.raises(SettingError) as caught:
        automl_nb.start(
            frames.table(), **{"label": "cultivar", "run_dir": tmp_path / "runs"} | options
        )
    assert caught.value.received == received
    assert hint in caught.value.hint
    assert not (tmp_path / "runs").exists()


def test_lists_may_be_given_as_one_name(run):
    one = automl_nb.fit(frames.table(), "cultivar", time="10m", strategy="logistic")
    assert one.leaderboard["model"].tolist() == run.leaderboard["model"].tolist()


def test_a_label_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ColumnError, match="cultivar"):
        automl_nb.fit(frames.table(), "cultivr", **QUICK)


@pytest.mark.parametrize("name", ["a/b", "..", ".", "/tmp/x"])
def test_a_name_is_one_folder(name, tmp_path):
    with pytest.raises(SettingError, match="plain folder name"):
        automl_nb.start(frames.table(), "cultivar", name=name, run_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_folder_for_runs(tmp_path):
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    for place in (file, file / "below"):
        with pytest.raises(RunError, match="writable") as caught:
            automl_nb.start(frames.table(), "cultivar", run_dir=place)
        assert "run_dir" in caught.value.hint
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # as for another user's folder
    with pytest.raises(RunError, match="writable"):
        automl_nb.start(frames.table(), "cultivar", run_dir=tmp_path)


def test_a_run_is_found_by_name_and_by_path(run, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_RUNS", str(run.folder.parent))
    assert automl_nb.open_run(run.name).folder == automl_nb.open_run(run.folder).folder
    with pytest.raises(RunError) as caught:
        automl_nb.open_run(run.name + "s")
    assert run.name in caught.value.hint


def test_another_folder_of_the_same_name_does_not_hide_a_run(run, monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_RUNS", str(run.folder.parent))
    monkeypatch.chdir(tmp_path)
    (tmp_path / run.name).mkdir()
    assert automl_nb.open_run(run.name).folder == run.folder
    with pytest.raises(BundleError, match="hides the run") as caught:
        automl_nb.load(run.name)
    assert str(run.folder) in caught.value.hint
    assert automl_nb.load(run.folder).task == run.model.task


def test_probabilities_keep_the_rows_index(run):
    rows = frames.table(9).iloc[[7, 2, 5]]
    assert run.predict_proba(rows).index.tolist() == rows.index.tolist()


def test_curves_are_a_table_of_what_trials_reported(run):
    curves = run.curves
    assert list(curves)[:2] == ["trial", "resource"]
    assert set(curves["trial"]) <= {row.model for row in run.state.leaderboard}
    reports = [event for event in run.events if isinstance(event, TrialReported)]
    assert len(curves) == len(reports) > 0
    for told, (_, row) in zip(
        sorted(reports, key=lambda r: r.trial),
        curves.sort_values("trial", kind="stable").iterrows(),
        strict=True,
    ):
        assert told.trial == row["trial"]
        assert row[list(told.metrics)].to_dict() == told.metrics
    assert automl_nb.open_run(run.folder).curves.equals(curves)


def test_a_model_is_loaded_from_the_run_and_from_a_saved_folder(run, tmp_path):
    rows = frames.table(9)
    saved = run.save(tmp_path / "model")
    for folder in (run.folder, saved, str(saved)):
        assert automl_nb.load(folder).predict(rows).tolist() == run.predict(rows).tolist()
    with pytest.raises(BundleError):
        automl_nb.load(tmp_path / "nothing")


def test_a_model_answers_and_is_judged(run):
    rows = frames.table(40)
    answers = run.predict(rows)
    shares = run.predict_proba(rows)
    assert list(shares.columns) == sorted(rows["cultivar"].unique())
    assert (shares.idxmax(axis=1) == answers).all()
    card = run.evaluate(rows)
    assert card.metrics["accuracy"].value == pytest.approx((answers == rows["cultivar"]).mean())
    assert card.test_openings == 0
    renamed = rows.rename(columns={"cultivar": "truth"})
    again = run.model.evaluate(renamed, label="truth")
    assert again.metrics["accuracy"].value == card.metrics["accuracy"].value


def test_no_rows_give_no_answers(run):
    assert len(run.predict(frames.table(0))) == 0
    assert run.predict_proba(frames.table(0)).shape == (0, 3)


def test_a_test_part_of_ones_own_is_used_once():
    frame = frames.table()
    run = automl_nb.fit(frame.iloc[:140], "cultivar", test=frame.iloc[140:], **QUICK)
    assert run.scorecard.n_rows == 38
    assert run.scorecard.test_openings == 1


def test_a_validation_part_of_ones_own_judges():
    frame = frames.table()
    run = automl_nb.fit(frame.iloc[:100], "cultivar", valid=frame.iloc[100:150], **QUICK)
    assert run.state.split.n_valid == 50


def test_every_event_is_heard_in_order():
    heard = []
    run = automl_nb.start(frames.table(), "cultivar", on_event=heard.append, **QUICK).wait()
    assert heard == run.events
    assert [event.t for event in heard] == sorted(event.t for event in heard)
    assert type(heard[0]).__name__ == "RunStarted"
    assert type(heard[-1]).__name__ == "RunEnded"


def test_a_run_shows_itself(run):
    assert run.name in repr(run)
    shown = run._repr_mimebundle_()
    assert set(shown) >= {"text/plain", "text/html"}
    assert "logistic" in shown["text/html"]
    assert run.plot() is not None
    assert run.report().read_text(encoding="utf-8").startswith("<!")


def test_the_report_goes_where_it_is_wanted(run, tmp_path):
    assert run.report(tmp_path / "mine.html") == tmp_path / "mine.html"
    assert (tmp_path / "mine.html").is_file()


def test_the_report_says_how_to_load_the_model_from_where_it_lies(run, tmp_path):
    html = run.report(tmp_path / "mine.html").read_text(encoding="utf-8")
    assert f"load(&#x27;{run.folder}&#x27;)" in html
    assert automl_nb.load(run.folder).task == run.model.task


def test_unlabelled_rows_that_nobody_would_read_are_refused(tmp_path):
    with pytest.raises(SettingError, match="learn from them") as found:
        automl_nb.fit(
            frames.table(), "cultivar", unlabelled=frames.table(), run_dir=tmp_path, **QUICK
        )
    assert "logistic" in str(found.value)
    assert "self-training" in str(found.value)
    assert not list(tmp_path.iterdir())


def test_what_an_earlier_run_encoded_counts_in_the_milliseconds_a_row(monkeypatch, tmp_path):
    """The scorecard says what new rows will take, not what was found in the cache."""
    from automl_nb.pipeline.workbench import Workbench

    monkeypatch.setattr(Workbench, "answer_s", lambda _, rows: rows * 7.0)
    found = automl_nb.fit(frames.table(), "cultivar", run_dir=tmp_path, **QUICK)
    assert found.scorecard.latency_ms == pytest.approx(7000.0)


def test_the_doctor_examines(tmp_path):
    facts = automl_nb.doctor()
    assert list(facts.columns) == ["what", "found", "what to do"]
    assert {"Python", "weights at hand", "torch", "memory", "disk of the runs"} <= set(
        facts["what"]
    )
    weights = facts.set_index("what").loc["weights at hand", "found"]
    assert "minilm-l6" in weights
    assert (facts["what to do"] == "").sum() > 5


def test_samples_are_frames():
    assert isinstance(automl_nb.sample("wine"), pd.DataFrame)
    with pytest.raises(UnknownNameError, match="wine"):
        automl_nb.sample("wines")


def test_numbers_of_numpy_are_numbers():
    run = automl_nb.fit(
        frames.table(),
        "cultivar",
        time=np.int64(30),
        seed=np.int64(3),
        folds=np.int32(3),
        test_size=np.float32(0.25),
        strategies=["logistic"],
    )
    settings = run.state.settings
    assert (settings["seed"], settings["folds"], settings["time_s"]) == (3, 3, 30.0)


@pytest.mark.parametrize("path", [3, None])
def test_a_model_is_loaded_from_a_path(path):
    with pytest.raises(BundleError, match="folder"):
        automl_nb.load(path)


def test_a_device_is_a_name(run):
    with pytest.raises(SettingError, match="device"):
        automl_nb.load(run.folder, device=None)


def test_a_model_is_loaded_by_the_name_of_its_run(run, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_RUNS", str(run.folder.parent))
    assert automl_nb.load(run.name).task == run.model.task
