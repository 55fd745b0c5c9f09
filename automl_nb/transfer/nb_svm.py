"""Linear machine on words weighed by what they say about the class.

Each column of a sparse block is multiplied with the size of its log-count ratio

    r_j = log( (a + sum of x_j over the class) / its total
             / (a + sum of x_j over the rest)  / its total )

before the machine of `automl_nb.transfer.svm` is fitted (Wang & Manning 2012, eq. 5, with TF-IDF
weights in place of counts). Words that both sides use alike then cost more to rely on. It suits
opinions better than topics; dense blocks stay as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from automl_nb.core.types import TaskKind
from automl_nb.transfer.base import TrialContext
from automl_nb.transfer.crossfit import one_vs_rest, row_weights
from automl_nb.transfer.linear import LinearPredictor
from automl_nb.transfer.svm import Part, Svm, in_own_columns, joined, one_class

_PRIOR = 1.0  # `a`, so that a word of one side alone doesn't weigh without limit


class NbSvm(Svm):
    """Strategy ``nb-svm``."""

    name = "nb-svm"

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Classification where at least one block counts words."""
        if reason := super().applies(context, inputs):
            return reason
        if any(sparse.issparse(context.blocks[key]) for key in inputs):
            return ""
        return "it weighs words, and these features are none; use svm"

    def grid(self, context: TrialContext) -> list[dict[str, Any]]:
        """Penalties; with dense blocks among the inputs also their weight."""
        del context
        return [{"C": C} for C in (0.3, 0.1, 1.0, 3.0)]

    def fit(
        self,
        context: TrialContext,
        inputs: tuple[str, ...],
        rows: np.ndarray,
        config: dict[str, Any],
    ) -> LinearPredictor:
        """One fit a class, each on its own weights of the words."""
        dense_weight = float(config.get("dense", 1.0))
        parts = [Part.of(context.blocks[key][rows], context, dense_weight) for key in inputs]
        targets = one_vs_rest(context.task, context.y[rows]) > 0
        if context.task.kind is TaskKind.BINARY:
            targets = targets[:, 1:]
        weight = row_weights(context, rows)
        columns, shifts = [], []
        for positive in targets.T:
            context.cancel.check()
            seen = [_weighed(part, positive) for part in parts]
            coef, shift = one_class(
                joined(seen), positive, float(config["C"]), weight, context.seed
            )
            own, intercept = in_own_columns(seen, coef[:, None], np.array([shift]))
            columns.append(own[:, 0])
            shifts.append(intercept[0])
        return LinearPredictor(
            inputs, np.stack(columns, axis=1), np.array(shifts), context.task.kind
        )


def _weighed(part: Part, positive: np.ndarray) -> Part:
    """A sparse part with its columns weighed, its rows of length 1 on average; else as it is."""
    if not sparse.issparse(part.matrix):
        return part
    matrix = sparse.csr_matrix(part.matrix, copy=True)
    weights = log_count_ratio(matrix, positive)
    matrix.data *= weights[matrix.indices]
    length = float(np.sqrt(np.square(matrix.data).sum() / max(1, matrix.shape[0])))
    scale = 1.0 / length if length > 0 else 1.0
    matrix.data *= np.float32(scale)
    return Part(matrix, factor=weights * scale)


def log_count_ratio(matrix: sparse.csr_matrix, positive: np.ndarray) -> np.ndarray:
    """(d,) sizes of the log-count ratios of a class (n,) against the rest.

    Example:
        >>> words = sparse.csr_matrix([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
        >>> [f"{size:.2f}" for size in log_count_ratio(words, np.array([True, False]))]
        ['0.69', '0.00', '0.69']
    """
    sizes = abs(matrix)  # a column of numbers may be below 0
    inside = np.asarray(sizes[positive].sum(axis=0), dtype=np.float64).ravel() + _PRIOR
    outside = np.asarray(sizes[~positive].sum(axis=0), dtype=np.float64).ravel() + _PRIOR
    ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    return np.asarray(np.abs(ratio), dtype=np.float32)
