"""Notebooks are checked by what the kernel replies too."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checked(tmp_path):
    """Run a notebook of these cells under nbval, without comparing their outputs."""

    def check(*sources, tag=None):
        cells = [nbformat.v4.new_code_cell(source, execution_count=1) for source in sources]
        for cell in cells:
            cell.metadata["tags"] = [tag] if tag else []
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
        return subprocess.run(
            [
                sys.executable, "-m", "pytest", "-q", "-p", "tests.nbval_replies",
                "--nbval-lax", "--nbval-current-env", str(tmp_path / "a.ipynb"),
            ],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return check


def test_a_cell_fails_whose_kernel_replies_with_an_error(checked):
    done = checked("1", "%no_such_magic", "2")
    assert done.returncode == 1
    assert "1 failed, 2 passed" in done.stdout
    assert "The kernel replied with an error." in done.stdout


def test_a_cell_passes_that_is_meant_to_fail(checked):
    assert checked("1 / 0", tag="raises-exception").returncode == 0
