"""Lessons, solved by a reader: every exercise has a right answer, and its check finds it right."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
FILL_IN = """
form._fields["label"].input.value = "cultivar"
form.start()
while form.run is None or not form.run.done or form._start.disabled:
    time.sleep(0.05)
"""
CLICKED = {"00_first_five_minutes": FILL_IN}  # what is done with the mouse below a cell


def tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def lessons() -> list[Path]:
    return [
        path
        for path in sorted(FOLDER.rglob("*.ipynb"))
        if "checkpoint" not in str(path)
        and any("exercise" in tags(cell) for cell in nbformat.read(path, as_version=4).cells)
    ]


def run(notebook, tmp_path):
    """Execute it; the words that each of its checks said."""
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    return [
        cell.outputs[0]["data"]["text/plain"] for cell in notebook.cells if "check" in tags(cell)
    ]


def test_every_exercise_is_open_and_has_a_solution():
    found = lessons()
    assert found
    for path in found:
        cells = nbformat.read(path, as_version=4).cells
        for cell in cells:
            if "exercise" in tags(cell):
                assert cell.metadata["automl_nb"]["solution"] != cell.source
            if "check" in tags(cell):
                assert cell.metadata["jupyter"]["source_hidden"]
                assert not cell.outputs[0]["data"]["text/plain"].startswith("✓"), "solved already"


@pytest.mark.kernel
@pytest.mark.thorough
@pytest.mark.parametrize("path", lessons(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_solved_lesson_is_found_right(path, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_PROGRESS", "off")
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "exercise" in tags(cell):
            cell.source = cell.metadata["automl_nb"]["solution"]
    click = CLICKED.get(path.stem)
    if click:
        at = next(i for i, cell in enumerate(notebook.cells) if "automl_nb.form(" in cell.source)
        waiting = nbformat.v4.new_code_cell(f"import time\n{click}")
        notebook.cells.insert(at + 1, waiting)
    said = run(notebook, str(tmp_path))
    assert said
    assert all(words.startswith("✓") for words in said), said
