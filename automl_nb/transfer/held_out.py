"""A trained network as a candidate: judged on the rows that it didn't learn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from automl_nb.core.clock import now
from automl_nb.transfer.base import Candidate, TrialContext
from automl_nb.transfer.tuned import TunedPredictor

_LAST = 16  # rows that are read apart, once the network is warm


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
    # The first rows pay for what comes once: held against a handful of them, it would make the
    # test part look like minutes. So the last ones are read apart, unless the training went on to
    # the end of its time: by then the network is warm, and there is none left for a second call.
    last = 0 if context.deadline.pressed else min(_LAST, len(judge) // 2)
    parts = [judge[: len(judge) - last], judge[len(judge) - last :]][: 1 + (last > 0)]
    times = [now()]
    for rows in parts:
        oof[rows] = predictor.predict(context.blocks.take(rows))
        times.append(now())
    paces = [took / len(rows) for took, rows in zip(np.diff(times), parts, strict=True)]
    predictor.seconds_a_row = float(min(paces))
    return Candidate(
        name=str(config.get("name", strategy)),
        strategy=strategy,
        inputs=(),
        predictor=predictor,
        oof=oof,
        fit_s=times[-1] - started,
        note=note,
        refitted=False,
        config={key: value for key, value in config.items() if key != "name"},
    )
