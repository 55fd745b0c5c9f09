"""What is left between predicted and true numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_POINTS = 400
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Residuals:
    """Predicted less true values, in the label's unit.

    Attributes:
        mean: Above 0 where predictions are too high on average.
        sd: Standard deviation.
        quantiles: At 5, 25, 50, 75 and 95%.
        true: True values of at most 400 rows, drawn at random, the most wrong row among them.
        predicted: What was predicted for these rows.
    """

    mean: float
    sd: float
    quantiles: tuple[float, ...]
    true: tuple[float, ...]
    predicted: tuple[float, ...]


def summarise_residuals(y: np.ndarray, predicted: np.ndarray, *, seed: int = 0) -> Residuals:
    """The summary and some points of (n,) true and (n,) predicted values.

    Example:
        >>> made = summarise_residuals(np.array([1.0, 2.0]), np.array([1.5, 3.5]))
        >>> made.mean, made.sd
        (1.0, 0.5)
    """
    if len(y) == 0:
        nan = float("nan")
        return Residuals(nan, nan, (nan,) * len(QUANTILES), (), ())
    left = predicted - y
    kept = np.arange(len(y))
    if len(y) > MOST_POINTS:
        kept = np.random.default_rng(seed).choice(len(y), MOST_POINTS, replace=False)
        kept[0] = int(np.abs(left).argmax())
        kept = np.unique(kept)
    return Residuals(
        float(left.mean()),
        float(left.std()),
        tuple(np.quantile(left, QUANTILES).tolist()),
        tuple(y[kept].tolist()),
        tuple(predicted[kept].tolist()),
    )
