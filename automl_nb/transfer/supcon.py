"""Supervised contrastive learning: rows of a class together, others apart (Khosla et al. 2020)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

TEMPERATURE = 0.1


def supervised_contrast(
    features: torch.Tensor, labels: torch.Tensor, temperature: float = TEMPERATURE
) -> torch.Tensor:
    """Mean loss of a batch's anchors.

    L_i = -1/|P(i)| sum_{p in P(i)} log exp(z_i.z_p / t) / sum_{a != i} exp(z_i.z_a / t)
    (Khosla et al. 2020, arXiv 2004.11362, equation 2), where P(i) are the other rows of i's
    class. An anchor that is alone in its class has no loss of its own.

    Args:
        features: (n, d) of unit length.
        labels: (n,) class positions.
        temperature: t; the smaller, the more the nearest rows count.

    Returns:
        A scalar; 0 where no two rows share a class.

    Example:
        >>> import torch
        >>> z = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> near = supervised_contrast(z, torch.tensor([0, 0, 1]), 1.0)
        >>> round(float(near), 4)  # log(1 + exp(-1))
        0.3133
    """
    import torch

    features = features.float()  # logarithms of near ones lose their sense in half precision
    with torch.autocast(features.device.type, enabled=False):
        return _contrast(features, labels, temperature)


def _contrast(features: torch.Tensor, labels: torch.Tensor, temperature: float) -> torch.Tensor:
    import torch

    own = torch.eye(len(labels), dtype=torch.bool, device=features.device)
    alike = (features @ features.T / temperature).masked_fill(own, -torch.inf)
    chance = alike - alike.logsumexp(dim=1, keepdim=True)
    positive = (labels[:, None] == labels[None, :]) & ~own
    count = positive.sum(dim=1)
    anchors = count > 0
    if not anchors.any():
        return features.sum() * 0.0
    each = chance.masked_fill(~positive, 0.0).sum(dim=1)[anchors] / count[anchors]
    return -each.mean()


def balanced_batches(
    y: np.ndarray, rows: np.ndarray, size: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Batches for one pass in which each class takes the same part.

    As many classes as fit with two rows each share a batch; classes take turns, and so do
    the rows within a class.

    Args:
        y: (n,) class positions of all rows.
        rows: (m,) the rows to draw from.
        size: Rows of a batch, at most.
        rng: Seeds the order.

    Example:
        >>> y = np.array([0, 0, 0, 0, 1, 1])
        >>> made = list(balanced_batches(y, np.arange(6), 4, np.random.default_rng(0)))
        >>> [sorted(y[batch].tolist()) for batch in made]
        [[0, 0, 1, 1], [0, 0, 1, 1]]
    """
    turns = {int(k): _Turns(rows[y[rows] == k], rng) for k in np.unique(y[rows])}
    size = min(size, len(rows))
    together = max(1, min(len(turns), size // 2))
    classes = _Turns(np.array(list(turns)), rng)
    for _ in range(-(-len(rows) // size)):
        share = np.full(together, size // together)
        share[: size % together] += 1
        chosen = [
            turns[int(k)].take(int(n)) for k, n in zip(classes.take(together), share, strict=True)
        ]
        yield np.concatenate(chosen)


class _Turns:
    """Takes items in a shuffled order, again and again; none twice at once."""

    def __init__(self, items: np.ndarray, rng: np.random.Generator) -> None:
        self._items, self._rng = items, rng
        self._waiting: list[int] = []

    def take(self, n: int) -> np.ndarray:
        taken: list[int] = []
        for _ in range(min(n, len(self._items))):
            if not self._waiting:
                order = self._rng.permutation(self._items).tolist()
                # What was just taken comes last, so that a batch holds nothing twice.
                self._waiting = [one for one in order if one in taken] + [
                    one for one in order if one not in taken
                ]
            taken.append(self._waiting.pop())
        return np.array(taken, dtype=np.int64)
