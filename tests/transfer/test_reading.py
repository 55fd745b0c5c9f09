"""What a text network sees while it is tuned is what it sees when it answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from automl_nb.core.trials import TooSlow
from automl_nb.features.text import FrozenText
from automl_nb.transfer import tuner
from automl_nb.transfer.finetune import FineTune
from automl_nb.zoo.load import load_backbone, resolve
from tests.support import trials, tuning


@pytest.fixture(scope="module")
def asking(tmp_path_factory):
    """A small backbone in a folder that wants its texts after a prefix."""
    folder = tmp_path_factory.mktemp("backbones") / "asking"
    load_backbone("minilm-l3").save(folder)
    return replace(resolve(str(folder)), prefix="query: ")


def features(card, context):
    """Of the first rows, as the loop's network computes them before it is trained."""
    _, student = tuning.started("finetune", context, backbone=card)
    with torch.no_grad():
        return student.features(tuning.batch(student)).float().numpy()


def frozen(card, context):
    """The same of the encoder that answers."""
    reader = FrozenText("text", card, layers="last", max_length=tuning.SMALL["max_length"])
    return np.asarray(reader.transform(context.blocks.frame.head(8)))


def test_a_prefix_is_read_in_training_as_in_answering(asking):
    context = trials.texts()
    answered = frozen(asking, context)
    np.testing.assert_allclose(features(asking, context), answered, atol=2e-2)
    plain = features(replace(asking, prefix=""), context)
    assert np.abs(plain - answered).max() > 0.05


def test_changed_texts_have_the_prefix_too(asking):
    context = trials.texts()
    _, student = tuning.started("finetune", context, backbone=asking, augment="eda")
    changed = student.network.load(np.arange(8), np.random.default_rng(0))["input_ids"]
    assert len({tuple(ids[:3]) for ids in changed.tolist()}) == 1  # its start and the prefix


def test_a_tuned_network_keeps_its_prefix(asking):
    candidate = trials.trained(
        "finetune", tuning.improvable(), (), **{**tuning.SMALL, "backbone": asking}
    )
    assert candidate.predictor.encoder.card.prefix == "query: "


@pytest.fixture
def slow_at_first(monkeypatch):
    """The first steps of the first training turn out to be too slow."""
    begun = []
    real = tuner.train

    def train(lesson, **how):
        begun.append(lesson)
        if len(begun) == 1:
            raise TooSlow(100.0, 10.0)
        return (yield from real(lesson, **how))

    monkeypatch.setattr(tuner, "train", train)
    return begun


UNSAID = {key: value for key, value in tuning.SMALL.items() if key != "max_length"}


def test_fewer_tokens_are_read_where_more_take_too_long(slow_at_first):
    config = {**UNSAID, "epochs": 0.5}
    candidate, _ = trials.finish(FineTune().train(trials.texts(), (), config))
    assert len(slow_at_first) == 2
    assert candidate.predictor.encoder.max_length == 64


def test_as_many_tokens_as_were_asked_for_are_read_or_none(slow_at_first):
    with pytest.raises(TooSlow):
        trials.finish(FineTune().train(trials.texts(), (), {**UNSAID, "max_length": 128}))
    assert len(slow_at_first) == 1


def test_the_work_of_the_batches_of_an_epoch_is_one_on_average():
    student = tuning.started("finetune", trials.texts(), max_length=128)[1]
    rows = np.arange(90)
    batches = student.network.batches(rows, np.zeros((90, 1), np.float32), 16, 0)
    work = [batches.work(inputs) for inputs, _ in batches(0)]
    assert np.mean(work) == pytest.approx(1.0)
    assert max(work) > 1.2 * min(work)
