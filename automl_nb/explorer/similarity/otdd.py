"""The optimal transport data-set distance.

Moving a row (x, y) onto (x', y') costs |x - x'|^2 + W_2^2(N_y, N_y'), where N_y is the normal
distribution of the rows of class y; the distance is the root of the least mean cost of moving one
data set onto the other (Alvarez-Melis & Fusi 2020, arXiv 2002.02923, eq. 6). So classes need no
names in common. The transport is exact (an assignment), on at most 500 rows.
"""

from __future__ import annotations

import math

import numpy as np

from automl_nb.explorer.similarity.base import Sample, check_alike
from automl_nb.explorer.similarity.gauss import bures, moments, squared_distances

_MOST = 500  # rows that are assigned to each other
_DIMENSIONS = 32  # of a fixed projection, in which classes of few rows have a covariance


class Otdd:
    """Similarity ``otdd``."""

    name = "otdd"

    def distance(self, a: Sample, b: Sample) -> float:
        """In the units of the features, projected to 32 dimensions where they are more.

        Example:
            >>> rows = np.random.default_rng(0).normal(size=(40, 2))
            >>> a, b = (Sample(rows + shift, np.arange(40) % 2) for shift in (0, [3, 4]))
            >>> round(Otdd().distance(a, b) / 2**0.5, 6)  # by the rows and by their classes
            5.0
        """
        from scipy.optimize import linear_sum_assignment

        check_alike(a, b)
        x, y = projected(a.features), projected(b.features)
        dealt_a, dealt_b = _dealt(len(a), len(b))
        between = class_costs(x, a.classes, y, b.classes)
        place_a = np.unique(a.classes, return_inverse=True)[1]
        place_b = np.unique(b.classes, return_inverse=True)[1]
        cost = squared_distances(x[dealt_a], y[dealt_b])
        cost = cost + between[np.ix_(place_a[dealt_a], place_b[dealt_b])]
        rows, columns = linear_sum_assignment(cost)
        return float(np.sqrt(cost[rows, columns].mean()))


def class_costs(
    x: np.ndarray, classes_x: np.ndarray, y: np.ndarray, classes_y: np.ndarray
) -> np.ndarray:
    """(k, l) squared 2-Wasserstein distances of the classes as normal distributions."""
    mean_x, spread_x = _normals(x, classes_x)
    mean_y, spread_y = _normals(y, classes_y)
    k, l = len(mean_x), len(mean_y)  # noqa: E741
    d = x.shape[1]
    left = np.broadcast_to(spread_x[:, None], (k, l, d, d))
    right = np.broadcast_to(spread_y[None], (k, l, d, d))
    spread: np.ndarray = 0.5 * (bures(left, right) + bures(right, left))
    costs: np.ndarray = squared_distances(mean_x, mean_y) + spread
    return costs


def projected(rows: np.ndarray, dimensions: int = _DIMENSIONS) -> np.ndarray:
    """(n, 32) rows by a projection that is the same for every data set.

    Orthonormal and drawn once, scaled so that distances stay as they are on average
    (Johnson & Lindenstrauss 1984).
    """
    d = rows.shape[1]
    if d <= dimensions:
        return rows
    drawn = np.random.default_rng(d).normal(size=(d, dimensions))
    basis, _ = np.linalg.qr(drawn)
    made: np.ndarray = rows @ basis * math.sqrt(d / dimensions)
    return made


def _normals(rows: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(k, d) means and (k, d, d) covariances of the classes."""
    made = [moments(rows[classes == name]) for name in np.unique(classes)]
    return np.stack([mean for mean, _ in made]), np.stack([spread for _, spread in made])


def _dealt(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions in both data sets, as many of each, so that every row weighs the same.

    Exact where the least common multiple of the sizes is small; else rows are drawn, or come
    up nearly as often as one another.
    """
    whole = math.lcm(n, m)
    size = whole if whole <= _MOST else min(max(n, m), _MOST)
    return _spread(n, size), _spread(m, size)


def _spread(n: int, size: int) -> np.ndarray:
    order = np.random.default_rng(0).permutation(n)
    return np.sort(order[np.arange(size) % n])
