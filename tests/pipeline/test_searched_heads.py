"""A head by search within a run: asked for by name, told, drawn and saved."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import automl_nb
from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.report import alt_text
from automl_nb.transfer.logistic import Logistic
from automl_nb.transfer.nas_head import NasHead
from tests.support.frames import table, texts

OPTIONS = {"time": 600, "backbones": ["minilm-l3"], "seed": 1}
QUICK = {"searcher": "evolution", "tries": 2, "nodes": 1}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return automl_nb.fit(
        texts(),
        "library",
        strategy="nas-head",
        params=QUICK,
        run_dir=tmp_path_factory.mktemp("runs"),
        **OPTIONS,
    )


def test_it_reads_all_layers_and_says_what_it_is_worth(run):
    row = next(row for row in run.state.leaderboard if row.strategy == "nas-head")
    assert row.inputs == ("text-layers(text, minilm-l3)",)
    assert row.note.startswith("evolution: log loss ")
    assert "the plain linear head" in row.note
    assert "; node 1 = " in row.note
    stage = next(one for one in run.state.stages if one.name == "frozen features")
    assert stage.note == "1 block"  # and no other, which nothing would read
    assert {*row.architectures[0]["layers"]} == {"embeddings", "layer 1", "layer 2", "layer 3"}


def test_the_run_says_how_the_searcher_did_beside_chance(run):
    row = next(row for row in run.state.leaderboard if row.strategy == "nas-head")
    said = next(m.text for m in run.state.messages if "random architectures" in m.text)
    assert said.removeprefix(f"{row.model}: ").removesuffix(".") in row.note
    assert said.split("(")[0] in Path(run.report()).read_text(encoding="utf-8").replace(
        "&#x27;", "'"
    )


def test_so_it_does_on_blocks_without_layers(tmp_path, monkeypatch):
    def train(self, context, inputs, config):
        made = yield from Logistic().train(context, inputs, {"name": config["name"]})
        said = "held against random architectures" if config.get("beside_random") else ""
        return replace(made, strategy=self.name, note=said, config={"beside_random": said})

    monkeypatch.setattr(NasHead, "train", train)
    run = automl_nb.fit(
        table(),
        "cultivar",
        strategy="nas-head",
        params=QUICK,
        run_dir=tmp_path,
        time=600,
    )
    row = next(row for row in run.state.leaderboard if row.strategy == "nas-head")
    said = [m.text for m in run.state.messages if "random architectures" in m.text]
    assert said == [f"{row.model}: held against random architectures."]


def test_it_is_drawn_from_what_the_journal_holds(run):
    again = automl_nb.open_run(run.folder)
    assert again.plot("architecture").description == alt_text("architecture", run.state)
    assert "node 1 = " in alt_text("architecture", run.state).lower()


def test_the_saved_model_answers_alike(run):
    frame = texts().head(12)
    again = automl_nb.load(run.folder)
    np.testing.assert_allclose(
        again.predict_proba(frame), run.model.predict_proba(frame), atol=1e-3
    )


@pytest.mark.parametrize(
    ("strategy", "params", "error", "said"),
    [
        ("svm", {"searcher": "darts"}, UnknownNameError, "nas-head"),
        ("nas-head", {"lr": 1e-4}, UnknownNameError, "lr"),
        ("nas-head", {"searcher": "dart"}, UnknownNameError, "darts"),
        ("nas-head", {"nodes": 0}, SettingError, "from 1 to 4"),
    ],
)
def test_settings_are_checked_before_any_work(strategy, params, error, said):
    with pytest.raises(error) as caught:
        automl_nb.fit(texts(), "library", strategy=strategy, params=params, **OPTIONS)
    assert said in str(caught.value)
