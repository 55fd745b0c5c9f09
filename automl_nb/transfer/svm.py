"""Linear machine with a squared hinge, one class against the rest.

min over w of  1/2 |w|^2 + C sum_i max(0, 1 - y_i w.x_i)^2  (Fan et al. 2008, LIBLINEAR).
On TF-IDF it is the strongest cheap model; on joined blocks it lets words and a frozen
backbone correct each other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from automl_nb.core.space import Float, Space
from automl_nb.core.types import TaskKind
from automl_nb.features.base import Matrix
from automl_nb.transfer.base import Trial, TrialContext
from automl_nb.transfer.crossfit import crossfit, one_vs_rest, row_weights
from automl_nb.transfer.linear import LinearPredictor, shared_scale

_WORK = 1.5e9  # cells x classes x passes that one fit may touch, about two seconds
_PASSES = 60
_FEWEST_DIRECTIONS = 64


class Svm:
    """Strategy ``svm``."""

    name = "svm"

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Classification on any block."""
        if not context.task.kind.is_classification:
            return "the hinge loss needs classes; use ridge for numbers"
        return "" if inputs else "it needs features"

    def space(self) -> Space:
        """The inverse penalty, and how much dense columns count beside sparse ones."""
        return Space(
            (
                Float("C", 1e-3, 1e3, 1.0, log=True, summary="inverse penalty"),
                Float("dense", 0.1, 10.0, 1.0, log=True, summary="weight of dense columns"),
            )
        )

    def grid(self, context: TrialContext) -> list[dict[str, Any]]:
        """Penalties; with dense blocks among the inputs also their weight."""
        del context
        return [{"C": C} for C in (1.0, 0.3, 3.0, 10.0)]

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
    ) -> LinearPredictor:
        """One LIBLINEAR fit of all classes on these rows."""
        parts = [
            Part.of(context.blocks[key][rows], context, float(config.get("dense", 1.0)))
            for key in inputs
        ]
        coef, intercept = self._solve(context, joined(parts), rows, float(config["C"]))
        coef, intercept = in_own_columns(parts, coef, intercept)
        return LinearPredictor(inputs, coef, intercept, context.task.kind)

    def _solve(
        self, context: TrialContext, matrix: sparse.csr_matrix, rows: np.ndarray, penalty: float
    ) -> tuple[np.ndarray, np.ndarray]:
        weight = row_weights(context, rows)
        if context.task.kind is TaskKind.MULTICLASS and len(np.unique(context.y[rows])) > 2:
            return _all_classes(context, matrix, rows, penalty, weight)
        targets = one_vs_rest(context.task, context.y[rows])
        if context.task.kind is TaskKind.BINARY:
            targets = targets[:, 1:]
        columns, shifts = [], []
        for k in range(targets.shape[1]):
            context.cancel.check()
            w, b = one_class(matrix, targets[:, k] > 0, penalty, weight, context.seed)
            columns.append(w)
            shifts.append(b)
        return np.stack(columns, axis=1), np.array(shifts)


def _all_classes(
    context: TrialContext,
    matrix: sparse.csr_matrix,
    rows: np.ndarray,
    penalty: float,
    weight: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Every class against the rest in one call, which copies the matrix once, not once a class."""
    n_classes = len(context.task.classes)
    machine = _fitted(matrix, context.y[rows], penalty, weight, context.seed)
    coef = np.zeros((matrix.shape[1], n_classes))
    intercept = np.full(n_classes, -1.0)  # of a class that these rows don't show
    coef[:, machine.classes_] = machine.coef_.T
    intercept[machine.classes_] = machine.intercept_
    return coef, intercept


def one_class(
    matrix: sparse.csr_matrix,
    positive: np.ndarray,
    penalty: float,
    weight: np.ndarray | None,
    seed: int,
) -> tuple[np.ndarray, float]:
    """(d,) coefficients and the intercept of one class (n,) against the rest."""
    if positive.all() or not positive.any():  # a class that these rows don't show
        return np.zeros(matrix.shape[1]), 1.0 if positive.any() else -1.0
    machine = _fitted(matrix, positive, penalty, weight, seed)
    return machine.coef_[0], float(machine.intercept_[0])


def _fitted(
    matrix: sparse.csr_matrix,
    y: np.ndarray,
    penalty: float,
    weight: np.ndarray | None,
    seed: int,
) -> Any:
    import warnings

    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=penalty, tol=1e-3, max_iter=400, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the iteration limit is meant: the gain is nil after it
        machine.fit(matrix, y, sample_weight=weight)
    return machine


class Part:
    """One block as the solver sees it, and the way back to its own columns.

    Args:
        matrix: (n, d) what the solver sees.
        centre: (d,) what was taken off each column, for a dense block.
        factor: What the columns were multiplied with: one number, or (d,).
        directions: (d, q) onto which a dense block was projected, or None.
    """

    def __init__(
        self,
        matrix: Matrix,
        centre: np.ndarray | None = None,
        factor: float | np.ndarray = 1.0,
        directions: np.ndarray | None = None,
    ) -> None:
        self.matrix, self._centre, self._factor, self._directions = (
            matrix,
            centre,
            factor,
            directions,
        )

    @classmethod
    def of(cls, block: Matrix, context: TrialContext, dense_weight: float) -> Part:
        """A dense block centred, of one scale and of no more columns than time allows."""
        centre, scale = shared_scale(block)
        if centre is None:
            return cls(block)
        factor = scale * dense_weight
        moved = ((np.asarray(block) - centre) * factor).astype(np.float32)
        directions = _main_directions(moved, context)
        if directions is not None:
            moved = moved @ directions
        return cls(moved, centre, factor, directions)

    def back(self, coef: np.ndarray) -> tuple[np.ndarray, np.ndarray | float]:
        """Coefficients of the block's own columns, and what they add to the intercept."""
        if self._directions is not None:
            coef = self._directions @ coef
        coef = coef * (self._factor if isinstance(self._factor, float) else self._factor[:, None])
        return coef, 0.0 if self._centre is None else -(self._centre @ coef)


def joined(parts: list[Part]) -> sparse.csr_matrix:
    """What the solver sees of all blocks side by side."""
    return sparse.csr_matrix(
        sparse.hstack([sparse.csr_matrix(part.matrix) for part in parts], format="csr")
    )


def in_own_columns(
    parts: list[Part], coef: np.ndarray, intercept: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (d, k) and intercepts (k,) for the blocks as they are."""
    ends = np.cumsum([part.matrix.shape[1] for part in parts])[:-1]
    mapped = [part.back(some) for part, some in zip(parts, np.split(coef, ends), strict=True)]
    for _, shift in mapped:
        intercept = intercept + shift
    return np.vstack([piece for piece, _ in mapped]), intercept


def _main_directions(block: np.ndarray, context: TrialContext) -> np.ndarray | None:
    """Principal directions of a dense block where all of it would cost too much."""
    n, d = block.shape
    kept = kept_directions(n, d, len(context.task.classes))
    if kept is None:
        return None
    _, vectors = np.linalg.eigh((block.T @ block).astype(np.float64))
    return np.asarray(vectors[:, ::-1][:, :kept], dtype=np.float32)


def kept_directions(n: int, d: int, n_classes: int) -> int | None:
    """Principal directions of a dense block (n, d) that are kept; None for all of its columns.

    Example:
        >>> kept_directions(5_000, 384, 52), kept_directions(500, 384, 2)
        (96, None)
    """
    most = int(_WORK / (_PASSES * n * max(1, n_classes)))
    kept = max(_FEWEST_DIRECTIONS, most)
    return None if kept >= d else kept
