"""A head judged on one or two folds: enough to tell settings apart, at a fraction of a trial."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np

from automl_nb.core.clock import now
from automl_nb.core.trials import Decision, Report
from automl_nb.transfer.base import TrialContext
from automl_nb.transfer.crossfit import Head, fitted, grid_folds, row_losses, take


def judged_rows(context: TrialContext) -> np.ndarray:
    """The rows on which settings are compared: those of the first fold, or of the first two."""
    return np.concatenate([context.folds[number].judge for number in grid_folds(context)])


def quickly_judged(
    head: Head, context: TrialContext, inputs: tuple[str, ...], config: dict[str, Any]
) -> Generator[Report, Decision, np.ndarray]:
    """Fit on the rows beside each judged fold.

    Args:
        head: What is fitted.
        context: The trial's data and limits.
        inputs: Keys of the blocks that it reads.
        config: Its settings.

    Yields:
        A report after each fold, with the mean loss so far.

    Returns:
        (n_rows,) losses of `judged_rows`; of those folds alone that were judged before STOP.
    """
    began = now()
    scores, rows = [], []
    folds = grid_folds(context)
    for done, number in enumerate(folds, 1):
        context.cancel.check()
        fold = context.folds[number]
        predictor = fitted(head, context, inputs, fold.fit, config)
        scores.append(predictor.predict(take(context, fold.judge)))
        rows.append(fold.judge)
        losses = row_losses(np.vstack(scores), context.y[np.concatenate(rows)], context.task)
        decision = yield Report(
            trial_id=context.trial_id,
            resource=float(done),
            metrics={"loss": float(np.mean(losses))},
            elapsed_s=now() - began,
            total=float(len(folds)),
        )
        if decision is Decision.STOP:
            break
    return losses
