"""The catalogue of metrics, and the choice of the one that a run improves.

To add a metric: write its function in one of the ``by_...`` files, add its line here.
"""

from __future__ import annotations

import numpy as np

from automl_nb.core.errors import SettingError
from automl_nb.core.registry import Registry, Spec
from automl_nb.core.types import ColumnKind, Objective, Schema, Task, TaskKind
from automl_nb.evaluate.decide import Thresholds
from automl_nb.evaluate.metric import Metric

_LABELS = "automl_nb.evaluate.by_label"
_RANKS = "automl_nb.evaluate.by_rank"
_PROBABILITIES = "automl_nb.evaluate.by_probability"
_VALUES = "automl_nb.evaluate.by_value"
_SINGLE = ("binary", "multiclass")
_ANY = (*_SINGLE, "multilabel")
_MULTILABEL = ("multilabel",)
_REGRESSION = ("regression",)


def _spec(where: str, name: str, summary: str, tags: tuple[str, ...], paper: str = "") -> Spec:
    return Spec(name, f"{where}:{name}", summary, paper=paper, tags=tags)


METRICS = Registry(
    "metric",
    (
        _spec(_LABELS, "accuracy", "Share of rows whose class is right.", _SINGLE),
        _spec(_LABELS, "balanced_accuracy", "Mean recall over the classes.", _SINGLE),
        _spec(_LABELS, "f1", "F1 of the positive class; of more classes the mean.", _ANY),
        _spec(_LABELS, "f1_macro", "Mean F1 over classes.", _ANY),
        _spec(_LABELS, "f1_weighted", "Mean F1 over classes, weighted by their rows.", _ANY),
        _spec(_LABELS, "f1_micro", "F1 of all labels thrown together.", _MULTILABEL),
        _spec(_LABELS, "precision", "Share of the predicted positives that are right.", _ANY),
        _spec(_LABELS, "precision_macro", "Mean precision over classes.", _ANY),
        _spec(_LABELS, "precision_weighted", "Mean precision, weighted by rows.", _ANY),
        _spec(_LABELS, "recall", "Share of the true positives that are found.", _ANY),
        _spec(_LABELS, "recall_macro", "Mean recall over classes.", _ANY),
        _spec(_LABELS, "recall_weighted", "Mean recall, weighted by rows.", _ANY),
        _spec(
            _LABELS,
            "mcc",
            "Correlation of true and predicted classes, 0 for guessing.",
            _SINGLE,
            "Matthews 1975; Gorodkin 2004",
        ),
        _spec(_LABELS, "subset_accuracy", "Share of rows with the whole set right.", _MULTILABEL),
        _spec(_LABELS, "jaccard", "Mean overlap of true and predicted sets.", _MULTILABEL),
        _spec(_LABELS, "hamming_loss", "Share of yes/no answers that are wrong.", _MULTILABEL),
        _spec(_RANKS, "roc_auc", "Chance that a positive is ranked above a negative.", _ANY),
        _spec(_RANKS, "pr_auc", "Average precision over all cut-offs.", _ANY),
        _spec(_PROBABILITIES, "log_loss", "Mean surprise at the truth, in nats.", _ANY),
        _spec(_PROBABILITIES, "brier", "Squared error of probabilities.", _ANY, "Brier 1950"),
        _spec(
            _PROBABILITIES,
            "ece",
            "Mean gap between probabilities and what came true.",
            _ANY,
            "Naeini et al. 2015; Guo et al. 2017, arXiv 1706.04599",
        ),
        _spec(_VALUES, "rmse", "Root of the mean squared error.", _REGRESSION),
        _spec(_VALUES, "mae", "Mean absolute error.", _REGRESSION),
        _spec(_VALUES, "medae", "Median absolute error.", _REGRESSION),
        _spec(_VALUES, "r2", "Share of the variance explained.", _REGRESSION),
    ),
)

# Below this share of the rarer class, accuracy rewards ignoring it.
_RARE_IN_TABLES = 0.35
_RARE_IN_TEXTS_AND_PICTURES = 0.20


