"""The model that is kept where a fast or a small one is preferred to the very best.

While a run is at work its best model is kept, as without a preference. At its end the cheapest
model takes its place that is as good: its score is not worse by more than a small share, or its
out-of-fold losses, row by row, are not worse by more than one standard error of their mean
difference (the rule of one standard error, Breiman, Friedman, Olshen & Stone 1984, section 3.4.3,
with paired differences, as the models answered the same rows).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from automl_nb.core import events as ev
from automl_nb.core.clock import now
from automl_nb.core.show.words import size, speed
from automl_nb.core.types import Objective
from automl_nb.evaluate.metrics import load_metric
from automl_nb.evaluate.words import metric_title
from automl_nb.pipeline.champion import Champion, Judge, alone, choose_champion
from automl_nb.pipeline.workbench import Workbench
from automl_nb.search.pareto import non_dominated, prefer

TOLERANCE = 0.005  # share of the best score that may be given up
_ALIKE = 0.2  # share by which measured times differ by chance
SMALLER = "smaller ensemble"


@dataclass(frozen=True)
class Offer:
    """A model that could be kept, and what it costs.

    Attributes:
        made: The model.
        ms: Milliseconds a row.
        size_bytes: On disk, 0 if unknown.
    """

    made: Champion
    ms: float
    size_bytes: int

    def cost(self, preference: str) -> float:
        """What a preference looks at; infinite where it isn't known."""
        return self.ms if preference == "fast" else float(self.size_bytes) or np.inf


def keep_preferred(bench: Workbench) -> None:
    """Put what is preferred in the place of the best model, and say what that gives and takes."""
    preference, best = bench.settings.prefer, bench.champion
    if preference == "accurate" or best is None or bench.kept_score is not None:
        return  # or the best was made before an interruption, and there is nothing beside it
    offers = offers_of(bench, best)
    chosen = choose(preference, offers, bench.judge)
    why = sentence(preference, chosen, offers[0], bench.objective)
    bench.say(why)
    if chosen is not offers[0]:
        _keep(bench, chosen.made, why)
    path = "" if bench.vault.trouble else str(bench.vault.place)
    made = chosen.made
    bench.emit(
        ev.ModelPreferred(bench.t, preference, made.name, made.score.value, best.name, path, why)
    )


def _keep(bench: Workbench, made: Champion, why: str) -> None:
    if made.name == SMALLER:
        bench.show_blend(made)
    bench.champion = made
    model = bench.model_of(made)
    model.facts["preferred"] = why
    bench.vault.keep(model)


def offers_of(bench: Workbench, best: Champion) -> list[Offer]:
    """The best model; then each candidate alone, and blends of the best one's cheaper members."""
    singles = [alone(candidate, bench.judge, best) for candidate in bench.candidates]
    known = [made for made in singles if best.knows_nothing or not made.knows_nothing]
    others = [*known, *_smaller(bench, best)]
    return [
        _offer(bench, made) for made in (best, *others) if made is best or not made.same_as(best)
    ]


def _offer(bench: Workbench, made: Champion) -> Offer:
    members = [candidate for candidate, _, _ in made.members]
    return Offer(made, bench.trials.predict_ms(members), bench.trials.sizes.of(members))


def _smaller(bench: Workbench, best: Champion) -> list[Champion]:
    """Blends of the best one's members, less the one that costs most, less the next ...

    As many as there is time for, as blending many rows takes seconds.
    """
    members, found = [candidate for candidate, _, _ in best.members], []
    longest = 0.0
    while len(members) > 2 and bench.allows(longest):
        began = now()
        rests = [[c for c in members if c is not dearest] for dearest in members]
        members = min(rests, key=lambda rest: bench.trials.cost(rest, bench.settings.prefer))
        made = choose_champion(members, bench.judge)
        if made is not None and len(made.members) > 1:
            found.append(replace(made, name=SMALLER))
        longest = max(longest, now() - began)
    return found


