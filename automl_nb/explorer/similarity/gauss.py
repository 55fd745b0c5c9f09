"""Normal distributions and how far apart they are."""

from __future__ import annotations

import numpy as np


def moments(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean (d,) and covariance (d, d) of (n, d) rows, divided by n."""
    mean = rows.mean(axis=0)
    apart = rows - mean
    return mean, apart.T @ apart / len(rows)


def roots(covariances: np.ndarray) -> np.ndarray:
    """The symmetric square root of each of (..., d, d) covariances."""
    values, vectors = np.linalg.eigh(covariances)
    scaled = vectors * np.sqrt(np.clip(values, 0.0, None))[..., None, :]
    made: np.ndarray = scaled @ np.swapaxes(vectors, -1, -2)
    return made


def bures(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared Bures distances tr(A) + tr(B) - 2 tr((A^1/2 B A^1/2)^1/2) (Dowson & Landau 1982).

    Args:
        a: (..., d, d) covariances.
        b: As many.

    Example:
        >>> round(float(bures(np.diag([4.0, 1.0]), np.diag([1.0, 1.0]))), 6)
        1.0
    """
    root = roots(a)
    inner = np.linalg.eigvalsh(root @ b @ root)
    cross = np.sqrt(np.clip(inner, 0.0, None)).sum(axis=-1)
    traces = np.trace(a, axis1=-2, axis2=-1) + np.trace(b, axis1=-2, axis2=-1)
    made: np.ndarray = np.clip(traces - 2.0 * cross, 0.0, None)
    return made


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n, m) squared Euclidean distances between (n, d) and (m, d) rows."""
    whole = (a**2).sum(1)[:, None] + (b**2).sum(1)[None, :] - 2.0 * a @ b.T
    made: np.ndarray = np.clip(whole, 0.0, None)
    return made
