"""Defaults from files: which comes first, and what is refused."""

from __future__ import annotations

import pytest

from automl_nb.core.config import configured
from automl_nb.core.errors import SettingError


@pytest.fixture
def project(tmp_path, monkeypatch):
    own = tmp_path / "own.toml"
    monkeypatch.setenv("AUTOML_NB_CONFIG", str(own))
    inner = tmp_path / "project" / "inner"
    inner.mkdir(parents=True)

    def write(project_text="", own_text=""):
        (tmp_path / "project" / "pyproject.toml").write_text(project_text, encoding="utf-8")
        own.write_text(own_text, encoding="utf-8")
        return inner

    return write


def test_without_files_nothing_is_set(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_CONFIG", str(tmp_path / "none.toml"))
    assert configured(tmp_path) == {}


def test_the_project_comes_before_the_person(project):
    folder = project(
        '[tool.automl_nb]\ntime = "10m"\nbackbones = ["a", "b"]', 'time = "1m"\nseed = 4'
    )
    assert configured(folder) == {"time": "10m", "backbones": ("a", "b"), "seed": 4}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[tool.automl_nb]\ntme = 3", "no setting of this name"),
        ("[tool", "must be a TOML file"),
        ("[tool]\nautoml_nb = 3", "must be a table"),
    ],
)
def test_what_cannot_be_meant_is_refused(project, text, rule):
    with pytest.raises(SettingError, match=rule):
        configured(project(text))
