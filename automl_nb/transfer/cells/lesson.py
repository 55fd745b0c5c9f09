"""Features by layer and targets, as every network of a search sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from automl_nb.core.errors import SettingError
from automl_nb.core.types import TaskKind
from automl_nb.transfer.base import TrialContext
from automl_nb.transfer.crossfit import row_weights

WIDTH = 384  # most dimensions in which nodes compute; wider layers are brought down to it


@dataclass(frozen=True)
class Scaling:
    """Each layer centred, and scaled so that a typical column has unit variance.

    Attributes:
        centre: (d,) over all layers side by side.
        scale: (d,), one number a layer.
    """

    centre: np.ndarray
    scale: np.ndarray

    @classmethod
    def fit(cls, X: np.ndarray, widths: tuple[int, ...]) -> Self:
        """From (n, d) rows; no labels are looked at."""
        centre = X.mean(axis=0, dtype=np.float64)
        parts = np.split(X.var(axis=0, dtype=np.float64), np.cumsum(widths)[:-1])
        spreads = [float(np.sqrt(part.mean())) for part in parts]
        scale = np.concatenate(
            [
                np.full(width, 1.0 / spread if spread > 1e-12 else 1.0)
                for width, spread in zip(widths, spreads, strict=True)
            ]
        )
        return cls(centre.astype(np.float32), scale.astype(np.float32))

    def apply(self, X: np.ndarray) -> np.ndarray:
        """(n, d) float32."""
        scaled: np.ndarray = (np.asarray(X, dtype=np.float32) - self.centre) * self.scale
        return scaled


@dataclass(frozen=True)
class Lesson:
    """What is to be learnt, of all development rows.

    Attributes:
        X: (n, d) float32, the scaled layers side by side.
        names: Of the layers.
        widths: Columns of each.
        targets: (n,) class positions, (n, k) float32 0/1, or (n, 1) float32 values of mean 0
            and standard deviation 1.
        kind: Says which loss.
        n_outputs: Units of the last layer.
        weights: (n,) float32 weights of the rows.
        scaling: How X was made.
        unit: Mean and standard deviation of a regression's values.
    """

    X: np.ndarray
    names: tuple[str, ...]
    widths: tuple[int, ...]
    targets: np.ndarray
    kind: TaskKind
    n_outputs: int
    weights: np.ndarray
    scaling: Scaling
    unit: tuple[float, float] = (0.0, 1.0)

    @classmethod
    def prepare(
        cls, context: TrialContext, inputs: tuple[str, ...], widths: Mapping[str, int] | None
    ) -> Self:
        """From a trial's blocks.

        Args:
            context: The trial's.
            inputs: Keys of the blocks.
            widths: Names and columns of the layers of which the blocks are made; a layer a
                block if None.

        Raises:
            SettingError: The widths aren't those of the blocks.
        """
        blocks = [np.asarray(context.blocks[key], dtype=np.float32) for key in inputs]
        named = dict(widths or _layer_a_block([block.shape[1] for block in blocks]))
        X, sizes = np.hstack(blocks), tuple(map(int, named.values()))
        if sum(sizes) != X.shape[1] or min(sizes) < 1:
            raise SettingError(
                "The layers' widths add up to the columns of the features.",
                received=f"{sizes} of {X.shape[1]} columns",
                hint="Leave widths out to take each block as one layer.",
            )
        scaling, unit = Scaling.fit(X, sizes), (0.0, 1.0)
        targets = context.y
        if context.task.kind is TaskKind.REGRESSION:
            unit = (float(np.mean(context.y)), float(np.std(context.y)) or 1.0)
            targets = ((context.y - unit[0]) / unit[1]).astype(np.float32)[:, None]
        weights = row_weights(context, np.arange(len(X)))
        return cls(
            X=scaling.apply(X),
            names=tuple(map(str, named)),
            widths=sizes,
            targets=targets,
            kind=context.task.kind,
            n_outputs=context.task.n_outputs,
            weights=(np.ones(len(X)) if weights is None else weights).astype(np.float32),
            scaling=scaling,
            unit=unit,
        )

    @property
    def width(self) -> int:
        """Dimensions in which nodes compute."""
        return min(WIDTH, max(self.widths))

    @cached_property
    def tensors(self) -> dict[str, Any]:
        """X, targets and weights as torch tensors."""
        import torch

        arrays = {"X": self.X, "targets": self.targets, "weights": self.weights}
        # Labels may be a read-only map of a file, which torch can't take.
        return {
            name: torch.from_numpy(np.require(a, None, ["C", "W"])) for name, a in arrays.items()
        }


def layers_of(X: Any, widths: tuple[int, ...]) -> list[Any]:
    """(n, d_l) of each layer, of an array or a tensor."""
    ends = np.cumsum(widths)
    return [X[:, end - width : end] for width, end in zip(widths, ends.tolist(), strict=True)]


def _layer_a_block(widths: list[int]) -> dict[str, int]:
    return {f"layer {number + 1}": width for number, width in enumerate(widths)}
