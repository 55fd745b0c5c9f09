"""When something fails, runs, models and files that were there stay as they were."""

from __future__ import annotations

import builtins
import errno
import io
import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl_nb
from automl_nb.cli.entry import main
from automl_nb.core.errors import AutoMLError, BundleError, ColumnError, RunError
from automl_nb.core.options import as_typed
from automl_nb.core.settings import cache_dir
from automl_nb.core.show.facts import Frame
from automl_nb.core.show.text import ending
from automl_nb.pipeline.vault import Vault
from tests.bad_input.cases import QUICK, call, good
from tests.bad_input.cases_backbones import BACKBONES
from tests.bad_input.conftest import digest


def refuse(number: int):
    """A call that the system refuses, such as ENOSPC: no space left on the disk."""

    def call(*_args, **_options):
        raise OSError(number, os.strerror(number))

    return call


class Disk:
    """A disk that can run full below a folder."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder, self.error = str(folder), 0
        self._open, self._mkdir = io.open, os.mkdir
        monkeypatch.setattr(io, "open", self.open)
        monkeypatch.setattr(builtins, "open", self.open)
        monkeypatch.setattr(os, "mkdir", self.mkdir)

    def _refuses(self, path) -> bool:
        is_path = isinstance(path, str | os.PathLike)
        return bool(self.error) and is_path and os.fspath(path).startswith(self.folder)

    def open(self, file, mode="r", *args, **options):
        """As the built-in one; on a full disk what is written has no room."""
        if self.error == errno.EROFS and set(mode) & set("wxa+") and self._refuses(file):
            refuse(self.error)()
        handle = self._open(file, mode, *args, **options)
        if isinstance(handle, io.TextIOWrapper) and os.fspath(file).startswith(self.folder):
            write = handle.write
            handle.write = lambda text: refuse(self.error)() if self.error else write(text)
        return handle

    def mkdir(self, path, *args, **options):
        """As the system's."""
        if self._refuses(path):
            refuse(self.error)()
        self._mkdir(path, *args, **options)


@pytest.fixture
def disk(monkeypatch, tmp_path) -> Disk:
    return Disk(monkeypatch, tmp_path)


def told(run) -> str:
    """All that the run said."""
    return " ".join(event.text for event in run.events if hasattr(event, "text"))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
def test_a_disk_that_fills_up_leaves_the_model_in_memory(disk, number, place):
    run = automl_nb.start(good(), "y", **QUICK, on_event=lambda _: setattr(disk, "error", number))
    run.wait()
    assert run.state.status == "finished"
    assert len(run.model.predict(good())) == 60
    assert "only in memory" in told(run)
    assert "can't be written down any more" in told(run)
    disk.error = 0
    saved = run.save(place.folder / "saved")
    assert automl_nb.load(saved).predict(good()).tolist() == run.model.predict(good()).tolist()


