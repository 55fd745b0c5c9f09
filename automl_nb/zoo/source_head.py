"""The classes that a network was first trained to tell, as it tells them in new rows.

The head of the source task isn't part of a backbone; where the released weights hold it, it is
read from there when it is asked for.
"""

from __future__ import annotations

import numpy as np

from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.starter import released_weights

_HEAD = ("_fc.weight", "_fc.bias")


def source_classes(card: BackboneCard, features: np.ndarray) -> np.ndarray | None:
    """Probabilities of the source task's classes; None for a network without its head.

    Args:
        card: The network's facts.
        features: (n, d) its pooled features of new rows.

    Returns:
        (n, z), rows summing to 1: z is 1,000 for what was trained on ImageNet.

    Raises:
        WeightsError: The released file isn't the one that is known.

    Example:
        >>> from automl_nb.zoo.catalog import CARDS
        >>> found = source_classes(CARDS["efficientnet-lite0"], np.zeros((2, 1280), np.float32))
        >>> found.shape, bool(np.allclose(found.sum(axis=1), 1.0, atol=1e-4))
        ((2, 1000), True)
        >>> source_classes(CARDS["minilm-l6"], np.zeros((2, 384)))
    """
    if card.source != "starter" or card.modality != "image":
        return None
    state = released_weights(card)
    if not all(name in state for name in _HEAD):
        return None
    weight, bias = (state[name].float().numpy() for name in _HEAD)
    margins = np.asarray(features, dtype=np.float32) @ weight.T + bias
    margins -= margins.max(axis=1, keepdims=True)
    chances = np.exp(margins)
    shares: np.ndarray = chances / chances.sum(axis=1, keepdims=True)
    return shares
