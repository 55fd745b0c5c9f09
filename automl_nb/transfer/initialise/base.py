"""What an initialiser is: a head from frozen features and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from automl_nb.transfer.linear import LinearPredictor

if TYPE_CHECKING:
    from automl_nb.transfer.base import TrialContext


class Initialiser(Protocol):
    """An initialiser of the registry."""

    name: ClassVar[str]

    def head(self, features: np.ndarray, context: TrialContext) -> LinearPredictor:
        """A head for these rows.

        Args:
            features: (n, d) frozen features of the training rows.
            context: Its `y` holds these rows' answers, (n,) or (n, k).

        Returns:
            (d, width) coefficients; the width is 1 for two classes and for regression.
        """
        ...


def probe_context(features: np.ndarray, context: TrialContext) -> TrialContext:
    """The context of a head that reads these features as the block ``features``."""
    from dataclasses import replace

    import pandas as pd

    from automl_nb.transfer.given import GivenBlocks

    frame = pd.DataFrame(index=range(len(features)))
    return replace(context, blocks=GivenBlocks({"features": features}, frame))
