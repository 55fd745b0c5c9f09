"""A small neural network on dense blocks: one hidden layer, stopped early.

h = gelu(W1 z + b1), scores = W2 h + b2, on standardised columns, with dropout and AdamW
(Loshchilov & Hutter 2019, arXiv 1711.05101). The number of epochs is learnt inside the rows
that it is fitted on. Trained by torch, it predicts with two products of plain arrays.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy import sparse, special

from automl_nb.core.types import TaskKind
from automl_nb.features.base import join_blocks
from automl_nb.transfer.base import Blocks, Trial, TrialContext
from automl_nb.transfer.crossfit import crossfit, one_vs_rest, row_weights
from automl_nb.transfer.linear import link

if TYPE_CHECKING:
    import torch
    from torch import nn

_HIDDEN, _BATCH, _RATE, _DECAY = 192, 128, 2e-3, 1e-2
_MOST_EPOCHS, _PATIENCE = 60, 6
_INNER_SHARE = 0.12
FEWEST_ROWS = 100


class MlpPredictor:
    """Scores from two products.

    Args:
        inputs: Keys of the dense blocks.
        arrays: ``centre`` and ``scale`` (d,), ``w1`` (d, h), ``b1`` (h,), ``w2`` (h, k),
            ``b2`` (k,), all float32.
        kind: Says the link.
    """

    def __init__(
        self, inputs: tuple[str, ...], arrays: dict[str, np.ndarray], kind: TaskKind
    ) -> None:
        self.inputs, self.arrays, self.kind = inputs, arrays, kind

    def predict(self, blocks: Blocks) -> np.ndarray:
        """(n, k) scores."""
        a = self.arrays
        X = np.asarray(join_blocks([blocks[key] for key in self.inputs]), dtype=np.float32)
        Z = np.clip((X - a["centre"]) * a["scale"], -8.0, 8.0)
        hidden = Z @ a["w1"] + a["b1"]
        # The exact form of the unit: x times the normal distribution function of x.
        hidden *= 0.5 * (1.0 + special.erf(hidden / np.sqrt(2.0, dtype=np.float32)))
        return link((hidden @ a["w2"] + a["b2"]).astype(np.float64), self.kind)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the arrays as safetensors."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        contiguous = {key: np.ascontiguousarray(value) for key, value in self.arrays.items()}
        save_file(contiguous, folder / "mlp.safetensors")
        return {"inputs": list(self.inputs), "kind": self.kind.value}

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` wrote."""
        from safetensors.numpy import load_file

        arrays = load_file(folder / "mlp.safetensors")
        return cls(tuple(config["inputs"]), arrays, TaskKind(config["kind"]))


class Mlp:
    """Strategy ``mlp``."""

    name = "mlp"

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Dense blocks of at least 100 rows."""
        if any(sparse.issparse(context.blocks[key]) for key in inputs):
            return "its first layer would be huge on sparse columns; use svm"
        if len(context.y) < FEWEST_ROWS:
            return f"{len(context.y)} rows are too few"
        return "" if inputs else "it needs features"

    def grid(self, context: TrialContext) -> list[dict[str, Any]]:
        """One setting: the length of training is learnt inside."""
        del context
        return [{"dropout": 0.2}]

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Fit, judge and refit."""
        return crossfit(self, context, inputs, config)

    def fit(
        self,
        context: TrialContext,
        inputs: tuple[str, ...],
        rows: np.ndarray,
        config: dict[str, Any],
    ) -> MlpPredictor:
        """Train on these rows, an eighth of which say when to stop."""
        X = np.hstack([np.asarray(context.blocks[key][rows], np.float32) for key in inputs])
        centre, spread = X.mean(axis=0), X.std(axis=0)
        scale = np.where(spread > 1e-6, 1.0 / np.maximum(spread, 1e-6), 0.0).astype(np.float32)
        Z = np.clip((X - centre) * scale, -8.0, 8.0)
        targets = one_vs_rest(context.task, context.y[rows]).astype(np.float32)
        if context.task.kind is TaskKind.BINARY:
            targets = targets[:, 1:]
        shift, size = _standard(targets, context.task.kind)
        weight = row_weights(context, rows)
        network = _train(
            context, Z, (targets - shift) / size, weight, float(config.get("dropout", 0.2))
        )
        first, last = network[0], network[3]
        arrays = {
            "centre": centre.astype(np.float32),
            "scale": scale,
            "w1": first.weight.detach().numpy().T,
            "b1": first.bias.detach().numpy(),
            "w2": last.weight.detach().numpy().T * size,
            "b2": last.bias.detach().numpy() * size + shift,
        }
        arrays = {key: np.asarray(value, np.float32) for key, value in arrays.items()}
        return MlpPredictor(inputs, arrays, context.task.kind)


def _standard(targets: np.ndarray, kind: TaskKind) -> tuple[np.ndarray, np.ndarray]:
    """What brings values to mean 0 and spread 1; classes stay as they are."""
    if kind is not TaskKind.REGRESSION:
        return np.zeros(1, np.float32), np.ones(1, np.float32)
    return targets.mean(axis=0), np.maximum(targets.std(axis=0), 1e-12)


def _train(
    context: TrialContext,
    Z: np.ndarray,
    targets: np.ndarray,
    weight: np.ndarray | None,
    dropout: float,
) -> Any:
    import torch
    from torch import nn

    rng = np.random.default_rng(context.seed)
    torch.manual_seed(context.seed)
    order = rng.permutation(len(Z))
    n_inner = max(10, int(_INNER_SHARE * len(Z)))
    inner, outer = order[:n_inner], order[n_inner:]
    network = nn.Sequential(
        nn.Linear(Z.shape[1], _HIDDEN),
        nn.GELU(),
        nn.Dropout(dropout),
        nn.Linear(_HIDDEN, targets.shape[1]),
    )
    w = np.ones(len(Z), np.float32) if weight is None else weight.astype(np.float32)
    data = tuple(torch.from_numpy(np.ascontiguousarray(a)) for a in (Z, targets, w))
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    kind = context.task.kind
    best, state, misses = float("inf"), _copy(network), 0
    for _ in range(_MOST_EPOCHS):
        network.train()
        shuffled = rng.permutation(outer)
        for start in range(0, len(shuffled), _BATCH):
            context.cancel.check()
            batch = torch.from_numpy(shuffled[start : start + _BATCH])
            optimiser.zero_grad(set_to_none=True)
            loss: Any = _loss(network, data, batch, kind)
            loss.backward()
            optimiser.step()
        network.eval()
        with torch.no_grad():
            now = float(_loss(network, data, torch.from_numpy(inner), kind))
        if now < best:
            best, state, misses = now, _copy(network), 0
        else:
            misses += 1
        if misses >= _PATIENCE or context.deadline.left <= 0:
            break
    network.load_state_dict(state)
    return network


def _loss(
    network: nn.Module, data: tuple[torch.Tensor, ...], rows: torch.Tensor, kind: TaskKind
) -> torch.Tensor:
    from torch.nn import functional as F  # noqa: N812 - torch's own habit

    Z, targets, w = (part[rows] for part in data)
    out = network(Z)
    if kind is TaskKind.REGRESSION:
        losses = ((out - targets) ** 2).mean(dim=1)
    elif kind is TaskKind.MULTICLASS:
        losses = F.cross_entropy(out, targets, reduction="none", label_smoothing=0.02)
    else:
        losses = F.binary_cross_entropy_with_logits(out, targets, reduction="none").mean(dim=1)
    mean: torch.Tensor = (losses * w).sum() / w.sum()
    return mean


def _copy(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}
