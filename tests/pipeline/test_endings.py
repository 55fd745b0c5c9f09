"""Why a run ends, and what it leaves out on the way."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl_nb
from automl_nb.core.errors import LabelError, SettingError
from tests.support import frames


def test_nothing_is_tried_once_nothing_can_be_better():
    rng = np.random.default_rng(0)
    words = np.array([f"word{i}" for i in range(60)])
    y = rng.integers(0, 2, 320)
    texts = [" ".join(rng.choice(words, 12)) + (" sun" if right else " rain") for right in y]
    frame = pd.DataFrame({"text": texts, "y": np.where(y, "good", "bad")})
    run = automl_nb.fit(frame, "y", time=600)
    outcomes = {stage.name: stage.outcome for stage in run.state.stages}
    assert outcomes["frozen features"] == outcomes["fine-tuning"] == "skipped"
    assert "the best that there is" in run.state.ended.reason
    assert run.state.ranked()[0].model == run.state.incumbent.model


def test_who_always_says_yes_is_not_perfect():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=300), "b": rng.normal(size=300)})
    frame["y"] = np.where(frame["a"] + rng.normal(0, 0.5, 300) > -0.5, "yes", "no")
    run = automl_nb.fit(frame, "y", metric="recall", positive="yes", time=600)
    assert len(run.state.leaderboard) > 4
    assert run.state.stages[2].outcome == "done"


def test_a_choice_that_suits_nothing_is_told_at_the_end():
    run = automl_nb.fit(frames.table(), "cultivar", strategies=["nb-svm"], time=60)
    assert "None of the chosen strategies" in run.state.ended.reason
    assert run.state.incumbent.model == "prior"


def test_a_run_that_learnt_nothing_says_so():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=80), "y": ["no"] * 70 + ["yes"] * 10})
    run = automl_nb.fit(frame, "y", strategies=["knn"], metric="accuracy", time=60)
    assert run.state.incumbent.model == "prior"
    assert "was better on the rows held out than the label's distribution" in run.state.ended.reason


@pytest.mark.parametrize("strategy", ["finetune", "lora"])
def test_strategies_that_tune_networks_alone_need_something_to_read(strategy):
    with pytest.raises(SettingError, match="must suit the task and a backbone") as caught:
        automl_nb.fit(frames.table(), "cultivar", strategies=[strategy], time=60)
    assert "No column here is read" in caught.value.hint


def test_texts_that_no_backbone_reads_cost_no_words_about_time():
    texts = ["这部电影很好看", "质量太差了", "我非常喜欢", "完全浪费时间"] * 10
    frame = pd.DataFrame(
        {"text": [f"{t}第{i}次" for i, t in enumerate(texts)], "y": ["a", "b"] * 20}
    )
    run = automl_nb.fit(frame, "y", time=600)
    notes = {stage.name: stage.note for stage in run.state.stages}
    assert "no backbone at hand reads" in notes["frozen features"]
    assert "no backbone at hand reads" in notes["fine-tuning"]


def test_numbers_whose_squares_are_out_of_reach_are_refused():
    frame = frames.table().assign(y=lambda f: f["alcohol"] * 1e300)
    with pytest.raises(LabelError, match="must be below 1e"):
        automl_nb.fit(frame, "y", time=60)


@pytest.mark.parametrize(
    "options",
    [
        {"group": "ash", "time_column": "proline"},
        {"folds": 1},
        {"label": ["cultivar", "cultivar"]},
    ],
)
def test_options_that_contradict_each_other_are_refused(options):
    with pytest.raises(SettingError):
        automl_nb.fit(frames.table(), **{"label": "cultivar", **options}, time=60)


@pytest.mark.parametrize(("rows", "time"), [("texts", 6), ("table", 3)])
def test_a_budget_that_does_not_hold_the_start_of_a_network_begins_none(rows, time, tmp_path):
    code = (
        "import sys, automl_nb\n"
        "from tests.support import frames\n"
        f"rows = frames.{rows}()\n"
        f"run = automl_nb.fit(rows, rows.columns[-1], time={time})\n"
        "assert run.state.incumbent\n"
        "assert 'There was no time for' in run.state.ended.reason, run.state.ended.reason\n"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    folders = {"AUTOML_NB_RUNS": str(tmp_path / "runs"), "AUTOML_NB_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | folders | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize(
    ("options", "rule", "hint"),
    [
        ({"strategies": ["svm"], "label": "alcohol"}, "must suit the task", "Fitting: "),
        ({"strategies": ["lda", "ridge"], "label": "alcohol"}, "must suit the task", "ridge"),
        ({"strategies": ["self-training"]}, "rows without a label", "unlabelled=..."),
    ],
)
def test_a_named_head_must_suit_the_task_and_the_rows(options, rule, hint):
    label = options.pop("label", "cultivar")
    with pytest.raises(SettingError, match=rule) as caught:
        automl_nb.fit(frames.table(), label, time=60, **options)
    assert hint in caught.value.hint
    assert caught.value.received.strip("'") in options["strategies"]


def test_what_cannot_be_tuned_is_refused_before_the_work():
    few = frames.texts(45)
    with pytest.raises(SettingError, match="must suit the task") as caught:
        automl_nb.fit(few, "library", strategies=["finetune"], time=60)
    assert "It needs 64 rows to learn from" in caught.value.hint
    with pytest.raises(SettingError, match="must be possible with the network") as caught:
        automl_nb.fit(
            frames.texts(90),
            "library",
            strategies=["top-layers"],
            params={"layers": 9},
            backbones="minilm-l3",
            time=60,
        )
    assert "minilm-l3 has 3 layers" in caught.value.hint.lower()


def test_a_strategy_for_one_of_two_networks_is_no_failure():
    """LoRA adapts the text network and has no linear layers to adapt in the picture network."""
    rows = frames.texts(90).assign(picture=frames.pictures(90)["photo"].to_numpy())
    run = automl_nb.fit(
        rows,
        "library",
        strategies=["lora"],
        backbones=["minilm-l3", "efficientnet-lite0"],
        params={"epochs": 1},
        time=600,
    )
    said = " ".join(message.text for message in run.state.messages)
    assert "lora failed" not in said
    assert "efficientnet-lite0(picture): lora is left out: " in said
    assert "lora" in {row.strategy for row in run.state.leaderboard}


def test_what_is_set_of_networks_is_refused_where_the_rows_are_too_few():
    with pytest.raises(SettingError, match="from 64 rows on") as caught:
        automl_nb.fit(frames.texts(45), "library", params={"lr": 1e-4}, time=60)
    assert "lr" in caught.value.received


def test_rows_without_a_label_that_are_test_rows_are_named_as_the_reason():
    rows, test = frames.texts(60), frames.texts(90).tail(20)
    with pytest.raises(SettingError, match="needs rows without a label") as caught:
        automl_nb.fit(
            rows,
            "library",
            test=test,
            unlabelled=test.drop(columns="library"),
            strategies=["self-training"],
            time=60,
        )
    assert "20 rows without a label are test rows" in caught.value.hint