def choose(preference: str, offers: list[Offer], judge: Judge) -> Offer:
    """The cheapest on the front that is as good as the first, which is the best.

    Args:
        preference: fast or small.
        offers: The best model first.
        judge: What losses are counted by.
    """
    best, up = offers[0], judge.objective.greater_is_better
    if not np.isfinite(best.cost(preference)):
        return best
    direction = "maximize" if up else "minimize"
    points = [(one.made.score.value, one.cost(preference)) for one in offers]
    front = [offers[place] for place in non_dominated(points, (direction, "minimize"))]
    found = prefer(
        preference,
        [one.made.score.value for one in front],
        [one.cost(preference) for one in front],
        direction=direction,
        give=TOLERANCE,
        as_good=[as_good(one.made, best.made, judge) for one in front],
        alike=_ALIKE if preference == "fast" else 0.0,
    )
    chosen = front[found.place]
    can_tell = chosen.made.of_few == best.made.of_few  # else their scores say nothing
    return chosen if can_tell and chosen.cost(preference) < best.cost(preference) else best


def as_good(made: Champion, best: Champion, judge: Judge) -> bool:
    """Whether a model is worse than the best by no more than noise.

    Its score lies in the best one's interval, and the mean of the paired differences of their
    losses is at most one standard error. Never where they were judged on different rows.
    """
    rows = np.flatnonzero(np.isfinite(made.oof).all(axis=1) & np.isfinite(best.oof).all(axis=1))
    value, span = made.score.value, best.score
    up = judge.objective.greater_is_better
    if len(rows) < 2 or not (value >= span.low if up else value <= span.high):
        return False
    lost = judge.losses(made.oof[rows], rows) - judge.losses(best.oof[rows], rows)
    error = float(np.std(lost, ddof=1)) / len(rows) ** 0.5
    return bool(np.mean(lost) <= error)


def sentence(preference: str, chosen: Offer, best: Offer, objective: Objective) -> str:
    """What was given up and what was gained, in the words of a person."""
    if chosen is best:
        return f"Nothing {_COMPARED[preference]} is as good as {best.made.name}, so that is kept."
    times = best.cost(preference) / chosen.cost(preference)
    costs = [f"{speed(chosen.ms)} instead of {speed(best.ms)} ms a row"]
    if chosen.size_bytes and best.size_bytes:
        costs.append(f"{size(chosen.size_bytes)} instead of {size(best.size_bytes)} on disk")
    costs = costs if preference == "fast" else costs[::-1]
    gained = f"{times:.{0 if times >= 9.5 else 1}f} times {_TIMES[preference]}"
    joint = "but" if objective.better(best.made.score.value, chosen.made.score.value) else "and"
    return (
        f"Preferred as {preference}: {chosen.made.name}, "
        f"{_lost(chosen.made.score.value, best.made.score.value, objective)} ({best.made.name}), "
        f"{joint} {gained}: {', '.join(costs)}."
    )


_COMPARED = {"fast": "faster", "small": "smaller"}
_TIMES = {"fast": "as fast", "small": "smaller"}


def _lost(score: float, best: float, objective: Objective) -> str:
    """How far a score is from the best: in points where it is a share, else in percent of it.

    Example:
        >>> _lost(0.913, 0.917, Objective("accuracy"))
        '0.4 points of accuracy less than the best'
        >>> _lost(3.52, 3.5, Objective("rmse", greater_is_better=False))
        '0.57% more RMSE than the best'
    """
    title, far = metric_title(objective.metric), score - best
    if far == 0.0:
        return f"the same {title} as the best"
    word = "more" if far > 0 else "less"
    if load_metric(objective.metric).bounds == (0.0, 1.0):
        return f"{abs(100.0 * far):.2g} points of {title} {word} than the best"
    return f"{abs(far / best):.2%} {word} {title} than the best"
