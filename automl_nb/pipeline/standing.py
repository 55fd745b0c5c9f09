"""Where the models of a run stand beside the first: which of them can't be told from it."""

from __future__ import annotations

from collections.abc import Sequence

from automl_nb.core import events as ev
from automl_nb.core.types import LeaderboardRow
from automl_nb.evaluate.ties import Answers, tied_with_first
from automl_nb.pipeline.champion import Champion, Judge, alone
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.base import Candidate


def tell_ties(bench: Workbench) -> None:
    """Emit which models of the leaderboard are tied with its first.

    A model whose own interval lies wholly on the worse side of the first's is surely worse, and
    isn't compared once more: the interval of the difference is narrower than both together.
    """
    ranked = _ranked(bench)
    answers = _answers(bench)
    if not ranked or ranked[0].model not in answers:
        return
    first = ranked[0]
    up = bench.objective.greater_is_better
    near = [row for row in ranked if row.model in answers and not _apart(row, first, up=up)]
    judge = bench.judge
    tied = tied_with_first(
        judge.objective.metric, judge.y, [answers[row.model] for row in near], judge.task
    )
    names = tuple(row.model for row, is_tied in zip(near, tied, strict=True) if is_tied)
    bench.emit(ev.ModelsTied(bench.t, first.model, names))


def answers_of(made: Sequence[Candidate], judge: Judge) -> Answers:
    """A model's answers to the rows held out, trained with one seed or several."""
    return answers_of_blends([alone(candidate, judge) for candidate in made])


def answers_of_blends(blends: Sequence[Champion]) -> Answers:
    """A model's answers to the rows held out, by one judged model a seed."""
    return Answers(tuple(one.oof for one in blends), tuple(one.thresholds for one in blends))


def _answers(bench: Workbench) -> dict[str, Answers]:
    """By model; a blend that has given way to another has none any more."""
    found = {name: answers for name, answers in bench.former.items() if name in bench.rows}
    found |= {
        candidate.name: answers_of([candidate, *bench.reruns.get(candidate.name, ())], bench.judge)
        for candidate in bench.candidates
        if candidate.name in bench.rows
    }
    if bench.blend is not None:
        found[bench.blend.name] = answers_of_blends([bench.blend, *bench.blends_again])
    return found


def _ranked(bench: Workbench) -> list[LeaderboardRow]:
    """As the leaderboard is: best first, of equal ones the model that is kept."""
    sign = -1.0 if bench.objective.greater_is_better else 1.0
    kept = bench.champion.name if bench.champion else ""
    rows = [row for row in bench.rows.values() if row.score == row.score]  # not NaN
    return sorted(rows, key=lambda row: (sign * row.score, row.model != kept))


def _apart(row: LeaderboardRow, first: LeaderboardRow, *, up: bool) -> bool:
    return row.high < first.low if up else row.low > first.high
