"""A trained network as a candidate: judged on the rows that it didn't learn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from automl_nb.core.clock import now
from automl_nb.transfer.base import Candidate, TrialContext
from automl_nb.transfer.tuned import TunedPredictor

_AGAIN = 16  # rows that are read once more for the pace


def judged_on(
    judge: np.ndarray,
    predictor: TunedPredictor,
    context: TrialContext,
    config: Mapping[str, Any],
    *,
    strategy: str,
    started: float,
    note: str,
) -> Candidate:
    """A candidate whose scores stand beside the rows held out alone; its pace is measured there.

    Args:
        judge: (m,) rows held out.
        predictor: Answers for them.
        context: The trial's.
        config: As the trial was given it; ``name`` is what the candidate is called.
        strategy: That trained it.
        started: `now()` when the trial began.
        note: What there is to say of it.

    Returns:
        With `oof` of (n, k) that is NaN in all other rows.
    """
    oof = np.full((len(context.y), context.task.n_outputs), np.nan)
    oof[judge], first = _timed(predictor, judge, context)
    # The first pass pays for what comes once: held against a handful of rows, it would make the
    # test part look like minutes.
    again = _timed(predictor, judge[:_AGAIN], context)[1]
    predictor.seconds_a_row = min(first, again)
    return Candidate(
        name=str(config.get("name", strategy)),
        strategy=strategy,
        inputs=(),
        predictor=predictor,
        oof=oof,
        fit_s=now() - started,
        note=note,
        refitted=False,
        config={key: value for key, value in config.items() if key != "name"},
    )


def _timed(
    predictor: TunedPredictor, rows: np.ndarray, context: TrialContext
) -> tuple[np.ndarray, float]:
    """(m, k) scores of these rows, and the seconds that each took."""
    began = now()
    scores = predictor.predict(context.blocks.take(rows))
    return scores, (now() - began) / len(rows)
