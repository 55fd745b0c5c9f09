"""Small networks that learn side by side, one a fold, in one batched product a layer.

Five networks of a few hundred units keep a processor as busy as one, so training the folds
together costs little more than training one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import special

from automl_nb.core.types import TaskKind
from automl_nb.data.split import Fold
from automl_nb.transfer.resume import load_moments, moments_of, named, under

Layers = list[tuple[np.ndarray, np.ndarray]]  # (d_in, d_out) weights and (d_out,) biases


@dataclass(frozen=True)
class Recipe:
    """How the networks are built and trained.

    Attributes:
        widths: Units of the hidden layers.
        epochs: Passes over the rows at most; the learning rate falls to 0 over them.
        batch: Rows of a step, in each network.
        rate: Highest learning rate (AdamW, Loshchilov & Hutter 2019).
        decay: Weight decay.
        dropout: Share of hidden units left out at a step.
        drop_inputs: Share of inputs left out at a step.
        average: Decay of the moving average of the weights that is judged and kept.
    """

    widths: tuple[int, ...] = (256, 128)
    epochs: int = 40
    batch: int = 128
    rate: float = 2e-3
    decay: float = 1.0
    dropout: float = 0.4
    drop_inputs: float = 0.0
    average: float = 0.98


@dataclass(frozen=True)
class Lesson:
    """What is to be learnt.

    Attributes:
        X: (n, d) float32.
        targets: (n,) class positions, (n, k) float32 0/1, or (n, 1) float32 values.
        kind: Says which loss.
        n_outputs: Units of the last layer.
        folds: Which rows each network learns from, and which judge it.
        weights: (n,) weights of the rows, or None.
    """

    X: np.ndarray
    targets: np.ndarray
    kind: TaskKind
    n_outputs: int
    folds: Sequence[Fold]
    weights: np.ndarray | None = None


@dataclass
class Curve:
    """Losses of the lanes on the rows that each doesn't see, epoch by epoch."""

    losses: list[np.ndarray] = field(default_factory=list)  # (k,) an epoch

    def add(self, losses: np.ndarray) -> None:
        """One epoch more."""
        self.losses.append(losses)

    def is_best(self, without: int | None = None) -> bool:
        """Whether the last epoch is the best so far in the mean over lanes but `without`."""
        mean = self._mean(without)
        return bool(mean[-1] <= mean.min())

    def waited(self) -> int:
        """Epochs since the best mean."""
        mean = self._mean(None)
        return len(mean) - 1 - int(mean.argmin())

    def _mean(self, without: int | None) -> np.ndarray:
        table = np.stack(self.losses)
        if without is not None and table.shape[1] > 1:
            table = np.delete(table, without, axis=1)
        return np.asarray(table.mean(axis=1))


