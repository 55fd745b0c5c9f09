"""Tasks as vectors: which features matter for the answers.

Task2Vec (Achille et al. 2019, arXiv 1902.03545) is the diagonal of the Fisher information of a
probe network's weights, F = E_x E_{y ~ p(y|x)} [(d log p(y|x) / dw)^2], after a head was fitted
to the task, averaged within each filter. Here the probe is the frozen backbone with a linear
head, and of its weights one a feature is read: a gain g_j = 1 on feature j, as the network's last
normalisation has it. With logits W'(g * x) this is

    F_j = E_x [ x_j^2 Var_{c ~ p(.|x)} (W_jc) ].

Tasks are compared by the cosine distance of F / (F + F') and F' / (F + F') (their eq. 4). As the
paper's robust estimate does by its prior, a constant is added to F and F' first: the share of a
feature that matters to neither task would be noise divided by noise.
"""

from __future__ import annotations

import warnings

import numpy as np

from automl_nb.explorer.similarity.base import Sample, check_alike

_MOST = 500  # rows that the head is fitted to
_PENALTY = 10.0  # C of the softmax regression
_STEPS = 100
_PRIOR = 0.05  # of the sum of both means


class Task2Vec:
    """Similarity ``task2vec``."""

    name = "task2vec"

    def distance(self, a: Sample, b: Sample) -> float:
        """Between 0 and 1.

        Example:
            >>> rng = np.random.default_rng(0)
            >>> rows = rng.normal(size=(200, 6))
            >>> a, b = (Sample(rows, (rows[:, j] > 0).astype(int)) for j in (0, 5))
            >>> Task2Vec().distance(a, b) > 0.2
            True
        """
        check_alike(a, b)
        return task_distance(task_vector(a), task_vector(b))


def task_vector(sample: Sample) -> np.ndarray:
    """(d,) the information in each feature about the classes; zeros where there is one class."""
    rows, classes = sample.features, sample.classes
    if len(rows) > _MOST:
        chosen = np.sort(np.random.default_rng(0).permutation(len(rows))[:_MOST])
        rows, classes = rows[chosen], classes[chosen]
    if len(np.unique(classes)) < 2:
        return np.zeros(rows.shape[1])
    weights, intercept = _head(rows, classes)
    return fisher(rows, weights, intercept)


def fisher(rows: np.ndarray, weights: np.ndarray, intercept: np.ndarray) -> np.ndarray:
    """F_j of the gains of a linear head.

    Args:
        rows: (n, d) features.
        weights: (d, k), one column a class.
        intercept: (k,).

    Returns:
        (d,).
    """
    logits = rows @ weights + intercept
    logits -= logits.max(axis=1, keepdims=True)
    p = np.exp(logits)
    p /= p.sum(axis=1, keepdims=True)
    spread = p @ (weights**2).T - (p @ weights.T) ** 2
    made: np.ndarray = (rows**2 * np.clip(spread, 0.0, None)).mean(axis=0)
    return made


def task_distance(a: np.ndarray, b: np.ndarray) -> float:
    """The symmetric distance of two task vectors, between 0 and 1.

    Where one of two tasks has nothing to tell the distance is 1.
    """
    if not (a.any() and b.any()):
        return float(a.any() or b.any())
    prior = _PRIOR * (a.mean() + b.mean())
    whole = a + b + 2.0 * prior
    shares = [(one + prior) / whole for one in (a, b)]
    norms = float(np.linalg.norm(shares[0]) * np.linalg.norm(shares[1]))
    return float(np.clip(1.0 - shares[0] @ shares[1] / norms, 0.0, 1.0))


def _head(rows: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(d, k) weights and (k,) intercepts of a softmax regression."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    head = LogisticRegression(C=_PENALTY, max_iter=_STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near enough to be told apart
        head.fit(rows, classes)
    weights, intercept = head.coef_.T, head.intercept_
    if weights.shape[1] == 1:  # of two classes only the second has weights
        weights = np.hstack([np.zeros_like(weights), weights])
        intercept = np.array([0.0, float(intercept[0])])
    return weights, intercept
