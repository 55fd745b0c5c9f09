"""Explained steps in a cell: below the view as they are reached, as text, or once at the end."""

from __future__ import annotations

import io
import threading

import pytest

import automl_nb
from automl_nb import api
from automl_nb.core.console import Console
from automl_nb.core.events import StepExplained
from automl_nb.core.state import replay
from tests.support import scripted
from tests.support.explained import SAMPLES

FIT = "%automl fit wine --label cultivar --time 20s --strategies logistic --seed 1 --explain-steps"
HEADING = "What happened with your rows"


@pytest.fixture
def shell(wine_shell):
    return wine_shell


def test_in_a_notebook_one_output_grows_below_the_view(shell):
    shell.run("%config AutoMLMagics.progress = 'html'")
    cell = shell.run(f"run = {FIT}")
    grown = [html for html in cell.html if HEADING in html]
    assert "Rows are held out first" in grown[0]
    assert "Probabilities are made honest" in grown[-1]
    assert len(grown) <= len(shell.names["run"].state.explained)
    assert "running" in cell.html[0]  # the view comes first
    assert cell.html[1] == ""  # the place below it, taken before anything is explained
    assert HEADING in shell.run("run.explain_steps()").result._repr_mimebundle_()["text/html"]


def test_off_shows_words_that_can_be_compared_and_pictures_beside_them(shell, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_PROGRESS", "off")
    first, again = (shell.run(f"{FIT} --name {name}") for name in ("one", "two"))
    words = [html for html in first.html if "Rows are held out first" in html]
    assert len(words) == 1
    assert "<img" not in "".join(first.html)
    pictures = [data for data, _ in first.displays if "image/png" in data]
    assert len(pictures) == len(automl_nb.api.open_run("one").state.explained)
    assert again.html[1:] == first.html[1:]


def test_behind_the_cell_the_place_is_taken_while_the_cell_runs(shell):
    shell.run("%config AutoMLMagics.progress = 'html'")
    cell = shell.run(f"run = {FIT} --background")
    assert [html for html in cell.html if not html] == [""]
    shell.run("run.wait()")
    for view in [t for t in threading.enumerate() if t.name == "automl-nb-view"]:
        view.join(30)
    assert "split" in shell.names["run"].state.explained


@pytest.mark.parametrize("columns", [40, 200])
def test_a_terminal_says_it_in_lines(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    out = io.StringIO()
    events = [scripted.started(), StepExplained(1.0, "split", SAMPLES["split"])]
    console = Console(out, explain=api.explained_lines)
    console.update(replay(events))
    console.update(replay(events))
    lines = out.getvalue().splitlines()
    assert lines.count("  > Rows are held out first") == 1
    assert max(map(len, lines)) <= min(columns, 100)
    assert "answered by a model that never saw it." in " ".join(line.strip() for line in lines)


def test_a_step_of_a_later_version_is_named_and_left_out():
    out = io.StringIO()
    Console(out, explain=api.explained_lines).update(replay([StepExplained(1.0, "nap", {})]))
    assert "'nap' can't be shown here" in out.getvalue()


def test_it_is_said_in_the_language_that_is_asked_for(shell, monkeypatch):
    monkeypatch.setattr("automl_nb.core.show.messages._chosen", "")
    shell.run(
        "%%automl fit wine --explain-steps\nlabel = 'cultivar'\nlanguage = 'zh'\ntime = 20\nstrategies = 'prior'"
    )
    assert (
        "\u9996\u5148\u7559\u51fa"
        in shell.run(
            "%automl fit wine --label cultivar --time 20s --strategies prior --explain-steps"
        ).out
    )
    assert "en" in " ".join(shell.fails("%automl fit wine --label cultivar --language xx"))
