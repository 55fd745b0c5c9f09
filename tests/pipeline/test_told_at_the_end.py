"""What a run says at its end of what it did not use, and of what it did not keep."""

import numpy as np
import pytest

import automl_nb
from automl_nb.transfer.contrastive import Contrastive
from automl_nb.transfer.tuner import Tuner
from tests.support import frames
from tests.support.scripted_tuner import candidate

OPTIONS = {"time": 60_000, "fresh": True, "backbones": "minilm-l3"}


def told(run) -> str:
    return " ".join(message.text for message in run.state.messages)


@pytest.fixture
def scripted(monkeypatch):
    """Networks that read the column and know nothing of the labels, in no time."""

    def train(self, context, inputs, config):
        yield from ()
        made = candidate(context, {**config, "strategy": self.name}, 0.1)
        made.predictor.encoder = Reading((config["column"],))
        return made

    monkeypatch.setattr(Tuner, "train", train)


class Reading:
    def __init__(self, columns):
        self.columns = columns


def test_columns_of_a_table_that_a_named_network_does_not_read_are_named(scripted):
    run = automl_nb.fit(frames.mixed(), "library", strategies="finetune", **OPTIONS)
    said = told(run)
    assert "No strategy that was trained reads 'size' and 'shop', which have no effect" in said
    assert "Name boosting too, or leave strategies out." in said


def test_texts_that_nothing_reads_are_named_too():
    frame = frames.mixed().drop(columns="shop")
    run = automl_nb.fit(frame, "library", strategies="boosting", time=60_000, backbones="none")
    assert "reads 'text', which has no effect on the model. Name ridge too" in told(run)


def test_nothing_is_said_where_all_is_read(mixed_run, text_run, picture_run, table_run):
    for run in (mixed_run, text_run, picture_run, table_run):
        assert "No strategy that was trained reads" not in told(run)


def test_why_a_better_network_is_not_kept_where_few_rows_judged_it(monkeypatch):
    """Right in all of a few rows, and unsure of itself: the loss there is no lower."""

    def train(self, context, inputs, config):
        yield from ()
        made = candidate(context, {**config, "strategy": self.name}, 0.9)
        made.predictor.encoder = Reading((config["column"],))
        return made

    monkeypatch.setattr(Tuner, "train", train)
    frame = frames.texts(150)
    run = automl_nb.fit(frame, "library", strategies=["svm", "finetune"], **OPTIONS)
    first = run.state.ranked()[0]
    assert first.strategy == "finetune"
    assert run.state.incumbent.model != first.model
    said = told(run)
    assert f"though {first.model} scored better" in said
    assert "mixing it in brings no sure gain on the" in said
    (kept,) = (row for row in run.state.leaderboard if row.model == run.state.incumbent.model)
    assert kept.note.startswith("kept, as mixing it in")


def test_why_half_of_a_contrasted_network_is_kept_where_rows_are_very_few(monkeypatch):
    def train(self, context, inputs, config):
        yield from ()
        made = candidate(context, {**config, "strategy": self.name}, 0.1)
        made.oof[:] = np.roll(np.eye(made.oof.shape[1])[context.y], 1, axis=1)  # all wrong
        made.predictor.encoder = Reading((config["column"],))
        return made

    monkeypatch.setattr(Contrastive, "train", train)
    frame = frames.texts(300)
    few = frame.groupby("library").head(9)
    run = automl_nb.fit(few, "library", strategies=["svm", "contrastive"], **OPTIONS)
    assert "half of it is contrastive, and where half of the classes have 16 rows or fewer" in (
        told(run)
    )
