"""Kernel ridge regression on landmarks: smooth functions of all columns at once.

Where trees cut and linear models add up, a kernel compares whole rows. On small tables it is
often the best single model, and it errs elsewhere than trees do, which a blend likes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from scipy import sparse

from automl_nb.core.errors import UnknownNameError
from automl_nb.core.space import Choice, Float, Space
from automl_nb.core.types import Task, TaskKind
from automl_nb.transfer.base import Blocks, Trial, TrialContext
from automl_nb.transfer.crossfit import crossfit, one_vs_rest, row_weights
from automl_nb.transfer.linear import link
from automl_nb.transfer.margins import Margins

LANDMARKS = 1_000
MOST_ROWS = 20_000
PENALTIES = tuple(float(10.0**power) for power in np.arange(-3, 3.01, 0.5))
REACH = {"laplace": 0.3, "matern": 0.2}
_PAIRS = 2_000
_RIDGE = 1e-8  # keeps the landmarks' own matrix invertible
_CHUNK = 2_000


class Kernel:
    """Strategy ``kernel``.

    With landmarks Z (training rows, all or some) and k_i(x) = k(x, z_i), the answer is
    f(x) = sum_i a_i k_i(x) + b, the subset-of-regressors form of a Gaussian process
    (Williams & Seeger 2001, "Using the Nystrom method to speed up kernel machines"). The
    penalty has the least leave-one-out error, which each row's leverage gives in closed
    form. Classes are least-squares targets of -1 and 1; leave-one-out margins then say how
    margins turn to probabilities.

    Config:
        kernel: "laplace", exp(-r |x - z|_1 / s), which bends like a tree, or "matern",
            (1 + t) exp(-t) with t = sqrt(3) r |x - z|_2 / s, which is smoother. s is the
            mean distance of two rows.
        reach: r.
        landmarks: How many rows serve as landmarks at most.
    """

    name = "kernel"

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Dense blocks, not too many rows."""
        if not inputs or not sum(context.blocks[key].shape[1] for key in inputs):
            return "it needs features"
        if any(sparse.issparse(context.blocks[key]) for key in inputs):
            return "it measures distances, for which sparse columns are too many"
        return f"it is slow beyond {MOST_ROWS:,} rows" if len(context.y) > MOST_ROWS else ""

    def space(self) -> Space:
        """The kernel and how far it reaches."""
        return Space(
            (
                Choice("kernel", tuple(REACH), "laplace", summary="how likeness falls"),
                Float("reach", 0.01, 10.0, 0.3, log=True, summary="how fast it falls"),
            )
        )

    def in_full(self, config: Mapping[str, Any], task: Task) -> dict[str, Any]:
        """A configuration with the reach that it is fitted with where it says none."""
        del task
        return {"reach": REACH[config.get("kernel", "laplace")], **config}

    def grid(self, context: TrialContext) -> list[dict[str, Any]]:
        """One setting: the penalty is chosen inside."""
        del context
        return [{"kernel": "laplace"}]

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Fit, judge and refit."""
        return crossfit(self, context, inputs, config)

    def fit(
        self,
        context: TrialContext,
        inputs: tuple[str, ...],
        rows: np.ndarray,
        config: dict[str, Any],
    ) -> KernelPredictor:
        """Solve for these rows."""
        from threadpoolctl import threadpool_limits

        kernel = str(config.get("kernel", "laplace"))
        if kernel not in REACH:
            raise UnknownNameError("kernel", kernel, REACH)
        X = np.hstack([np.asarray(context.blocks[key][rows]) for key in inputs])
        rng = np.random.default_rng([context.seed, len(rows)])
        most = int(config.get("landmarks", LANDMARKS))
        reach = float(config.get("reach", REACH[kernel])) / _mean_distance(X, kernel, rng)
        landmarks = Landmarks(kernel, reach, X[np.sort(rng.permutation(len(X))[:most])])
        y = context.y[rows]
        targets = _targets(context, y)
        weight = row_weights(context, rows)
        K, own = landmarks.likeness(X), landmarks.likeness(landmarks.rows)
        context.cancel.check()
        # BLAS threads spin while they wait for each other: beside other work in the
        # process they cost several times what they give.
        with threadpool_limits(1, user_api="blas"):
            coef, intercept, left_out = _solve(K, own, targets, weight)
        margins = Margins.fit(left_out, y, context.task.kind, weight)
        linear = Kernelised(landmarks, coef, intercept)
        return KernelPredictor(inputs, context.task.kind, linear, margins)


@dataclass(frozen=True)
class Landmarks:
    """Rows that others are compared with.

    Attributes:
        kernel: See `Kernel`.
        reach: r / s.
        rows: (m, d) float32.
    """

    kernel: str
    reach: float
    rows: np.ndarray

    def likeness(self, X: np.ndarray) -> np.ndarray:
        """(n, m) float64, 1 for equal rows."""
        D = _distances(X, self.rows, self.kernel) * self.reach
        if self.kernel == "laplace":
            return np.asarray(np.exp(-D))
        D *= np.sqrt(3.0)
        return np.asarray((1.0 + D) * np.exp(-D))


@dataclass(frozen=True)
class Kernelised:
    """A linear function of the likeness to landmarks: coef (m, k), intercept (k,)."""

    landmarks: Landmarks
    coef: np.ndarray
    intercept: np.ndarray

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """(n, k) values, computed some rows at a time."""
        values = np.empty((len(X), len(self.intercept)))
        for start in range(0, len(X), _CHUNK):
            K = self.landmarks.likeness(X[start : start + _CHUNK])
            values[start : start + _CHUNK] = K @ self.coef + self.intercept
        return values


class KernelPredictor:
    """Weighted likeness to landmarks.

    Args:
        inputs: Keys of the blocks.
        kind: How margins turn to scores.
        machine: Gives margins or values.
        margins: Turns margins to log-odds.
    """

    def __init__(
        self, inputs: tuple[str, ...], kind: TaskKind, machine: Kernelised, margins: Margins
    ) -> None:
        self.inputs, self.kind = tuple(inputs), kind
        self.machine, self.margins = machine, margins

    def predict(self, blocks: Blocks) -> np.ndarray:
        """(n, k) float64 scores, see `automl_nb.transfer.base.Predictor`."""
        X = np.hstack([np.asarray(blocks[key]) for key in self.inputs])
        return link(self.margins.apply(self.machine(X)), self.kind)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write ``landmarks.npy``, ``coef.npy`` and ``intercept.npy``."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "landmarks.npy", self.machine.landmarks.rows, allow_pickle=False)
        np.save(folder / "coef.npy", self.machine.coef, allow_pickle=False)
        np.save(folder / "intercept.npy", self.machine.intercept, allow_pickle=False)
        return {
            "inputs": list(self.inputs),
            "kind": self.kind.value,
            "kernel": self.machine.landmarks.kernel,
            "reach": self.machine.landmarks.reach,
            "margins": self.margins.to_dict(),
        }

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` wrote."""
        rows, coef, intercept = (
            np.load(folder / f"{name}.npy", allow_pickle=False)
            for name in ("landmarks", "coef", "intercept")
        )
        landmarks = Landmarks(config["kernel"], float(config["reach"]), rows)
        return cls(
            tuple(config["inputs"]),
            TaskKind(config["kind"]),
            Kernelised(landmarks, coef, intercept),
            Margins.from_dict(config["margins"]),
        )