def load_metric(name: str) -> Metric:
    """The metric of this name.

    Raises:
        UnknownNameError: No metric is called so.
    """
    metric: Metric = METRICS[name].load()
    return metric


def metrics_for(task: Task) -> list[str]:
    """The names of the metrics that fit the task, in the catalogue's order."""
    return METRICS.names(task.kind.value)


def evaluate(
    metric_name: str,
    y: np.ndarray,
    scores: np.ndarray,
    task: Task,
    *,
    thresholds: Thresholds | None = None,
) -> float:
    """One metric's value.

    Args:
        metric_name: A name of `METRICS`.
        y: (n,) class positions, (n, k) 0/1 for multi-label, (n,) values for regression.
        scores: (n, k) probabilities, or (n, 1) values for regression.
        task: Says what `y` means.
        thresholds: How label metrics decide; the most probable class if None.

    Returns:
        The value; NaN for no rows, for scores that aren't finite (leave rows without a
        score out with `scored_rows`), and where the metric has none, such as ROC-AUC of
        rows of one class. Never warns.

    Raises:
        UnknownNameError: No metric is called so.

    Example:
        >>> task = Task(TaskKind.BINARY, "label", ("no", "yes"))
        >>> scores = np.array([[0.8, 0.2], [0.6, 0.4], [0.3, 0.7]])
        >>> evaluate("roc_auc", np.array([0, 1, 1]), scores, task)
        1.0
    """
    return load_metric(metric_name)(y, scores, task, thresholds=thresholds)


def scored_rows(scores: np.ndarray) -> np.ndarray:
    """(n,) bool: the rows that have a score (out-of-fold scores may leave rows of NaN)."""
    scored: np.ndarray = ~np.isnan(scores).any(axis=1)
    return scored


def default_objective(task: Task, y: np.ndarray, schema: Schema) -> Objective:
    """The metric to improve when the user named none.

    - regression: RMSE; multi-label: micro F1; more than two classes: accuracy;
    - two classes: accuracy, or ROC-AUC where the rarer class is rare enough that
      accuracy would reward ignoring it: under 35% of the rows in plain tables, under 20%
      where texts or pictures are read (there people expect accuracy).
    """
    if task.kind is TaskKind.REGRESSION:
        return objective_of("rmse")
    if task.kind is TaskKind.MULTILABEL:
        return objective_of("f1_micro")
    if task.kind is TaskKind.MULTICLASS or len(y) == 0:
        return objective_of("accuracy")
    positives = float(np.mean(y))
    rare = min(positives, 1.0 - positives)
    rich = set(schema.of_kind(ColumnKind.TEXT, ColumnKind.IMAGE)) - {task.label}
    limit = _RARE_IN_TEXTS_AND_PICTURES if rich else _RARE_IN_TABLES
    return objective_of("roc_auc" if rare < limit else "accuracy")


def resolve_objective(name: str, task: Task, y: np.ndarray, schema: Schema) -> Objective:
    """The objective that a user's word means; ``"auto"`` gives `default_objective`.

    Case, hyphens and spaces don't matter.

    Raises:
        UnknownNameError: No metric is called so.
        SettingError: The metric doesn't fit the task.

    Example:
        >>> task = Task(TaskKind.MULTICLASS, "label", ("a", "b", "c"))
        >>> resolve_objective("ROC-AUC", task, np.array([0, 1, 2]), Schema(()))
        Objective(metric='roc_auc', greater_is_better=True)
    """
    wanted = "_".join(str(name).casefold().replace("-", " ").replace("_", " ").split())
    if wanted in {"", "auto"}:
        return default_objective(task, y, schema)
    if wanted not in METRICS:
        METRICS[name]  # raises, with the close matches
    if task.kind not in load_metric(wanted).tasks:
        raise SettingError(
            f"The metric must fit the task, which is {task.kind.value}.",
            received=name,
            hint=f"Choose one of {', '.join(metrics_for(task))}.",
        )
    return objective_of(wanted)


def objective_of(name: str) -> Objective:
    """A metric's name and direction."""
    return Objective(name, load_metric(name).greater_is_better)
