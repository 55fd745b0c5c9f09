"""All architectures in one network, whose ops are weighed and learnt together: DARTS.

Each edge gives the mean of all ops under a softmax of the architecture's parameters (Liu, Simonyan
& Yang 2019, arXiv 1806.09055, equation 2), and beside it an auxiliary skip connection, whose part
falls from 1 to 0 over the search: it does for training what skip connections do, so that those
among the ops are chosen for their own worth alone (DARTS-, Chu et al. 2021, arXiv 2009.01027).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl_nb.transfer.cells.architecture import OPS
from automl_nb.transfer.cells.bilevel import dominant_eigenvalue, unrolled_gradient
from automl_nb.transfer.cells.learner import batches, drawn, dropped, taken, weighted_loss
from automl_nb.transfer.cells.lesson import Lesson, layers_of
from automl_nb.transfer.cells.ops import (
    Library,
    Shapes,
    applied,
    op_shapes,
    part,
    stem_shapes,
    stemmed,
    torch_library,
)
from automl_nb.transfer.lanes import one_thread

_LOOKED_AT = 128  # rows on which the curvature is measured


@dataclass(frozen=True)
class Pace:
    """How a supernet is trained.

    Attributes:
        epochs: Passes over the rows.
        batch: Rows of a step.
        rate: Highest learning rate of the weights (AdamW); falls to 0 over the epochs.
        decay: Weight decay of the weights.
        dropout: Share of what the last layer reads that is left out at a step.
        alpha_rate: Of the architecture's parameters (Adam with betas 0.5 and 0.999); a hundred
            times the paper's, as there are so many times fewer steps.
        alpha_decay: Their weight decay, the paper's.
        alone: Share of the epochs in which the weights learn by themselves.
        second_order: Whether the architecture looks one step of the weights ahead.
        ahead: Learning rate of that step, by plain gradient descent (the paper's).
    """

    epochs: int = 30
    batch: int = 64
    rate: float = 2e-3
    decay: float = 0.1
    dropout: float = 0.3
    alpha_rate: float = 0.03
    alpha_decay: float = 1e-3
    alone: float = 0.2
    second_order: bool = False
    ahead: float = 0.025


class Supernet:
    """The network of all architectures with so many nodes, and how it learns.

    Args:
        lesson: What is to be learnt.
        nodes: How many.
        fit: Rows from which the weights learn.
        judge: Rows from which the architecture learns.
        pace: See `Pace`.
        seed: Seeds weights, order and dropout.
        device: The torch device as text.
    """

    def __init__(
        self,
        lesson: Lesson,
        nodes: int,
        fit: np.ndarray,
        judge: np.ndarray,
        pace: Pace,
        *,
        seed: int,
        device: str = "cpu",
    ) -> None:
        import torch

        self.lesson, self.nodes, self.pace, self.device = lesson, nodes, pace, device
        self.random = torch.Generator().manual_seed(seed)
        self.fit, self.judge = torch.from_numpy(fit), torch.from_numpy(judge)
        self.weights = drawn(supernet_shapes(lesson, nodes), self.random, device)
        edges = sum(len(lesson.widths) + node for node in range(nodes))
        start = 1e-3 * torch.randn((edges, len(OPS)), generator=self.random)  # as the authors do
        self.alphas = start.to(device).requires_grad_()
        self._parameters = list(self.weights.values())
        self.optimiser = torch.optim.AdamW(
            self._parameters, lr=pace.rate, weight_decay=pace.decay, foreach=True
        )
        self.alpha_optimiser = torch.optim.Adam(
            [self.alphas], lr=pace.alpha_rate, betas=(0.5, 0.999), weight_decay=pace.alpha_decay
        )
        self.done = 0

    @property
    def learns_architecture(self) -> bool:
        """Whether the weights have had their time alone."""
        return self.done >= self.pace.alone * self.pace.epochs

    @property
    def skip(self) -> float:
        """The auxiliary skip connection's part."""
        return (1.0 + math.cos(math.pi * min(1.0, self.done / max(1, self.pace.epochs - 1)))) / 2.0

    def epoch(self, is_over: Callable[[], bool]) -> float:
        """One pass over the rows that the weights learn from; the mean loss before each step."""
        losses: list[float] = []
        self._set_rate()
        with one_thread():
            others = self._endless(self.judge)
            for batch in batches(self.fit, self.pace.batch, self.random):
                if is_over():
                    break
                if self.learns_architecture:
                    self._step_architecture(batch, next(others))
                losses.append(self._step_weights(batch))
        self.done += 1
        return float(np.mean(losses)) if losses else math.nan

    def plan(self, epochs: int) -> None:
        """Have all schedules end after so many epochs."""
        self.pace = replace(self.pace, epochs=epochs)

    def curvature(self) -> float:
        """The dominant eigenvalue of the loss on some judged rows, see `guard`."""
        some = self.judge[:_LOOKED_AT]
        with one_thread():
            return dominant_eigenvalue(lambda: self._loss(some, drop=False), [self.alphas])

    def op_weights(self) -> list[np.ndarray]:
        """(sources, ops) of each node, each row a softmax."""
        table = self.alphas.detach().softmax(dim=1).cpu().numpy().astype(np.float64)
        sizes = [len(self.lesson.widths) + node for node in range(self.nodes)]
        return np.split(table, np.cumsum(sizes)[:-1])

    def _set_rate(self) -> None:
        share = min(1.0, self.done / max(1, self.pace.epochs))
        for group in self.optimiser.param_groups:
            group["lr"] = self.pace.rate * (0.02 + 0.98 * (1.0 + math.cos(math.pi * share)) / 2.0)

    def _endless(self, rows: Any) -> Any:
        while True:
            yield from batches(rows, self.pace.batch, self.random)

    def _step_architecture(self, fit: Any, judge: Any) -> None:
        """The weights stay as they are; nothing is left out, so that losses can be compared."""
        if self.pace.second_order:
            (self.alphas.grad,) = unrolled_gradient(
                lambda: self._loss(fit, drop=False),
                lambda: self._loss(judge, drop=False),
                self._parameters,
                [self.alphas],
                self.pace.ahead,
            )
        else:
            import torch

            (self.alphas.grad,) = torch.autograd.grad(self._loss(judge, drop=False), [self.alphas])
        self.alpha_optimiser.step()

    def _step_weights(self, batch: Any) -> float:
        self.optimiser.zero_grad(set_to_none=True)
        loss = self._loss(batch, drop=True)
        loss.backward(inputs=self._parameters)
        self.optimiser.step()
        return float(loss.detach())

    def _loss(self, rows: Any, *, drop: bool) -> Any:
        X, targets, weights = taken(self.lesson, rows, self.device)
        features = supernet_features(
            layers_of(X, self.lesson.widths),
            self.weights,
            self.alphas.softmax(dim=1),
            skip=self.skip,
            nodes=self.nodes,
            library=torch_library(),
        )
        if drop:
            features = dropped(features, self.pace.dropout, self.random)
        margins = features @ self.weights["out.W"] + self.weights["out.b"]
        return weighted_loss(margins, targets, weights, self.lesson)


def supernet_shapes(lesson: Lesson, nodes: int) -> Shapes:
    """All weights: each op's on each edge, the stems', the last layer's."""
    shapes = stem_shapes(lesson.widths, lesson.width)
    for node in range(nodes):
        for source in range(len(lesson.widths) + node):
            for op in OPS:
                own = op_shapes(op, lesson.width)
                shapes |= {f"{node}.{source}.{op}.{name}": shape for name, shape in own.items()}
    return {
        **shapes,
        "out.W": (nodes * lesson.width, lesson.n_outputs),
        "out.b": (lesson.n_outputs,),
    }


def supernet_features(
    layers: list[Any],
    weights: dict[str, Any],
    mix: Any,
    *,
    skip: float,
    nodes: int,
    library: Library,
) -> Any:
    """(n, nodes * width) of what the last layer reads.

    Args:
        layers: (n, d_l) of each layer.
        weights: As `supernet_shapes` names them.
        mix: (edges, ops), the part of each op.
        skip: That of the auxiliary skip connection.
        nodes: How many.
        library: That of the arrays.
    """
    states = stemmed(layers, weights)
    memory = library.stack(states)
    edge = 0
    for node in range(nodes):
        total: Any = 0.0
        for source in range(len(layers) + node):
            own = part(weights, f"{node}.{source}.")
            total = total + mixed(states[source], own, mix[edge], memory, library)
            total = total + skip * states[source]
            edge += 1
        states.append(total)
    return library.join(states[len(layers) :])


def mixed(x: Any, weights: dict[str, Any], mix: Any, memory: Any, library: Library) -> Any:
    """(n, d): the sum of all ops' outputs, each times its part of `mix` (ops,)."""
    total: Any = 0.0
    for place, op in enumerate(OPS):
        total = total + mix[place] * applied(op, x, part(weights, f"{op}."), memory, library)
    return total
