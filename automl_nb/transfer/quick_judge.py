"""Settings judged on part of the rows: enough to tell them apart, at a fraction of a trial.

Nothing of the final training changes: what a search prefers is trained like any other model. What
trials share (the drawn rows, their blocks, the blocks' principal components) is made once.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np

from automl_nb.core.clock import now
from automl_nb.core.trials import Decision, Report
from automl_nb.transfer.base import Strategy, TrialContext
from automl_nb.transfer.crossfit import Head, fitted, one_blas_thread, row_losses, take
from automl_nb.transfer.quick_linear import QuickLinear
from automl_nb.transfer.quick_rows import QuickRows


class QuickJudge:
    """Tells the losses of settings on the rows where a search compares them.

    Args:
        context: Of any trial of the run.
    """

    def __init__(self, context: TrialContext) -> None:
        self._rows = QuickRows(context)
        context = self._rows.context(context)
        folds = self._rows.folds[: self._rows.n_judged]
        self._linear = [QuickLinear(context, fold, self._rows.n_whole) for fold in folds]

    def judged(
        self,
        maker: Strategy,
        context: TrialContext,
        inputs: tuple[str, ...],
        config: dict[str, Any],
    ) -> Generator[Report, Decision, np.ndarray]:
        """One trial: the losses of the judged rows.

        Args:
            maker: What is trained.
            context: The trial's data and limits, all rows.
            inputs: Keys of the blocks that it reads.
            config: Its settings.

        Yields:
            A report after each fold or some steps.

        Returns:
            (n_judged,) one for each row; of those folds alone that were judged before STOP.
        """
        context = self._rows.context(context)
        if isinstance(maker, Head):
            return (yield from self._head(maker, context, inputs, config))
        candidate = yield from maker.train(context, inputs, config)
        rows = self._rows.judged
        return row_losses(candidate.oof[rows], context.y[rows], context.task)

    def _head(
        self, head: Head, context: TrialContext, inputs: tuple[str, ...], config: dict[str, Any]
    ) -> Generator[Report, Decision, np.ndarray]:
        """Heads are fitted beside the judged folds alone."""
        began = now()
        scores, rows = [], []
        for done, linear in enumerate(self._linear, 1):
            context.cancel.check()
            fold = self._rows.folds[done - 1]
            with one_blas_thread():  # so few rows are faster so
                found = linear.scores(head.name, context, inputs, config)
            if found is None:
                predictor = fitted(head, context, inputs, fold.fit, config)
                found = predictor.predict(take(context, fold.judge))
            scores.append(found)
            rows.append(fold.judge)
            losses = row_losses(np.vstack(scores), context.y[np.concatenate(rows)], context.task)
            decision = yield Report(
                trial_id=context.trial_id,
                resource=float(done),
                metrics={"loss": float(np.mean(losses))},
                elapsed_s=now() - began,
                total=float(len(self._linear)),
            )
            if decision is Decision.STOP:
                break
        return losses
