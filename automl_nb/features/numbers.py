"""Number columns as linear models, kernels and neural networks like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from automl_nb.core.trials import CancelToken

SKEWED = 1.0  # third standardised moment from which the logarithm is taken
_CHUNK = 8_192  # rows
FARTHEST = 4.0  # standard deviations; beyond, one odd value would rule the fit


@dataclass(frozen=True)
class Scale:
    """Imputed, unskewed, standardised, bounded; and where it bends, a piecewise-linear basis.

    With the median m of the training values, unit u and knots b_0 < ... < b_K (quantiles)::

        x = m where missing
        v = sign(x) log(1 + |x| / u)          if skewed, u the median of the |x| that aren't 0
        z = clip((v - mean) / std, -4, 4)
        p_k = clip((z - b_k) / (b_k+1 - b_k), 0, 1) - mean_k

    The basis makes a linear model an additive model of bent lines (Gorishniy et al. 2022,
    "On Embeddings for Numerical Features in Tabular Deep Learning", arXiv 2203.05556).

    Attributes:
        median: What stands in for a missing value.
        unit: u, or 0 where no logarithm is taken.
        mean: Mean of v over training rows.
        std: Its standard deviation; 0 for a column without information.
        flag: Whether a 0/1 column says that the value was missing.
        knots: b_0 ... b_K, or () without a basis.
        centres: Mean of each p_k over training rows.
    """

    median: float = 0.0
    unit: float = 0.0
    mean: float = 0.0
    std: float = 0.0
    flag: bool = False
    knots: tuple[float, ...] = ()
    centres: tuple[float, ...] = ()

    @classmethod
    def fit(cls, values: np.ndarray, bins: int = 0) -> Self:
        """Learn from training values, (n,) float64 with NaN for missing.

        Args:
            values: The column.
            bins: Pieces of the basis at most; 0 for none.

        Example:
            >>> scale = Scale.fit(np.array([1.0, 2.0, 3.0, np.nan, 2.0]))
            >>> scale.median, scale.mean, scale.flag
            (2.0, 2.0, True)
        """
        missing = np.isnan(values)
        present = values[~missing]
        if not len(present):
            return cls()
        median = float(np.median(present))
        filled = np.where(missing, median, values)
        unit = _log_unit(filled)
        unskewed = _unskew(filled, unit) if unit else filled
        mean, std = float(unskewed.mean()), float(unskewed.std())
        if not std > 1e-12 * max(1.0, abs(mean)):
            return cls(median=median, flag=bool(missing.any()))
        z = _bounded((unskewed - mean) / std)
        knots = _knots(z, bins)
        centres = _pieces(z, knots).mean(axis=0) if knots else ()
        return cls(
            *(median, unit, mean, std, bool(missing.any()), knots),
            centres=tuple(float(centre) for centre in centres),
        )


class Scales:
    """Many columns' scales at work together, so that one row costs little.

    Args:
        scales: One a column.

    Example:
        >>> numbers = np.array([[1.0], [2.0], [3.0], [np.nan], [2.0]])
        >>> scales = Scales([Scale.fit(numbers[:, 0])])
        >>> scales.transform(numbers[2:4]).tolist()
        [[1.58..., 0.0], [0.0, 1.0]]
    """

    def __init__(self, scales: Sequence[Scale]) -> None:
        self.scales = tuple(scales)
        self._median = np.array([scale.median for scale in scales])
        self._live = [i for i, scale in enumerate(scales) if scale.std > 0]
        live = [scales[i] for i in self._live]
        self._skewed = [i for i, scale in enumerate(live) if scale.unit > 0]
        self._unit = np.array([live[i].unit for i in self._skewed])
        self._mean = np.array([scale.mean for scale in live])
        self._std = np.array([scale.std for scale in live])
        self._bent = np.repeat(np.arange(len(live)), [len(scale.centres) for scale in live])
        self._low = np.array([knot for scale in live for knot in scale.knots[:-1]])
        self._width = np.array([step for scale in live for step in np.diff(scale.knots)])
        self._centre = np.array([centre for scale in live for centre in scale.centres])
        self._flagged = [i for i, scale in enumerate(scales) if scale.flag]
        self.width = len(live) + len(self._bent) + len(self._flagged)

    def names(self, columns: Sequence[str]) -> list[str]:
        """What each column of the output holds, given the names of the inputs."""
        live = [columns[i] for i in self._live]
        pieces = [
            f"{name} piece {k}"
            for name, i in zip(live, self._live, strict=True)
            for k in range(len(self.scales[i].centres))
        ]
        return [*live, *pieces, *(f"{columns[i]} missing" for i in self._flagged)]

    def transform(self, numbers: np.ndarray, cancel: CancelToken | None = None) -> np.ndarray:
        """(n, width) float32: all values, then all pieces, then all flags."""
        out = np.empty((len(numbers), self.width), dtype=np.float32)
        for start in range(0, len(numbers), _CHUNK):
            if cancel is not None:
                cancel.check()
            self._fill(numbers[start : start + _CHUNK], out[start : start + _CHUNK])
        return out

    def _fill(self, numbers: np.ndarray, out: np.ndarray) -> None:
        missing = np.isnan(numbers)
        values = np.where(missing, self._median, numbers)[:, self._live]
        values[:, self._skewed] = _unskew(values[:, self._skewed], self._unit)
        z = _bounded((values - self._mean) / self._std)
        pieces = np.clip((z[:, self._bent] - self._low) / self._width, 0.0, 1.0) - self._centre
        ends = np.cumsum([z.shape[1], pieces.shape[1]])
        out[:, : ends[0]], out[:, ends[0] : ends[1]] = z, pieces
        out[:, ends[1] :] = missing[:, self._flagged]


def _log_unit(filled: np.ndarray) -> float:
    """The unit of the logarithm for a skewed column, 0 for others."""
    std = filled.std()
    sizes = np.abs(filled[filled != 0])
    if not std > 0 or not len(sizes):
        return 0.0
    z = (filled - filled.mean()) / std
    skew = float((z * z * z).mean())
    unit = float(np.median(sizes))
    return unit if abs(skew) > SKEWED and unit > 1e-30 else 0.0


def _unskew(values: np.ndarray, unit: float | np.ndarray) -> np.ndarray:
    unskewed: np.ndarray = np.sign(values) * np.log1p(np.abs(values) / unit)
    return unskewed


def _bounded(z: np.ndarray) -> np.ndarray:
    bounded: np.ndarray = np.clip(z, -FARTHEST, FARTHEST)
    return bounded


def _knots(z: np.ndarray, bins: int) -> tuple[float, ...]:
    """Distinct quantiles; none where the column has too few values to bend."""
    if bins < 2:
        return ()
    knots = np.unique(np.quantile(z, np.linspace(0, 1, bins + 1)))
    knots = knots[np.append(True, np.diff(knots) > 1e-9)]
    return tuple(float(knot) for knot in knots) if len(knots) > 2 else ()


def _pieces(z: np.ndarray, knots: tuple[float, ...]) -> np.ndarray:
    low, high = np.array(knots[:-1]), np.array(knots[1:])
    pieces: np.ndarray = np.clip((z[:, None] - low) / (high - low), 0.0, 1.0)
    return pieces
