"""What a text network sees while it is tuned is what it sees when it answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from automl_nb.features.text import FrozenText
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
