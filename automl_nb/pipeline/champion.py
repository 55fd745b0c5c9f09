"""Which model is best: blends of candidates, judged by out-of-fold scores alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import ndtr, stdtrit

from automl_nb.core.types import Interval, LeaderboardRow, Objective, Task
from automl_nb.data.dataset import Dataset
from automl_nb.evaluate.bootstrap import interval
from automl_nb.evaluate.calibration import Temperature, Thresholds, fit_thresholds
from automl_nb.evaluate.metrics import evaluate, load_metric
from automl_nb.features.base import Encoder
from automl_nb.pipeline.ensemble import greedy_blend
from automl_nb.pipeline.few_rows import FEW_STRATEGY, VERY_FEW, median_class
from automl_nb.pipeline.model import Member, Model
from automl_nb.transfer.base import Candidate
from automl_nb.transfer.crossfit import plain_loss, row_losses

_RESAMPLES = 200
_TELLING_ROWS = 200  # fewer may all be right by luck
# Standard errors by which a candidate that was judged on a part must better the loss there. Its
# best weights and its share of the blend were chosen by the same rows, which flatters it.
_SURE = 2.0


@dataclass(frozen=True)
class Judge:
    """What scores are held against."""

    y: np.ndarray
    task: Task
    objective: Objective
    seed: int = 0
    # Single candidates judged before; each is kept alive by its champion, so ids don't recur.
    known: dict[tuple[int, int], Champion] = field(default_factory=dict)

    @classmethod
    def of(cls, dataset: Dataset, objective: Objective, seed: int = 0) -> Judge:
        """The judge of a run."""
        return cls(dataset.y, dataset.task, objective, seed)

    def forget(self, candidate: Candidate) -> None:
        """Nobody asks for it again: what is known of it would keep its weights in memory."""
        for key in [key for key, one in self.known.items() if one.members[0][0] is candidate]:
            del self.known[key]

    def of_few(self, candidate: Candidate) -> bool:
        """Whether it is a network that was tuned for very few rows, and they are very few."""
        return candidate.strategy == FEW_STRATEGY and median_class(self.y, self.task) <= VERY_FEW

    def temperature(self, oof: np.ndarray, rows: np.ndarray) -> Temperature:
        """The best temperature for the out-of-fold scores of these rows."""
        return Temperature.fit(oof[rows], self.y[rows], self.task)

    def score(
        self, scores: np.ndarray, rows: np.ndarray, thresholds: Thresholds | None = None
    ) -> Interval:
        """The metric of the scores of these rows, with its interval."""
        return interval(
            self.objective.metric,
            self.y[rows],
            scores,
            self.task,
            n=_RESAMPLES,
            thresholds=thresholds,
        )

    def losses(self, scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """(len(rows),) log losses or squared errors."""
        return row_losses(scores, self.y[rows], self.task)

    def loss(self, scores: np.ndarray, rows: np.ndarray) -> float:
        """Their mean."""
        return plain_loss(scores, self.y[rows], self.task)


@dataclass(frozen=True)
class Champion:
    """A blend of candidates with what was measured of it.

    Attributes:
        name: On the leaderboard.
        members: Candidates, their weights and temperatures.
        temperature: Of the blend.
        thresholds: Of its decisions.
        score: Out of fold.
        loss: Out of fold.
        oof: (n, k) its out-of-fold scores.
        of_few: Whether a network that was tuned for very few rows is half of it.
    """

    name: str
    members: tuple[tuple[Candidate, float, Temperature], ...]
    temperature: Temperature
    thresholds: Thresholds
    score: Interval
    loss: float
    oof: np.ndarray
    of_few: bool = False

    def beats(self, other: Champion | None, objective: Objective) -> bool:
        """Better by the metric; or just as good, and better by the loss.

        With a network that was tuned for very few rows a blend is better whatever these say.
        """
        if other is None:
            return True
        if self.same_as(other):
            return False
        if self.of_few != other.of_few:
            return self.of_few
        gain = self.score.value - other.score.value
        gain = gain if objective.greater_is_better else -gain
        return gain > 0 or (gain == 0 and self.loss < other.loss)

    def is_perfect(self, judge: Judge) -> bool:
        """Whether no model could be better: it `is_right`, and by more than luck."""
        rows = np.isfinite(self.oof).all(axis=1).sum()
        return bool(rows >= _TELLING_ROWS) and self.is_right(judge)

    def is_right(self, judge: Judge) -> bool:
        """Whether it has the best possible score, and no wrong answer.

        The score alone would not do: who always says yes has a recall of 1.
        """
        rows = np.flatnonzero(np.isfinite(self.oof).all(axis=1))
        metric = load_metric(judge.objective.metric)
        best = metric.bounds[1] if metric.greater_is_better else metric.bounds[0]
        if self.score.value != best:
            return False
        if not judge.task.kind.is_classification:
            return True
        return np.array_equal(self.thresholds.decide(self.oof[rows]), judge.y[rows])

    @property
    def knows_nothing(self) -> bool:
        """Whether it says the same of every row, so that whatever learnt something is better."""
        return all(candidate.strategy == "prior" for candidate, _, _ in self.members)

    def same_as(self, other: Champion) -> bool:
        """Whether it is the same blend of the same candidates."""
        return [(id(c), round(w, 6)) for c, w, _ in self.members] == [
            (id(c), round(w, 6)) for c, w, _ in other.members
        ]

    def model(self, dataset: Dataset, encoders: dict[str, Encoder], objective: Objective) -> Model:
        """The model that predicts as this blend does."""
        used = {key for candidate, _, _ in self.members for key in candidate.inputs}
        return Model(
            task=dataset.task,
            schema=dataset.schema,
            objective=objective,
            cleaner=dataset.cleaner,
            label_values=dataset.label_values,
            encoders={key: encoder for key, encoder in encoders.items() if key in used},
            members=tuple(
                Member(c.name, c.strategy, c.predictor, weight, temperature)
                for c, weight, temperature in self.members
            ),
            temperature=self.temperature,
            thresholds=self.thresholds,
            root=dataset.root,
            facts={"name": self.name, "score": self.score.value, "origin": dataset.origin},
        )

    def row(self, stage: str) -> LeaderboardRow:
        """Its line on the leaderboard."""
        return LeaderboardRow(
            model=self.name,
            strategy="ensemble",
            inputs=tuple(dict.fromkeys(k for c, _, _ in self.members for k in c.inputs)),
            score=self.score.value,
            low=self.score.low,
            high=self.score.high,
            fit_s=sum(c.fit_s for c, _, _ in self.members),
            predict_ms=float("nan"),
            stage=stage,
            t=0.0,
            note=" + ".join(f"{weight:.0%} {c.name}" for c, weight, _ in self.members),
        )


def choose_champion(candidates: list[Candidate], judge: Judge) -> Champion | None:
    """The best blend or single candidate.

    Candidates judged on all rows are blended first; then each that was judged on a part
    (as fine-tuned ones are) may be blended in on the rows that both have scores for, of those of
    the same part the best first. A network that was tuned for very few rows gets half of the
    weight: their scores can't tell its worth.
    """
    usable = [c for c in candidates if _covered(c).any()]
    if not usable:
        return None
    most = max(_covered(c).sum() for c in usable)
    whole = [c for c in usable if _covered(c).sum() == most]
    rows = np.flatnonzero(np.logical_and.reduce([_covered(c) for c in whole]))
    halves = [c for c in whole if judge.of_few(c)]
    others = [c for c in whole if not judge.of_few(c)]
    if not others:
        halves, others = [], whole
    best = _best_of(others, rows, judge)
    for candidate in _best_first([c for c in usable if not any(c is w for w in whole)], judge):
        best = _blend_in(best, candidate, judge)
    for candidate in halves:
        best = _half_and_half(best, candidate, judge)
    return best


def _best_first(candidates: list[Candidate], judge: Judge) -> list[Candidate]:
    """As they came, but of those that were judged on the same rows the best first.

    Which of them takes a place is then no matter of which was trained first: by the score, and
    by the loss where the scores are equal.
    """
    alike: dict[bytes, list[Champion]] = {}
    for candidate in candidates:
        covered = _covered(candidate)
        single = _single(candidate, np.flatnonzero(covered), judge)
        alike.setdefault(covered.tobytes(), []).append(single)
    sign = -1.0 if judge.objective.greater_is_better else 1.0
    for singles in alike.values():
        singles.sort(key=lambda one: (sign * one.score.value, one.loss))
    return [single.members[0][0] for singles in alike.values() for single in singles]


def alone(candidate: Candidate, judge: Judge, champion: Champion | None = None) -> Champion:
    """The candidate by itself, on the rows that it was judged on.

    With a champion it has the score that `judge_candidate` gives it.
    """
    rows = np.flatnonzero(_covered(candidate))
    own = _single(candidate, rows, judge)
    if champion is None:
        return own
    return replace(own, score=_adjusted(own.score, rows, champion, judge))


def judge_candidate(candidate: Candidate, judge: Judge, champion: Champion | None) -> Interval:
    """The candidate's score with its interval.

    One judged on a part of the rows is compared with the champion on that part, and the
    difference is added to the champion's score on all rows, so that an easy part flatters
    nobody (a control variate).
    """
    return alone(candidate, judge, champion).score


def blended(
    members: tuple[tuple[Candidate, float, Temperature], ...], rows: np.ndarray, judge: Judge
) -> Champion:
    """The blend of these members, judged on rows that all of them have scores for."""
    parts = [weight * t.apply(c.oof[rows]) for c, weight, t in members]
    return _champion(members, np.asarray(np.sum(parts, axis=0)), rows, judge)


def _single(candidate: Candidate, rows: np.ndarray, judge: Judge) -> Champion:
    """The candidate alone, with its own thresholds; worked out once."""
    key = (id(candidate), len(rows))
    if key not in judge.known:
        temperature = judge.temperature(candidate.oof, rows)
        scores = temperature.apply(candidate.oof[rows])
        judge.known[key] = _champion(((candidate, 1.0, temperature),), scores, rows, judge)
    return judge.known[key]


def _adjusted(own: Interval, rows: np.ndarray, champion: Champion, judge: Judge) -> Interval:
    scored = np.isfinite(champion.oof).all(axis=1)
    # A champion of the same part is itself compared with one of more rows: its score tells.
    if not scored[rows].all() or len(rows) == len(scored):
        return own
    part = evaluate(
        judge.objective.metric,
        judge.y[rows],
        champion.oof[rows],
        judge.task,
        thresholds=champion.thresholds,
    )
    shift = champion.score.value - part
    if not np.isfinite(shift):
        return own
    least, most = load_metric(judge.objective.metric).bounds
    value, low, high = np.clip(np.array([own.value, own.low, own.high]) + shift, least, most)
    return Interval(float(value), float(low), float(high))


def _covered(candidate: Candidate) -> np.ndarray:
    return np.asarray(np.isfinite(candidate.oof).all(axis=1))


def _best_of(candidates: list[Candidate], rows: np.ndarray, judge: Judge) -> Champion:
    objective = judge.objective
    temperatures = [judge.temperature(c.oof, rows) for c in candidates]
    scores = [t.apply(c.oof[rows]) for c, t in zip(candidates, temperatures, strict=True)]
    singles = [_single(c, rows, judge) for c in candidates]
    best = singles[0]
    for single in singles[1:]:
        best = single if single.beats(best, objective) else best
    if len(candidates) == 1:
        return best
    blend = greedy_blend(scores, judge.y[rows], judge.task, seed=judge.seed)
    members = tuple(
        (c, w, t) for c, w, t in zip(candidates, blend.weights, temperatures, strict=True) if w > 0
    )
    if len(members) == 1:
        return best
    mixed = _champion(members, blend.apply(scores), rows, judge)
    return mixed if mixed.beats(best, objective) else best


def _blend_in(base: Champion, candidate: Candidate, judge: Judge) -> Champion:
    """The best of base and candidate blended on the rows that both were judged on."""
    rows = np.flatnonzero(_covered(candidate) & np.isfinite(base.oof).all(axis=1))
    if len(rows) == 0:
        return base
    temperature = judge.temperature(candidate.oof, rows)
    scores = [base.oof[rows], temperature.apply(candidate.oof[rows])]
    blend = greedy_blend(scores, judge.y[rows], judge.task, seed=judge.seed)
    weight = 1.0 if base.knows_nothing else blend.weights[1]
    if weight <= 0.0:
        return base
    kept = base.members if weight < 1.0 else ()
    members = (
        *((c, w * (1.0 - weight), _after(t, base)) for c, w, t in kept),
        (candidate, weight, temperature),
    )
    mixed = _champion(members, (1.0 - weight) * scores[0] + weight * scores[1], rows, judge)
    gains = judge.losses(scores[0], rows) - judge.losses(mixed.oof[rows], rows)
    if not (base.knows_nothing or _tells(gains)):
        return base
    here = replace(base, score=judge.score(scores[0], rows), loss=judge.loss(scores[0], rows))
    if not mixed.beats(here, judge.objective):
        return base
    score = _adjusted(mixed.score, rows, base, judge)
    return replace(mixed, score=score, loss=base.loss + mixed.loss - here.loss)


def _half_and_half(base: Champion, candidate: Candidate, judge: Judge) -> Champion:
    """Both with the same weight, which no scores were asked for; alone beside the prior."""
    rows = np.flatnonzero(_covered(candidate) & np.isfinite(base.oof).all(axis=1))
    # Scores that can't weigh it can't soften it either: a few wrong answers of networks that saw
    # half of the rows would leave it with nothing to say.
    temperature = Temperature(1.0, judge.task.kind)
    own = temperature.apply(candidate.oof[rows])
    if base.knows_nothing:
        return replace(_champion(((candidate, 1.0, temperature),), own, rows, judge), of_few=True)
    scores = 0.5 * base.oof[rows] + 0.5 * own
    members = (
        *((c, 0.5 * w, _after(t, base)) for c, w, t in base.members),
        (candidate, 0.5, temperature),
    )
    return replace(_champion(members, scores, rows, judge), of_few=True)


def _tells(gains: np.ndarray) -> bool:
    """Whether the mean gain of these rows is more than noise.

    A handful of rows hardly tells its own noise, so that more standard errors are asked of them, by
    Student's distribution: 2.3 of 10 rows, 3.3 of 4, 14 of 2.
    """
    n = len(gains)
    if n < 2:
        return False
    asked = float(stdtrit(n - 1, ndtr(_SURE)))
    error = float(np.std(gains, ddof=1)) / n**0.5
    return bool(np.mean(gains) > asked * error)


def _after(own: Temperature, base: Champion) -> Temperature:
    """A member's temperature when its blend's own is folded into it.

    Exact for a single member; for a blend of several the difference is second order, and
    the blend's temperature is near 1 as each member is calibrated already.
    """
    if len(base.members) > 1:
        return own
    return Temperature(own.value * base.temperature.value, own.kind)


def _champion(
    members: tuple[tuple[Candidate, float, Temperature], ...],
    scores: np.ndarray,
    rows: np.ndarray,
    judge: Judge,
) -> Champion:
    temperature = Temperature.fit(scores, judge.y[rows], judge.task)
    scores = temperature.apply(scores)
    thresholds = fit_thresholds(scores, judge.y[rows], judge.task, judge.objective, seed=judge.seed)
    oof = np.full((len(judge.y), scores.shape[1]), np.nan)
    oof[rows] = scores
    return Champion(
        name=members[0][0].name if len(members) == 1 else "ensemble",
        members=members,
        temperature=temperature,
        thresholds=thresholds,
        score=judge.score(scores, rows, thresholds),
        loss=judge.loss(scores, rows),
        oof=oof,
    )
