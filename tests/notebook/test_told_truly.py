"""What the magic says of runs on the real engine: whose they are, and what can be typed next."""

from __future__ import annotations

import shutil
from html import unescape

import pytest

import automl_nb
from automl_nb.control.journal import NAME as JOURNAL

FIT = "%automl fit wine --label cultivar --time 10s --strategies logistic --seed 1"


@pytest.fixture
def shell(wine_shell):
    wine_shell.ip.run_line_magic("config", "AutoMLMagics.progress = 'html'")
    return wine_shell


def forget(shell):
    """What a restarted kernel has forgotten."""
    shell.run("%reload_ext automl_nb")
    shell.names.pop("run", None)


def test_without_a_name_another_notebooks_run_is_not_taken(shell):
    others = automl_nb.sample("wine").head(120)
    automl_nb.fit(others, "cultivar", time=10, strategies=["logistic"], name="another")
    told = " ".join(shell.fails("%automl resume"))
    assert "Name one of another" in told
    shell.run(f"{FIT} --name mine")
    forget(shell)
    assert "mine" in shell.run("%automl status").text
    shell.run(f"{FIT} --fresh --name second")
    forget(shell)
    told = " ".join(shell.fails("%automl extend --time 1m"))
    assert "2 runs on the data frames here" in told
    assert "second, mine" in told


def test_results_of_an_earlier_run_are_told_with_its_name_and_how_to_do_without(shell):
    fit = FIT.replace("--seed 1", "--seed 7301")  # that no other test has trained with
    shell.run(f"{fit} --name first")
    told = unescape("".join(shell.run(f"{fit} --name second").html))
    assert "Run 'first' of 20" in told
    assert "'fresh' trains all anew" in told
    assert "is reused" not in "".join(shell.run(f"{fit} --name third --fresh").html)


def test_the_next_line_names_what_is_there(shell):
    cell = shell.run(FIT)
    assert "model = run.model" in cell.text
    shell.run("model = run.model\nmodel.predict(wine)")
    shell.names["run"] = "my own"
    cell = shell.run(FIT)
    assert shell.names["run"] == "my own"
    assert "run.model" not in cell.text
    line = next(line for line in cell.text.splitlines() if line.startswith("Next: "))
    assert len(shell.run(line.removeprefix("Next: ").replace("new_rows", "wine")).result) == 178


def test_a_name_asked_for_stands_for_a_run_behind_the_cell_at_once(shell):
    shell.run(f"{FIT} --background -o bg --fresh")
    shell.run("bg.wait()")
    assert len(shell.run("bg.predict(wine)").result) == 178


def test_rows_that_were_trained_on_are_told(shell):
    shell.run(f"{FIT} -o model")
    assert "these rows are among those" in str(shell.run("%automl evaluate model wine").result)
    card = shell.names["model"].evaluate(shell.names["wine"].assign(alcohol=lambda t: t.ash * 5))
    assert not any("trained on" in note for note in card.notes)


def test_code_knows_models_and_says_where_rows_come_from(shell):
    shell.run(f"{FIT} -o model")
    assert "of cultivar" in shell.run("%automl code model").out
    script = shell.names["run"].code()
    assert "rows = df  # the data frame that the run learnt from" in script
    shell.fails("%automl fit wine --label nope")
    for verb in ("leaderboard", "code"):
        lines = shell.fails(f"%automl {verb}")
        assert "needs a run that has trained a model" in lines[0]
        assert "%automl runs" in lines[-1]


def test_runs_show_their_score_on_a_narrow_screen(shell):
    shell.run(f"{FIT} --name a-name-of-thirty-letters-or-so")
    told = shell.run("%automl runs").result
    head, row = repr(told).splitlines()
    assert head.index("score") + 5 < 80
    assert f"{told['score'][0]:.4f}" in row[:80]


@pytest.mark.parametrize("damage", ["emptied", "overwritten", "garbled at its end"])
def test_a_damaged_journal_is_no_empty_run(shell, tmp_path, damage):
    shell.run(f"{FIT} --name mine")
    shell.run("%automl report")
    shutil.copytree(tmp_path / "runs" / "mine", tmp_path / "runs" / "hurt")
    journal, report = (tmp_path / "runs" / "hurt" / name for name in (JOURNAL, "report.html"))
    whole = journal.read_text(encoding="utf-8")
    made = {"emptied": "", "overwritten": "\0" * 300, "garbled at its end": whole[:-30] + "\n"}
    journal.write_text(made[damage], encoding="utf-8")
    before = report.read_bytes()
    told = " ".join(shell.fails("%automl report hurt"))
    assert "damaged" in told
    assert ("The best model by then" in told) == (damage == "garbled at its end")
    assert report.read_bytes() == before
    assert len(shell.run("%automl predict hurt wine").result) == 178
