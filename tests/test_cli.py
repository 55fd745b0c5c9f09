"""The command line: what it calls, prints and refuses, and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from automl_nb.cli import main
from automl_nb.cli.commands import COMMANDS
from automl_nb.cli.entry import FAILED, MISUSED, overview
from automl_nb.core.errors import SourceError
from automl_nb.core.events import IncumbentImproved
from tests.support import frames, scripted
from tests.support.steered import Steered

ROOT = Path(__file__).parents[1]


@pytest.fixture
def api(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTOML_NB_CONFIG", str(tmp_path / "none.toml"))
    fake = scripted.FakeApi(chunk=8)
    monkeypatch.setitem(sys.modules, "automl_nb.api", fake)
    return fake


@pytest.fixture
def call(api, capsys):
    def run(*words, status=0):
        assert main(words) == status
        return capsys.readouterr()

    return run


def test_fit_trains_shows_and_saves(call, api):
    said = call("fit", "rows.csv", "--label", "my column", "--time", "90s", "--out", "model")
    assert api.calls == [("start", "rows.csv", "my column", {"time": "90s"})]
    assert "brisk-heron: finished, accuracy 0.8421" in said.out
    assert "Test score on 800 rows kept aside" in said.out
    assert said.out.rstrip().endswith("Saved in: model")
    assert Path("model/model.json").is_file()
    assert said.err == ""


@pytest.mark.parametrize(
    "words",
    [
        ("fit", "rows.csv", "--label", "y", "--out", "nowhere/model"),
        ("predict", "saved", "ab", "--out", "nowhere/answers.csv"),
        ("evaluate", "saved", "ab", "--out", "nowhere/card.json"),
    ],
    ids=lambda words: words[0],
)
def test_a_place_that_is_not_there_is_refused_before_any_work(call, api, words, tmp_path):
    (tmp_path / "saved").mkdir()
    assert "folder of --out must be there" in call(*words, status=2).err
    assert api.calls == []


def test_off_says_only_the_end(call, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_PROGRESS", "off")
    said = call("fit", "rows.csv", "--label", "y")
    assert "encode" not in said.out
    assert "finished, accuracy 0.8421" in said.out


def test_explore_prints_and_writes_its_card(call, api):
    said = call("explore", "rows.csv", "--label", "y", "--time", "60s", "--out", "card.json")
    assert api.calls == [("explore", "rows.csv", "y", {"time": "60s"})]
    assert "Use minilm-l6 for 'text'." in said.out
    assert json.loads(Path("card.json").read_text(encoding="utf-8"))["label"] == "y"


def test_explore_replaces_its_own_card_and_no_other_file(call, api):
    asked = ("explore", "rows.csv", "--label", "y", "--out", "card.json")
    call(*asked)
    call(*asked)
    Path("card.json").write_text('{"mine": 1}', encoding="utf-8")
    assert "decision card that is to be replaced" in call(*asked, status=2).err
    assert json.loads(Path("card.json").read_text(encoding="utf-8")) == {"mine": 1}
    assert len(api.calls) == 2


def test_an_exploration_that_was_interrupted_still_prints_its_card(call, api):
    api.explored_until = "interrupted"
    assert "ended early: interrupted" in call("explore", "rows.csv", "--label", "y", status=130).out


def test_predict_writes_where_it_is_told(call, tmp_path):
    (tmp_path / "saved").mkdir()
    said = call("predict", "saved", "ab")
    assert said.out.splitlines() == ["sentiment", "positive", "positive"]
    call("predict", "saved", "ab", "--proba", "--out", "chances.csv")
    assert list(pd.read_csv("chances.csv").columns) == ["negative", "positive"]
    call("predict", "saved", "ab", "--out", "answers.jsonl")
    lines = Path("answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0]) == {"sentiment": "positive"}
    call("predict", "saved", "ab", "--out", "answers.parquet")
    assert len(pd.read_parquet("answers.parquet")) == 2


def test_a_wrong_ending_is_refused_before_the_work(call, tmp_path):
    said = call("predict", "saved", "ab", "--out", "answers.xyz", status=2)
    assert "--out must end in .csv" in said.err


def test_evaluate_prints_and_writes_the_scorecard(call):
    said = call("evaluate", "saved", "ab", "--out", "card.json")
    assert "Scorecard of 2 rows" in said.out
    assert json.loads(Path("card.json").read_text(encoding="utf-8")) == {"n_rows": 2}


def test_lists(call):
    assert "automl-nb list backbones" in call("list").out
    listed = call("list", "metrics").out.splitlines()
    assert listed[0].split() == ["name", "installed", "summary"]
    assert any(line.split()[:2] == ["roc_auc", "yes"] for line in listed)
    assert "1 to 2" in call("space", "svm", "--search", "C=1..2").out
    assert "brisk-heron" in call("runs").out
    assert "report.html" in call("report", "brisk-heron").out
    assert "features" in call("cache").out
    assert call("cache", "trim", "--to", "2GB").out == "Removed 1 thing.\n"
    assert call("code", "brisk-heron", "--model", "svm").out.startswith("# svm on")
    call("code", "brisk-heron", "--to", "model.py")
    assert Path("model.py").read_text(encoding="utf-8").startswith("# ")
    assert call("doctor").out.splitlines()[1].split() == ["device", "cpu"]


@pytest.mark.parametrize("words", [(), ("-h",), ("--help",), ("help",)])
def test_the_overview_names_every_command(call, words):
    said = call(*words).out
    assert all(f"automl-nb {name}" in said for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(call, name):
    assert call(name, "-h").out.startswith(f"usage: automl-nb {name}")


@pytest.mark.parametrize(
    ("words", "rule", "remedy"),
    [
        (["fti"], "There is no command of this name. Received: 'fti'.", "Did you mean 'fit'?"),
        (["fit"], "'automl-nb fit' needs DATA.", "See: automl-nb fit -h"),
        (["fit", "x", "--lable", "y"], "Received: '--lable'.", "Did you mean '--label'"),
        (["fit", "x", "--seed", "y"], "--seed must be a whole number. Received: 'y'.", ""),
        (["predict"], "needs MODEL and DATA", "See: automl-nb predict -h"),
        (["predict", __file__], "needs MODEL before DATA", "Write: automl-nb predict MODEL"),
        (["evaluate", "saved"], "needs DATA after MODEL", "automl-nb evaluate saved DATA"),
        (["list", "metric"], "Received: 'metric'.", "Did you mean 'metrics'?"),
    ],
)
def test_a_command_that_is_not_understood(call, words, rule, remedy):
    said = call(*words, status=2)
    assert said.out == ""
    first, *rest = said.err.splitlines()
    assert first.startswith("automl-nb: ")
    assert rule in first
    assert len(rest) <= 1
    assert remedy in "".join(rest)


def test_what_fails_says_so_in_two_lines(call, api):
    api.script = scripted.failing
    api.play["error"] = SourceError("The file is cut off.", received="x.csv", hint="Get it again.")
    said = call("fit", "x.csv", "--label", "y", status=1)
    assert said.err.splitlines() == [
        "automl-nb: The file is cut off. Received: 'x.csv'.",
        "automl-nb: Get it again.",
    ]


@pytest.fixture
def left(tmp_path, monkeypatch):
    """A run that was stopped, in a folder for runs of its own."""
    monkeypatch.setenv("AUTOML_NB_RUNS", str(tmp_path / "runs"))
    steered = Steered(
        frames.table(), "cultivar", tmp_path / "runs",
        lambda event: isinstance(event, IncumbentImproved), lambda run: run.stop(),
        strategies=["ridge"], name="iris",
    )  # fmt: skip
    return steered.run.wait()


def test_like_cases_have_one_exit_status(left, capsys):
    """What can't be asked of a run that is over, or of none, has failed; words that can't work
    haven't been understood."""
    for verb in (["pause"], ["skip"], ["stop"], ["extend", "--time", "1m"]):
        assert main([verb[0], "iris", *verb[1:]]) == FAILED
        said = capsys.readouterr().err
        assert "Only a run that is still at work" in said
        assert "automl-nb resume iris" in said
        assert main([verb[0], "isir", *verb[1:]]) == FAILED
        assert "'iris'" in capsys.readouterr().err
        assert main([*verb, "iris", "--now"]) == MISUSED
    assert main(["extend", "iris"]) == MISUSED
    assert main(["extend", "iris", "--time", "soon"]) == MISUSED
    assert main(["extend", "iris", "soon"]) == MISUSED
    assert main(["extend", "iris", "1m"]) == main(["drop", "iris", "minilm-l6"]) == FAILED
    assert "Exit status: 0 done; 1 it failed; 2 " in overview()


