"""Least squares with an L2 penalty that is chosen by leaving each row out once.

One decomposition serves every penalty, and a left-out answer follows from the row's leverage
(Golub, Heath & Wahba 1979): with the hat matrix H = A (A'A + λI)⁻¹ A' + 11'/n of centred rows,
the answer for row i by all the others is t_i - (t_i - (Ht)_i) / (1 - H_ii).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy import linalg, sparse

# Relative to the mean squared length of a centred row.
PENALTIES = tuple(float(10.0**power) for power in np.arange(-3.0, 3.01, 0.5))
_LEAST = 1e-6  # of what a row's leverage leaves


class LeastSquares(Protocol):
    """A linear model over rows that are given once; every fit takes some of them."""

    def left_out(self, rows: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, float]:
        """Answers for rows by all the other rows, and the penalty whose error was the least.

        Args:
            rows: (m,) positions.
            targets: (m, k) of these rows.

        Returns:
            (m, k) left-out answers; the penalty, relative to the rows' size.
        """
        ...

    def answers(
        self, fit: np.ndarray, targets: np.ndarray, judge: np.ndarray, penalty: float
    ) -> np.ndarray:
        """(j, k) answers for the rows `judge` by a model of the rows `fit`."""
        ...


def least_squares(X: np.ndarray | sparse.csr_matrix) -> LeastSquares:
    """The cheaper of the two forms: by columns, or by the products of rows.

    Example:
        >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
        >>> rows = np.arange(4)
        >>> model = least_squares(X)
        >>> model.answers(rows, 2 * X, rows, 1e-9).round(3).ravel().tolist()
        [0.0, 2.0, 4.0, 6.0]
    """
    if sparse.issparse(X):
        return ByRows(np.asarray((X @ X.T).todense(), dtype=np.float64))
    dense = np.asarray(X, dtype=np.float64)
    if dense.shape[0] <= dense.shape[1]:
        return ByRows(dense @ dense.T)
    return ByColumns(dense)


class ByColumns:
    """Solves for one coefficient a column.

    Args:
        X: (n, d) float64.
    """

    def __init__(self, X: np.ndarray) -> None:
        self.X = X

    def left_out(self, rows: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, float]:
        """See `LeastSquares`."""
        A = self.X[rows] - self.X[rows].mean(axis=0)
        values, vectors = np.linalg.eigh(A.T @ A)
        values = np.maximum(values, 0.0)
        # In the basis of the eigenvectors each column shrinks by itself.
        rotated = A @ vectors
        return _best_left_out(rotated, values, targets)

    def answers(
        self, fit: np.ndarray, targets: np.ndarray, judge: np.ndarray, penalty: float
    ) -> np.ndarray:
        """See `LeastSquares`."""
        centre, mean = self.X[fit].mean(axis=0), targets.mean(axis=0)
        A = self.X[fit] - centre
        gram = A.T @ A
        gram[np.diag_indices_from(gram)] += _absolute(penalty, float(np.trace(gram)), len(fit))
        coef = linalg.solve(gram, A.T @ (targets - mean), assume_a="pos")
        return np.asarray((self.X[judge] - centre) @ coef + mean)


class ByRows:
    """Solves for one coefficient a row, from the products of all pairs of rows.

    Args:
        K: (n, n) float64.
    """

    def __init__(self, K: np.ndarray) -> None:
        self.K = K

    def left_out(self, rows: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, float]:
        """See `LeastSquares`."""
        K = _centred(self.K[np.ix_(rows, rows)])
        values, vectors = np.linalg.eigh(K)
        values = np.maximum(values, 0.0)
        return _best_left_out(vectors * np.sqrt(values), values, targets)

    def answers(
        self, fit: np.ndarray, targets: np.ndarray, judge: np.ndarray, penalty: float
    ) -> np.ndarray:
        """See `LeastSquares`."""
        inner = self.K[np.ix_(fit, fit)]
        mean = targets.mean(axis=0)
        K = _centred(inner)
        trace = float(np.trace(K))
        K[np.diag_indices_from(K)] += _absolute(penalty, trace, len(fit))
        dual = linalg.solve(K, targets - mean, assume_a="pos")
        # What is centred for the fitted rows is centred for the others by the same means.
        dual -= dual.mean(axis=0)
        across = self.K[np.ix_(judge, fit)] - inner.mean(axis=0)
        return np.asarray(across @ dual + mean)


def _best_left_out(
    A: np.ndarray, values: np.ndarray, targets: np.ndarray
) -> tuple[np.ndarray, float]:
    """Left-out answers from rotated rows `A`, whose A'A is diagonal with `values`."""
    n, mean = len(A), targets.mean(axis=0)
    T = targets - mean
    projected, squared = A.T @ T, A**2
    best, chosen, least = T, PENALTIES[0], np.inf
    for penalty in PENALTIES:
        shrunk = 1.0 / (values + _absolute(penalty, float(values.sum()), n))
        fitted = A @ (shrunk[:, None] * projected)
        room = np.maximum(1.0 - squared @ shrunk - 1.0 / n, _LEAST)
        answers = T - (T - fitted) / room[:, None]
        error = float(((T - answers) ** 2).mean())
        if error < least:
            best, chosen, least = answers, penalty, error
    return best + mean, chosen


def _absolute(penalty: float, trace: float, n: int) -> float:
    """A penalty in the rows' own unit; never quite 0, so that there is one solution."""
    return max(penalty * trace / max(1, n), 1e-12)


def _centred(K: np.ndarray) -> np.ndarray:
    means = K.mean(axis=0)
    return np.asarray(K - means[None, :] - means[:, None] + means.mean())
