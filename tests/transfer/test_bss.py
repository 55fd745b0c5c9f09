"""Batch spectral shrinkage against NumPy's singular values."""

import numpy as np
import pytest
import torch

from automl_nb.transfer.bss import weakest
from tests.support import tuning


@pytest.mark.parametrize("shape", [(16, 40), (40, 16)])
@pytest.mark.parametrize("k", [1, 3])
def test_the_penalty_is_that_of_the_equation(shape, k):
    features = np.random.default_rng(0).normal(1.0, 2.0, shape)
    values = np.linalg.svd(features, compute_uv=False)
    expected = (values[-k:] ** 2).sum() / (features**2).mean()
    found = float(weakest(torch.tensor(features), k))
    assert found == pytest.approx(expected, rel=1e-4)


def test_the_scale_of_the_features_does_not_matter():
    features = torch.randn(8, 20, generator=torch.Generator().manual_seed(0))
    assert float(weakest(features * 100, 2)) == pytest.approx(float(weakest(features, 2)), rel=1e-4)


def test_its_gradient_is_that_of_the_singular_values():
    features = np.random.default_rng(1).normal(size=(6, 9))
    tensor = torch.tensor(features, dtype=torch.float32, requires_grad=True)
    weakest(tensor, 1).backward()
    U, values, V = np.linalg.svd(features, full_matrices=False)
    expected = 2 * values[-1] * np.outer(U[:, -1], V[-1]) / (features**2).mean()
    np.testing.assert_allclose(tensor.grad.numpy(), expected, rtol=1e-3, atol=1e-5)


def test_a_step_against_it_weakens_the_weakest_direction_alone():
    tensor = torch.tensor(np.random.default_rng(2).normal(size=(6, 9)), dtype=torch.float32)
    before = np.linalg.svd(tensor.numpy(), compute_uv=False)
    tensor.requires_grad_(True)
    weakest(tensor, 1).backward()
    after = np.linalg.svd((tensor - 0.05 * tensor.grad).detach().numpy(), compute_uv=False)
    assert after[-1] < before[-1]
    np.testing.assert_allclose(after[:-1], before[:-1], rtol=1e-4)


def test_a_batch_without_weak_directions_has_no_penalty():
    tuner, student = tuning.started("bss", k=8)
    assert tuning.penalty(tuner, student, rows=8) is None
    assert tuning.penalty(tuner, student, rows=12).detach().item() > 0.0


def test_eta_is_its_weight():
    parts = [tuning.penalty(*tuning.started("bss", eta=eta)).item() for eta in (1e-3, 1e-1)]
    assert parts[1] == pytest.approx(100 * parts[0], rel=1e-4)
