"""Metrics of decided labels, each a function of a few sums over the rows.

Classes that stand neither in the true nor in the predicted labels of a part are left out
of macro averages. A precision, recall or F1 of 0/0 is 0, as in scikit-learn with
``zero_division=0``.

Without a suffix, precision, recall and F1 are those of the positive class for two classes,
and the mean over classes (macro) otherwise.
"""

from __future__ import annotations

import numpy as np

from automl_nb.core.types import Task, TaskKind
from automl_nb.evaluate.judged import Counts, Judged
from automl_nb.evaluate.metric import CLASSIFICATION, SINGLE_LABEL, of_labels, of_rows


@of_labels(*SINGLE_LABEL)
def accuracy(counts: Counts, task: Task) -> np.ndarray:
    """Share of rows whose class is right."""
    del task
    share: np.ndarray = counts.hits.sum(axis=1) / counts.total
    return share


@of_labels(*SINGLE_LABEL)
def balanced_accuracy(counts: Counts, task: Task) -> np.ndarray:
    """Mean recall over the classes that occur."""
    del task
    return _mean_where(_ratio(counts.hits, counts.actual), counts.actual > 0)


@of_labels(*CLASSIFICATION)
def precision(counts: Counts, task: Task) -> np.ndarray:
    """Share of the predicted that is right."""
    return _positive_or_macro(precision_of(counts), counts, task)


@of_labels(*CLASSIFICATION)
def precision_macro(counts: Counts, task: Task) -> np.ndarray:
    """Mean precision over classes."""
    return _macro(precision_of(counts), counts, task)


@of_labels(*CLASSIFICATION)
def precision_weighted(counts: Counts, task: Task) -> np.ndarray:
    """Mean precision over classes, weighted by their rows."""
    del task
    return _weighted(precision_of(counts), counts)


@of_labels(*CLASSIFICATION)
def recall(counts: Counts, task: Task) -> np.ndarray:
    """Share of the class's rows that were found."""
    return _positive_or_macro(recall_of(counts), counts, task)


@of_labels(*CLASSIFICATION)
def recall_macro(counts: Counts, task: Task) -> np.ndarray:
    """Mean recall over classes."""
    return _macro(recall_of(counts), counts, task)


@of_labels(*CLASSIFICATION)
def recall_weighted(counts: Counts, task: Task) -> np.ndarray:
    """Mean recall over classes, weighted by their rows."""
    del task
    return _weighted(recall_of(counts), counts)


@of_labels(*CLASSIFICATION)
def f1(counts: Counts, task: Task) -> np.ndarray:
    """Harmonic mean of precision and recall."""
    return _positive_or_macro(f1_of(counts), counts, task)


@of_labels(*CLASSIFICATION)
def f1_macro(counts: Counts, task: Task) -> np.ndarray:
    """Mean F1 over classes."""
    return _macro(f1_of(counts), counts, task)


@of_labels(*CLASSIFICATION)
def f1_weighted(counts: Counts, task: Task) -> np.ndarray:
    """Mean F1 over classes, weighted by their rows."""
    del task
    return _weighted(f1_of(counts), counts)


@of_labels(TaskKind.MULTILABEL)
def f1_micro(counts: Counts, task: Task) -> np.ndarray:
    """F1 of all labels of all rows thrown together."""
    del task
    both = counts.predicted.sum(axis=1) + counts.actual.sum(axis=1)
    return _ratio(2.0 * counts.hits.sum(axis=1), both)


@of_labels(*SINGLE_LABEL, bounds=(-1.0, 1.0))
def mcc(counts: Counts, task: Task) -> np.ndarray:
    """Matthews correlation of true and predicted classes (Gorodkin 2004); 0 where undefined."""
    del task
    hits, total = counts.hits.sum(axis=1), counts.total
    shared = hits * total - (counts.predicted * counts.actual).sum(axis=1)
    spread_predicted = total**2 - (counts.predicted**2).sum(axis=1)
    spread_actual = total**2 - (counts.actual**2).sum(axis=1)
    return _ratio(shared, np.sqrt(spread_predicted * spread_actual))


@of_labels(TaskKind.MULTILABEL, greater_is_better=False)
def hamming_loss(counts: Counts, task: Task) -> np.ndarray:
    """Share of single yes/no answers that are wrong."""
    wrong = (counts.predicted + counts.actual - 2.0 * counts.hits).sum(axis=1)
    share: np.ndarray = wrong / (counts.total * task.n_outputs)
    return share


@of_rows("labels", TaskKind.MULTILABEL)
def subset_accuracy(rows: Judged) -> np.ndarray:
    """Share of rows whose whole set of labels is right."""
    return rows.mean((rows.y == rows.predicted).all(axis=1).astype(np.float64))


@of_rows("labels", TaskKind.MULTILABEL)
def jaccard(rows: Judged) -> np.ndarray:
    """Mean overlap of true and predicted label sets (1 where both are empty)."""
    shared = (rows.y * rows.predicted).sum(axis=1, dtype=np.float64)
    either = np.maximum(rows.y, rows.predicted).sum(axis=1, dtype=np.float64)
    return rows.mean(np.where(either > 0, _ratio(shared, either), 1.0))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    none = np.zeros_like(part, np.float64)
    share: np.ndarray = np.divide(part, whole, out=none, where=whole > 0)
    return share


def precision_of(counts: Counts) -> np.ndarray:
    """(b, k) precision of each class."""
    return _ratio(counts.hits, counts.predicted)


def recall_of(counts: Counts) -> np.ndarray:
    """(b, k) recall of each class."""
    return _ratio(counts.hits, counts.actual)


def f1_of(counts: Counts) -> np.ndarray:
    """(b, k) F1 of each class."""
    return _ratio(2.0 * counts.hits, counts.predicted + counts.actual)


def _mean_where(values: np.ndarray, kept: np.ndarray) -> np.ndarray:
    mean: np.ndarray = (values * kept).sum(axis=1) / kept.sum(axis=1)
    return mean


def _macro(values: np.ndarray, counts: Counts, task: Task) -> np.ndarray:
    if task.kind is TaskKind.MULTILABEL:
        mean: np.ndarray = values.mean(axis=1)
        return mean
    return _mean_where(values, counts.predicted + counts.actual > 0)


def _weighted(values: np.ndarray, counts: Counts) -> np.ndarray:
    return _ratio((values * counts.actual).sum(axis=1), counts.actual.sum(axis=1))


def _positive_or_macro(values: np.ndarray, counts: Counts, task: Task) -> np.ndarray:
    if task.kind is TaskKind.BINARY:
        return values[:, 1]
    return _macro(values, counts, task)
