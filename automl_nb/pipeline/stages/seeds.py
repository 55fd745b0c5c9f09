"""The best models trained again with other seeds: how much of their scores is luck.

Rows, folds and feature blocks stay as they are; what a strategy draws by itself changes (where
networks start, the order of the rows, rows and columns of trees).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from automl_nb.core.show.words import count
from automl_nb.core.types import LeaderboardRow
from automl_nb.evaluate.ties import seeds_interval
from automl_nb.pipeline.champion import judge_candidate
from automl_nb.pipeline.standing import answers_of
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.base import Candidate

_MODELS = 3
_MARGIN = 1.3  # trainings of one model differ in length
_ALIKE = 1e-9  # scores that differ by less came of the same sums in another order


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
    return _note(models)


def _best(bench: Workbench) -> list[_Again]:
    """The best models of one strategy, as the leaderboard has them."""
    better = bench.objective.greater_is_better
    learnt = [
        c for c in bench.candidates if c.strategy != "prior" and np.isfinite(_score(bench, c))
    ]
    ranked = sorted(learnt, key=lambda c: _score(bench, c), reverse=better)
    found = [_Again({bench.settings.seed: candidate}) for candidate in ranked[:_MODELS]]
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
        return
    made = bench.trials.again(model.name, seed)
    if made is None:
        model.why_not = "it didn't come to its end"
        return
    first = model.made[bench.settings.seed]
    if np.allclose(made.oof, first.oof, rtol=_ALIKE, atol=_ALIKE, equal_nan=True):
        model.why_not = "it doesn't depend on the seed"
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
    mean = float(np.mean(scores))
    judge = bench.judge
    over = seeds_interval(judge.objective.metric, judge.y, answers_of(made, judge), judge.task)
    bench.scored[model.name] = mean
    return replace(
        bench.rows[model.name],
        score=mean,
        low=over.low + mean - over.value,
        high=over.high + mean - over.value,
        seeds=tuple(model.made),
        seed_scores=tuple(scores),
    )


def _note(models: Sequence[_Again]) -> str:
    """How many seeds each was trained with, and why no more."""
    return "; ".join(
        f"{model.name}: {count(len(model.made), 'seed')}"
        + (f" ({model.why_not})" if model.why_not else "")
        for model in models
    )
