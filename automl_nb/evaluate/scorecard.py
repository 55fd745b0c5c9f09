"""All that is known of one model's answers on one part of the rows, as a frozen fact."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl_nb.core import jsonable
from automl_nb.core.types import Interval, Objective, Task, TaskKind
from automl_nb.evaluate.bootstrap import intervals
from automl_nb.evaluate.by_label import f1_of, precision_of, recall_of
from automl_nb.evaluate.curves import Line, pr_lines, roc_lines
from automl_nb.evaluate.decide import Thresholds, plain_thresholds
from automl_nb.evaluate.exact import least_share
from automl_nb.evaluate.judged import Judged
from automl_nb.evaluate.metrics import metrics_for, scored_rows
from automl_nb.evaluate.reliability import ReliabilityCurve, reliability_curve
from automl_nb.evaluate.residuals import Residuals, summarise_residuals
from automl_nb.evaluate.slices import Slice, slices_of

MOST_CLASSES = 60  # a confusion matrix holds so many; the rarest beyond are put together
_FEW_ROWS = 100


@dataclass(frozen=True)
class ClassRow:
    """One class: how good its answers are, and how many rows it has."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Confusion:
    """How often each true class (row) was given each class (column)."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Scorecard:
    """How good a model is, with what is needed to draw it.

    Attributes:
        part: ``"test"`` or ``"out of fold"``.
        n_rows: Rows that were judged.
        metrics: Every metric that fits the task, the objective's first.
        per_class: One row a class; empty for regression.
        confusion: None for multi-label and regression.
        roc: ROC curves; see `curves.roc_lines`.
        pr: Precision-recall curves.
        calibration: Said and observed shares; None for regression.
        residuals: None but for regression.
        latency_ms: Milliseconds a row, predicting in bulk; NaN if not measured.
        size_bytes: Of the saved model; 0 if not measured.
        test_openings: How often the sealed test part was used so far.
        notes: Sentences that the reader should know.
        slices: The objective's metric on parts of the rows, such as those of one script.
    """

    task: Task
    objective: Objective
    part: str
    n_rows: int
    metrics: dict[str, Interval]
    per_class: tuple[ClassRow, ...] = ()
    confusion: Confusion | None = None
    roc: tuple[Line, ...] = ()
    pr: tuple[Line, ...] = ()
    calibration: ReliabilityCurve | None = None
    residuals: Residuals | None = None
    latency_ms: float = math.nan
    size_bytes: int = 0
    test_openings: int = 0
    notes: tuple[str, ...] = ()
    slices: tuple[Slice, ...] = ()

    @property
    def score(self) -> Interval:
        """The objective's metric."""
        return self.metrics[self.objective.metric]

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON (numbers that JSON has no word for become text such as ``"nan"``)."""
        plain: dict[str, Any] = _spelt_out(jsonable.to_dict(self))
        return plain

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Scorecard:
        """What `to_dict` gave."""
        return jsonable.from_dict(cls, data)

    def __str__(self) -> str:
        from automl_nb.evaluate.scorecard_view import as_text

        return as_text(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from automl_nb.evaluate.scorecard_view import as_html, as_text

        return {"text/plain": as_text(self), "text/html": as_html(self)}


def make_scorecard(
    y: np.ndarray,
    scores: np.ndarray,
    task: Task,
    objective: Objective,
    *,
    thresholds: Thresholds | None = None,
    part: str = "test",
    openings: int = 0,
    latency_ms: float = math.nan,
    size_bytes: int = 0,
    seed: int = 0,
    notes: tuple[str, ...] = (),
    divisions: Mapping[str, Sequence[str]] | None = None,
) -> Scorecard:
    """Judge answers in every way that fits the task.

    Args:
        y: (n,) class positions, (n, k) 0/1 for multi-label, (n,) values for regression.
        scores: (n, k) probabilities, or (n, 1) values; rows with NaN are left out, and
            the notes say how many.
        task: Says what `y` means.
        objective: Its metric comes first.
        thresholds: How labels are decided; the most probable class if None.
        part: Which rows these are, ``"test"`` or ``"out of fold"``.
        openings: How often the test part was used, this time included.
        latency_ms: Milliseconds a row.
        size_bytes: Of the saved model.
        seed: Seeds the intervals' draws.
        notes: Further sentences for the reader.
        divisions: (n,) names of the rows' parts by what divides them, each judged by itself.
    """
    parts = {of: np.asarray(list(names), dtype=object) for of, names in (divisions or {}).items()}
    kept = scored_rows(scores)
    y, scores = y[kept], scores[kept]
    predicted = (thresholds or plain_thresholds(task)).decide(scores)
    names = shown_metrics(task, objective)
    found = intervals(names, y, scores, task, seed=seed, thresholds=thresholds)
    classified = task.kind.is_classification
    confused = task.kind in {TaskKind.BINARY, TaskKind.MULTICLASS}
    per_class = _class_rows(y, scores, predicted, task) if classified else ()
    remarks = _remarks(part, len(y), int((~kept).sum()), per_class, openings)
    return Scorecard(
        task=task,
        objective=objective,
        part=part,
        n_rows=len(y),
        metrics=found,
        per_class=per_class,
        confusion=confusion_of(y, predicted, task) if confused else None,
        roc=roc_lines(y, scores, task),
        pr=pr_lines(y, scores, task),
        calibration=reliability_curve(y, scores, task) if classified else None,
        residuals=None if classified else summarise_residuals(y, scores[:, 0], seed=seed),
        latency_ms=float(latency_ms),
        size_bytes=int(size_bytes),
        test_openings=openings,
        notes=(*notes, *remarks, *_too_good(found, len(y))),
        slices=slices_of(
            objective.metric,
            y,
            scores,
            task,
            {of: names[kept].tolist() for of, names in parts.items()},
            thresholds=thresholds,
            seed=seed,
        ),
    )


def shown_metrics(task: Task, objective: Objective) -> list[str]:
    """The objective's metric, then all others; none that only repeats a macro average."""
    names = metrics_for(task)
    if task.kind is not TaskKind.BINARY:
        names = [name for name in names if name not in {"precision", "recall", "f1"}]
    return [objective.metric, *(name for name in names if name != objective.metric)]


