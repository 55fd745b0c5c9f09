"""A network that is being tuned, with its head and all that a strategy may look at."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from torch import nn

from automl_nb.core.types import TaskKind
from automl_nb.transfer.crossfit import one_vs_rest
from automl_nb.transfer.linear import LinearPredictor, link
from automl_nb.transfer.recompute import recomputed
from automl_nb.transfer.tuning import Network, layers_of

if TYPE_CHECKING:
    from automl_nb.transfer.base import TrialContext


class Student:
    """A trainable copy of a backbone with a linear head on its features.

    Args:
        context: The trial's data and limits.
        network: The backbone with the column that it reads.
        head: Where the head starts from.
        config: The trial's settings.
        fit: (m,) training rows, all if None; for values, what is learnt are standard deviations
            of these from their mean, so that a rate and a loss mean the same for all tasks.

    Attributes:
        backbone: The copy; its `module` has gradients on.
        linear: The head, margins (n, width) from features (n, dimension); `solved` and
            `take_head` read and write it in the labels' own unit.
        module: Both as one module, which the training loop moves and averages.
        layers: Parameters of each layer from the bottom up, word embeddings left out.
        note: What a strategy wants the leaderboard to say of it.
    """

    def __init__(
        self,
        context: TrialContext,
        network: Network,
        head: LinearPredictor,
        config: dict[str, Any],
        fit: np.ndarray | None = None,
    ) -> None:
        self.context, self.network, self.config = context, network, config
        self.backbone = network.backbone.trainable()
        self._centre, self._unit = _measure(context, fit)
        self.linear = self._standard(head).to(network.device)  # beside the body from the start
        self.module = _Joined(self.backbone, self.linear, network)
        self.layers = layers_of(self.backbone.module)
        self.note = ""

    @property
    def body(self) -> nn.Module:
        """The backbone's network."""
        return self.backbone.module

    @cached_property
    def source(self) -> dict[str, torch.Tensor]:
        """The pretrained weights by name, as they were before any training.

        Never changed; on the device where the shared network is.
        """
        return {name: p.detach() for name, p in self.network.backbone.module.named_parameters()}

    def features(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        """(n, dimension) features with gradients."""
        return self.module.features(self.network.on_device(inputs))

    def scores(self, batches: Any) -> np.ndarray:
        """(n, k) scores of held-out batches, in the order of their rows."""
        parts, order = [], []
        device, mixed = self.network.device.partition(":")[0], self.network.mixed
        half = torch.float16 if mixed == "fp16" else torch.bfloat16
        with torch.inference_mode(), torch.autocast(device, dtype=half, enabled=mixed != "no"):
            for rows, inputs in batches.in_order():
                margins = self.module(self.network.on_device(inputs))
                parts.append(margins.float().cpu().numpy())
                order.append(rows)
        margins = np.vstack(parts)[np.argsort(np.concatenate(order))].astype(np.float64)
        return link(margins * self._unit + self._centre, self.context.task.kind)

    def targets(self) -> np.ndarray:
        """(n, k) float32 of all rows: 0 and 1 a class, or standardised values."""
        made = (one_vs_rest(self.context.task, self.context.y) - self._centre) / self._unit
        return np.asarray(made, dtype=np.float32)

    def solved(self) -> LinearPredictor:
        """The trained head as plain arrays."""
        coef = self.linear.weight.detach().double().cpu().numpy().T * self._unit
        intercept = self.linear.bias.detach().double().cpu().numpy() * self._unit + self._centre
        return LinearPredictor((), coef, intercept, self.context.task.kind)

    def take_head(self, head: LinearPredictor) -> None:
        """Continue with another head of the same shape."""
        self.linear.load_state_dict(self._standard(head).state_dict())

    def _standard(self, head: LinearPredictor) -> nn.Linear:
        coef = head.coef.astype(np.float64) / self._unit
        return _linear(coef, (head.intercept - self._centre) / self._unit)

    @property
    def kind(self) -> TaskKind:
        """What is predicted."""
        return self.context.task.kind


class _Joined(nn.Module):
    """The backbone and its head as one module."""

    def __init__(self, backbone: Any, linear: nn.Linear, network: Network) -> None:
        super().__init__()
        self.body, self.head = backbone.module, linear
        self._backbone, self._network = backbone, network

    def features(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        with recomputed(self.body) if self._network.recomputes else nullcontext():
            made: torch.Tensor = self._backbone.embed(inputs).float()
        return nn.functional.normalize(made, dim=1) if self._network.normalised else made

    def forward(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        margins: torch.Tensor = self.head(self.features(inputs))
        return margins

    def train(self, mode: bool = True) -> Self:
        """Learn as it answers: without dropout, by the normalisation that it came with.

        Dropout takes a quarter of a step on a CPU and gains nothing in a few epochs;
        means of small batches undo what the head was solved for (see ADR 8).
        """
        del mode
        return super().train(False)


def _linear(coef: np.ndarray, intercept: np.ndarray) -> nn.Linear:
    linear = nn.Linear(*coef.shape)
    linear.weight.data = torch.from_numpy(np.ascontiguousarray(coef.T, dtype=np.float32))
    linear.bias.data = torch.from_numpy(np.asarray(intercept, dtype=np.float32))
    return linear


def _measure(context: TrialContext, fit: np.ndarray | None) -> tuple[float, float]:
    """Mean and standard deviation of the values to learn; 0 and 1 for classes."""
    if context.task.kind is not TaskKind.REGRESSION:
        return 0.0, 1.0
    y = context.y if fit is None else context.y[fit]
    spread = float(np.std(y))
    return float(np.mean(y)), spread if spread > 0.0 else 1.0
