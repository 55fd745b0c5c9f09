"""The demo: a notebook is executed by a real kernel while the terminal follows its run."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbformat.sign import NotebookNotary

import automl_nb
from automl_nb.cli import main

pytestmark = [pytest.mark.kernel, pytest.mark.slow]


def test_the_demo_leaves_a_model_a_notebook_and_a_report(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["demo", "--out", str(out), "--time", "6s"]) == 0
    said = capsys.readouterr().out
    for part in (
        "demo: finished, accuracy",
        "Test score on",
        "make lab",
        str(out / "model"),
        str(out / "quickstart.ipynb"),
        str(out / "report.html"),
    ):
        assert part in said, part

    model = automl_nb.load(out / "model")
    assert len(model.predict(["Return a new array of given shape."])) == 1
    assert "<html" in (out / "report.html").read_text(encoding="utf-8")
    book = json.loads((out / "quickstart.ipynb").read_text(encoding="utf-8"))
    outputs = [str(cell["outputs"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    assert all(outputs[:-1])
    assert "Leaderboard" in outputs[1]
    assert not [text for text in outputs if "'error'" in text]
    # JupyterLab shows the curves of notebooks that it trusts alone.
    assert NotebookNotary().check_signature(nbformat.read(out / "quickstart.ipynb", as_version=4))
