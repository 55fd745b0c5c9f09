"""A fine-tuned backbone with its linear head, as a predictor."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np

from automl_nb.features.frozen import FrozenEncoder
from automl_nb.transfer.base import Blocks
from automl_nb.transfer.linear import LinearPredictor, link


class TunedPredictor:
    """A fine-tuned backbone with its linear head.

    Args:
        encoder: Reads the column with the tuned network.
        head: Linear in its features.
        seconds_a_row: Measured while judging.
    """

    def __init__(
        self, encoder: FrozenEncoder, head: LinearPredictor, seconds_a_row: float = 0.0
    ) -> None:
        self.encoder, self.head, self.seconds_a_row = encoder, head, seconds_a_row

    def predict(self, blocks: Blocks) -> np.ndarray:
        """(n, k) scores."""
        features = self.encoder.transform(blocks.frame)
        margins = np.asarray(features @ self.head.coef, dtype=np.float64) + self.head.intercept
        return link(margins, self.head.kind)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the network and the head."""
        return {
            "encoder": self.encoder.name,
            "network": self.encoder.save(folder / "network"),
            "head": self.head.save(folder / "head"),
            "seconds_a_row": self.seconds_a_row,
        }

    def size_bytes(self) -> int:
        """Bytes that `save` writes."""
        return self.encoder.size_bytes() + self.head.coef.nbytes + self.head.intercept.nbytes

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` wrote."""
        from automl_nb.features.catalog import ENCODERS

        kind: type[FrozenEncoder] = ENCODERS[config["encoder"]].load()
        device = str(config.get("device", "cpu"))
        encoder = kind.load(folder / "network", config["network"], device=device)
        head = LinearPredictor.load(folder / "head", config["head"])
        return cls(encoder, head, float(config["seconds_a_row"]))
