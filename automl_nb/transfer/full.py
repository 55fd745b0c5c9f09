"""Full fine-tuning from a random head: what most tutorials do, and the control for LP-FT.

All layers learn from the first step, the head from N(0, 0.02^2) (Devlin et al. 2019,
arXiv 1810.04805). Its first gradients distort the pretrained features (Kumar et al. 2022,
arXiv 2202.10054); how much that costs is what this strategy measures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.types import Task, TaskKind
from automl_nb.transfer.linear import LinearPredictor
from automl_nb.transfer.tuner import Tuner

if TYPE_CHECKING:
    from automl_nb.transfer.base import TrialContext
    from automl_nb.transfer.tuning import Network
    from automl_nb.zoo.card import BackboneCard

_SPREAD = 0.02


class Full(Tuner):
    """Strategy ``full``: everything from the first step, the head from random numbers."""

    name = "full"

    def refuses(self, card: BackboneCard, task: Task) -> str:
        """Values may be of any size, which a head from random numbers can't grow to in time."""
        del card
        if task.kind is TaskKind.REGRESSION:
            return "a random head can't grow to the size of the values to predict"
        return ""

    def started_head(
        self, context: TrialContext, network: Network, fit: np.ndarray, config: dict[str, Any]
    ) -> LinearPredictor:
        """Random numbers, unless a start is asked for by name."""
        if config.get("head", "auto") != "auto":
            return super().started_head(context, network, fit, config)
        kind, k = context.task.kind, context.task.n_outputs
        width = 1 if kind is TaskKind.BINARY else k
        rng = np.random.default_rng(context.seed)
        coef = rng.normal(0.0, _SPREAD, (network.backbone.card.dimension, width))
        return LinearPredictor((), coef, np.zeros(width), kind)
