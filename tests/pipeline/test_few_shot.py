"""What a run does with few rows a class, and with rows that have no label."""

import numpy as np
import pytest

import automl_nb
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import Task, TaskKind
from automl_nb.pipeline.asked_tuning import tuned_by
from automl_nb.pipeline.few_rows import FEW, VERY_FEW, median_class

OPTIONS = {"time": 600, "fresh": True, "test_size": 0.2}


@pytest.fixture(scope="module")
def texts():
    frame = automl_nb.sample("docstrings")
    frame = frame[frame["library"].isin(["matplotlib", "scipy"])]
    return frame.groupby("library").head(40).reset_index(drop=True)


def strategies(run) -> set[str]:
    return {row.strategy for row in run.state.leaderboard}


def test_with_few_rows_closed_forms_and_contrast_are_tried(texts):
    names = ["class-mean", "lda", "contrastive"]
    run = automl_nb.fit(
        texts,
        "library",
        strategies=names,
        backbones="minilm-l3",
        params={"epochs": 4, "max_length": 32},
        **OPTIONS,
    )
    assert strategies(run) >= set(names)
    assert run.scorecard.metrics["accuracy"].value > 0.6


def test_few_rows_are_counted_by_the_median_class():
    task = Task(TaskKind.MULTICLASS, "y", ("a", "b", "c"))
    assert VERY_FEW < median_class(np.repeat([0, 1, 2], (40, 30, 900)), task) <= FEW
    assert median_class(np.repeat([0, 1, 2], (400, 30, 900)), task) > FEW
    assert median_class(np.repeat([0, 1, 2], (8, 16, 900)), task) <= VERY_FEW
    assert median_class(np.zeros(9), Task(TaskKind.REGRESSION, "y", ())) == np.inf


def test_contrast_is_tried_where_it_is_named():
    assert "contrastive" not in tuned_by(FitSettings("y"))
    assert tuned_by(FitSettings("y", strategies=("auto", "contrastive"))) == ("contrastive",)


def test_rows_without_a_label_teach_the_best_head(texts):
    frame = texts.copy()
    hidden = np.random.default_rng(0).permutation(len(frame))[:30]
    frame.loc[hidden, "library"] = None
    run = automl_nb.fit(
        frame,
        "library",
        strategies=["logistic", "self-training"],
        backbones="minilm-l3",
        **OPTIONS,
    )
    rows = [row for row in run.state.leaderboard if row.strategy == "self-training"]
    assert rows
    assert "pseudo-labels" in rows[0].note


def test_further_pretraining_is_carried_out_when_asked_for(texts):
    run = automl_nb.fit(
        texts,
        "library",
        strategies=["further-pretraining"],
        backbones="minilm-l3",
        params={"max_length": 32},
        unlabelled=texts.drop(columns="library"),
        **OPTIONS,
    )
    assert "further-pretraining" in strategies(run)
