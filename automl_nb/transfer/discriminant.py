"""Linear heads in closed form: nearest class mean, and the linear discriminant.

Both model each class as a normal cloud around its mean, with one covariance for all classes:
a multiple of the identity for `class_means`, the shrunk covariance within classes for `lda`.
The log posterior is then linear in the features. As a start that training goes on from, the same
rules are in `automl_nb.transfer.initialise.gaussian`, where their sharpness is that of the training
rows; a head that answers as it is must not be as sure as that.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special
from scipy.linalg import solve
from scipy.optimize import minimize_scalar

from automl_nb.core.types import TaskKind
from automl_nb.transfer.initialise.gaussian import shared_covariance

Solved = tuple[np.ndarray, np.ndarray]  # (d, k) coefficients and (k,) intercepts
Solver = Callable[[np.ndarray, np.ndarray, int, np.ndarray | None], Solved]

UNSEEN = -10.0  # the margin of a class without rows
_SHARPEST = np.log(1e4)


def class_means(
    X: np.ndarray, y: np.ndarray, n_classes: int, weight: np.ndarray | None = None
) -> Solved:
    """The nearest class mean, as prototypical networks classify.

    p(k | x) is proportional to p_k exp(-t |x - m_k|^2) (Snell et al. 2017, arXiv 1703.05175,
    equation 2), which is linear in x: margins are 2 t x.m_k - t |m_k|^2 + log p_k. The
    sharpness t gives the least log loss where each row is held against means without it.

    Args:
        X: (n, d) features.
        y: (n,) class positions.
        n_classes: k; a class without rows gets a margin of -10.
        weight: (n,) weights of the rows, which count in the shares p_k alone.

    Returns:
        (d, k) coefficients and (k,) intercepts.

    Example:
        >>> X = np.array([[0.0], [0.2], [1.0], [1.2]])
        >>> coef, intercept = class_means(X, np.array([0, 0, 1, 1]), 2)
        >>> (np.array([[0.55], [0.65]]) @ coef + intercept).argmax(1).tolist()
        [0, 1]
    """
    centre, Z, counts, means = _centred(X, y, n_classes)
    seen = counts > 0
    prior = _log_shares(y, n_classes, weight)
    sharpness = _sharpness(Z, y, means, counts, prior)
    coef = 2.0 * sharpness * means.T
    intercept = prior - sharpness * (means**2).sum(axis=1)
    intercept[~seen] = UNSEEN
    return coef, intercept - centre @ coef


def lda(X: np.ndarray, y: np.ndarray, n_classes: int, weight: np.ndarray | None = None) -> Solved:
    """Fisher's linear discriminant with the covariance within classes shrunk.

    Margins are x.w_k - m_k.w_k / 2 + log p_k with w_k = S^-1 m_k (Hastie, Tibshirani &
    Friedman 2009, equation 4.10). S is the covariance of the rows around their class means,
    drawn towards a multiple of the identity as far as Ledoit & Wolf (2004, "A
    well-conditioned estimator for large-dimensional covariance matrices") say.

    Args:
        X: (n, d) features.
        y: (n,) class positions.
        n_classes: k; a class without rows gets a margin of -10.
        weight: (n,) weights of the rows, which count in the shares p_k alone.

    Returns:
        (d, k) coefficients and (k,) intercepts.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> y = np.arange(60) % 3
        >>> X = rng.normal(size=(60, 5)) + 4.0 * np.eye(3, 5)[y]
        >>> coef, intercept = lda(X, y, 3)
        >>> bool(((X @ coef + intercept).argmax(1) == y).mean() > 0.9)
        True
    """
    centre, Z, counts, means = _centred(X, y, n_classes)
    seen = counts > 0
    coef = np.zeros((Z.shape[1], n_classes))
    coef[:, seen] = solve(_within(Z - means[y], Z), means[seen].T, assume_a="pos")
    intercept = _log_shares(y, n_classes, weight) - 0.5 * np.einsum("kd,dk->k", means, coef)
    intercept[~seen] = UNSEEN
    return coef, intercept - centre @ coef


def head_of(
    solver: Solver,
    X: np.ndarray,
    y: np.ndarray,
    kind: TaskKind,
    n_classes: int,
    *,
    weight: np.ndarray | None = None,
) -> Solved:
    """The head in the shape that `LinearPredictor` reads, for any kind of classification.

    Args:
        solver: `class_means` or `lda`.
        X: (n, d) features.
        y: (n,) class positions, or (n, k) 0/1 for multi-label.
        kind: One margin for two classes; one a label, each against the rest, for
            multi-label.
        n_classes: k.
        weight: (n,) weights of the rows, or None.
    """
    if kind is TaskKind.MULTILABEL:
        solved = [solver(X, y[:, label].astype(np.int64), 2, weight) for label in range(n_classes)]
        coef = np.stack([one[:, 1] - one[:, 0] for one, _ in solved], axis=1)
        return coef, np.array([shift[1] - shift[0] for _, shift in solved])
    coef, intercept = solver(X, y, n_classes, weight)
    if kind is TaskKind.BINARY:
        return coef[:, 1:] - coef[:, :1], intercept[1:] - intercept[:1]
    return coef, intercept


def _centred(
    X: np.ndarray, y: np.ndarray, n_classes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The mean of all rows, the rows around it, and (k,) rows and (k, d) means of the classes."""
    centre = X.mean(axis=0, dtype=np.float64)
    Z = np.asarray(X, dtype=np.float64) - centre
    belongs = np.eye(n_classes)[y]
    counts = belongs.sum(axis=0)
    return centre, Z, counts, (belongs.T @ Z) / np.maximum(counts, 1.0)[:, None]


def _log_shares(y: np.ndarray, n_classes: int, weight: np.ndarray | None) -> np.ndarray:
    mass = np.bincount(y, weights=weight, minlength=n_classes)
    return np.asarray(np.log(np.maximum(mass, 1e-12) / mass.sum()))


def _sharpness(
    Z: np.ndarray, y: np.ndarray, means: np.ndarray, counts: np.ndarray, prior: np.ndarray
) -> float:
    """The t of least leave-one-out log loss; 1 over twice the mean square where there is none.

    Labels are smoothed by one part in n + 1: rows that are all right would ask for boundless t.

    Without row i its class mean is (n m - x_i) / (n - 1), so that its distance to it grows by
    n / (n - 1).
    """
    distance = ((Z**2).sum(1)[:, None] - 2.0 * Z @ means.T) + (means**2).sum(1)
    own = counts[y]
    rows = np.arange(len(y))
    usable = own > 1
    spread = max(float(np.mean(np.maximum(distance[rows, y], 0.0))), 1e-12)
    scale: float = Z.shape[1] / (2.0 * spread)
    if not usable.any() or (counts > 0).sum() < 2:
        return scale
    distance[rows, y] *= (own / np.maximum(own - 1.0, 1.0)) ** 2
    distance, shares = distance[usable][:, counts > 0], prior[counts > 0]
    at = np.searchsorted(np.flatnonzero(counts > 0), y[usable])
    smoothing = 1.0 / (len(at) + 1.0)

    def loss(log_t: float) -> float:
        margins = shares - np.exp(log_t) / spread * distance
        told = special.log_softmax(margins, axis=1)
        right = told[np.arange(len(at)), at]
        return float(-np.mean((1.0 - smoothing) * right + smoothing * told.mean(axis=1)))

    found = minimize_scalar(loss, bounds=(-_SHARPEST, _SHARPEST), method="bounded")
    return float(np.exp(found.x)) / spread


def _within(residuals: np.ndarray, Z: np.ndarray) -> np.ndarray:
    """(d, d) covariance of residuals around their class means, shrunk towards its mean.

    Where each class has but one row, that of all rows `Z` is their only measure.
    """
    size, total = float(np.mean(residuals**2)), float(np.mean(Z**2))
    if size <= 1e-12 * total or total <= 0.0:
        return np.eye(Z.shape[1]) * (total or 1.0)
    return shared_covariance(residuals)