def _targets(context: TrialContext, y: np.ndarray) -> np.ndarray:
    """(n, k) float64: values, or -1 and 1 a class (two classes share one column)."""
    targets = one_vs_rest(context.task, y).astype(np.float64)
    if context.task.kind is TaskKind.REGRESSION:
        return targets
    if context.task.kind is TaskKind.BINARY:
        targets = targets[:, 1:]
    return np.asarray(2.0 * targets - 1.0)


def _distances(X: np.ndarray, Z: np.ndarray, kernel: str) -> np.ndarray:
    """(n, m) distances: city-block for "laplace", Euclidean for "matern"."""
    if kernel == "laplace":
        from scipy.spatial.distance import cdist

        return np.asarray(cdist(X, Z, "cityblock"))
    A, B = X.astype(np.float64), Z.astype(np.float64)
    squares = (A * A).sum(axis=1)[:, None] + (B * B).sum(axis=1) - 2.0 * (A @ B.T)
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def _mean_distance(X: np.ndarray, kernel: str, rng: np.random.Generator) -> float:
    one, other = rng.integers(0, len(X), (2, _PAIRS))
    order = 1 if kernel == "laplace" else 2
    lengths = np.linalg.norm(X[one].astype(np.float64) - X[other], ord=order, axis=1)
    return float(lengths.mean()) or 1.0


def _solve(
    K: np.ndarray, own: np.ndarray, targets: np.ndarray, weight: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients (m, k), intercepts (k,), and leave-one-out values (n, k).

    With own = L L', the rows' features F = K L'^-1 turn the kernel's norm into the plain
    one, so that this is ridge regression, solved for every penalty by one decomposition.
    """
    from scipy.linalg import cholesky, eigh, solve_triangular

    L = cholesky(own + _RIDGE * len(own) * np.eye(len(own)), lower=True)
    F = solve_triangular(L, K.T, lower=True).T
    w = np.ones(len(F)) if weight is None else weight * len(F) / weight.sum()
    centre, mean = np.average(F, axis=0, weights=w), np.average(targets, axis=0, weights=w)
    root = np.sqrt(w)[:, None]
    A, B = (F - centre) * root, (targets - mean) * root
    values, vectors = eigh(A.T @ A)
    rotated = A @ vectors
    projected = rotated.T @ B
    shrunk, left_out = _least_error(rotated, projected, B, np.maximum(values, 0.0), w)
    solution = vectors @ (shrunk[:, None] * projected)
    coef = solve_triangular(L.T, solution, lower=False)
    return coef, mean - centre @ solution, left_out / root + mean


def _least_error(
    rotated: np.ndarray, projected: np.ndarray, B: np.ndarray, values: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """1 / (value + penalty) of the best penalty, and the rows' leave-one-out predictions."""
    squares = rotated**2
    best: tuple[np.ndarray, np.ndarray] | None = None
    least = np.inf
    for penalty in PENALTIES:
        shrunk = 1.0 / (values + penalty)
        fitted = rotated @ (shrunk[:, None] * projected)
        leverage = squares @ shrunk + w / w.sum()
        missed = (B - fitted) / np.maximum(1.0 - leverage, 1e-9)[:, None]
        error = float(np.mean(missed**2))
        if best is None or error < least:
            best, least = (shrunk, B - missed), error
    assert best is not None
    return best
