"""L2-SP: the penalty and its gradient against the equation, weight by weight."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from automl_nb.core.errors import SettingError
from automl_nb.core.types import Task, TaskKind
from tests.support import trials, tuning


def equation(student, alpha, beta):
    """(a/2) sum (w - w0)^2 + (b/2) sum v^2 over what is trained."""
    source, far = tuning.source(), 0.0
    for name, parameter in student.body.named_parameters():
        if parameter.requires_grad:
            gaps = parameter.detach().numpy().astype(np.float64) - source[name]
            far += float((gaps**2).sum())
    head = student.linear.weight.detach().numpy().astype(np.float64)
    return alpha / 2 * far + beta / 2 * float((head**2).sum())


@pytest.mark.parametrize(("alpha", "beta"), [(0.1, 0.01), (0.001, 0.0)])
def test_the_penalty_is_that_of_the_equation(alpha, beta):
    tuner, student = tuning.started("l2-sp", alpha=alpha, beta=beta)
    tuning.nudge(student)
    found = tuning.penalty(tuner, student).item()
    assert found == pytest.approx(equation(student, alpha, beta), rel=1e-4)


def test_the_gradient_points_to_the_source_and_the_head_s_to_zero():
    tuner, student = tuning.started("l2-sp", alpha=0.1, beta=0.5)
    tuning.nudge(student)
    tuning.penalty(tuner, student).backward()
    for name, parameter in student.body.named_parameters():
        if parameter.requires_grad:
            expected = 0.1 * (parameter.detach() - student.source[name])
            torch.testing.assert_close(parameter.grad, expected, rtol=1e-4, atol=1e-7)
        else:
            assert parameter.grad is None
    torch.testing.assert_close(student.linear.weight.grad, 0.5 * student.linear.weight.detach())


def test_at_the_source_only_the_head_counts():
    tuner, student = tuning.started("l2-sp", beta=0.0)
    assert tuning.penalty(tuner, student).item() == 0.0


def test_nothing_but_the_head_is_drawn_to_zero():
    tuner, student = tuning.started("l2-sp")
    head, *layers = tuner.groups(student)
    assert "weight_decay" not in head
    assert layers
    assert all(group["weight_decay"] == 0.0 for group in layers)


def test_the_size_of_values_does_not_change_the_head_s_part():
    found = []
    for size in (1.0, 1e4):
        context = trials.texts()
        values = size * (context.y + np.linspace(0, 1, len(context.y)))
        task = Task(TaskKind.REGRESSION, "label")
        tuner, student = tuning.started("l2-sp", replace(context, y=values, task=task), beta=1.0)
        found.append(tuning.penalty(tuner, student).item())
    assert found[0] > 0.0
    assert found[1] == pytest.approx(found[0], rel=1e-3)


def test_a_strength_out_of_bounds_is_refused():
    tuner, student = tuning.started("l2-sp", alpha=1e9)
    with pytest.raises(SettingError, match="alpha"):
        tuning.penalty(tuner, student)
