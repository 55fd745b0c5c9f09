"""Good models to ask bad things of, made once; and a shell with the real engine."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

import automl_nb
from tests.bad_input.cases import Place, good
from tests.bad_input.cases_pictures import pictures
from tests.notebook.conftest import Shell
from tests.notebook.conftest import ip as ip  # noqa: PLC0414 (a fixture is found by its name)


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    frame = good()
    asked = {
        "table": (frame, "y", ("logistic",)),
        "numbers": (frame.drop(columns="y"), "x", ("ridge",)),
        "pictures": (pictures(folder / "pictures"), "label", ("ridge",)),
    }
    return {
        name: automl_nb.fit(
            data, label, time=60, strategies=how, backbones="none", name=name, run_dir=folder
        ).folder
        for name, (data, label, how) in asked.items()
    }


@pytest.fixture
def place(models, tmp_path, monkeypatch) -> Place:
    """A working folder with an earlier run in its folder for runs."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    shutil.copytree(models["table"], tmp_path / "runs" / "earlier")
    return Place(folder, models)


@pytest.fixture
def nothing_lost(place, models):
    """Afterwards every earlier run, model and file must be what it was."""
    earlier = place.folder.parent / "runs" / "earlier"
    watched = (earlier, *models.values())
    before = [digest(folder) for folder in watched]
    yield
    assert [digest(folder) for folder in watched] == before


@pytest.fixture
def shell(ip, place, monkeypatch) -> Shell:
    monkeypatch.setenv("AUTOML_NB_PROGRESS", "off")
    ip.run_line_magic("load_ext", "automl_nb")
    return Shell(ip)


def digest(folder: Path) -> str:
    """Hash of every name and byte below a folder."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        found.update(str(path.relative_to(folder)).encode())
        found.update(path.read_bytes() if path.is_file() else b"")
    return found.hexdigest()
