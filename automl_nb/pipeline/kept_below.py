"""Why the model that is kept isn't the one with the best score on the leaderboard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from automl_nb.core.show.words import count, number
from automl_nb.core.types import LeaderboardRow
from automl_nb.pipeline.few_rows import FEW_STRATEGY, VERY_FEW
from automl_nb.pipeline.workbench import Workbench


def tell_kept_below(bench: Workbench) -> None:
    """Say it, and put it into the model's row; nothing where the best is kept."""
    kept = None if bench.champion is None else bench.rows.get(bench.champion.name)
    better = [] if kept is None else _better(bench, kept)
    why = _why(bench, better)
    if kept is None or not why:
        return
    first, metric = better[0], bench.objective.metric
    others = f" and {count(len(better) - 1, 'other model')}" if len(better) > 1 else ""
    bench.say(
        f"{kept.model} is kept ({metric} {number(kept.score)}), though {first.model}{others} "
        f"scored better (up to {number(first.score)}): {why}."
    )
    note = "; ".join(filter(None, (f"kept, as {why}", kept.note)))
    bench.show(replace(kept, note=note))


def _better(bench: Workbench, kept: LeaderboardRow) -> list[LeaderboardRow]:
    """The rows above the kept one, best first."""
    up = bench.objective.greater_is_better
    above = [
        row
        for row in bench.rows.values()
        if np.isfinite(row.score) and bench.objective.better(row.score, kept.score)
    ]
    return sorted(above, key=lambda row: row.score, reverse=up)


def _why(bench: Workbench, better: list[LeaderboardRow]) -> str:
    """The rule that kept another; "" where it is told elsewhere."""
    told = bench.settings.prefer != "accurate" or bench.kept_score is not None
    if not better or bench.champion is None or told:
        return ""
    if bench.champion.of_few:
        half = "half of it" if len(bench.champion.members) > 1 else "it"
        return (
            f"{half} is {FEW_STRATEGY}, and where half of the classes have {VERY_FEW} rows or "
            "fewer, scores can't tell what a tuned network is worth"
        )
    judged = [
        int(np.isfinite(one.oof).all(axis=1).sum())
        for one in bench.candidates
        if one.name == better[0].model
    ]
    if not judged or judged[0] == len(bench.judge.y):
        return ""
    return f"mixing it in brings no sure gain on the {count(judged[0], 'row')} where it was judged"
