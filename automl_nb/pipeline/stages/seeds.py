"""The best models trained again with other seeds: how much of their scores is luck.

Rows, folds and feature blocks stay as they are; what a strategy draws by itself changes (where
networks start, the order of the rows, rows and columns of trees). Where a blend leads, its members
are among the models, and it is put together again of each seed's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from automl_nb.core.show.words import count, listed
from automl_nb.core.types import LeaderboardRow
from automl_nb.evaluate.ties import Answers, seeds_interval
from automl_nb.pipeline.champion import Champion, judge_candidate
from automl_nb.pipeline.recombined import recombined
from automl_nb.pipeline.standing import answers_of, answers_of_blends
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.base import Candidate

_MODELS = 3
_MARGIN = 1.3  # trainings of one model differ in length
_ALIKE = 1e-9  # scores that differ by less came of the same sums in another order
_SAME = "it doesn't depend on the seed"
_UNKNOWN = "its spread over seeds isn't known"


@dataclass
class _Again:
    """A model and what it came to with other seeds.

    Attributes:
        made: The candidates by seed, its own first.
        why_not: Why it isn't trained again, or no further; "" while it is.
    """

    made: dict[int, Candidate]
    why_not: str = ""
    longest_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.longest_s = next(iter(self.made.values())).fit_s

    @property
    def name(self) -> str:
        """Of the model."""
        return next(iter(self.made.values())).name

    def with_seed(self, seed: int) -> Candidate | None:
        """How it came out with a seed; None where it wasn't trained with it."""
        first = next(iter(self.made.values()))
        return first if self.why_not == _SAME else self.made.get(seed)


def work(bench: Workbench) -> str:
    """Each of the best with the first further seed, then each with the next, and so on."""
    models = _best(bench)
    if not models:
        return "not needed: no model was trained"
    seeds = [(bench.settings.seed + step) % 2**32 for step in range(1, bench.settings.reruns + 1)]
    heard = bench.progress("training with other seeds", "trials")
    for done, (seed, model) in enumerate((s, m) for s in seeds for m in models):
        if not model.why_not:
            heard(done, len(seeds) * len(models))
            _train(bench, model, seed)
    _tell_alike(bench, models)
    blend = _leading_blend(bench)
    of_blend = [] if blend is None else [_put_together(bench, blend, models, seeds)]
    return "; ".join([*of_blend, *map(_note, models)])


def _tell_alike(bench: Workbench, models: Sequence[_Again]) -> None:
    """Which models came out the same with another seed, so that their spread is none."""
    alike = [model.name for model in models if model.why_not == _SAME]
    if alike:
        bench.say(
            f"{listed(alike)} came out the same with another seed: nothing in "
            f"{'its' if len(alike) == 1 else 'their'} training is drawn by chance, so further "
            "seeds would give the same again."
        )


def _leading_blend(bench: Workbench) -> Champion | None:
    """The blend that is the best model of this run; None where that is a single one."""
    return bench.blend if bench.blend is bench.champion else None


def _best(bench: Workbench) -> list[_Again]:
    """The best models of one strategy, as the leaderboard has them, and a leading blend's members.

    Its members come first: it is what is kept.
    """
    better = bench.objective.greater_is_better
    learnt = [
        c for c in bench.candidates if c.strategy != "prior" and np.isfinite(_score(bench, c))
    ]
    ranked = sorted(learnt, key=lambda c: _score(bench, c), reverse=better)
    blend = _leading_blend(bench)
    members = [] if blend is None else [candidate for candidate, _, _ in blend.members]
    chosen = {c.name: c for c in [*members, *ranked[:_MODELS]] if c.strategy != "prior"}
    found = [_Again({bench.settings.seed: candidate}) for candidate in chosen.values()]
    for model in found:
        if model.name in bench.shortened:
            model.why_not = "lack of time cut it short"
    return found


def _score(bench: Workbench, candidate: Candidate) -> float:
    return bench.scored[candidate.name]


def _train(bench: Workbench, model: _Again, seed: int) -> None:
    """Once more with this seed, if that ends in time."""
    if not bench.allows(_MARGIN * model.longest_s):
        model.why_not = "no time left"
        bench.shortened.append("The training with other seeds")
        return
    made = bench.trials.again(model.name, seed)
    if made is None:
        model.why_not = "it didn't come to its end"
        return
    first = model.made[bench.settings.seed]
    if np.allclose(made.oof, first.oof, rtol=_ALIKE, atol=_ALIKE, equal_nan=True):
        model.why_not = _SAME
        return
    # Its predictor, which may be a whole network, isn't needed any more.
    model.made[seed] = replace(made, predictor=first.predictor)
    model.longest_s = max(model.longest_s, made.fit_s)
    bench.reruns[model.name] = list(model.made.values())[1:]
    bench.show(_row(bench, model))


def _row(bench: Workbench, model: _Again) -> LeaderboardRow:
    """The model's row with the mean over its seeds.

    The metric on the rows that it was judged on has an interval over rows and seeds; where these
    are a part of all rows, it is moved as each seed's score is.
    """
    made = list(model.made.values())
    scores = [judge_candidate(one, bench.judge, bench.champion).value for one in made]
    row = _over(bench, model.name, tuple(model.made), scores, answers_of(made, bench.judge))
    bench.scored[model.name] = row.score
    return row


def _over(
    bench: Workbench, model: str, seeds: tuple[int, ...], scores: Sequence[float], answers: Answers
) -> LeaderboardRow:
    """A row with the mean of several scores."""
    judge, mean = bench.judge, float(np.mean(scores))
    over = seeds_interval(judge.objective.metric, judge.y, answers, judge.task)
    return replace(
        bench.rows[model],
        score=mean,
        low=over.low + mean - over.value,
        high=over.high + mean - over.value,
        seeds=seeds,
        seed_scores=tuple(scores),
    )


def _put_together(
    bench: Workbench, blend: Champion, models: Sequence[_Again], seeds: Sequence[int]
) -> str:
    """The blend of each seed's members, on the leaderboard; how many seeds it has, or why but one.

    Its score with another seed is its own, moved by as much as the blend changes on the rows that
    all members were judged on.
    """
    known = {model.name: model for model in models}
    own = [candidate for candidate, _, _ in blend.members]
    again = [known[one.name] for one in own if one.name in known]  # all but the prior
    if all(model.why_not == _SAME for model in again):
        return f"{blend.name}: 1 seed ({_SAME})"
    made = {bench.settings.seed: recombined(blend, own, bench.judge)}
    for seed in seeds:
        others = {model.name: one for model in again if (one := model.with_seed(seed))}
        if len(others) == len(again):
            made[seed] = recombined(blend, [others.get(c.name, c) for c in own], bench.judge)
    short = next((model for model in again if model.why_not not in {"", _SAME}), None)
    why_not = "" if short is None else f" ({short.name}: {short.why_not})"
    if len(made) == 1:
        row = bench.rows[blend.name]
        bench.show(replace(row, note=f"{_UNKNOWN}{why_not}; {row.note}"))
        return f"{blend.name}: {_UNKNOWN}{why_not}"
    blends = [*made.values()]
    bench.blends_again = blends[1:]
    scores = [blend.score.value + one.score.value - blends[0].score.value for one in blends]
    bench.show(_over(bench, blend.name, tuple(made), scores, answers_of_blends(blends)))
    return f"{blend.name}: {count(len(made), 'seed')}{why_not}"


def _note(model: _Again) -> str:
    """How many seeds it was trained with, and why no more."""
    why_not = f" ({model.why_not})" if model.why_not else ""
    return f"{model.name}: {count(len(model.made), 'seed')}{why_not}"
