"""The second-order gradient and the curvature, against exact derivatives and solved problems."""

import numpy as np
import pytest
import torch

from automl_nb.transfer.cells.bilevel import dominant_eigenvalue, unrolled_gradient


def exact(train, valid, w, a, rate):
    """By automatic differentiation through the step."""
    (slope,) = torch.autograd.grad(train(w, a), [w], create_graph=True)
    return torch.autograd.grad(valid(w - rate * slope, a), [a])[0]


def leaf(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def test_of_a_quadratic_problem_it_is_the_known_gradient():
    """L_train = |w - A a|^2 / 2 and L_valid = |w - b|^2 / 2: w' = w - r (w - A a)."""
    rng = np.random.default_rng(0)
    A, b = torch.tensor(rng.normal(size=(3, 2))), torch.tensor(rng.normal(size=3))
    w, a, rate = leaf(0.5, -1.0, 2.0), leaf(0.3, 0.7), 0.4
    found = unrolled_gradient(
        lambda: ((w - A @ a) ** 2).sum() / 2, lambda: ((w - b) ** 2).sum() / 2, [w], [a], rate
    )
    after = (w - rate * (w - A @ a)).detach()
    torch.testing.assert_close(found[0], rate * A.T @ (after - b), rtol=1e-9, atol=1e-9)


def test_followed_to_its_end_it_solves_the_bilevel_problem():
    """min_a (w*(a) - 3)^2 with w*(a) = 2 a has its solution at a = 1.5."""
    w, a = leaf(0.0), leaf(0.0)

    def train():
        return ((w - 2 * a) ** 2).sum() / 2

    def valid():
        return ((w - 3) ** 2).sum() / 2

    for _ in range(200):
        (slope,) = unrolled_gradient(train, valid, [w], [a], rate=0.5)
        with torch.no_grad():
            a -= 0.3 * slope
        (down,) = torch.autograd.grad(train(), [w])
        with torch.no_grad():
            w -= 0.5 * down
    assert float(a.detach()) == pytest.approx(1.5, abs=1e-3)
    assert float(w.detach()) == pytest.approx(3.0, abs=1e-3)


def test_the_first_order_gradient_alone_would_not_move():
    """There L_valid hears of the architecture through the weights alone."""
    w, a = leaf(0.0), leaf(0.0)
    found = unrolled_gradient(
        lambda: ((w - 2 * a) ** 2).sum() / 2, lambda: ((w - 3) ** 2).sum() / 2, [w], [a], 0.0
    )
    assert float(found[0]) == 0.0


@pytest.mark.parametrize("rate", [0.01, 0.3])
def test_of_a_curved_problem_it_is_near_the_exact_one(rate):
    rng = np.random.default_rng(1)
    x, y = torch.tensor(rng.normal(size=(2, 8, 4))), torch.tensor(rng.normal(size=(2, 8)))

    def loss(part):
        def of(w, a):
            mix = a.softmax(0)
            return ((mix[0] * (x[part] @ w).tanh() + mix[1] * (x[part] @ w) - y[part]) ** 2).mean()

        return of

    w, a = leaf(*rng.normal(size=4)), leaf(0.2, -0.4)
    before = w.detach().clone()
    found = unrolled_gradient(lambda: loss(0)(w, a), lambda: loss(1)(w, a), [w], [a], rate)[0]
    torch.testing.assert_close(found, exact(loss(0), loss(1), w, a, rate), rtol=1e-4, atol=1e-6)
    assert torch.equal(w.detach(), before)


def test_weights_that_do_not_matter_leave_the_direct_gradient():
    w, a = leaf(1.0), leaf(2.0)
    found = unrolled_gradient(lambda: w.sum() ** 2, lambda: a.sum() ** 2, [w], [a], 0.1)
    assert float(found[0]) == 4.0
    assert float(w.detach()) == 1.0


def test_the_dominant_eigenvalue_is_that_of_the_hessian():
    rng = np.random.default_rng(2)
    M = rng.normal(size=(6, 6))
    H = torch.tensor(M @ M.T)
    a = torch.tensor(rng.normal(size=(2, 3)), requires_grad=True)
    found = dominant_eigenvalue(lambda: a.flatten() @ H @ a.flatten() / 2, [a])
    assert found == pytest.approx(float(np.linalg.eigvalsh(H.numpy())[-1]), rel=0.02)


def test_a_saddle_has_a_negative_one():
    a = leaf(0.1, 0.2)
    scale = torch.tensor([-5.0, 1.0], dtype=torch.float64)
    assert dominant_eigenvalue(lambda: (scale * a**2).sum() / 2, [a]) == pytest.approx(
        -5.0, rel=0.01
    )
