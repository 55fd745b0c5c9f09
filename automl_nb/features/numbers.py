"""A number column as linear models, kernels and neural networks like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

SKEWED = 1.0  # third standardised moment from which the logarithm is taken
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
            >>> scale.transform(np.array([2.0, np.nan])).round(2).tolist()
            [[0.0, 0.0], [0.0, 1.0]]
        """
        missing = np.isnan(values)
        present = values[~missing]
        if not len(present):
            return cls()
        median = float(np.median(present))
        filled = np.where(missing, median, values)
        unit = _log_unit(filled)
        unskewed = _unskew(filled, unit)
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

    @property
    def outputs(self) -> tuple[str, ...]:
        """Name endings of the columns that `transform` gives; "" for the value itself."""
        value = ("",) if self.std else ()
        pieces = tuple(f" piece {k}" for k in range(len(self.centres)))
        return (*value, *pieces, *((" missing",) if self.flag else ()))

    def transform(self, values: np.ndarray) -> np.ndarray:
        """(n, len(outputs)) float32."""
        out = np.empty((len(values), len(self.outputs)), dtype=np.float32)
        missing = np.isnan(values)
        if self.std:
            filled = np.where(missing, self.median, values)
            z = _bounded((_unskew(filled, self.unit) - self.mean) / self.std)
            out[:, 0] = z
            if self.knots:
                out[:, 1 : 1 + len(self.centres)] = _pieces(z, self.knots) - self.centres
        if self.flag:
            out[:, -1] = missing
        return out


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


def _unskew(values: np.ndarray, unit: float) -> np.ndarray:
    if not unit:
        return values
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
