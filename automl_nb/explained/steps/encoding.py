"""What encoding makes of one row of a table: the numbers that models are given."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from automl_nb.core.show.messages import say
from automl_nb.core.show.text import screen_width
from automl_nb.evaluate.words import label
from automl_nb.explained.base import Explanation, Facts, Moment, Step
from automl_nb.explained.words import drawn, told
from automl_nb.features.tabular import TabularLinear, TabularTree
from automl_nb.report.ink import colour, shown
from automl_nb.report.picture import Picture

_MOST_COLUMNS, _MOST_BOXES = 6, 4
_STAGE = "cheap models"
_ROOM = 0.88  # of the picture's width; what is left out is counted behind it


def _record(moment: Moment) -> Facts | None:
    encoder = _encoder(moment)
    if encoder is None:
        return None
    row = moment.bench.dataset.development.iloc[[0]].reset_index(drop=True)
    made: Any = encoder.transform(row)
    values = (made.toarray() if sparse.issparse(made) else np.asarray(made))[0]
    owned: dict[str, dict[str, float]] = {name: {} for name in encoder.columns}
    for feature, value in zip(encoder.feature_names, values.tolist(), strict=True):
        owned[_owner(feature, owned)][feature] = value
    kinds = encoder.reader.kinds
    return {
        "for_trees": isinstance(encoder, TabularTree),
        "columns": len(encoder.columns),
        "numbers": len(values),
        "kinds": sorted({kind.value for kind in kinds.values()}),
        "row": [
            _column(name, row[name].iloc[0], owned[name])
            for name in _varied(encoder.columns, kinds)
        ],
    }


def _encoder(moment: Moment) -> TabularLinear | TabularTree | None:
    """That of linear models, which does more; that of trees if none came with the cheap models."""
    encoders, stages = moment.bench.encoders, moment.state.stages
    found = encoders.get(TabularLinear.name)
    waits = not moment.over and any(one.name == _STAGE and not one.outcome for one in stages)
    if found is None and not waits:
        found = encoders.get(TabularTree.name)
    return found if isinstance(found, TabularLinear | TabularTree) else None


def _owner(feature: str, columns: Container[str]) -> str:
    """The column that a feature belongs to: the one with the longest name that it begins with."""
    return next(name for k in range(len(feature), 0, -1) if (name := feature[:k]) in columns)


def _varied(columns: tuple[str, ...], kinds: Any) -> list[str]:
    """Some columns, of every kind if there are several, in their order."""
    seen: dict[str, list[str]] = {}
    for name in columns:
        seen.setdefault(str(kinds[name]), []).append(name)
    dealt = [
        names[turn] for turn in range(_MOST_COLUMNS) for names in seen.values() if turn < len(names)
    ]
    chosen = set(dealt[:_MOST_COLUMNS])
    return [name for name in columns if name in chosen]


def _column(name: str, raw: object, made: dict[str, float]) -> list[Any]:
    """Name, what the row holds, what it became, and how many numbers that are in all."""
    telling = [one for one, value in made.items() if value != 0 or one == name]
    boxes = [
        [one.removeprefix(name).strip(": "), _number(made[one])] for one in telling[:_MOST_BOXES]
    ]
    return [name, _raw(raw), boxes, len(made)]


def _raw(value: Any) -> str:
    """A cell as a person would write it; "" for a missing one."""
    if pd.isna(value):
        return ""
    words = f"{value:.6g}" if isinstance(value, float) else str(value)
    return words.removesuffix(" 00:00:00")[:60]


def _number(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None


def _tell(facts: Facts) -> Explanation:
    kinds = {"number": "number", "category": "category", "datetime": "date"}
    flat = facts["for_trees"]
    return Explanation(
        "encoding",
        say("explain.encoding.title"),
        told(
            "explain.encoding",
            "what",
            *(
                ("trees",)
                if flat
                else (word if kind in facts["kinds"] else "" for kind, word in kinds.items())
            ),
            columns=facts["columns"],
            numbers=facts["numbers"],
        ),
        lambda figure, _: _draw(figure, facts),
        (6.6, 0.25 + 0.34 * len(facts["row"])),
        say("explain.encoding.alt", row="; ".join(_line(*column) for column in facts["row"])),
    )


def _line(name: str, raw: str, boxes: list[list[Any]], total: int) -> str:
    made = ", ".join(_box_words(part, value) for part, value in boxes)
    more = "" if total <= len(boxes) else f", … ({total})"
    value = label(raw) if raw else say("explain.encoding.missing")
    return f"{label(name)} = {value} → {made or '0'}{more}"


def _box_words(part: str, value: float | None) -> str:
    number = "?" if value is None else f"{value:.3g}"
    return f"{shown(part, 14)}: {number}" if part else number


def _draw(figure: Picture, facts: Facts) -> None:
    ax = figure.subplots()
    for place, (name, raw, boxes, total) in enumerate(facts["row"]):
        words = shown(raw, 16) if raw else drawn("explain.encoding.missing")
        ax.text(0.0, -place, f"{shown(name, 16)} = {words}", va="center")
        ax.text(0.37, -place, "→", va="center", ha="center")
        left, fit = _draw_boxes(ax, -place, boxes)
        if total > fit:
            more = drawn("explain.encoding.more", n=total - fit)
            ax.text(left, -place, more, va="center", fontsize=8.5)
    ax.set(xlim=(0, 1), ylim=(0.6 - len(facts["row"]), 0.6))
    ax.axis("off")


def _draw_boxes(ax: Any, y: float, boxes: list[list[Any]]) -> tuple[float, int]:
    """As many boxes as have room; where they end, and how many they are."""
    left = 0.4
    for place, (part, value) in enumerate(boxes):
        text = _box_words(part, value)
        width = 0.0115 * screen_width(text) + 0.02
        if left + width > _ROOM:
            return left, place
        ax.barh(y, width, 0.72, left=left, color=colour(0), alpha=0.25, linewidth=0)
        ax.text(left + width / 2, y, text, ha="center", va="center", fontsize=8.5)
        left += width + 0.012
    return left, len(boxes)


encoding = Step(_record, _tell)
