"""What is tuned where the choice is left open: the best that the time allows."""

import os

import pytest

import automl_nb
from automl_nb.control.memory import held_bytes
from automl_nb.core.trials import TooSlow
from automl_nb.explorer.advice import Advice
from automl_nb.pipeline.stages import finetune
from automl_nb.transfer.finetune import FineTune
from automl_nb.transfer.top_layers import TopLayers
from automl_nb.zoo.catalog import CARDS

OPTIONS = {"time": 600, "fresh": True, "backbones": "minilm-l3"}


@pytest.fixture(scope="module")
def texts():
    frame = automl_nb.sample("docstrings")
    frame = frame[frame["library"].isin(["matplotlib", "scipy"])]
    rows = frame.groupby("library").head(45).reset_index(drop=True)
    return rows.assign(text=rows["text"].str[:120])  # fewer tokens are read in less time


@pytest.fixture
def no_time(monkeypatch):
    """An epoch of all layers never fits."""

    def network(tuner, context, config, fit):
        raise TooSlow(1000.0, 10.0)

    monkeypatch.setattr(FineTune, "network", network)
    return network


def stage(run):
    return next(one for one in run.state.stages if one.name == "fine-tuning")


def tuned(run) -> set[str]:
    return {row.strategy for row in run.state.leaderboard if row.stage == "fine-tuning"}


def test_upper_layers_are_tuned_where_all_do_not_fit(texts, no_time):
    run = automl_nb.fit(texts, "library", params={"epochs": 1}, **OPTIONS)
    assert "top-layers" in tuned(run)
    assert "finetune" not in tuned(run)
    assert "minilm-l3: its upper layers alone, as an epoch of all layers did not fit" in (
        stage(run).note
    )


@pytest.fixture
def little_memory(monkeypatch):
    """The weights of a network fit beside those of an adapter, and gradients of all don't."""
    one = 4 * CARDS["minilm-l3"].parameters
    monkeypatch.setattr("automl_nb.pipeline.execution.free_bytes", lambda device=None: 2 * one)
    monkeypatch.setattr("automl_nb.pipeline.execution.limit_bytes", lambda free: 0)


def test_an_adapter_is_tuned_where_the_gradients_of_all_weights_do_not_fit(texts, little_memory):
    run = automl_nb.fit(texts, "library", params={"epochs": 1}, **OPTIONS)
    assert tuned(run) == {"lora"}
    assert "minilm-l3: lora, as all of its weights did not fit the memory" in stage(run).note
    said = " ".join(message.text for message in run.state.messages)
    assert "minilm-l3(text): fine-tuned doesn't fit the memory and is left out." in said


def test_a_network_beyond_the_budget_of_memory_is_not_begun(texts):
    held = held_bytes(os.getpid()) + 50 * 2**20  # and three times the weights are 200 MB
    run = automl_nb.fit(texts, "library", strategies=["ridge", "finetune"], memory=held, **OPTIONS)
    assert not tuned(run)
    said = " ".join(message.text for message in run.state.messages)
    assert "fine-tuned doesn't fit the memory and is left out." in said


def test_what_was_named_is_not_replaced_for_its_memory(texts, little_memory):
    run = automl_nb.fit(texts, "library", strategies=["ridge", "finetune"], **OPTIONS)
    assert not tuned(run)


def test_what_was_named_is_not_replaced(texts, no_time):
    run = automl_nb.fit(texts, "library", strategies=["svm", "finetune"], **OPTIONS)
    assert not tuned(run)
    assert stage(run).note == "it would not have ended in time"


def test_a_mistake_in_one_way_is_not_followed_by_another(texts, monkeypatch):
    def network(tuner, context, config, fit):
        raise ValueError("a mistake")

    monkeypatch.setattr(FineTune, "network", network)
    monkeypatch.setattr(TopLayers, "network", network)
    run = automl_nb.fit(texts, "library", **OPTIONS)
    failed = [event for event in run.events if getattr(event, "status", "") == "failed"]
    assert [event.trial for event in failed] == ["minilm-l3(text): fine-tuned"]


def test_what_worked_in_earlier_tasks_like_this_one_is_tried_first(texts, monkeypatch):
    def advice(strategy):
        return Advice(strategy, "minilm-l3", None, 0.7, "This looks like the run 'first'.")

    monkeypatch.setattr(finetune, "recognise", lambda _: advice("bitfit"))
    run = automl_nb.fit(texts, "library", params={"epochs": 1}, **OPTIONS)
    assert tuned(run) == {"bitfit"}
    assert "bitfit, as it worked best in earlier tasks like this one" in stage(run).note
    monkeypatch.setattr(finetune, "recognise", lambda _: advice("random-init"))
    run = automl_nb.fit(texts, "library", params={"epochs": 1}, **OPTIONS)
    assert tuned(run) == {"finetune"}, "a control is nobody's advice"
    assert f"all layers, as {run.state.split.n_train + run.state.split.n_valid} rows" in (
        stage(run).note
    )


def test_very_few_rows_are_contrasted_and_half_of_the_model(texts):
    few = texts.groupby("library").head(9).assign(text=lambda rows: rows["text"].str[:80])
    run = automl_nb.fit(few, "library", **OPTIONS)
    assert tuned(run) == {"contrastive", "ensemble"}
    assert "contrastive, as half of the classes have 16 rows or fewer" in stage(run).note
    weights = {member.strategy: member.weight for member in run.model.members}
    assert weights["contrastive"] == pytest.approx(0.5)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert run.model.predict(texts[["text"]]).shape == (len(texts),)


def test_few_rows_are_the_reason_and_not_the_time(texts):
    run = automl_nb.fit(texts.iloc[30:60], "library", strategies=["ridge", "finetune"], **OPTIONS)
    assert not tuned(run)
    assert "rows are too few to tune a network" in stage(run).note
    assert stage(run).outcome == "skipped"
