"""What is taken down of a run: once a step, right, and never at the price of the run."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise_distances

import automl_nb
from automl_nb import api
from automl_nb.core import events as ev
from automl_nb.core.errors import RunError, SettingError
from automl_nb.core.jsonable import event_from_line, event_to_line
from automl_nb.core.settings import FitSettings
from automl_nb.core.state import RunState, replay
from automl_nb.data.dataset import load_dataset
from automl_nb.explained.base import Moment, Step
from automl_nb.explained.catalog import STEPS
from automl_nb.explained.teacher import Teacher
from automl_nb.features.text import FrozenText
from automl_nb.pipeline.blocks import LazyBlocks

OPTIONS = {"time": 30, "strategies": ["logistic", "knn"], "seed": 1}


def record(name, bench, state=None, *, over=False):
    facts = STEPS[name].load().record(Moment(bench, state or RunState(), over))
    return (
        None
        if facts is None
        else event_from_line(event_to_line(ev.StepExplained(0.0, name, facts))).facts
    )


def test_a_run_is_explained_also_from_its_folder():
    wine = automl_nb.sample("wine")
    run = automl_nb.fit(wine, "cultivar", explain_steps=True, **OPTIONS)
    steps = {event.step: event.facts for event in run.state.explained.values()}
    assert [*steps][:2] == ["split", "encoding"]
    assert [*steps][-1] == "calibration"
    assert not {"tokens", "features", "warm-up", "search"} & {*steps}

    bars = {name: learnt + tested for name, learnt, tested in steps["split"]["bars"]}
    assert bars == wine["cultivar"].value_counts().to_dict()
    assert steps["split"]["tested"] == run.scorecard.n_rows
    encoder = run.model.encoders["tabular-linear"]
    name, raw, boxes, n = steps["encoding"]["row"][0]
    row = wine[wine[name] == float(raw)].head(1).drop(columns="cultivar")
    place = encoder.feature_names.index(name)
    assert boxes[0][1] == pytest.approx(encoder.transform(row)[0, place], abs=1e-3)
    assert n == sum(one.startswith(name) for one in encoder.feature_names)

    again = api.open_run(run.folder).explain_steps()
    assert str(again) == str(run.explain_steps())
    assert [one.step for one in again] == [*steps]
    assert again._repr_mimebundle_()["text/html"].count("<img") == len(steps)


def test_a_run_that_was_not_asked_says_how_to_ask():
    run = automl_nb.fit(automl_nb.sample("wine"), "cultivar", name="mute", **OPTIONS)
    assert not run.state.explained
    with pytest.raises(RunError, match="explain_steps=True"):
        run.explain_steps()


def test_it_is_a_switch():
    with pytest.raises(SettingError, match="explain_steps must be True or False"):
        automl_nb.fit(automl_nb.sample("wine"), "cultivar", explain_steps="yes")


def test_what_fails_is_left_out_with_a_message():
    teacher, broken = Teacher(), SimpleNamespace(t=2.0)
    told = [*teacher.hear(ev.StageEnded(1.0, "data", "done"), broken), *teacher.close(broken)]
    assert told
    assert {type(event) for event in told} == {ev.Message}
    assert "'split' can't be explained (AttributeError" in told[0].text
    assert not [*teacher.close(broken)]  # each is said once


def test_half_a_character_costs_the_step_alone(monkeypatch):
    step = Step(lambda _: {"text": "\ud83d"}, lambda _: None)
    monkeypatch.setattr("automl_nb.explained.steps.split.split", step)
    told = [*Teacher().close(SimpleNamespace(t=2.0))]
    assert isinstance(told[0], ev.Message)
    assert "surrogates" in told[0].text


def test_a_continued_run_explains_nothing_twice():
    before = [ev.StepExplained(1.0, "split", {})]
    told = Teacher(before).close(SimpleNamespace(t=2.0))
    assert not any("'split'" in event.text for event in told)


@pytest.fixture(scope="module")
def texts():
    words = ["tea", "unreadable handwriting", "a fine tea of the morning", "rain " * 40, ""] * 8
    frame = pd.DataFrame({"note": words, "y": ["warm", "cold", "warm", "cold", "warm"] * 8})
    dataset = load_dataset(frame, FitSettings(label="y", kinds={"note": "text"}))
    encoder = FrozenText("note", "minilm-l3", max_length=16)
    blocks = LazyBlocks(dataset.development, {encoder.key: encoder})
    settings = FitSettings(label="y")
    return SimpleNamespace(
        t=0.0, dataset=dataset, encoders={encoder.key: encoder}, blocks=blocks, settings=settings
    )


def test_the_pieces_are_those_of_the_network(texts):
    facts = record("tokens", texts)
    encoder = next(iter(texts.encoders.values()))
    said = " ".join(piece for piece, kind in facts["pieces"] if kind != "mark")
    ids = encoder.tokenizer.encode([said.replace(" ##", "")])[0]
    assert len(ids) == facts["n"] == len(facts["pieces"])
    lengths = [
        len(encoder.tokenizer.encode([one])[0]) for one in texts.dataset.development["note"] if one
    ]
    assert facts["cut"] == pytest.approx(np.mean(np.array(lengths) > 16), abs=1e-4)
    assert facts["usual"] == int(np.median(lengths))


def test_the_plane_is_that_of_the_principal_components(texts):
    facts = record("features", texts)
    features = texts.blocks[next(iter(texts.encoders))]
    pca = PCA(2).fit(features)
    assert facts["held"] == pytest.approx(pca.explained_variance_ratio_.sum(), abs=1e-3)
    theirs = pca.transform(features)
    ours = np.array(facts["points"]) * np.abs(theirs).max()
    assert np.abs(np.abs(ours) - np.abs(theirs)).max() < 5e-3
    apart = pairwise_distances(features, metric="cosine")
    np.fill_diagonal(apart, np.inf)
    y = texts.dataset.y
    found = [np.isclose(row, row.min(), atol=1e-6) for row in apart]  # equal texts are equally near
    low, high = (
        np.mean([pick(y[near] == own) for near, own in zip(found, y, strict=True)])
        for pick in (np.min, np.max)
    )
    assert low - 1e-4 <= facts["nearest"] <= high + 1e-4


def test_a_training_is_explained_when_it_has_ended():
    reports = [
        (0.0, {"loss": 1.1}),
        (1.0, {"loss": 0.8, "train_loss": 0.7}),
        (2.0, {"loss": 0.9, "train_loss": 0.4}),
    ]
    events = [
        ev.TrialStarted(0.0, "net", "finetune", {"lr": 1e-4}),
        *(ev.TrialReported(at, "net", at, told, 2.0) for at, told in reports),
    ]
    assert record("over-fitting", None, replay(events)) is None
    state = replay([*events, ev.TrialEnded(3.0, "net", "done", 3.0)])
    fit, warm = record("over-fitting", None, state), record("warm-up", None, state)
    assert (fit["held"], fit["train"]) == ([1.1, 0.8, 0.9], [None, 0.7, 0.4])
    assert (warm["rate"], warm["epochs"], warm["losses"]) == (1e-4, 2.0, [[1.0, 0.7], [2.0, 0.4]])
