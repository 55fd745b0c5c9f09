"""The mean of several cells, by NumPy alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from automl_nb.core.types import TaskKind
from automl_nb.transfer.base import Blocks
from automl_nb.transfer.cells.architecture import Architecture
from automl_nb.transfer.cells.lesson import Scaling, layers_of
from automl_nb.transfer.cells.ops import NUMPY, cell_features
from automl_nb.transfer.linear import link

Network = tuple[Architecture, dict[str, np.ndarray]]
_AT_ONCE = 4096  # rows; attention needs all layers of them at a time


class CellPredictor:
    """Scores from the layers that the blocks hold.

    Args:
        inputs: Keys of the blocks, side by side the layers.
        widths: Columns of each layer.
        scaling: What networks see of them.
        networks: Architecture and weights of each.
        kind: How outputs turn to scores.
        unit: Mean and standard deviation of a regression's values.
    """

    def __init__(
        self,
        inputs: tuple[str, ...],
        widths: tuple[int, ...],
        scaling: Scaling,
        networks: list[Network],
        kind: TaskKind,
        *,
        unit: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        self.inputs, self.widths, self.scaling = tuple(inputs), tuple(widths), scaling
        self.networks, self.kind, self.unit = networks, kind, unit

    def predict(self, blocks: Blocks) -> np.ndarray:
        """(n, k) float64 scores, see `automl_nb.transfer.base.Predictor`."""
        X = np.hstack([np.asarray(blocks[key], dtype=np.float32) for key in self.inputs])
        return self.scores(self.scaling.apply(X))

    def scores(self, X: np.ndarray) -> np.ndarray:
        """(n, k) float64 scores of scaled layers (n, d)."""
        each = [margins(*network, X, self.widths) for network in self.networks]
        return np.asarray(np.mean([scores_of(one, self.kind, self.unit) for one in each], axis=0))

    def save(self, folder: Path) -> dict[str, Any]:
        """Write ``cells.safetensors``."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        arrays = {"centre": self.scaling.centre, "scale": self.scaling.scale}
        for number, (_, weights) in enumerate(self.networks):
            arrays |= {f"{number}.{name}": values for name, values in weights.items()}
        tidy = {name: np.ascontiguousarray(a, dtype=np.float32) for name, a in arrays.items()}
        save_file(tidy, folder / "cells.safetensors")
        return {
            "inputs": list(self.inputs),
            "widths": list(self.widths),
            "kind": self.kind.value,
            "unit": list(self.unit),
            "architectures": [architecture.to_dict() for architecture, _ in self.networks],
        }

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` wrote."""
        from safetensors.numpy import load_file

        arrays = load_file(folder / "cells.safetensors")
        networks = []
        for number, written in enumerate(config["architectures"]):
            prefix = f"{number}."
            own = {
                name.removeprefix(prefix): values
                for name, values in arrays.items()
                if name.startswith(prefix)
            }
            networks.append((Architecture.from_dict(written), own))
        mean, std = config["unit"]
        scaling = Scaling(arrays["centre"], arrays["scale"])
        kind = TaskKind(config["kind"])
        inputs, widths = tuple(config["inputs"]), tuple(config["widths"])
        return cls(inputs, widths, scaling, networks, kind, unit=(mean, std))


def margins(
    architecture: Architecture,
    weights: Mapping[str, np.ndarray],
    X: np.ndarray,
    widths: tuple[int, ...],
) -> np.ndarray:
    """(n, outputs) float32 of one network, of scaled layers (n, d)."""
    parts = [
        cell_features(architecture, weights, layers_of(some, widths), NUMPY) @ weights["out.W"]
        for start in range(0, len(X), _AT_ONCE)
        for some in (X[start : start + _AT_ONCE],)
    ]
    outputs = weights["out.b"].shape[0]
    joined = np.concatenate(parts) if parts else np.zeros((0, outputs), np.float32)
    return np.asarray(joined + weights["out.b"])


def scores_of(margins: np.ndarray, kind: TaskKind, unit: tuple[float, float]) -> np.ndarray:
    """(n, k) float64 scores of what one network gives out."""
    values = margins.astype(np.float64)
    if kind is TaskKind.REGRESSION:
        return values * unit[1] + unit[0]
    return link(values, kind)
