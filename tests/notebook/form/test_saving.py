"""The place where a model is saved from the form, with a real model and real folders."""

from __future__ import annotations

import pytest

import automl_nb
from automl_nb.notebook.form.saving import SavingPanel


@pytest.fixture(scope="module")
def model():
    wines = automl_nb.sample("wine")
    return automl_nb.fit(
        wines, "cultivar", time="10s", strategies="ridge", backbones="none", name="saving"
    ).model


@pytest.fixture
def panel(model, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return SavingPanel(lambda: model)


def clicked(panel, place):
    panel.place.value = place
    panel._save.click()
    return panel.saved.value


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("", "Give the folder"),
        ("x" * 300, "Choose a shorter name."),
        ("名" * 300, "Choose a shorter name."),
        ("a\0b", "must be writable"),
        ("notes.txt/model", "must be writable"),
        ("notes.txt", "Choose another name."),
        ("<script>" * 40, "Choose a shorter name."),
    ],
)
def test_a_place_that_cannot_be_is_answered_beside_the_field(panel, place, told, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    seen = clicked(panel, place)
    assert 'role="alert"' in seen
    assert told in seen
    assert "<script>" not in seen
    assert panel._replace.layout.display == "none"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_name_as_long_as_the_disk_takes_is_saved(panel, tmp_path):
    assert "Saved in" in clicked(panel, "x" * 255)
    assert [path.name for path in tmp_path.iterdir()] == ["x" * 255]


def test_a_model_that_is_there_is_replaced_where_that_is_asked_for(panel, tmp_path):
    assert "Saved in mine" in clicked(panel, "mine")
    assert panel._replace.layout.display == "none"
    before = (tmp_path / "mine" / "model.json").stat().st_ino
    told = clicked(panel, "mine")
    assert "choose another name, or replace it" in told
    assert "overwrite" not in told
    assert panel._replace.layout.display is None
    assert (tmp_path / "mine" / "model.json").stat().st_ino == before
    panel._replace.click()
    assert "Saved in mine" in panel.saved.value
    assert panel._replace.layout.display == "none"
    assert (tmp_path / "mine" / "model.json").stat().st_ino != before
    assert len(automl_nb.load("mine").predict(automl_nb.sample("wine").head(2))) == 2
    clicked(panel, "mine")
    panel.place.value = "yours"  # to which the offer does not hold
    assert panel._replace.layout.display == "none"
    assert panel.saved.value == ""


def test_what_nobody_foresaw_is_told_too(panel, model, monkeypatch):
    def breaks(*_, **__):
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(type(model), "save", breaks)
    assert "ZeroDivisionError: by nought" in clicked(panel, "mine")
