"""The benchmarks' tasks and one way of scoring them, independent of the package."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Task:
    """What is learnt from which set and how it is judged.

    Attributes:
        data: A name in `benchmarks.data.SETS`.
        label: The column to predict.
        metric: accuracy, roc_auc or rmse.
        columns: The input columns, or () for all.
        positive: The positive class where there is one.
    """

    data: str
    label: str
    metric: str = "accuracy"
    columns: tuple[str, ...] = ()
    positive: str = ""


SETS = {
    "r8": Task("r8", "label"),
    "r52": Task("r52", "label"),
    "fine_foods": Task("fine_foods", "label"),
    "newsgroups": Task("newsgroups", "label"),
    "emoji": Task("emoji", "category", columns=("image",)),
    "emoji_name": Task("emoji", "category", columns=("name",)),
    "emoji_both": Task("emoji", "category", columns=("image", "name")),
    "fashion": Task("fashion", "label"),
    "churn": Task("churn", "churn", "roc_auc", positive="Yes"),
    "credit": Task("credit", "Status", "roc_auc", positive="bad"),
    "attrition": Task("attrition", "Attrition", "roc_auc", positive="Yes"),
    "ames": Task("ames", "log_price", "rmse"),
}


def score(task: Task, test: pd.DataFrame, found: np.ndarray) -> float:
    """The task's metric on the test rows.

    Args:
        found: (n,) labels for accuracy, P(positive) for ROC-AUC, values for RMSE.
    """
    return _score(task.metric, truth(task, test), np.asarray(found))


def truth(task: Task, test: pd.DataFrame) -> np.ndarray:
    """(n,) labels as text, 0/1 for ROC-AUC, or values for RMSE."""
    label = test[task.label]
    if task.metric == "rmse":
        return label.to_numpy(np.float64)
    if task.metric == "roc_auc":
        return (label == task.positive).to_numpy(np.int64)
    return label.astype(str).to_numpy(object)


def gain(task: Task, test: pd.DataFrame, ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """How much better `ours` is than `theirs`, with the 95% interval of that difference.

    The interval is from 1,000 bootstrap samples of the test rows, the same rows for
    both. Positive is better, for errors too.
    """
    expected, ours, theirs = truth(task, test), np.asarray(ours), np.asarray(theirs)
    sign = -1.0 if task.metric == "rmse" else 1.0
    draws = np.random.default_rng(0)
    found = []
    for _ in range(1000):
        rows = draws.integers(0, len(expected), len(expected))
        found.append(
            sign * _score(task.metric, expected[rows], ours[rows])
            - sign * _score(task.metric, expected[rows], theirs[rows])
        )
    value = sign * (_score(task.metric, expected, ours) - _score(task.metric, expected, theirs))
    low, high = np.quantile(found, [0.025, 0.975])
    return {"gain": round(value, 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def _score(metric: str, expected: np.ndarray, found: np.ndarray) -> float:
    if metric == "accuracy":
        return float(np.mean(expected == found.astype(object)))
    if metric == "rmse":
        return float(np.sqrt(np.mean((expected - found.astype(np.float64)) ** 2)))
    ranks = pd.Series(found.astype(np.float64)).rank().to_numpy()  # ties share a rank
    ones = expected == 1
    above = ranks[ones].sum() - ones.sum() * (ones.sum() + 1) / 2
    return float(above / (ones.sum() * (~ones).sum()))
