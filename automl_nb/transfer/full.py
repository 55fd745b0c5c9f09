"""Full fine-tuning from a random head: what most tutorials do, and the control for LP-FT.

All layers learn from the first step, the head from N(0, 0.02^2) (Devlin et al. 2019,
arXiv 1810.04805). Its first gradients distort the pretrained features (Kumar et al. 2022,
arXiv 2202.10054); how much that costs is what this strategy measures.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.transfer.initialise.base import initialiser_for
from automl_nb.transfer.linear import LinearPredictor
from automl_nb.transfer.tuner import Tuner

if TYPE_CHECKING:
    from automl_nb.transfer.base import TrialContext
    from automl_nb.transfer.tuning import Network


class Full(Tuner):
    """Strategy ``full``: everything from the first step, the head from random numbers."""

    name = "full"

    def started_head(
        self, context: TrialContext, network: Network, fit: np.ndarray, config: dict[str, Any]
    ) -> LinearPredictor:
        """Random numbers, unless a start is asked for by name; no row is read for them."""
        if config.get("head", "auto") != "auto":
            return super().started_head(context, network, fit, config)
        unread = np.empty((0, network.backbone.card.dimension), dtype=np.float32)
        own = replace(context, y=context.y[fit])
        return initialiser_for("random", context.task).head(unread, own)
