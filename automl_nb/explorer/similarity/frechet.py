"""The Frechet distance of two data sets, each taken for a normal distribution.

d^2 = |m - m'|^2 + tr(S + S' - 2 (S S')^1/2) (Dowson & Landau 1982), by which pictures made by
networks are judged (Heusel et al. 2017, arXiv 1706.08500).
"""

from __future__ import annotations

import numpy as np

from automl_nb.explorer.similarity.base import Sample, check_alike
from automl_nb.explorer.similarity.gauss import bures, moments


class Frechet:
    """Similarity ``frechet``: the 2-Wasserstein distance of two normal distributions."""

    name = "frechet"

    def distance(self, a: Sample, b: Sample) -> float:
        """In the units of the features.

        Example:
            >>> rows = np.random.default_rng(0).normal(size=(60, 2))
            >>> a, b = (Sample(rows + shift, np.zeros(60, int)) for shift in (0, [3, 4]))
            >>> round(Frechet().distance(a, b), 6)
            5.0
        """
        check_alike(a, b)
        return float(np.sqrt(frechet2(*moments(a.features), *moments(b.features))))


def frechet2(
    mean_a: np.ndarray, covariance_a: np.ndarray, mean_b: np.ndarray, covariance_b: np.ndarray
) -> float:
    """The squared distance, from (d,) means and (d, d) covariances."""
    # Rounding makes the matrices' part come out one way or the other: the mean is symmetric.
    spread = 0.5 * (bures(covariance_a, covariance_b) + bures(covariance_b, covariance_a))
    return float(((mean_a - mean_b) ** 2).sum() + spread)
