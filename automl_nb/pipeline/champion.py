"""Which model is best: blends of candidates, judged by out-of-fold scores alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from automl_nb.core.types import Interval, LeaderboardRow, Objective, Task, TaskKind
from automl_nb.data.dataset import Dataset
from automl_nb.evaluate.bootstrap import interval
from automl_nb.evaluate.calibration import Temperature, Thresholds, fit_thresholds
from automl_nb.evaluate.decide import plain_thresholds
from automl_nb.evaluate.metrics import evaluate
from automl_nb.features.base import Encoder
from automl_nb.pipeline.ensemble import greedy_blend
from automl_nb.pipeline.model import Member, Model
from automl_nb.transfer.base import Candidate
from automl_nb.transfer.crossfit import plain_loss

_RESAMPLES = 200
_DOUBT = 0.25  # standard errors within which two scores count as equal


@dataclass(frozen=True)
class Champion:
    """A blend of candidates with what was measured of it."""

    name: str
    members: tuple[tuple[Candidate, float, Temperature], ...]
    temperature: Temperature
    thresholds: Thresholds
    score: Interval
    loss: float
    oof: np.ndarray

    def beats(self, other: Champion | None, objective: Objective) -> bool:
        """Better by the metric; or as good within the noise, and better by the loss."""
        if other is None:
            return True
        if self.same_as(other):
            return False
        doubt = _DOUBT * standard_error(other.score)
        gain = self.score.value - other.score.value
        gain = gain if objective.greater_is_better else -gain
        return gain > doubt or (gain >= -doubt and self.loss < other.loss)

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


def choose_champion(
    candidates: list[Candidate], dataset: Dataset, objective: Objective, seed: int
) -> Champion | None:
    """The best blend or single candidate.

    Candidates judged on all rows are blended first; then each that was judged on a part
    (as fine-tuned ones are) may be blended in on the rows that both have scores for.
    """
    usable = [c for c in candidates if np.isfinite(c.oof).all(axis=1).any()]
    if not usable:
        return None
    y, task = dataset.y, dataset.task
    most = max(_covered(c).sum() for c in usable)
    whole = [c for c in usable if _covered(c).sum() == most]
    rows = np.flatnonzero(np.logical_and.reduce([_covered(c) for c in whole]))
    best = _best_of(whole, rows, y, task, objective, seed)
    for candidate in usable:
        if not any(candidate is c for c in whole):
            best = _blend_in(best, candidate, y, task, objective, seed)
    return best


def judge_candidate(
    candidate: Candidate, dataset: Dataset, objective: Objective, champion: Champion | None
) -> Interval:
    """The candidate's score with its interval.

    One judged on a part of the rows is compared with the champion on that part, and the
    difference is added to the champion's score on all rows, so that an easy part flatters
    nobody (a control variate).
    """
    y, task = dataset.y, dataset.task
    covered = np.flatnonzero(_covered(candidate))
    calibrated = Temperature.fit(candidate.oof[covered], y[covered], task)
    scores = calibrated.apply(candidate.oof[covered])
    own = interval(objective.metric, y[covered], scores, task, n=_RESAMPLES)
    if champion is None:
        return own
    return _adjusted(own, covered, champion, y, task, objective)


def standard_error(score: Interval) -> float:
    """From the 95% interval; 0 where it has no ends."""
    width = (score.high - score.low) / 3.92
    return width if np.isfinite(width) else 0.0


def _adjusted(
    own: Interval,
    rows: np.ndarray,
    champion: Champion,
    y: np.ndarray,
    task: Task,
    objective: Objective,
) -> Interval:
    shared = rows[np.isfinite(champion.oof[rows]).all(axis=1)]
    everything = np.flatnonzero(np.isfinite(champion.oof).all(axis=1))
    if len(shared) != len(rows) or len(everything) <= len(rows):
        return own
    part = evaluate(
        objective.metric, y[shared], champion.oof[shared], task, thresholds=champion.thresholds
    )
    shift = champion.score.value - part
    if not np.isfinite(shift):
        return own
    return Interval(own.value + shift, own.low + shift, own.high + shift)


def _covered(candidate: Candidate) -> np.ndarray:
    return np.asarray(np.isfinite(candidate.oof).all(axis=1))


def _best_of(
    candidates: list[Candidate],
    rows: np.ndarray,
    y: np.ndarray,
    task: Task,
    objective: Objective,
    seed: int,
) -> Champion:
    temperatures = [Temperature.fit(c.oof[rows], y[rows], task) for c in candidates]
    scores = [t.apply(c.oof[rows]) for c, t in zip(candidates, temperatures, strict=True)]
    singles = [
        _champion(((c, 1.0, t),), s, rows, y, task, objective, seed)
        for c, t, s in zip(candidates, temperatures, scores, strict=True)
    ]
    best = singles[0]
    for single in singles[1:]:
        best = single if single.beats(best, objective) else best
    if len(candidates) == 1:
        return best
    blend = greedy_blend(scores, y[rows], task, seed=seed)
    members = tuple(
        (c, w, t) for c, w, t in zip(candidates, blend.weights, temperatures, strict=True) if w > 0
    )
    if len(members) == 1:
        return best
    mixed = _champion(members, blend.apply(scores), rows, y, task, objective, seed)
    return mixed if mixed.beats(best, objective) else best


def _blend_in(
    base: Champion,
    candidate: Candidate,
    y: np.ndarray,
    task: Task,
    objective: Objective,
    seed: int,
) -> Champion:
    """The best of base and candidate blended on the rows that both were judged on."""
    rows = np.flatnonzero(_covered(candidate) & np.isfinite(base.oof).all(axis=1))
    if len(rows) == 0:
        return base
    temperature = Temperature.fit(candidate.oof[rows], y[rows], task)
    scores = [base.oof[rows], temperature.apply(candidate.oof[rows])]
    weight = greedy_blend(scores, y[rows], task, seed=seed).weights[1]
    if weight <= 0.0:
        return base
    inner = base.temperature
    members = (
        *((c, w * (1.0 - weight), _after(t, inner, base)) for c, w, t in base.members),
        (candidate, weight, temperature),
    )
    mixed_scores = (1.0 - weight) * scores[0] + weight * scores[1]
    mixed = _champion(members, mixed_scores, rows, y, task, objective, seed)
    here = replace(
        base,
        score=interval(objective.metric, y[rows], scores[0], task, n=_RESAMPLES),
        loss=plain_loss(scores[0], y[rows], task),
    )
    if not mixed.beats(here, objective):
        return base
    score = _adjusted(mixed.score, rows, base, y, task, objective)
    return replace(mixed, score=score, loss=base.loss + mixed.loss - here.loss)


def _after(own: Temperature, blend: Temperature, base: Champion) -> Temperature:
    """A member's temperature when its blend's own is folded into it.

    Exact for a single member; for a blend of several the difference is second order, and
    the blend's temperature is near 1 as each member is calibrated already.
    """
    if len(base.members) > 1:
        return own
    return Temperature(own.value * blend.value, own.kind)


def _champion(
    members: tuple[tuple[Candidate, float, Temperature], ...],
    scores: np.ndarray,
    rows: np.ndarray,
    y: np.ndarray,
    task: Task,
    objective: Objective,
    seed: int,
) -> Champion:
    temperature = Temperature.fit(scores, y[rows], task)
    scores = temperature.apply(scores)
    thresholds = (
        fit_thresholds(scores, y[rows], task, objective, seed=seed)
        if task.kind is not TaskKind.REGRESSION
        else plain_thresholds(task)
    )
    name = members[0][0].name if len(members) == 1 else "ensemble"
    score = interval(
        objective.metric, y[rows], scores, task, n=_RESAMPLES, thresholds=thresholds
    )
    oof = np.full((len(y), scores.shape[1]), np.nan)
    oof[rows] = scores
    loss = plain_loss(scores, y[rows], task)
    return Champion(name, members, temperature, thresholds, score, loss, oof)
