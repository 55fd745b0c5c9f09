"""Random weights of the family: how they are drawn, and what is trained."""

import numpy as np
import pytest
import torch

from automl_nb.zoo.load import load_backbone
from automl_nb.zoo.redraw import random_network
from tests.support import trials, tuning


def test_weights_are_drawn_as_bert_draws_them():
    module = load_backbone("minilm-l3").module
    fresh = random_network(module, 0)
    known = dict(module.named_parameters())
    for name, parameter in fresh.named_parameters():
        assert parameter.shape == known[name].shape
        if "LayerNorm" in name:
            assert torch.equal(parameter, torch.full_like(parameter, float("weight" in name)))
        elif name.endswith("bias"):
            assert not parameter.any()
        else:
            assert not torch.equal(parameter, known[name])
            assert float(parameter.std()) == pytest.approx(0.02, rel=0.03)
            assert abs(float(parameter.mean())) < 0.02 * 4 / parameter.numel() ** 0.5 + 1e-5


def test_convolutions_are_drawn_by_what_they_give_to():
    fresh = random_network(load_backbone("efficientnet-lite0").module, 0)
    for part in fresh.modules():
        if isinstance(part, torch.nn.Conv2d) and part.weight.numel() > 5000:
            fan_out = part.kernel_size[0] ** 2 * part.out_channels / part.groups
            assert float(part.weight.std()) == pytest.approx((2 / fan_out) ** 0.5, rel=0.05)


def test_the_seed_says_which_and_torch_s_own_state_stays():
    module = load_backbone("minilm-l3").module
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    first, again, other = (random_network(module, seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.rand(1), expected)
    name = "encoder.layer.0.attention.self.query.weight"
    assert torch.equal(first[name], again[name])
    assert not torch.equal(first[name], other[name])


def test_a_student_starts_there_and_all_of_it_is_trained():
    tuner, student = tuning.started("random-init")
    own, source = tuning.body(student), tuning.source()
    assert not np.array_equal(
        own["embeddings.word_embeddings.weight"], source["embeddings.word_embeddings.weight"]
    )
    trained = {id(p) for group in tuner.groups(student) for p in group["params"]}
    assert {id(p) for p in student.module.parameters()} == trained
    assert all(p.requires_grad for p in student.module.parameters())
    assert "control" in student.note


def test_the_network_that_all_share_is_left_as_it_was():
    before = tuning.source()
    trials.trained("random-init", trials.texts(), (), **tuning.SMALL)
    after = tuning.source()
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_picture_networks_get_the_statistics_of_their_batches(tmp_path):
    folder = trials.small_pictures(tmp_path / "lite0-64")
    config = {"column": "image", "backbone": str(folder), "modality": "image"}
    _, student = tuning.started("random-init", trials.pictures(32), **config)
    stem = student.body.stem
    with torch.no_grad():
        seen = stem[0](tuning.batch(student, 32)["pixels"])
        normal = stem[1](seen)
    assert not stem[1].training
    np.testing.assert_allclose(normal.mean((0, 2, 3)), np.zeros(32), atol=0.3)
    np.testing.assert_allclose(normal.std((0, 2, 3)), np.ones(32), atol=0.3)
    features = student.features(tuning.batch(student, 8))
    assert features.std(0).mean().item() > 1e-3  # pictures are still told apart
