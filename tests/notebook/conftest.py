"""A fresh IPython shell for each test, with the extension loaded and a scripted engine."""

from __future__ import annotations

import sys

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

import automl_nb
from tests.support import scripted


class Cell:
    """What came of running a cell."""

    def __init__(self, result, captured):
        self.result, self.success = result.result, result.success
        self.error = result.error_in_exec or result.error_before_exec
        self.out, self.err = captured.stdout, captured.stderr
        self.displays = [output._repr_mimebundle_() for output in captured.outputs]

    @property
    def text(self):
        return "\n".join(data["text/plain"] for data, _ in self.displays)

    @property
    def html(self):
        return [data["text/html"] for data, _ in self.displays if "text/html" in data]


class Shell:
    """Runs cells in an IPython shell."""

    def __init__(self, ip):
        self.ip, self.names = ip, ip.user_ns

    def run(self, code, *, success=True):
        with capture_output() as captured:
            result = self.ip.run_cell(code, store_history=True)
        cell = Cell(result, captured)
        assert cell.success is success, cell.out
        return cell

    def fails(self, code):
        """The lines that a person sees."""
        return self.run(code, success=False).out.strip().splitlines()


@pytest.fixture
def api(monkeypatch):
    fake = scripted.FakeApi(chunk=8)
    monkeypatch.setitem(sys.modules, "automl_nb.api", fake)
    return fake


@pytest.fixture
def ip(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    main = sys.modules["__main__"]
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    yield shell
    InteractiveShell.clear_instance()
    sys.modules["__main__"] = main


@pytest.fixture
def wine_shell(ip, monkeypatch, tmp_path):
    """With the real engine and a small table, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    ip.run_line_magic("load_ext", "automl_nb")
    ip.user_ns["wine"] = automl_nb.sample("wine")
    return Shell(ip)


@pytest.fixture
def shell(ip, api, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    ip.run_line_magic("load_ext", "automl_nb")
    reviews = pd.DataFrame({"text": ["good", "bad"], "my column": ["y", "n"], "Größe": [1, 2]})
    ip.user_ns["reviews"] = reviews
    return Shell(ip)
