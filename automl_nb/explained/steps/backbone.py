"""Why this pretrained network: what was compared, or what it brings on the person's rows."""

from __future__ import annotations

from automl_nb.core.show.messages import say
from automl_nb.core.show.words import number
from automl_nb.core.types import LeaderboardRow
from automl_nb.evaluate.words import label, metric_title
from automl_nb.explained.base import Explanation, Facts, Moment, Step
from automl_nb.explained.steps.features import frozen_key
from automl_nb.explained.words import bars, drawn, told
from automl_nb.pipeline.backbones import is_automatic

_STAGE = "frozen features"


def _record(moment: Moment) -> Facts | None:
    key, bench, state = frozen_key(moment), moment.bench, moment.state
    has_ended = any(stage.name == _STAGE and stage.outcome for stage in state.stages)
    if not key or not (has_ended or moment.over):
        return None
    encoder = bench.encoders[key]
    card, column = encoder.card, encoder.columns[0]  # type: ignore[attr-defined]
    choice = bench.choices.get(column)
    compared = dict(choice.reached) if choice else {}
    why = "usual" if is_automatic(bench.settings) else "asked"
    if choice and compared:
        why = "compared" if choice.is_sure else "alike"
    return {
        "column": column,
        "backbone": card.name,
        "millions": round(card.parameters / 1e6, 1),
        "why": why,
        "compared": {name: round(value, 4) for name, value in compared.items()},
        "compared_by": choice.measure if choice else "",
        "compared_rows": choice.n_rows if choice else 0,
        "metric": bench.objective.metric,
        "reached": _reached(moment),
    }


def _reached(moment: Moment) -> list[list[object]]:
    """The best held-out score without a network, with it alone, and with both side by side."""
    kinds: dict[str, list[LeaderboardRow]] = {"without": [], "alone": [], "both": []}
    for row in moment.state.leaderboard:
        reads = [key.startswith("frozen-") for key in row.inputs]
        if row.strategy not in {"ensemble", "prior"} and reads:
            kinds["alone" if all(reads) else "both" if any(reads) else "without"].append(row)
    up = moment.bench.objective.greater_is_better
    best = max if up else min
    return [
        [kind, round(best(row.score for row in rows), 4)] for kind, rows in kinds.items() if rows
    ]


def _tell(facts: Facts) -> Explanation:
    compared = facts["compared"]
    metric = metric_title(facts["compared_by"] if compared else facts["metric"])
    bars_of = [*compared.items()] or facts["reached"]
    drawn_names = [name if compared else drawn(f"explain.backbone.{name}") for name, _ in bars_of]
    said_names = [name if compared else say(f"explain.backbone.{name}") for name, _ in bars_of]
    values = [value for _, value in bars_of]
    scores = "; ".join(
        f"{name} {number(value)}" for name, value in zip(said_names, values, strict=True)
    )
    return Explanation(
        "backbone",
        say("explain.backbone.title", backbone=facts["backbone"]),
        told(
            "explain.backbone",
            facts["why"],
            "size",
            "" if compared or not values else "worth",
            backbone=facts["backbone"],
            column=label(facts["column"]),
            rows=facts["compared_rows"],
            millions=facts["millions"],
            metric=metric,
            scores=scores,
        ),
        lambda figure, ink: bars(figure, ink, [*zip(drawn_names, values, strict=True)], metric),
        (5.8, 0.7 + 0.34 * max(1, len(values))),
        say("explain.backbone.alt", metric=metric, scores=scores),
    )


backbone = Step(_record, _tell)
