"""Trains the network of one architecture from scratch, an epoch at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl_nb.transfer.cells.architecture import Architecture
from automl_nb.transfer.cells.lesson import Lesson, layers_of
from automl_nb.transfer.cells.ops import Shapes, cell_features, cell_shapes, torch_library
from automl_nb.transfer.lanes import one_thread, row_losses

Arrays = dict[str, np.ndarray]
STEPS = 500  # about so many are enough on any table; with few rows that is many epochs
EPOCHS = (8, 60)  # at least, at most
BATCHES = 8  # an epoch has about so many, where rows are few


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Attributes:
        epochs: Passes over the rows; the learning rate falls to 0 over them.
        batch: Rows of a step.
        rate: Highest learning rate (AdamW, Loshchilov & Hutter 2019).
        decay: Weight decay.
        dropout: Share of what the last layer reads that is left out at a step.
        average: Decay of the moving average of the weights that is judged and kept.
    """

    epochs: int = 30
    batch: int = 128
    rate: float = 5e-3
    decay: float = 2.0
    dropout: float = 0.3
    average: float = 0.95

    @classmethod
    def of(cls, n_rows: int) -> Recipe:
        """For so many rows to learn from.

        Example:
            >>> Recipe.of(100).batch, Recipe.of(10_000).epochs
            (16, 8)
        """
        batch = int(np.clip(n_rows // BATCHES, 16, cls.batch))
        epochs = int(np.clip(STEPS / max(1.0, n_rows / batch), *EPOCHS))
        return cls(epochs=epochs, batch=batch)


class Learner:
    """One network and its optimiser.

    Args:
        architecture: Which network.
        lesson: What is to be learnt.
        rows: Positions of the rows to learn from.
        recipe: See `Recipe`.
        seed: Seeds weights, order and dropout.
        device: The torch device as text.
    """

    def __init__(
        self,
        architecture: Architecture,
        lesson: Lesson,
        rows: np.ndarray,
        recipe: Recipe,
        *,
        seed: int,
        device: str = "cpu",
    ) -> None:
        import torch

        self.architecture, self.lesson, self.recipe, self.device = (
            architecture,
            lesson,
            recipe,
            device,
        )
        self.random = torch.Generator().manual_seed(seed)
        self.rows, self.done, self.steps = torch.tensor(rows), 0, 0
        shapes = cell_shapes(architecture, lesson.widths, lesson.width, lesson.n_outputs)
        self.weights = drawn(shapes, self.random, device)
        self._parameters = list(self.weights.values())
        self._averaged = [one.detach().clone() for one in self._parameters]
        self.optimiser = torch.optim.AdamW(
            self._parameters, lr=recipe.rate, weight_decay=recipe.decay, foreach=True
        )

    def epoch(self, is_over: Callable[[], bool]) -> bool:
        """One pass over the rows; False where `is_over` ended it early."""
        with one_thread():
            for batch in batches(self.rows, self.recipe.batch, self.random):
                if is_over():
                    return False
                self._step(batch)
        self.done += 1
        return True

    def _step(self, batch: Any) -> None:
        import torch

        recipe = self.recipe
        steps = recipe.epochs * max(1, math.ceil(len(self.rows) / recipe.batch))
        share = min(1.0, self.steps / steps)
        for group in self.optimiser.param_groups:
            group["lr"] = (
                recipe.rate * min(1.0, 20 * share + 0.05) * (1 + math.cos(math.pi * share)) / 2
            )
        X, targets, weights = taken(self.lesson, batch, self.device)
        loss = weighted_loss(self._margins(X, drop=True), targets, weights, self.lesson)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.steps += 1
        keep = min(recipe.average, self.steps / (self.steps + 9.0))
        with torch.no_grad():
            torch._foreach_lerp_(self._averaged, self._parameters, 1.0 - keep)

    def _margins(self, X: Any, *, drop: bool) -> Any:
        layers = layers_of(X, self.lesson.widths)
        features = cell_features(self.architecture, self.weights, layers, torch_library())
        if drop:
            features = dropped(features, self.recipe.dropout, self.random)
        return features @ self.weights["out.W"] + self.weights["out.b"]

    def loss(self, rows: np.ndarray) -> float:
        """Mean weighted loss of the averaged network on some rows."""
        import torch

        from automl_nb.transfer.cells.predictor import margins

        weights = self.arrays()
        found = margins(self.architecture, weights, self.lesson.X[rows], self.lesson.widths)
        targets, weight = self.lesson.targets[rows], self.lesson.weights[rows]
        each = row_losses(torch.from_numpy(found), torch.from_numpy(targets), self.lesson.kind)
        return float((each.numpy() * weight).sum() / weight.sum())

    def arrays(self) -> Arrays:
        """The averaged weights by name."""
        return {
            name: one.detach().cpu().numpy().copy()
            for name, one in zip(self.weights, self._averaged, strict=True)
        }


def drawn(shapes: Shapes, random: Any, device: str) -> dict[str, Any]:
    """Matrices with variance 1 / inputs, biases and the last layer at 0; with gradients."""
    import torch

    made = {}
    for name, shape in shapes.items():
        is_free = len(shape) > 1 and not name.startswith("out.")
        values = torch.randn(shape, generator=random) / shape[0] ** 0.5 if is_free else None
        one = torch.zeros(shape) if values is None else values
        made[name] = one.to(device).requires_grad_()
    return made


def batches(rows: Any, size: int, random: Any) -> Iterator[Any]:
    """The rows in a random order, in parts of about `size`."""
    import torch

    order = rows[torch.randperm(len(rows), generator=random)]
    yield from order.chunk(max(1, math.ceil(len(order) / size)))


def taken(lesson: Lesson, rows: Any, device: str) -> tuple[Any, Any, Any]:
    """Features, targets and weights of some rows, on the device."""
    tensors = lesson.tensors
    return tuple(tensors[name][rows].to(device) for name in ("X", "targets", "weights"))


def weighted_loss(margins: Any, targets: Any, weights: Any, lesson: Lesson) -> Any:
    """The mean loss of some rows."""
    losses = row_losses(margins, targets, lesson.kind)
    return (losses * weights).sum() / weights.sum()


def dropped(x: Any, share: float, random: Any) -> Any:
    """With this share of numbers left out, the rest larger by as much."""
    import torch

    kept = torch.empty(x.shape).bernoulli_(1.0 - share, generator=random).to(x.device)
    return x * kept / (1.0 - share)
