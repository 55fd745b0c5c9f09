"""L1-SP: the proximal step against a scalar minimiser, and exact zeros."""

import numpy as np
import pytest
import torch
from scipy import optimize

from automl_nb.transfer.l1_sp import shrink
from tests.support import trials, tuning


@pytest.mark.parametrize("threshold", [0.0, 0.05, 0.3, 2.0])
def test_the_step_minimises_what_it_should(threshold):
    rng = np.random.default_rng(0)
    before, source = rng.normal(0, 0.5, 30), rng.normal(0, 0.5, 30)
    after = torch.tensor(before)
    shrink(after, torch.tensor(source), threshold)
    for w, w0, found in zip(before, source, after.tolist(), strict=True):

        def objective(u, w=w, w0=w0):
            return 0.5 * (u - w) ** 2 + threshold * abs(u - w0)

        low, high = min(w, w0) - 1e-9, max(w, w0) + 1e-9
        best = optimize.minimize_scalar(
            objective, bounds=(low, high), method="bounded", options={"xatol": 1e-12}
        )
        assert objective(found) <= best.fun + 1e-12
        assert found == pytest.approx(best.x, abs=1e-5)


def test_what_is_near_the_source_is_set_to_it_exactly():
    draws = torch.Generator().manual_seed(0)
    source = torch.randn(1000, generator=draws)
    weights = source + 0.01 * torch.randn(1000, generator=draws)
    near = (weights - source).abs() < 0.0099
    shrink(weights, source, 0.01)
    assert torch.equal(weights[near], source[near])
    assert (weights != source).any()


def test_each_layer_is_drawn_by_its_own_rate():
    tuner, student = tuning.started("l1-sp", alpha=0.5, lr=1e-3, decay=0.5)
    with torch.no_grad():
        for parameter in student.body.parameters():
            parameter.add_(1.0)
    frozen = [p.clone() for p in student.body.parameters() if not p.requires_grad]
    tuner.after_step(student, 3, 10, 0.8)
    for depth, layer in enumerate(reversed(student.layers)):
        for parameter in layer:
            name = next(n for n, p in student.body.named_parameters() if p is parameter)
            moved = parameter.detach() - student.source[name]
            expected = 1.0 - 1e-3 * 0.5**depth * 0.8 * 0.5
            torch.testing.assert_close(moved, torch.full_like(moved, expected), rtol=0, atol=2e-6)
    still = [p for p in student.body.parameters() if not p.requires_grad]
    assert all(torch.equal(a, b) for a, b in zip(frozen, still, strict=True))


def test_trained_weights_are_the_source_s_in_part_and_the_note_says_so():
    shares = []
    for alpha in (0.03, 1.0):
        config = {**tuning.SMALL, "alpha": alpha}
        candidate = trials.trained("l1-sp", tuning.improvable(), (), **config)
        trained, source = tuning.body(candidate.predictor), tuning.source()
        names = [name for name in source if "embedding" not in name]
        same = sum(int((trained[name] == source[name]).sum()) for name in names)
        shares.append(same / sum(source[name].size for name in names))
        assert f"{shares[-1]:.0%} of the weights as they came" in candidate.note
    assert 0.0 < shares[0] < shares[1] <= 1.0