class Lanes:
    """Networks with SiLU units, one a fold.

    Args:
        lesson: What is to be learnt.
        recipe: See `Recipe`.
        seed: Seeds weights, order and dropout.
        device: The torch device as text.
    """

    def __init__(self, lesson: Lesson, recipe: Recipe, *, seed: int, device: str) -> None:
        import torch

        self._torch = torch
        self.kind, self.folds, self.recipe = lesson.kind, lesson.folds, recipe
        self.X = torch.from_numpy(lesson.X).to(device)
        self.targets = torch.from_numpy(lesson.targets).to(device)
        weights = np.ones(len(lesson.X)) if lesson.weights is None else lesson.weights
        self.weights = torch.from_numpy(weights.astype(np.float32)).to(device)
        self.random = torch.Generator(device=device).manual_seed(seed)
        self.layers = self._drawn((lesson.X.shape[1], *recipe.widths, lesson.n_outputs))
        self.parameters = [part for layer in self.layers for part in layer]
        self.averaged = [part.detach().clone() for part in self.parameters]
        self.optimiser = torch.optim.AdamW(
            self.parameters, lr=recipe.rate, weight_decay=recipe.decay, foreach=True
        )
        self.steps = 0
        longest = max(len(fold.fit) for fold in self.folds)
        self.steps_an_epoch = max(1, -(-longest // recipe.batch))

    def _drawn(self, widths: tuple[int, ...]) -> list[Any]:
        torch, k = self._torch, len(self.folds)
        layers = []
        for before, after in pairwise(widths):
            shape = (k, before, after)
            W = torch.randn(shape, generator=self.random, device=self.X.device) / before**0.5
            b = torch.zeros((k, 1, after), device=self.X.device)
            layers.append((W.requires_grad_(), b.requires_grad_()))
        return layers

    def epoch(self, is_over: Callable[[], bool]) -> None:
        """One pass over every lane's rows; ends early where `is_over` says so."""
        order = self._order()
        with one_thread():
            for step in range(self.steps_an_epoch):
                if is_over():
                    return
                self._step(order[:, step * self.recipe.batch : (step + 1) * self.recipe.batch])

    def _order(self) -> Any:
        """(k, steps * batch) row numbers: each lane's rows shuffled, some twice to fill up."""
        torch = self._torch
        length = self.steps_an_epoch * self.recipe.batch
        rows = []
        for fold in self.folds:
            own = torch.from_numpy(fold.fit).to(self.X.device)
            rounds = [
                own[torch.randperm(len(own), generator=self.random, device=self.X.device)]
                for _ in range(-(-length // len(own)))
            ]
            rows.append(torch.cat(rounds)[:length])
        return torch.stack(rows)

    def _step(self, rows: Any) -> None:
        torch, recipe = self._torch, self.recipe
        total = recipe.epochs * self.steps_an_epoch
        share = self.steps / max(1, total)
        rate = recipe.rate * min(1.0, 20 * share) * 0.5 * (1 + float(np.cos(np.pi * min(share, 1))))
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        losses = row_losses(self._forward(self.X[rows]), self.targets[rows], self.kind)
        weight = self.weights[rows]
        loss = ((losses * weight).sum(dim=1) / weight.sum(dim=1)).sum()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.steps += 1
        keep = min(recipe.average, self.steps / (self.steps + 9.0))
        with torch.no_grad():
            torch._foreach_lerp_(self.averaged, self.parameters, 1.0 - keep)

    def _forward(self, x: Any) -> Any:
        """(k, rows, outputs) from (k, rows, d), with dropout."""
        torch = self._torch
        x = self._drop(x, self.recipe.drop_inputs)
        for number, (W, b) in enumerate(self.layers):
            x = torch.baddbmm(b, x, W)
            if number + 1 < len(self.layers):
                x = self._drop(torch.nn.functional.silu(x), self.recipe.dropout)
        return x

    def _drop(self, x: Any, share: float) -> Any:
        if share <= 0:
            return x
        kept = self._torch.empty_like(x).bernoulli_(1.0 - share, generator=self.random)
        return x * kept / (1.0 - share)

    def judged(self) -> tuple[np.ndarray, list[np.ndarray]]:
        """(k,) losses of the averaged networks on their judged rows, and their outputs."""
        torch = self._torch
        losses, outputs = [], []
        with torch.no_grad(), one_thread():
            for number, fold in enumerate(self.folds):
                rows = torch.from_numpy(fold.judge).to(self.X.device)
                out = self._lane(number, self.X[rows])
                each = row_losses(out, self.targets[rows], self.kind)
                weight = self.weights[rows]
                losses.append(float((each * weight).sum() / weight.sum()))
                outputs.append(out.cpu().numpy())
        return np.array(losses), outputs

    def _lane(self, number: int, x: Any) -> Any:
        silu = self._torch.nn.functional.silu
        pairs = [(self.averaged[i], self.averaged[i + 1]) for i in range(0, len(self.averaged), 2)]
        for depth, (W, b) in enumerate(pairs):
            x = x @ W[number] + b[number]
            if depth + 1 < len(pairs):
                x = silu(x)
        return x

    def state(self) -> dict[str, np.ndarray]:
        """All that the next epoch hangs on."""
        return {
            **named("weight", {str(n): p for n, p in enumerate(self.parameters)}),
            **named("average", {str(n): p for n, p in enumerate(self.averaged)}),
            **named("moment", moments_of(self.optimiser)),
            **named("random", {"own": self.random.get_state()}),
        }

    def restore(self, state: dict[str, np.ndarray], steps: int) -> None:
        """Go on as after so many steps, from what `state` gave."""
        torch = self._torch
        with torch.no_grad():
            for kind, places in (("weight", self.parameters), ("average", self.averaged)):
                for n, values in under(kind, state).items():
                    places[int(n)].copy_(torch.from_numpy(values))
        load_moments(self.optimiser, under("moment", state))
        self.random.set_state(torch.from_numpy(state["random/own"]))
        self.steps = steps

    def networks(self) -> list[Layers]:
        """The averaged networks as arrays."""
        arrays = [part.detach().cpu().numpy().copy() for part in self.averaged]
        return [
            [(arrays[i][k], arrays[i + 1][k][0]) for i in range(0, len(arrays), 2)]
            for k in range(len(self.folds))
        ]


def row_losses(out: Any, targets: Any, kind: TaskKind) -> Any:
    """(..., rows) losses of (..., rows, outputs) tensors against `Lesson.targets` of the rows."""
    from torch.nn import functional

    if kind is TaskKind.REGRESSION:
        return functional.mse_loss(out, targets, reduction="none").mean(dim=-1)
    if kind is TaskKind.MULTILABEL:
        losses = functional.binary_cross_entropy_with_logits(out, targets, reduction="none")
        return losses.mean(dim=-1)
    flat = functional.cross_entropy(out.flatten(0, -2), targets.flatten(), reduction="none")
    return flat.view(targets.shape)


@contextmanager
def one_thread() -> Iterator[None]:
    """Products this small gain nothing from more threads.

    Beside other work they lose: OpenMP's threads spin while they wait for each other, and
    ten epochs of 1.5 s took 30 s with two threads on two busy cores.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def run(network: Layers, X: np.ndarray) -> np.ndarray:
    """(n, outputs) of one network, by NumPy alone."""
    x = np.asarray(X, dtype=np.float32)
    for depth, (W, b) in enumerate(network):
        x = x @ W + b
        if depth + 1 < len(network):
            x = x * special.expit(x)
    return x
