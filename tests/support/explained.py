"""What each explained step takes down, as runs on small data did; `USER` marks a person's words."""

from __future__ import annotations

from typing import Any

USER = "mine "

_POINTS = [[0.1 * (i % 7) - 0.3, 0.15 * (i % 5) - 0.3] for i in range(160)]
_CURVE = {"said": [0.3, 0.5, 0.9], "true": [0.35, 0.6, 0.88], "gap": 0.05, "loss": 0.41}

SAMPLES: dict[str, dict[str, Any]] = {
    "split": {
        "label": USER + "library",
        "kind": "multiclass",
        "rule": "stratified",
        "named": "",
        "learnt": 192,
        "tested": 48,
        "folds": 10,
        "fit": 173,
        "judge": 19,
        "bars": [[f"{USER}{i}", 41 - i, 10] for i in range(8)],
        "left_out": 3,
    },
    "encoding": {
        "for_trees": False,
        "columns": 3,
        "numbers": 22,
        "kinds": ["category", "datetime", "number"],
        "row": [
            [USER + "size", USER + "12.79", [["", 0.4], ["piece 1", -0.5]], 9],
            [USER + "colour", USER + "red", [["red", 1.0]], 3],
            [USER + "when", "", [["year", None]], 10],
        ],
    },
    "tokens": {
        "column": USER + "text",
        "backbone": "minilm-l3",
        "vocabulary": 30522,
        "pieces": [["[CLS]", "mark"], [USER, "word"], *[["##ness", "inside"]] * 37],
        "words": 11,
        "n": 60,
        "limit": 128,
        "cut": 0.4375,
        "usual": 101,
    },
    "features": {
        "column": USER + "text",
        "backbone": "minilm-l3",
        "modality": "text",
        "numbers": 768,
        "label": USER + "library",
        "held": 0.108,
        "points": _POINTS,
        "names": [f"{USER}{i}" for i in range(6)],
        "of": [i % 7 - 1 for i in range(160)],
        "nearest": 0.52,
        "chance": 0.17,
    },
    "backbone": {
        "column": USER + "text",
        "backbone": "minilm-l6",
        "millions": 22.6,
        "why": "compared",
        "compared": {"minilm-l6": 0.7, "minilm-l3": 0.61},
        "compared_by": "accuracy",
        "compared_rows": 256,
        "metric": "accuracy",
        "reached": [["without", 0.63], ["alone", 0.61]],
    },
    "search": {
        "searcher": "auto",
        "tried": 6,
        "pruned": 1,
        "settings": ["boosting.leaves", "knn.k"],
        "best": {"model": "boosting@tabular-tree", "boosting.leaves": 0.71},
        "best_number": 2,
        "trials": [[1, 0.4], [2, 0.3], [3, 4.0], [4, 0.35], [6, 0.31]],
    },
    "warm-up": {
        "model": USER + "text: fine-tuned",
        "epochs": 3.0,
        "ended": 2.7,
        "rate": 5e-5,
        "losses": [[0.5, 0.45], [1.0, 0.53], [1.5, 0.38], [2.7, 0.31]],
    },
    "over-fitting": {
        "model": USER + "text: fine-tuned",
        "unit": "epochs",
        "at": [0.0, 1.0, 2.0, 3.0],
        "held": [1.1, 0.8, 0.7, 0.9],
        "train": [None, 0.7, 0.4, 0.2],
    },
    "ensemble": {
        "answers": "shares",
        "metric": "accuracy",
        "score": 0.68,
        "tried": 8,
        "members": [[USER + "svm", 0.6, 0.64], [USER + "knn", 0.4, None]],
    },
    "calibration": {
        "model": "ensemble",
        "kind": "binary",
        "rows": 192,
        "temperature": 1.7,
        "temperatures": [1.7, 1.0],
        "before": _CURVE,
        "after": _CURVE | {"gap": 0.02},
    },
}


def with_words(facts: Any, words: str) -> Any:
    """The same facts, had the person chosen these words."""
    if isinstance(facts, str):
        return facts.replace(USER, words)
    if isinstance(facts, list):
        return [with_words(one, words) for one in facts]
    if isinstance(facts, dict):
        return {key: with_words(one, words) for key, one in facts.items()}
    return facts
