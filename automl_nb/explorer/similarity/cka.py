"""Centred kernel alignment of two data sets.

CKA(K, L) = <K', L'> / (|K'| |L'|) with K' = HKH (Kornblith et al. 2019, arXiv 1905.00414).
It was made for two views of the same rows. Two data sets have no rows in common, but they have
features in common: K = X'X / n and L = Y'Y / m are taken over the features, so that it asks
whether the same features are large, and large together, in both.
"""

from __future__ import annotations

import numpy as np

from automl_nb.explorer.similarity.base import Sample, check_alike


class Cka:
    """Similarity ``cka``: 1 - CKA of the second moments of the features."""

    name = "cka"

    def distance(self, a: Sample, b: Sample) -> float:
        """Between 0 and 1.

        Example:
            >>> rows = np.random.default_rng(0).normal(size=(50, 4)) * [1, 1, 3, 0]
            >>> a = Sample(rows, np.zeros(50, int))
            >>> other = Sample(rows[:, ::-1], np.zeros(50, int))
            >>> Cka().distance(a, other) > 0.5
            True
        """
        check_alike(a, b)
        return cka_distance(second_moment(a.features), second_moment(b.features))


def second_moment(rows: np.ndarray) -> np.ndarray:
    """(d, d) mean of the products of two features."""
    moment: np.ndarray = rows.T @ rows / len(rows)
    return moment


def cka_distance(k: np.ndarray, l: np.ndarray) -> float:  # noqa: E741 - the paper's K and L
    """1 - CKA of two (d, d) kernels over the features; 1 where one has nothing to compare."""
    k, l = _centred(k), _centred(l)  # noqa: E741
    norms = float(np.linalg.norm(k) * np.linalg.norm(l))
    if norms == 0.0:
        return 0.0 if np.array_equal(k, l) else 1.0
    return float(np.clip(1.0 - (k * l).sum() / norms, 0.0, 1.0))


def _centred(kernel: np.ndarray) -> np.ndarray:
    rows = kernel - kernel.mean(axis=0, keepdims=True)
    centred: np.ndarray = rows - rows.mean(axis=1, keepdims=True)
    return centred
