"""The magic on the real engine: a small table, from the first cell to the report."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def shell(wine_shell):
    return wine_shell


FIT = "%automl fit wine --label cultivar --time 10s --strategies logistic,knn --seed 1"


def test_from_the_first_cell_to_the_report(shell, tmp_path):
    shell.run("%config AutoMLMagics.progress = 'html'")
    fit = shell.run(f"{FIT} -o model")
    assert "running" in fit.html[0]
    assert "Test score on" in fit.html[-1]
    assert "model.predict(new_rows)" in fit.html[-1]

    answers = shell.run("%automl predict model wine").result
    assert np.mean(answers == shell.names["wine"]["cultivar"]) > 0.9
    chances = shell.run("%automl predict model wine --proba").result
    assert np.allclose(chances.sum(axis=1), 1)
    assert "accuracy" in shell.run("%automl evaluate model wine").out
    board = shell.run("%automl leaderboard").result
    assert len(board) >= 2
    assert "finished" in shell.run("%automl status cultivar").html[0]
    assert list(shell.run("%automl runs").result["name"]) == ["cultivar"]
    shell.run("%automl report --to report.html")
    assert "cultivar" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_run_behind_the_cell_gives_its_model(shell):
    shell.run(f"run = {FIT} --background")
    assert shell.run("run.wait().state.status").result == "finished"
    assert len(shell.run("%automl predict run wine").result) == len(shell.names["wine"])
    whole = shell.ip.display_formatter.format(shell.names["run"])[0]["text/html"]
    shell.run("%config AutoMLMagics.progress = 'off'")
    stable = shell.ip.display_formatter.format(shell.names["run"])[0]["text/html"]
    assert "took" in whole
    assert "took" not in stable


LONG = "%automl fit wine --label cultivar --time 60s --strategies boosting,logistic,knn,mlp"


def test_a_run_behind_the_cell_is_paused_extended_and_goes_on(shell):
    shell.run(f"run = {LONG} --background --fresh")
    run = shell.names["run"]
    assert "pauses" in shell.run("%automl pause").out
    while run.status != "paused":
        run.poll(0.1)
        assert not run.done
    assert "paused" in shell.run("%automl status").html[0]
    assert "1:00 min more" in shell.run("%automl extend run --time 1m").out
    assert "10 s more" in shell.run("%automl extend run 10s").out
    assert "tries nothing more" in shell.run("%automl drop run --backbone minilm-l6").out
    assert "tries nothing more" in shell.run("%automl drop run minilm-l3").out
    assert "goes on" in shell.run("%automl resume run").out
    assert shell.run("run.wait().status").result == "finished"
    assert run.state.time_s == 130
    assert "at work" in " ".join(shell.fails("%automl skip"))
    assert "needs --time" in " ".join(shell.fails("%automl extend run"))
    assert "needs --time, once" in " ".join(shell.fails("%automl extend run 1m --time 2m"))
    assert "minilm-l6" in " ".join(shell.fails("%automl drop run --backbone minlm-l6"))


def test_a_stopped_run_goes_on_with_the_rows_of_the_notebook(shell):
    shell.run(f"run = {LONG} --background --fresh")
    shell.run("%automl stop")
    run = shell.names["run"]
    run.wait()
    if run.state.schema is None:
        pytest.fail("it was stopped before it had read its rows")
    shell.run("del run")
    more = shell.run("%automl resume cultivar").result
    assert more.folder == run.folder
    assert more.status == "finished"
    assert "more time" in " ".join(shell.fails("%automl resume cultivar"))
    longer = shell.run("%automl resume cultivar --time 2m -o model")
    assert longer.result is None
    assert len(shell.names["model"].predict(shell.names["wine"])) == 178
    del shell.names["wine"]
    assert "not found" in " ".join(shell.fails("%automl resume cultivar --time 3m"))


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("fit wine --label labl", "label"),
        ("fit wine --label cultivar --metric acuracy", "no metric of this name"),
        ("fit wine --label cultivar --time 0", "more than zero"),
        ("fit wine --label cultivar --time -3m", "more than zero"),
        ("fit wine --label cultivar --strategies boostng", "no strategy of this name"),
        ("fit nowhere.csv --label cultivar", "nowhere.csv"),
    ],
)
def test_what_the_engine_refuses_is_said_in_a_few_lines(shell, line, rule):
    lines = shell.fails(f"%automl {line}")
    complaint = lines[next(i for i, text in enumerate(lines) if "Error: " in text) :]
    assert 2 <= len(complaint) <= 3
    assert rule in " ".join(complaint)
