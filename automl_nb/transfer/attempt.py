"""One run of the training loop, as a strategy hands it on before it begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.transfer.base import TrialContext
from automl_nb.transfer.linear import LinearPredictor

if TYPE_CHECKING:
    from automl_nb.transfer.tuning import Network


@dataclass(frozen=True)
class Attempt:
    """What is trained, on what, from where, and in which steps.

    Attributes:
        context: The trial's data and limits.
        network: The backbone with its column.
        head: The head to begin with.
        fit: (n,) rows that are trained on.
        judge: (m,) rows that are held out.
        size: Rows of a batch.
        accumulate: Batches of a step.
        config: The trial's settings.
    """

    context: TrialContext
    network: Network
    head: LinearPredictor
    fit: np.ndarray
    judge: np.ndarray
    size: int
    accumulate: int
    config: dict[str, Any]
