"""A run that has more time now, and the trials that lack of time had cut short before.

Such a trial is trained again only where that gets further than it had come, and what it had come
to is given up for nothing worse: more time never makes a run's models fewer or worse.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from automl_nb.core.types import LeaderboardRow
from automl_nb.pipeline.champion import alone
from automl_nb.pipeline.memo import Remembered
from automl_nb.transfer.base import TrialContext

if TYPE_CHECKING:
    from automl_nb.pipeline.workbench import Workbench

_FURTHER = 1.25  # times as long as before, without which a trial would come out about the same


def known_of(bench: Workbench, key: str, device: str) -> Remembered | None:
    """The better of what this run and earlier ones made of a trial; None where none did."""
    own, shared = bench.own.find(key, device), bench.memo.find(key, device)
    if own is None or shared is None:
        return own or shared
    return better_of(bench, shared, own)


def better_of(bench: Workbench, made: Remembered, former: Remembered) -> Remembered:
    """By the scores of the rows held out; of equal ones the former."""
    judge = bench.judge
    new, old = alone(made.candidate, judge), alone(former.candidate, judge)
    chosen, other = (made, former) if new.beats(old, bench.objective) else (former, made)
    judge.forget(other.candidate)
    return chosen


def gets_further(
    bench: Workbench, known: Remembered, context: TrialContext, *, begun: bool
) -> bool:
    """Whether a trial is to be trained again.

    Args:
        bench: The run.
        known: What it had come to.
        context: With the time that it would have now.
        begun: Whether a checkpoint tells that this had been begun before an interruption.
    """
    had_less = known.within_s is not None and known.within_s < bench.deadline.seconds
    return had_less and (begun or context.deadline.left >= _FURTHER * known.candidate.fit_s)


def falls_behind(bench: Workbench, context: TrialContext) -> bool:
    """Whether a model that stands on the leaderboard can't be trained as far as it was then.

    Its result isn't at hand any more: the cache was emptied, or made room for others.
    """
    row = bench.before.get(context.trial_id)
    return row is not None and context.deadline.left < row.fit_s


def standing(bench: Workbench, row: LeaderboardRow) -> LeaderboardRow | None:
    """The row of before the run went on, where this one is no better; else None.

    Where the model was trained with several seeds then, their mean is worth more than one score.
    """
    before = bench.before.get(row.model)
    if before is None:
        return None
    own = before.seed_scores[0] if before.seed_scores else before.score
    if math.isnan(own) or bench.objective.better(row.score, own):
        return None
    is_worse = bench.objective.better(own, row.score) or math.isnan(row.score)
    return before if is_worse or before.seed_scores else None