def confusion_of(y: np.ndarray, predicted: np.ndarray, task: Task) -> Confusion:
    """The confusion matrix; beyond `MOST_CLASSES` the rarest classes are put together.

    Example:
        >>> task = Task(TaskKind.BINARY, "label", ("no", "yes"))
        >>> confusion_of(np.array([0, 1, 1]), np.array([0, 0, 1]), task).counts
        ((1, 0), (1, 1))
    """
    k, classes = len(task.classes), task.classes
    if k > MOST_CLASSES:
        common = np.argsort(-np.bincount(y, minlength=k), kind="stable")[: MOST_CLASSES - 1]
        common = np.sort(common)
        place = np.full(k, MOST_CLASSES - 1)
        place[common] = np.arange(MOST_CLASSES - 1)
        y, predicted = place[y], place[predicted]
        rest = f"{k - len(common)} other classes"
        classes, k = (*(classes[position] for position in common), rest), MOST_CLASSES
    cells = np.bincount(y * k + predicted, minlength=k * k).reshape(k, k)
    return Confusion(classes, tuple(tuple(row) for row in cells.tolist()))


def _class_rows(
    y: np.ndarray, scores: np.ndarray, predicted: np.ndarray, task: Task
) -> tuple[ClassRow, ...]:
    counts = Judged(y, scores, predicted, task, np.ones((len(y), 1))).counts
    columns = [function(counts)[0] for function in (precision_of, recall_of, f1_of)]
    supports = counts.actual[0].astype(int)
    rows = zip(task.classes, *(column.tolist() for column in columns), supports, strict=True)
    return tuple(ClassRow(name, p, r, f, int(n)) for name, p, r, f, n in rows)


def _remarks(
    part: str, n_rows: int, n_unscored: int, per_class: tuple[ClassRow, ...], openings: int
) -> list[str]:
    remarks = []
    if n_unscored:
        remarks.append(f"{n_unscored:,} rows have no score and are left out.")
    if 0 < n_rows < _FEW_ROWS:
        remarks.append(f"Only {n_rows} rows were judged, so the intervals are wide.")
    missing = [row.name for row in per_class if row.support == 0]
    if missing and n_rows:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        remarks.append(f"No rows of these classes were there: {', '.join(missing[:5])}{more}.")
    if part == "test" and openings > 1:
        remarks.append(
            f"The test part was used {openings} times: choices made after looking at it"
            " make its score too good."
        )
    return remarks


def _too_good(metrics: dict[str, Interval], n_rows: int) -> list[str]:
    """That all rows are right says less than it seems to where they are few."""
    shares = [metrics[name] for name in ("accuracy", "subset_accuracy") if name in metrics]
    if not n_rows or not any(share.value == 1.0 for share in shares):
        return []
    least = 100.0 * least_share(n_rows)
    note = f"Every row is right. On {n_rows:,} rows a model may look the same that is right on"
    return [f"{note} {least:.1f}% of all."]


def _spelt_out(value: Any) -> Any:
    """JSON has no NaN or infinity; `float` reads them back from text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _spelt_out(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spelt_out(item) for item in value]
    return value
