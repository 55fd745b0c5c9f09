"""Runs and the memory: what a run leaves there, and what a later one hears of it."""

import json

import numpy as np
import pytest

import automl_nb
from automl_nb.explorer.memory import NAME, open_memory
from automl_nb.pipeline.stages import finetune
from tests.support import frames

HEADS = {"time": 600, "strategies": ["ridge", "finetune"], "backbones": ["minilm-l3"]}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A memory of this module's own; what encoders need is made anew there."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("AUTOML_NB_CACHE", str(folder))
        patch.delenv("AUTOML_NB_MEMORY", raising=False)
        patch.setattr(finetune, "_tune", lambda *_, **__: 0)  # what is said comes before
        yield folder


@pytest.fixture(scope="module")
def first(cache, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return automl_nb.fit(frames.texts(90), "library", name="first", run_dir=folder, **HEADS)


@pytest.fixture(scope="module")
def second(first, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    frame = frames.texts(130).iloc[20:]
    return automl_nb.fit(frame, "library", name="second", run_dir=folder, **HEADS)


def told(run):
    return "\n".join(message.text for message in run.state.messages)


def records():
    return {one.run: one for one in open_memory(pytest.fail).tasks()}


def test_a_finished_run_is_remembered(first):
    kept = records()["first"]
    assert (kept.kind, kept.modality, kept.n_classes) == ("multiclass", "text", 3)
    assert kept.n_rows == first.state.split.n_train + first.state.split.n_valid
    assert kept.scripts == {"Latin": 1.0}
    assert kept.score == pytest.approx(first.state.incumbent.score)
    assert kept.metric == first.state.objective.metric
    assert kept.model == str(first.folder.absolute())
    assert {"prior", "ridge minilm-l3"} <= set(kept.tried)
    assert kept.strategy in {"prior", "ridge"}
    assert kept.seconds > 0
    assert kept.fingerprint.n == kept.n_rows
    assert kept.fingerprint.space.startswith("minilm-l3 ")


def test_nothing_of_the_rows_or_labels_is_kept(first, cache):
    whole = (cache / NAME).read_bytes().decode("utf-8", "replace")
    for text in frames.texts(90)["text"]:
        assert text[:40] not in whole
    for name in ("matplotlib", "numpy", "scipy", "library"):
        assert name not in whole
    assert "first" in whole


def test_a_later_run_hears_of_it(second):
    said = told(second)
    assert said.count("This looks like the run 'first'") == 1
    assert "Weak evidence: only 1 earlier task can be compared." in said
    assert set(records()) == {"first", "second"}


def test_the_same_rows_have_the_same_print_whatever_was_trained(first, cache, tmp_path):
    again = automl_nb.fit(
        frames.texts(90), "library", name="again", run_dir=tmp_path, **{**HEADS, "seed": 0}
    )
    found = records()
    assert found["again"].fingerprint == found["first"].fingerprint
    assert again.state.status == "finished"


def test_where_networks_are_only_tuned_some_rows_make_the_print(first, cache, tmp_path):
    only = {**HEADS, "strategies": ["finetune"]}
    run = automl_nb.fit(frames.texts(90), "library", name="tuned", run_dir=tmp_path, **only)
    assert "This looks like the run '" in told(run)
    found = records()
    assert found["tuned"].fingerprint.space == found["first"].fingerprint.space


def test_a_table_is_remembered_by_numbers_of_its_own(cache, tmp_path):
    automl_nb.fit(
        frames.table(), "cultivar", time=600, strategies=["ridge"], name="wine", run_dir=tmp_path
    )
    kept = records()["wine"]
    assert kept.modality == "table"
    assert kept.fingerprint is None
    assert kept.table.classes == 3
    assert kept.backbone == ""
    assert kept.scripts == {}


@pytest.fixture
def alone(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def wine(tmp_path, **more):
    return automl_nb.fit(
        frames.table(), "cultivar", time=600, strategies=["ridge"], run_dir=tmp_path / "r", **more
    )


def test_off_leaves_no_trace(alone, monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_MEMORY", "off")
    assert wine(tmp_path).state.status == "finished"
    assert not (alone / NAME).exists()


def test_a_damaged_memory_costs_a_warning(alone, tmp_path):
    alone.mkdir()
    (alone / NAME).write_bytes(b"no database " * 500)
    run = wine(tmp_path)
    assert run.state.status == "finished"
    assert "was damaged" in told(run)
    assert len(automl_nb.memory()) == 1


def test_a_memory_that_cannot_be_written_costs_a_warning(alone, tmp_path):
    (alone / NAME).mkdir(parents=True)  # a folder where the file should be
    run = wine(tmp_path)
    assert run.state.status == "finished"
    assert "can be read and written" in told(run)
    assert np.isfinite(run.scorecard.score.value)


def test_a_database_out_of_reach_costs_a_warning(alone, monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_MEMORY", "postgresql+psycopg://me:secret@127.0.0.1:9/db")
    run = wine(tmp_path)
    assert run.state.status == "finished"
    assert "within reach" in told(run)
    assert "secret" not in told(run)
    assert "secret" not in json.dumps(run.state.settings)
