"""Linear heads judged in a moment, for a search: the same optimum in better coordinates.

A penalty on the squared length of the weights doesn't change under a rotation. So each block is
rotated onto its principal components once, and every setting is solved there: in single precision
and with each component stretched by 1 / sqrt(a s^2 + 1 / C), which makes the problem's curvature
about 1 in every direction (s^2 the component's sum of squares, a the loss's own curvature: 1 / k
for the softmax over k classes, where all are as likely; 1/4 for the sigmoid; 1/2 for the squared
hinge, of whose rows a quarter are taken for active). L-BFGS (Liu & Nocedal 1989) then needs tens of
steps whatever the penalty, where it needs hundreds in the columns as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse, special

from automl_nb.core.types import TaskKind
from automl_nb.data.split import Fold
from automl_nb.features.base import Matrix, join_blocks
from automl_nb.transfer.base import TrialContext
from automl_nb.transfer.crossfit import one_vs_rest, row_weights
from automl_nb.transfer.linear import link, shared_scale
from automl_nb.transfer.svm import kept_directions

_WORK = 40e6  # rows x components x classes of a block, a few milliseconds of a step
_FEWEST_COMPONENTS = 256
_STEPS = 40
_ENOUGH = 1e-5  # share by which a step must lower the loss
_UNSEEN = {"logistic": -10.0, "svm": -1.0}  # margin of a class that the fitted rows don't show

Loss = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Components:
    """A block in the principal components of the fitted rows.

    Attributes:
        fit: (n, r) float32, the fitted rows, the largest component first.
        judge: (m, r) float32, the judged rows.
        squares: (r,) sums of squares of the columns of `fit`.
    """

    fit: np.ndarray
    judge: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, fit: Matrix, judge: Matrix, most: int) -> Components:
        """The largest components of a block that is centred and scaled as the heads do it.

        Example:
            >>> rows = np.random.default_rng(0).normal(size=(20, 3))
            >>> found = Components.of(rows, rows, most=5)
            >>> bool(np.allclose(found.fit.T @ found.fit, np.diag(found.squares), atol=1e-5))
            True
        """
        centre, scale = shared_scale(fit)
        if centre is not None:
            fit = ((np.asarray(fit) - centre) * scale).astype(np.float32)
            judge = ((np.asarray(judge) - centre) * scale).astype(np.float32)
        n, d = fit.shape
        squares, vectors = np.linalg.eigh(_dense(fit @ fit.T if n < d else fit.T @ fit))
        kept = np.argsort(-squares)[:most]
        kept = kept[squares[kept] > 1e-6 * max(float(squares.max()), 1e-30)]
        squares, vectors = squares[kept], vectors[:, kept]
        if n < d:
            length = np.sqrt(squares)
            return cls(vectors * length, _dense(judge @ fit.T) @ (vectors / length), squares)
        return cls(_dense(fit @ vectors), _dense(judge @ vectors), squares)

    def first(self, most: int | None) -> Components:
        """The largest components alone."""
        if most is None or most >= len(self.squares):
            return self
        return Components(self.fit[:, :most], self.judge[:, :most], self.squares[:most])

    def times(self, factor: float) -> Components:
        """All columns stretched."""
        if factor == 1.0:
            return self
        return Components(
            self.fit * np.float32(factor), self.judge * np.float32(factor), self.squares * factor**2
        )


class QuickLinear:
    """Heads ``logistic`` and ``svm`` on the rows of one fold, for any number of settings.

    Args:
        context: The trial's data, of these rows alone.
        fold: On which rows they are fitted and judged.
        n_whole: Rows that are really fitted on: on so many the svm may spare directions.
    """

    def __init__(self, context: TrialContext, fold: Fold, n_whole: int) -> None:
        self._fold, self._n_whole = fold, n_whole
        self._y, self._task = context.y[fold.fit], context.task
        self._weight = row_weights(context, fold.fit)
        self._known: dict[tuple[str, ...], Components] = {}

    def scores(
        self, name: str, context: TrialContext, inputs: tuple[str, ...], config: dict[str, Any]
    ) -> np.ndarray | None:
        """(m, k) scores of the judged rows; None where this way isn't for the head or the rows.

        Args:
            name: The head's.
            context: The trial's data, of these rows alone.
            inputs: Keys of the blocks that it reads.
            config: Its settings.
        """
        targets = self._targets(name)
        if targets is None:
            return None
        if name == "logistic":  # all its columns share one scale
            parts = [self._components(context, inputs)]
        else:
            parts = self._svm(context, inputs, float(config.get("dense", 1.0)))
        loss = _loss(name, targets, self._task.kind, self._weight)
        margins = _margins(parts, loss, targets.shape[1], name, float(config["C"]))
        return link(self._all_classes(margins, name), self._task.kind)

    def _targets(self, name: str) -> np.ndarray | None:
        """(n, k) 0 or 1, a column for each class that these rows show; two share one."""
        if name not in _UNSEEN:
            return None
        targets = one_vs_rest(self._task, self._y)
        if self._task.kind is TaskKind.MULTICLASS:
            targets = targets[:, targets.any(axis=0)]
            return targets if targets.shape[1] > 2 else None
        targets = targets[:, 1:] if self._task.kind is TaskKind.BINARY else targets
        mixed = targets.any(axis=0) & ~targets.all(axis=0)
        return targets if mixed.all() else None

    def _all_classes(self, margins: np.ndarray, name: str) -> np.ndarray:
        if self._task.kind is not TaskKind.MULTICLASS:
            return margins
        whole = np.full((len(margins), len(self._task.classes)), _UNSEEN[name])
        whole[:, np.unique(self._y)] = margins
        return whole

    def _svm(
        self, context: TrialContext, inputs: tuple[str, ...], dense: float
    ) -> list[Components]:
        """Each block has a scale of its own, and a dense one its weight and its main directions."""
        parts = []
        for key in inputs:
            part = self._components(context, (key,))
            if not sparse.issparse(context.blocks[key]):
                d, k = context.blocks[key].shape[1], len(self._task.classes)
                part = part.first(kept_directions(self._n_whole, d, k)).times(dense)
            parts.append(part)
        return parts

    def _components(self, context: TrialContext, inputs: tuple[str, ...]) -> Components:
        if inputs not in self._known:
            block = join_blocks([context.blocks[key] for key in inputs])
            fit, judge = block[self._fold.fit], block[self._fold.judge]
            most = int(_WORK / (len(self._y) * self._task.n_outputs))
            self._known[inputs] = Components.of(fit, judge, max(_FEWEST_COMPONENTS, most))
        return self._known[inputs]


def _margins(
    parts: list[Components], loss: tuple[Loss, float], width: int, name: str, C: float
) -> np.ndarray:
    """(m, k) margins of the judged rows, after fitting."""
    from scipy.optimize import minimize

    losses_of, curvature = loss
    n, m = len(parts[0].fit), len(parts[0].judge)
    squares = np.concatenate([*(part.squares for part in parts), [n]])
    penalty = np.full(len(squares), 1.0 / C)
    penalty[-1] *= name == "svm"  # LIBLINEAR's intercept is the weight of a column of ones
    stretch = 1.0 / np.sqrt(curvature * squares + penalty)
    F, judged = (
        np.hstack([*rows, np.ones((count, 1), np.float32)]) * stretch.astype(np.float32)
        for rows, count in (
            ([part.fit for part in parts], n),
            ([part.judge for part in parts], m),
        )
    )
    penalty *= stretch**2

    def value_and_slope(flat: np.ndarray) -> tuple[float, np.ndarray]:
        V = flat.reshape(-1, width)
        losses, slopes = losses_of(F @ V.astype(np.float32))
        pull = penalty[:, None] * V
        total = float(losses.sum(dtype=np.float64)) + 0.5 * float((pull * V).sum())
        return total / n, (F.T @ slopes + pull).ravel() / n

    found = minimize(
        value_and_slope,
        np.zeros(F.shape[1] * width),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _STEPS, "ftol": _ENOUGH, "gtol": 0.0},
    )
    V = found.x.reshape(-1, width).astype(np.float32)
    return np.asarray(judged @ V, dtype=np.float64)


def _loss(
    name: str, targets: np.ndarray, kind: TaskKind, weight: np.ndarray | None
) -> tuple[Loss, float]:
    """Losses and their slopes by the margins, and how much they bend."""
    w = np.ones((len(targets), 1)) if weight is None else weight.reshape(-1, 1)
    w = w.astype(np.float32)
    sign = (2.0 * targets - 1.0).astype(np.float32)
    labels = targets.astype(np.float32)

    def hinge(margins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        missed = np.maximum(1.0 - sign * margins, 0.0)
        return w * missed**2, -2.0 * w * sign * missed

    def sigmoid(margins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        losses = np.logaddexp(0.0, -sign * margins)
        return w * losses, w * (special.expit(margins) - labels)

    def softmax(margins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        margins = margins - margins.max(axis=1, keepdims=True)
        powers = np.exp(margins)
        total = powers.sum(axis=1, keepdims=True)
        losses = np.log(total[:, 0]) - (margins * labels).sum(axis=1)
        return w[:, 0] * losses, w * (powers / total - labels)

    if name == "svm":
        return hinge, 0.5
    return (softmax, 1.0 / targets.shape[1]) if kind is TaskKind.MULTICLASS else (sigmoid, 0.25)


def _dense(matrix: Matrix) -> np.ndarray:
    whole: Any = matrix
    return np.asarray(whole.todense() if sparse.issparse(whole) else whole, dtype=np.float32)
