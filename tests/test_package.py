"""The package as it is installed: its names, its version, and how little it imports."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import subprocess
import sys

import pytest

import automl_nb

HEAVY = ("torch", "transformers", "sklearn", "pandas", "lightgbm", "matplotlib", "optuna")


def test_every_public_name_is_there_and_documented():
    for name in automl_nb.__all__:
        value = getattr(automl_nb, name)
        assert name.startswith("__") or value.__doc__, name


def test_public_names_are_sorted_and_listed_by_dir():
    names = [name for name in automl_nb.__all__ if not name.startswith("__")]
    assert names == sorted(names)
    assert set(automl_nb.__all__) <= set(dir(automl_nb))


def test_version_is_that_of_the_installed_package():
    assert automl_nb.__version__ == importlib.metadata.version("automl_nb")


def test_types_are_shipped():
    files = importlib.resources.files("automl_nb")
    assert (files / "py.typed").is_file()


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        automl_nb.no_such_name  # noqa: B018


LOAD_EXT = """
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.instance().run_line_magic("load_ext", "automl_nb")
"""


@pytest.mark.parametrize("code", ["import automl_nb", LOAD_EXT], ids=["import", "load_ext"])
def test_importing_stays_light(code):
    asked = f"{code}\nimport sys; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_the_command_line_answers():
    done = subprocess.run(
        [sys.executable, "-m", "automl_nb", "--version"], capture_output=True, text=True, check=True
    )
    assert automl_nb.__version__ in done.stdout
