"""The moving average of the weights that are trained, and the best that it has been."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn


class Average:
    """Exponential moving average of the trained weights (Polyak & Juditsky 1992).

    Args:
        module: What is trained.
        groups: The optimiser's, with the parameters that are.
        most: Most that the average keeps of itself at a step; 0 for none.

    Attributes:
        weights: The averages by the names of the module's parameters.
    """

    def __init__(self, module: nn.Module, groups: list[dict[str, Any]], most: float) -> None:
        trained = {id(p) for group in groups for p in group["params"]}
        self._most = most
        self._names = [name for name, p in module.named_parameters() if id(p) in trained]
        chosen = dict(module.named_parameters())
        self.weights = {name: chosen[name].detach().clone() for name in self._names}

    def update(self, module: nn.Module, step: int, total: int) -> None:
        """Draw the averages towards the weights of a step, one of `total`."""
        import torch

        # A short run needs a short memory: about a tenth of the schedule.
        decay = min(self._most, 1.0 - 10.0 / max(20, total), step / (step + 10.0))
        parameters = dict(module.named_parameters())
        trained = [parameters[name].detach() for name in self._names]
        torch._foreach_lerp_(list(self.weights.values()), trained, 1.0 - decay)

    def in_place(self, module: nn.Module) -> Any:
        """A `with` block within which the module has the averages as its weights."""
        return _Swapped(module, self.weights)


class _Swapped:
    """A module with other weights inside the `with` block."""

    def __init__(self, module: nn.Module, weights: dict[str, torch.Tensor]) -> None:
        self._parameters = {n: p for n, p in module.named_parameters() if n in weights}
        self._weights = weights
        self._own: dict[str, torch.Tensor] = {}

    def __enter__(self) -> None:
        for name, parameter in self._parameters.items():
            self._own[name] = parameter.data
            parameter.data = self._weights[name]

    def __exit__(self, *_: object) -> None:
        for name, parameter in self._parameters.items():
            parameter.data = self._own[name]


class Best:
    """The averaged weights of least held-out loss, the start's among them if they are wanted.

    Args:
        keeps_start: Whether the start is kept where no later weights are better.

    Attributes:
        state: These weights by name, or None before any were judged.
        metrics: What they reached.
        start: What the weights reached before any step, or None.
        misses: Judgements since training last improved.
        least: The least loss after a step.
    """

    def __init__(self, *, keeps_start: bool = True) -> None:
        self._keeps_start = keeps_start
        self.state: dict[str, torch.Tensor] | None = None
        self.metrics: dict[str, float] = {"loss": float("inf")}
        self.start: dict[str, float] | None = None
        self.misses, self.least = 0, float("inf")

    def offer(self, metrics: dict[str, float], shadow: Average, *, trained: bool) -> None:
        """Keep the averages if they are better than what there is."""
        forgets = trained and not self._keeps_start and math.isinf(self.least)
        if not trained:
            self.start = dict(metrics)
        # Training that first falls behind a solved head and then catches up isn't given up.
        elif metrics["loss"] < self.least:
            self.least, self.misses = metrics["loss"], 0
        else:
            self.misses += 1
        if self.state is None or forgets or metrics["loss"] < self.metrics["loss"]:
            self.take(metrics, shadow)

    def take(self, metrics: dict[str, float], shadow: Average) -> None:
        """Keep the averages."""
        self.metrics = dict(metrics)
        self.state = {name: weight.clone() for name, weight in shadow.weights.items()}

    def restore(self, module: nn.Module) -> None:
        """Put the best into the module."""
        assert self.state is not None
        for name, parameter in module.named_parameters():
            if name in self.state:
                parameter.data = self.state[name]
