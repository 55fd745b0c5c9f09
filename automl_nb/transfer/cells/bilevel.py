"""Two nested problems: architecture by how well the weights do that it leads to.

min_a L_valid(w*(a), a)  with  w*(a) = argmin_w L_train(w, a).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    Loss = Callable[[], torch.Tensor]

_REACH = 0.01  # how far the finite difference goes, as a norm of weights (as in the paper)
_ROUNDS = 12


def unrolled_gradient(
    train_loss: Loss,
    valid_loss: Loss,
    weights: Sequence[torch.Tensor],
    alphas: Sequence[torch.Tensor],
    rate: float,
) -> list[torch.Tensor]:
    """The gradient for the architecture after one step of the weights (DARTS, second order).

    With w' = w - rate grad_w L_train(w, a), equations 7 and 8 of Liu, Simonyan & Yang 2019 (arXiv
    1806.09055): grad_a L_valid(w', a) - rate (grad_a L_train(w+, a) - grad_a L_train(w-, a)) / 2e,
    where w+- = w +- e grad_w' L_valid(w', a). The difference stands for the product of the mixed
    second derivatives with that vector, and is exact where L_train is quadratic in the weights.
    Weights are as before when it returns.

    Args:
        train_loss: Of the weights and architecture as the tensors hold them.
        valid_loss: Likewise, on other rows.
        weights: Leaf tensors.
        alphas: Leaf tensors.
        rate: Of the one step, by plain gradient descent.

    Example:
        >>> import torch
        >>> w, a = torch.zeros(1, requires_grad=True), torch.ones(1, requires_grad=True)
        >>> train, valid = lambda: (0.5 * (w - a) ** 2).sum(), lambda: (0.5 * (w - 3) ** 2).sum()
        >>> unrolled_gradient(train, valid, [w], [a], rate=0.5)  # 0.5 ((0 + 0.5 (1 - 0)) - 3)
        [tensor([-1.2500])]
    """
    import torch

    before = [one.detach().clone() for one in weights]
    down = torch.autograd.grad(train_loss(), weights, allow_unused=True)
    _move(weights, before, down, -rate)
    found = torch.autograd.grad(valid_loss(), [*alphas, *weights], allow_unused=True)
    direct, vector = found[: len(alphas)], found[len(alphas) :]
    norm = float(
        torch.sqrt(sum((v.square().sum() for v in vector if v is not None), start=_zero()))
    )
    if norm == 0.0:
        _move(weights, before, vector, 0.0)
        return [_or_zeros(g, a) for g, a in zip(direct, alphas, strict=True)]
    reach = _REACH / norm
    sides = []
    for sign in (1.0, -1.0):
        _move(weights, before, vector, sign * reach)
        sides.append(torch.autograd.grad(train_loss(), alphas, allow_unused=True))
    _move(weights, before, vector, 0.0)
    return [
        _or_zeros(g, a) - rate * (_or_zeros(up, a) - _or_zeros(low, a)) / (2.0 * reach)
        for g, up, low, a in zip(direct, *sides, alphas, strict=True)
    ]


def dominant_eigenvalue(loss: Loss, alphas: Sequence[torch.Tensor], seed: int = 0) -> float:
    """The eigenvalue of largest size of the loss's Hessian in the architecture, by power iteration.

    Args:
        loss: Of the architecture as the tensors hold it.
        alphas: Leaf tensors.
        seed: Of the vector to start from.

    Example:
        >>> import torch
        >>> a = torch.ones(2, requires_grad=True)
        >>> loss = lambda: (torch.tensor([1.0, 4.0]) * a**2).sum() / 2
        >>> round(dominant_eigenvalue(loss, [a]), 3)
        4.0
    """
    import torch

    slopes = torch.autograd.grad(loss(), alphas, create_graph=True)
    flat = torch.cat([one.flatten() for one in slopes])
    random = torch.Generator().manual_seed(seed)
    vector = torch.randn(flat.shape, generator=random).to(flat.device, flat.dtype)
    value = 0.0
    for _ in range(_ROUNDS):
        vector = vector / vector.norm()
        parts = torch.autograd.grad(flat @ vector, alphas, retain_graph=True)
        product = torch.cat([one.flatten() for one in parts])
        value = float(vector @ product)
        if float(product.norm()) == 0.0:
            return 0.0
        vector = product
    return value


def _move(
    weights: Sequence[torch.Tensor],
    start: Sequence[torch.Tensor],
    direction: Sequence[torch.Tensor | None],
    length: float,
) -> None:
    """Set the weights to start + length direction."""
    import torch

    with torch.no_grad():
        for one, before, way in zip(weights, start, direction, strict=True):
            one.copy_(before if way is None else before + length * way)


def _or_zeros(gradient: torch.Tensor | None, like: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.zeros_like(like) if gradient is None else gradient


def _zero() -> torch.Tensor:
    import torch

    return torch.zeros(())
