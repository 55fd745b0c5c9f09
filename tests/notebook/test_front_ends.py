"""Front ends without a browser: papermill, nbconvert, and IPython in a plain terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from html import unescape

import nbformat
import pytest
from nbclient import NotebookClient

from tests.browser.conftest import ROOT, SETUP

pytestmark = pytest.mark.kernel

TABLE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.support import frames
wine = frames.table()
%load_ext automl_nb
"""
SCRIPTED = f"{SETUP}fake.play.update("
BEHIND = "run = %automl fit reviews --label sentiment --background"
FIT = "run = %automl fit wine --label cultivar --time 1m --strategies ridge,knn"
ASK = "%automl predict run wine"
FORM = "%automl form wine --label cultivar"


@pytest.fixture
def notebook(tmp_path):
    cells = [nbformat.v4.new_code_cell(cell) for cell in (TABLE, FIT, ASK, FORM)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = tmp_path / "wine.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def called(*words, cwd, **more):
    environment = os.environ | {"AUTOML_NB_PROGRESS": "auto"}
    return subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=240, check=False, **more,
    )  # fmt: skip


def test_papermill_keeps_the_final_state_of_every_cell(notebook, tmp_path):
    pytest.importorskip("papermill")
    done = called("papermill", notebook, "out.ipynb", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    book = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert "HTMLModel" in str(book.metadata.widgets)  # the form's, which a page can show
    assert len(nbformat.writes(book)) < 200_000  # the run's view and the form
    cells = book.cells
    shown = [str(cell.outputs) for cell in cells if cell.cell_type == "code"]
    assert "finished" in shown[1]
    assert "Leaderboard" in shown[1]
    assert "running" not in shown[1]
    assert "class_0" in shown[2] or "barolo" in shown[2].lower() or "0" in shown[2]
    assert not any("'error'" in outputs for outputs in shown)


def executed(folder, *cells):
    """The outputs of the second cell, as a notebook that nobody watches keeps them."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    return unescape(str(book.cells[1].outputs))


def test_a_run_that_the_kernel_leaves_behind_isnt_saved_as_running(tmp_path):
    a_second = "while run.state.t < 30: run.poll(0.1)"  # at the speed of the script
    saved = executed(tmp_path, f"{SCRIPTED}speed=30, endless=True)", BEHIND, a_second)
    assert "brisk-heron: at work when this was drawn" in saved
    assert "'%automl status brisk-heron' shows what became of it" in saved
    assert "running" not in saved


def test_a_run_that_is_waited_for_is_saved_as_it_ended(tmp_path):
    drawn = (
        "import threading; [t.join() for t in threading.enumerate() if t.name == 'automl-nb-view']"
    )
    saved = executed(tmp_path, f"{SCRIPTED}speed=300)", BEHIND, "run.wait()", drawn)
    assert "brisk-heron: finished" in saved
    assert "at work" not in saved


def test_code_is_printed_where_no_cell_can_be_made_for_it(tmp_path):
    fit = "%automl fit reviews --label sentiment\n%automl code"
    saved = executed(tmp_path, f"{SCRIPTED}speed=300)", fit)
    assert "The model of brisk-heron as plain Python:" in saved
    assert " on reviews\\n" in saved  # the script's first line
    assert "next cell" not in saved


@pytest.mark.thorough
def test_nbconvert_shows_it_as_a_page(notebook, tmp_path):
    done = called("nbconvert", "--to", "html", "--execute", notebook, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "wine.html").read_text(encoding="utf-8")
    assert "Leaderboard" in page
    assert "Traceback" not in page


def test_a_plain_terminal_gets_plain_text(tmp_path):
    typed = f"{TABLE}\n{FIT}\n{ASK}\n{FORM}\nexit\n"
    done = called("IPython", "--simple-prompt", "--no-banner", cwd=tmp_path, input=typed)
    said = done.stdout + done.stderr
    assert "Leaderboard" in said
    assert "<div" not in said
    assert "Traceback" not in said
    assert "A form needs a notebook." in said
    assert "The same as a line: %automl fit wine --label cultivar" in said
