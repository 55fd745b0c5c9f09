"""What a frozen network makes of rows: many numbers a row, looked at in two dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl_nb.core.show.messages import say
from automl_nb.core.types import Task, TaskKind
from automl_nb.evaluate.words import label
from automl_nb.explained.base import Explanation, Facts, Moment, Step
from automl_nb.explained.words import drawn, told
from automl_nb.report.ink import Ink, colour, shown
from automl_nb.report.picture import Picture

_MOST_ROWS = 160  # points that can still be told apart, and that a notebook holds easily
_MOST_CLASSES = 6
_MARKERS = "os^Dvp*"
_OTHERS = -1


def frozen_key(moment: Moment) -> str:
    """The first block of a frozen network that is computed, or ""."""
    encoders = moment.bench.encoders.items()
    return next((key for key, one in encoders if key.startswith("frozen-")), "")


def _record(moment: Moment) -> Facts | None:
    key = frozen_key(moment)
    if not key:
        return None
    dataset = moment.bench.dataset
    rng = np.random.default_rng([moment.bench.settings.seed, 21])
    rows = np.sort(rng.permutation(len(dataset.y))[:_MOST_ROWS])
    features = np.asarray(moment.bench.blocks[key][rows], dtype=np.float64)
    points, held = _plane(features)
    encoder = moment.bench.encoders[key]
    groups, answers = _groups(dataset.y[rows], dataset.task), dataset.y[rows]
    has_one_class = dataset.task.kind in {TaskKind.BINARY, TaskKind.MULTICLASS}
    return {
        "column": encoder.columns[0],
        "backbone": encoder.card.name,  # type: ignore[attr-defined]
        "modality": encoder.card.modality,  # type: ignore[attr-defined]
        "numbers": features.shape[1],
        "label": dataset.task.label,
        "held": round(held, 4),
        "points": points.round(3).tolist(),
        **groups,
        **_neighbours(features, answers if has_one_class else np.array(groups["of"])),
    }


def _plane(features: np.ndarray) -> tuple[np.ndarray, float]:
    """(n, 2) coordinates along the directions of most variance, and the share that they hold."""
    centred = features - features.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(features), 2))
    found = min(2, len(sizes))
    points[:, :found] = left[:, :found] * sizes[:found]
    widest = np.abs(points).max() or 1.0
    return points / widest, float((sizes[:2] ** 2).sum() / max((sizes**2).sum(), 1e-12))


def _groups(y: np.ndarray, task: Task) -> dict[str, Any]:
    """The group of each point: its class, its most frequent label, or its third of the values."""
    if task.kind is TaskKind.MULTILABEL:
        first = int(y.sum(axis=0).argmax())
        return {
            "names": [task.classes[first], f"¬ {task.classes[first]}"],
            "of": _ints(1 - y[:, first]),
        }
    if not task.kind.is_classification:
        edges = np.unique(np.quantile(y, [1 / 3, 2 / 3]))
        names = [
            f"≤ {edges[0]:.4g}",
            *(f"≤ {edge:.4g}" for edge in edges[1:]),
            f"> {edges[-1]:.4g}",
        ]
        return {"names": names, "of": _ints(np.searchsorted(edges, y))}
    counts = np.bincount(y, minlength=len(task.classes))
    chosen = np.argsort(-counts, kind="stable")[:_MOST_CLASSES]
    place = np.full(len(counts), _OTHERS)
    place[chosen] = np.arange(len(chosen))
    return {"names": [task.classes[i] for i in chosen], "of": _ints(place[y])}


def _ints(values: np.ndarray) -> list[int]:
    return [int(value) for value in values]


def _neighbours(features: np.ndarray, of: np.ndarray) -> Facts:
    """How often the nearest other row has the same label, and how often any other has."""
    if len(of) < 3:
        return {}
    length = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.maximum(length, 1e-12)
    alike = unit @ unit.T
    np.fill_diagonal(alike, -np.inf)
    same = of[:, None] == of[None, :]
    chance = (same.sum() - len(of)) / (len(of) * (len(of) - 1))
    nearest = same[np.arange(len(of)), alike.argmax(axis=1)]
    return {"nearest": round(float(nearest.mean()), 4), "chance": round(float(chance), 4)}


def _tell(facts: Facts) -> Explanation:
    return Explanation(
        "features",
        say("explain.features.title"),
        told(
            "explain.features",
            "text" if facts["modality"] == "text" else "image",
            "plane",
            "neighbours" if "nearest" in facts else "",
            column=label(facts["column"]),
            backbone=facts["backbone"],
            numbers=facts["numbers"],
            label=label(facts["label"]),
            n=len(facts["of"]),
            held=facts["held"],
            nearest=facts.get("nearest"),
            chance=facts.get("chance"),
        ),
        lambda figure, ink: _draw(figure, facts, ink),
        (5.4, 3.3),
        _alt(facts),
    )


def _alt(facts: Facts) -> str:
    names = ", ".join(label(name) for name in facts["names"])
    return say("explain.features.alt", n=len(facts["of"]), label=label(facts["label"]), names=names)


def _draw(figure: Picture, facts: Facts, ink: Ink) -> None:
    ax = figure.subplots()
    points, of = np.array(facts["points"]), np.array(facts["of"])
    for place, name in enumerate(facts["names"]):
        _scatter(ax, points[of == place], colour(place), _MARKERS[place], shown(name, 20))
    if (of == _OTHERS).any():
        _scatter(ax, points[of == _OTHERS], ink.faint, "x", drawn("explain.others"))
    ax.set_xlabel(drawn("explain.features.first"))
    ax.set_ylabel(drawn("explain.features.second"))
    ax.set_xticks([])
    ax.set_yticks([])
    figure.legend(loc="outside right upper", title=shown(facts["label"], 20), title_fontsize=8.5)


def _scatter(ax: Any, points: np.ndarray, hue: str, marker: str, name: str) -> None:
    ax.plot(points[:, 0], points[:, 1], marker, color=hue, markersize=4, alpha=0.8, label=name)


features = Step(_record, _tell)
