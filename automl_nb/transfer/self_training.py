"""Self-training: what a head is surest of among rows without a label teaches it once more.

One round (Yarowsky 1995; Lee 2013, "Pseudo-Label"), with as many rows of each class as the class
has its share of (as in curriculum labelling, Cascante-Bonilla et al. 2021, arXiv 2001.06001), so
that a common class doesn't swallow the rare ones. Within each fold head and pseudo-labels know
the fold's training rows alone; if the out-of-fold score doesn't rise, the head stays as it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from automl_nb.core.clock import now
from automl_nb.core.space import Choice, Float, Space
from automl_nb.core.types import TaskKind
from automl_nb.evaluate.metrics import evaluate
from automl_nb.features.base import Matrix
from automl_nb.transfer.base import Blocks, Candidate, Predictor, Trial, TrialContext
from automl_nb.transfer.crossfit import Head, crossfit
from automl_nb.transfer.given import GivenBlocks

HEADS = ("logistic", "svm", "nb-svm", "ridge", "knn", "class-mean", "lda")
SHARE = 0.5


class SelfTraining:
    """Strategy ``self-training``: a head of the registry, taught by its own answers once."""

    name = "self-training"

    def space(self) -> Space:
        """Which head, and the share of the unlabelled rows that it takes."""
        return Space(
            (
                Choice("head", HEADS, "logistic", summary="what is taught"),
                Float("share", 0.05, 1.0, SHARE, summary="of the unlabelled rows, the surest"),
            )
        )

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Classes, and rows without a label."""
        if context.task.kind not in {TaskKind.BINARY, TaskKind.MULTICLASS}:
            return "it needs answers that can be sure, and here no row has one class"
        if context.unlabelled is None:
            return "every row has its label; give more with unlabelled=..."
        return "" if inputs else "it needs features"

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Fit the head, teach it, and keep the better by the out-of-fold score.

        Args:
            context: The trial's data and limits; `unlabelled` has the blocks of `inputs`.
            inputs: Keys of the blocks.
            config: ``head``, ``share``, and the head's own settings.
        """
        started = now()
        own = {k: v for k, v in config.items() if k not in {"name", "head", "share"}}
        head, share = _head(context, inputs, config), float(str(config.get("share", SHARE)))
        first, second = context.part("plain"), context.part("taught")
        plain: Candidate = yield from _half(crossfit(head, first, inputs, own), 0.0)
        pupil = _Taught(head, share)
        again = crossfit(pupil, second, inputs, {"grid": [plain.config]})
        taught: Candidate = yield from _half(again, 1.0)
        before, after = (_score(one, context) for one in (plain, taught))
        kept = taught if after > before else plain
        words = "pseudo-labels help" if kept is taught else "pseudo-labels don't help, not used"
        metric = context.objective.metric
        return replace(
            kept,
            name=str(config.get("name", self.name)),
            strategy=self.name,
            fit_s=now() - started,
            note=f"{head.name}: {words} ({metric} {abs(before):.4g} -> {abs(after):.4g})",
            config={key: value for key, value in config.items() if key != "name"},
        )


class _Taught:
    """A head that is fitted, answers for the unlabelled rows, and is fitted with them."""

    def __init__(self, head: Head, share: float) -> None:
        self.name, self._head, self._share = head.name, head, share

    def grid(self, context: TrialContext) -> list[dict[str, Any]]:
        """As the head itself."""
        return list(self._head.grid(context))

    def fit(
        self,
        context: TrialContext,
        inputs: tuple[str, ...],
        rows: np.ndarray,
        config: dict[str, Any],
    ) -> Predictor:
        """Fit on these rows and on the answers that are surest."""
        assert context.unlabelled is not None
        first = self._head.fit(context, inputs, rows, config)
        scores = first.predict(context.unlabelled)
        shares = np.bincount(context.y[rows], minlength=scores.shape[1]) / len(rows)
        chosen, answers = surest(scores, shares, self._share)
        if not len(chosen):
            return first
        y = np.concatenate([context.y[rows], answers])
        blocks = _stacked(context.blocks, rows, context.unlabelled, chosen, inputs)
        wider = replace(context, blocks=blocks, y=y, folds=())
        return self._head.fit(wider, inputs, np.arange(len(y)), config)


def surest(scores: np.ndarray, shares: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """The rows that are answered most surely, class by class.

    Args:
        scores: (n, k) probabilities.
        shares: (k,) how common each class is among the labelled rows.
        share: Of the rows to take at most.

    Returns:
        Ascending positions of the rows, and their classes.

    Example:
        >>> scores = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3]])
        >>> surest(scores, np.array([0.5, 0.5]), 1.0)
        (array([0, 2, 3]), array([0, 1, 0]))
    """
    answers = scores.argmax(axis=1)
    ranked = np.sort(scores, axis=1)
    lead = ranked[:, -1] - ranked[:, -2]
    chosen = []
    for k, common in enumerate(shares):
        own = np.flatnonzero(answers == k)
        most = round(share * common * len(scores))
        chosen.append(own[np.argsort(-lead[own], kind="stable")[:most]])
    rows = np.sort(np.concatenate(chosen))
    return rows, answers[rows]


def _stacked(
    labelled: Blocks,
    rows: np.ndarray,
    unlabelled: Blocks,
    chosen: np.ndarray,
    inputs: tuple[str, ...],
) -> GivenBlocks:
    known = {key: _above(labelled[key][rows], unlabelled[key][chosen]) for key in inputs}
    return GivenBlocks(known, pd.DataFrame(index=range(len(rows) + len(chosen))))


def _above(upper: Matrix, lower: Matrix) -> Matrix:
    if sparse.issparse(upper):
        return sparse.csr_matrix(sparse.vstack([upper, lower]))
    return np.vstack([np.asarray(upper), np.asarray(lower)])


def _head(context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]) -> Any:
    """The head that is asked for, or the usual one of such blocks."""
    from automl_nb.core.errors import SettingError
    from automl_nb.transfer.catalog import STRATEGIES

    thin = any(sparse.issparse(context.blocks[key]) for key in inputs)
    chosen = str(config.get("head", "svm" if thin else "logistic"))
    if chosen not in HEADS:
        raise SettingError(
            f"A head that is taught by its own answers is one of {', '.join(HEADS)}.",
            received=chosen,
            hint="Leave it out for the usual one.",
        )
    head = STRATEGIES[chosen].load()()
    if refused := head.applies(context, inputs):
        raise SettingError(
            "The head must be able to read the features.", received=f"{chosen}: {refused}"
        )
    return head


def _score(candidate: Candidate, context: TrialContext) -> float:
    """The run's metric of the out-of-fold scores, turned so that more is better."""
    rows = np.flatnonzero(np.isfinite(candidate.oof).all(axis=1))
    metric = context.objective.metric
    value = evaluate(metric, context.y[rows], candidate.oof[rows], context.task)
    return value if context.objective.greater_is_better else -value


def _half(trial: Trial, done: float) -> Trial:
    """One of two trials in a row, its reports counted as halves of the whole."""
    answer = None
    while True:
        try:
            report = next(trial) if answer is None else trial.send(answer)
        except StopIteration as end:
            result: Candidate = end.value
            return result
        share = report.resource / report.total if report.total else 0.0
        answer = yield replace(report, resource=done + min(1.0, share), total=2.0)