def test_a_model_that_had_no_room_is_not_taken_for_the_one_that_had(disk, monkeypatch, capsys):
    keep = Vault.keep

    def the_first_alone(self, model):
        kept = keep(self, model)
        disk.error = errno.ENOSPC
        return kept

    options = {**QUICK, "strategies": ("prior", "logistic"), "run_dir": disk.folder}
    with monkeypatch.context() as filling:
        filling.setattr(Vault, "keep", the_first_alone)
        run = automl_nb.fit(good(), "y", **options)
    disk.error = 0
    assert run.model.facts["name"] != "prior"
    frame = Frame(folder=str(run.folder))
    last = ending(run.state, frame)[-1]
    assert last == "Next: model = run.model; model.save('FOLDER'); model.predict(new_rows)"
    assert "automl-nb predict" not in ending(run.state, replace(frame, in_shell=True))[-1]
    with pytest.warns(UserWarning, match="not the run's best"):
        assert automl_nb.load(run.folder).facts["name"] == "prior"
    rows = run.folder.parent / "rows.csv"
    good().to_csv(rows, index=False)
    assert main(["predict", str(run.folder), str(rows)]) == 0
    assert "automl-nb: warning: What is kept" in capsys.readouterr().err
    again = automl_nb.fit(good(), "y", **{**options, "time": 60})
    assert again.folder == run.folder
    assert automl_nb.load(run.folder).facts["name"] == run.model.facts["name"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
def test_a_disk_without_room_for_a_run_is_told_at_once(disk, number, place, shell):
    disk.error = number
    with pytest.raises(RunError, match="must be writable") as caught:
        automl_nb.fit(good(), "y", **QUICK)
    assert os.strerror(number) in caught.value.received
    assert "run_dir='FOLDER'" in caught.value.hint
    shell.names.update(data=good(), kept="precious")
    lines = shell.fails("%automl fit data --label y --strategies prior -o kept")
    assert lines == [as_typed(line) for line in caught.value.lines()]
    assert "--run-dir FOLDER" in lines[-1]
    assert shell.names["kept"] == "precious"


def test_a_disk_without_room_for_features_costs_only_the_sharing(disk):
    disk.folder, disk.error = str(cache_dir() / "features"), errno.ENOSPC
    texts = good().assign(said=[f"it was {word} to see" for word in ["good", "bad"] * 30])
    run = automl_nb.fit(
        texts[["said", "y"]],
        "y",
        time=60,
        strategies=("logistic",),
        backbones="minilm-l3",
        kinds={"said": "text"},
    )
    assert "cannot be kept" in told(run)
    assert "frozen" in " ".join(run.leaderboard["model"])


def test_a_model_that_cannot_be_saved_replaces_nothing(disk, models, place):
    model = automl_nb.load(models["table"])
    path = model.save(place.folder / "saved")
    before = digest(place.folder)
    disk.error = errno.ENOSPC
    for target in (path, place.folder / "other"):
        with pytest.raises(BundleError, match="writable and have room") as caught:
            model.save(target, overwrite=True)
        assert "No space left" in caught.value.received
        assert "Free some space" in caught.value.hint
    assert digest(place.folder) == before
    disk.error = 0
    with pytest.raises(BundleError, match="isn't there yet"):
        model.save(path)
    assert digest(place.folder) == before
    (place.folder / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BundleError, match="isn't there yet"):
        model.save(place.folder / "mine.txt", overwrite=True)
    assert (place.folder / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_report_that_cannot_be_written_is_told(disk, models, place, shell):
    run = automl_nb.open_run(models["table"])
    disk.error = errno.ENOSPC
    with pytest.raises(RunError, match="can be written") as caught:
        run.report(place.folder / "report.html")
    assert "No space left" in caught.value.hint
    disk.error = 0
    run.report(place.folder / "report.html")
    before = digest(place.folder)
    with pytest.raises(RunError, match="can be written") as caught:
        run.report(place.folder / "report.html" / "inside.html")
    assert "report.html" in caught.value.received
    shell.names["run"] = run
    lines = shell.fails("%automl report run --to report.html/inside.html")
    assert lines[0].startswith("RunError")
    assert 2 <= len(lines) <= 3
    assert digest(place.folder) == before


def test_a_failed_question_leaves_the_model_as_it_was(models, shell):
    model = automl_nb.load(models["table"])
    before = model.predict_proba(good())
    for bad in (good().drop(columns="x"), good().assign(x="many"), [1, 2], None, "gone.csv"):
        for ask in (model.predict, model.predict_proba, model.evaluate):
            with pytest.raises(AutoMLError):
                ask(bad)
    pd.testing.assert_frame_equal(model.predict_proba(good()), before)
    shell.names.update(model=model, bad=good().drop(columns="x"), rows=good(), kept="precious")
    assert "no column 'x'" in " ".join(shell.fails("%automl predict model bad -o kept"))
    assert shell.names["kept"] == "precious"
    shell.run("%automl predict model rows --proba -o kept")
    pd.testing.assert_frame_equal(shell.names["kept"], before)


def test_a_failed_fit_leaves_the_last_model_and_run_to_work_with(shell):
    shell.names.update(rows=good(), bad=good().assign(y="same"))
    shell.run("%automl fit rows --label y --strategies prior --backbones none -o model")
    model = shell.names["model"]
    folders = [path for path in (Path("../runs")).glob("y*") if path.is_dir()]
    before = [digest(folder) for folder in folders]
    shell.fails("%automl fit bad --label y --strategies prior -o model")
    shell.fails("%automl fit rows --label y --metric acuracy -o model")
    assert shell.names["model"] is model
    assert [digest(folder) for folder in folders] == before
    assert len(shell.run("%automl predict model rows").result) == 60
    statuses = shell.run("%automl runs").result.set_index("name")["status"].to_dict()
    assert statuses == {"earlier": "finished", "y": "finished"}


def test_a_run_that_was_refused_leaves_no_folder_but_can_be_asked(place):
    run = automl_nb.start(good(), "z", name="mistyped", **QUICK)
    with pytest.raises(ColumnError):
        run.wait()
    assert not run.folder.exists()
    assert automl_nb.runs()["name"].tolist() == ["earlier"]
    assert run.status == "failed"
    assert "'z'" in run.state.ended.reason
    with pytest.raises(RunError, match="best model so far"):
        _ = run.model
    with pytest.raises(RunError, match="folder or to a path"):
        run.report()
    assert "failed" in run.report(place.folder / "report.html").read_text(encoding="utf-8")
    assert automl_nb.fit(good(), "y", name="mistyped", **QUICK).name == "mistyped"


def test_a_refused_run_leaves_what_else_was_put_into_its_folder(place):
    def leave_notes(_event):
        (place.folder.parent / "runs" / "mistyped" / "notes.txt").write_text("mine")

    run = automl_nb.start(good(), "z", name="mistyped", on_event=leave_notes, **QUICK)
    with pytest.raises(ColumnError):
        run.wait()
    assert (run.folder / "notes.txt").read_text() == "mine"


def nothing_works(monkeypatch):
    """Every model of a quick run fails."""
    from automl_nb.transfer.prior import Prior

    def fails(*_args, **_options):
        raise ZeroDivisionError("seven divided by nothing")

    monkeypatch.setattr(Prior, "train", fails)


def test_a_failed_run_tells_why_when_it_is_opened_again(monkeypatch, place):
    nothing_works(monkeypatch)
    with pytest.raises(AutoMLError) as caught:
        automl_nb.fit(good(), "y", name="bad", fresh=True, **QUICK)
    again = automl_nb.open_run("bad")
    assert again.state.status == "failed"
    assert "must end with a model" in again.state.ended.reason
    with pytest.raises(RunError, match="best model so far") as none:
        _ = again.model
    assert "run fit again" in none.value.hint
    with pytest.raises(RunError, match="best model so far"):
        automl_nb.load(again.folder)
    with pytest.raises(RunError, match="scored once"):
        _ = again.scorecard
    assert again.report().is_file()
    assert caught.value.rule in again.report().read_text(encoding="utf-8").replace("&#x27;", "'")


def test_a_run_in_which_every_model_fails_names_the_reason(monkeypatch, shell):
    nothing_works(monkeypatch)
    with pytest.raises(RunError, match="end with a model") as caught:
        automl_nb.fit(good(), "y", fresh=True, **QUICK)
    assert "seven divided by nothing" in caught.value.received
    shell.names["rows"] = good()
    lines = shell.fails("%automl fit rows --label y --strategies prior --fresh")
    assert lines[-len(caught.value.lines()) :] == caught.value.lines()


def test_a_failed_fit_behind_the_cell_is_told_without_a_traceback(shell, capfd):
    shell.names.update(bad=good().assign(y="same"), kept="precious")
    shell.run("run = %automl fit bad --label y --strategies prior --background -o kept")
    run = shell.names["run"]
    with pytest.raises(AutoMLError, match="differ between rows"):
        run.wait()
    for thread in threading.enumerate():
        if thread.name.startswith("automl"):
            thread.join(30)
    assert shell.names["kept"] == "precious"
    assert "Traceback" not in "".join(capfd.readouterr())
    status = shell.run("%automl status run").html[0]
    assert "differ between rows" in status
    assert "Traceback" not in status


def test_a_chosen_strategy_that_suits_nothing_is_told(place):
    run = automl_nb.fit(good(), "y", time=20, strategies=("prior", "finetune"))
    assert "Not used: finetune (" in told(run)
    assert "prior" not in told(run)


def test_whole_tracebacks_come_only_when_asked_for(shell):
    shell.names.update(bad=good().assign(y="same"), rows=good())
    line = "%automl fit bad --label y --strategies prior"
    short = shell.fails(line)
    assert len(short) == 3
    assert not any("Traceback" in text or "File " in text for text in short)
    kept = shell.run("%automl traceback").out
    assert "Traceback" in kept
    assert "_refuse_unlearnable" in kept
    shell.run("%config AutoMLMagics.verbose_errors = True")
    whole = "\n".join(shell.fails(line))
    assert "Traceback" in whole
    assert "_refuse_unlearnable" in whole
    assert "must differ between rows" in whole
    shell.run("%config AutoMLMagics.verbose_errors = False")
    assert shell.fails(line) == short


def test_errors_of_the_api_hold_no_frames_of_the_engine(place):
    with pytest.raises(ColumnError) as caught:
        automl_nb.fit(good(), "z", **QUICK)
    frame, names = caught.value.__traceback__, []
    while frame:
        names.append(frame.tb_frame.f_code.co_name)
        frame = frame.tb_next
    assert "load_dataset" not in names
    assert np.array(["load_dataset" in note for note in caught.value.__notes__]).any()


@pytest.mark.parametrize("case", BACKBONES, ids=lambda case: case.name)
def test_a_backbone_that_cannot_be_used_is_told_before_there_is_a_run(case, place):
    before = sorted(path.name for path in (place.folder.parent / "runs").iterdir())
    with pytest.raises(AutoMLError) as caught:
        call(case, place, case.data(place))
    case.check(caught.value)
    assert sorted(path.name for path in (place.folder.parent / "runs").iterdir()) == before
    assert not Path("ran.txt").exists()
