"""DELTA: nothing at the source, the distance of the feature maps elsewhere."""

import numpy as np
import pytest
import torch

from automl_nb.transfer.delta import distance
from tests.support import trials, tuning


@pytest.fixture(scope="module")
def picture_config(tmp_path_factory):
    folder = trials.small_pictures(tmp_path_factory.mktemp("delta") / "lite0-64")
    return {"column": "image", "backbone": str(folder), "modality": "image"}


def test_at_the_source_it_is_zero():
    assert tuning.penalty(*tuning.started("delta")).item() == 0.0


def test_at_the_source_it_is_zero_for_pictures(picture_config):
    started = tuning.started("delta", trials.pictures(16), **picture_config)
    assert tuning.penalty(*started, rows=4).item() == 0.0


def test_it_is_the_mean_relative_distance_of_the_blocks():
    tuner, student = tuning.started("delta", alpha=2.0)
    tuning.nudge(student)
    inputs = tuning.batch(student)
    shared = student.network.backbone.trainable()
    parts = []
    with torch.no_grad():
        own = student.body(**inputs, output_hidden_states=True).hidden_states[1:]
        other = shared.module(**inputs, output_hidden_states=True).hidden_states[1:]
    mask = inputs["attention_mask"].numpy().astype(bool)
    for tuned, pretrained in zip(own, other, strict=True):
        a, b = tuned.numpy()[mask], pretrained.numpy()[mask]
        parts.append(((a - b) ** 2).sum() / (b**2).sum())
    assert len(parts) == 3
    found = tuning.penalty(tuner, student).item()
    assert found == pytest.approx(2.0 * np.mean(parts), rel=1e-4)


def test_padding_does_not_count():
    draws = torch.Generator().manual_seed(0)
    own, other = (torch.randn(2, 5, 3, generator=draws) for _ in range(2))
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]])
    changed = own.clone()
    changed[1, 2:] = 100.0
    assert distance(own, other, mask) == distance(changed, other, mask)
    assert distance(own, other) != distance(changed, other)


def test_its_gradient_leads_back():
    tuner, student = tuning.started("delta")
    tuning.nudge(student)
    before = tuning.penalty(tuner, student)
    before.backward()
    with torch.no_grad():
        for parameter in student.body.parameters():
            if parameter.grad is not None:
                parameter.sub_(parameter.grad, alpha=0.05)
    assert tuning.penalty(tuner, student).item() < before.item()


def test_nothing_is_left_on_the_network_s_blocks():
    tuner, student = tuning.started("delta")
    assert any(part._forward_hooks for part in student.body.modules())
    tuner.settle(student, np.arange(8), tuning.held_out(student))
    assert not any(part._forward_hooks for part in student.body.modules())
    shared = student.network.backbone.module
    assert not any(part._forward_hooks for part in shared.modules())