def test_what_nobody_foresaw(call, api):
    def explode(*_args, **_options):
        raise ZeroDivisionError("nobody thought of this")

    api.start = explode
    said = call("fit", "x", status=1)
    assert said.err.splitlines()[0] == "automl-nb: ZeroDivisionError: nobody thought of this"
    assert "--traceback" in said.err
    assert "explode" in call("fit", "x", "--traceback", status=1).err


def test_ctrl_c_keeps_the_best_model(call, api):
    api.play["interrupts"] = {8}
    said = call("fit", "x", "--label", "y", "--out", "model", status=130)
    assert "interrupt again to end at once" in said.out
    assert "stopped, accuracy" in said.out
    assert Path("model/model.json").is_file()


def test_ctrl_c_twice_ends_at_once(call, api):
    api.play.update(interrupts={8, 9}, chunk=1)
    said = call("fit", "x", "--label", "y", "--out", "model", status=130)
    assert said.err == "automl-nb: Interrupted.\n"
    assert not Path("model").exists()


@pytest.mark.parametrize("module", ["automl_nb.cli.entry", "automl_nb.api", "pandas"])
def test_ctrl_c_while_it_is_still_loading_begins_nothing(module, tmp_path):
    code = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from automl_nb.cli import main\n"
        "sys.exit(main(['fit', 'rows.csv', '--label', 'y']))"
    )
    (tmp_path / "rows.csv").write_text("x,y\n1,a\n2,b\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "AUTOML_NB_RUNS": str(tmp_path / "runs")},
        text=True,
        check=False,
    )
    told = "automl-nb: Interrupted before anything was begun.\n"
    assert (done.returncode, done.stdout, done.stderr) == (130, "", told)
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_an_interrupted_command_waits_for_no_thread():
    code = (
        "import sys, threading\n"
        "from automl_nb import cli\n"
        "def interrupted(*_):\n"
        "    threading.Thread(target=threading.Event().wait).start()\n"
        "    raise KeyboardInterrupt\n"
        "import automl_nb.cli.entry as entry\n"
        "entry.main = interrupted\n"
        "cli.script()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (130, "automl-nb: Interrupted.\n")


def test_an_old_terminal_is_no_hindrance():
    code = (
        "import sys; from tests.support import scripted; scripted.install(chunk=8)\n"
        "from automl_nb.cli import main; sys.exit(main(['fit', 'x', '--label', 'y']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert b"+ encode" in done.stdout


def test_a_place_that_refuses_is_told_in_two_lines(call, tmp_path):
    (tmp_path / "card.json").mkdir()
    said = call("evaluate", "saved", "ab", "--out", "card.json", status=1)
    assert "directory" in said.err
    assert "Choose another place" in said.err
    assert len(said.err.splitlines()) == 2


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path):
    code = "import sys; from automl_nb.cli.entry import main; sys.exit(main(['list', 'metrics']))"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 0


def test_the_ledger_is_printed_or_written(call, tmp_path):
    said = call("ledger", "brisk-heron").out
    assert "minilm-l6 #2" in said
    assert "lr=3e-05, epochs=3" in said
    assert "nan" not in said
    call("ledger", "brisk-heron", "--out", "ledger.csv")
    rows = pd.read_csv(tmp_path / "ledger.csv")
    assert list(rows["seconds"]) == [2.0, 57.9, 58.0]
    assert {"low", "high", "began_s", "ended_s", "reads"} <= {*rows.columns}
    assert ".parquet" in call("ledger", "brisk-heron", "--out", "a.doc", status=2).err


def test_the_memory_is_listed_exported_and_wiped(call, api):
    assert "brisk-heron" in call("memory").out
    assert "brisk-heron" in call("memory", "list").out
    assert call("memory", "export", "tasks.json").out == "Written to tasks.json\n"
    assert call("memory", "wipe").out == "Forgotten: 3 tasks\n"
    assert api.calls == [("memory_export", "tasks.json"), ("memory_wipe",)]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("forget",), "no action on the memory of this name"),
        (("export",), "exported to a file"),
        (("wipe", "tasks.json"), "list and wipe take none"),
    ],
)
def test_the_memory_refuses_other_words(call, words, told):
    assert told in call("memory", *words, status=2).err
