"""What the ensemble blends, and why a blend of models beats the best of them."""

from __future__ import annotations

from automl_nb.core.show.messages import say
from automl_nb.core.show.words import number
from automl_nb.evaluate.words import label, metric_title
from automl_nb.explained.base import Explanation, Facts, Moment, Step
from automl_nb.explained.words import bars, drawn, told


def _record(moment: Moment) -> Facts | None:
    bench = moment.bench
    best = bench.champion
    if not moment.over or best is None or bench.kept_score is not None or len(best.members) < 2:
        return None
    members = sorted(best.members, key=lambda member: -member[1])
    return {
        "answers": "shares" if bench.dataset.task.kind.is_classification else "values",
        "metric": bench.objective.metric,
        "score": round(best.score.value, 4),
        "tried": len(bench.candidates),
        "members": [
            [one.name, round(weight, 4), _rounded(bench.scored.get(one.name))]
            for one, weight, _ in members
        ],
    }


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)


def _tell(facts: Facts) -> Explanation:
    members, metric = facts["members"], metric_title(facts["metric"])
    lines = [
        (label(name) + ("" if score is None else f" ({number(score)})"), weight)
        for name, weight, score in members
    ]
    parts = "; ".join(f"{weight:.0%} {name}" for name, weight in lines)
    values = {"n": len(members), "tried": facts["tried"], "metric": metric}
    score = number(float(facts["score"]))
    return Explanation(
        "ensemble",
        say("explain.ensemble.title"),
        told("explain.ensemble", facts["answers"], "how", "why", score=score, **values),
        lambda figure, ink: bars(figure, ink, lines, drawn("explain.ensemble.weight"), share=True),
        (6.4, 0.7 + 0.32 * len(lines)),
        say("explain.ensemble.alt", parts=parts, metric=metric),
    )


ensemble = Step(_record, _tell)
