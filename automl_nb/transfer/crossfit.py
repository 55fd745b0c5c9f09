"""One way to judge every head: fit on each fold, score its held-out rows, refit on all."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from functools import cache
from typing import Any, Protocol, runtime_checkable

import numpy as np

from automl_nb.core.clock import now
from automl_nb.core.trials import Decision, Report, TooSlow
from automl_nb.core.types import Task, TaskKind
from automl_nb.transfer.base import Candidate, Predictor, Trial, TrialContext

_GRID_FOLDS = 2  # most folds on which the settings are compared
_ENOUGH_JUDGED = 300  # rows that tell settings apart
_MISSES = 2
_SMALL = 4_000_000  # cells up to which one thread is as fast as many


@runtime_checkable
class Head(Protocol):
    """What `crossfit` needs of a head."""

    name: str

    def grid(self, context: TrialContext) -> Sequence[dict[str, Any]]:
        """Settings worth comparing, the safest first."""
        ...

    def fit(
        self,
        context: TrialContext,
        inputs: tuple[str, ...],
        rows: np.ndarray,
        config: dict[str, Any],
    ) -> Predictor:
        """Fit on these development rows."""
        ...


def crossfit(
    head: Head, context: TrialContext, inputs: tuple[str, ...], config: dict[str, Any]
) -> Trial:
    """Compare settings on two folds, score all folds with the best, refit on all rows.

    Args:
        head: What is fitted.
        context: The trial's data and limits.
        inputs: Keys of the blocks that it reads.
        config: Fixed settings; ``name`` is the leaderboard's name, ``grid`` may give the
            list of settings to compare.

    Yields:
        A report after each fit; STOP ends the comparison and uses the best so far.
    """
    started = now()
    given = {key: value for key, value in config.items() if key not in {"name", "grid"}}
    grid = [{**one, **given} for one in config.get("grid") or head.grid(context)]
    judged = _Folds(head, context, inputs)
    best = yield from _choose(judged, grid, context, started)
    oof = np.full((len(context.y), context.task.n_outputs), np.nan)
    for number, fold in enumerate(context.folds):
        if number and not judged.is_known(number, best) and judged.is_late():
            break  # the refit must still end in time; the rows judged so far say enough
        oof[fold.judge] = judged.scores(number, best)
        yield _report(context, number + 1, len(context.folds), started)
    predictor = fitted(head, context, inputs, _all_rows(context), best)
    return Candidate(
        name=str(config.get("name", head.name)),
        strategy=head.name,
        inputs=inputs,
        predictor=predictor,
        oof=oof,
        fit_s=now() - started,
        note=", ".join(f"{key}={value:g}" for key, value in best.items() if _is_number(value)),
        config=dict(best),
    )


class _Folds:
    """Held-out scores by fold and setting, each computed once.

    What took long is kept for a process that may have to continue the trial.
    """

    def __init__(self, head: Head, context: TrialContext, inputs: tuple[str, ...]) -> None:
        self.head, self.context, self.inputs = head, context, inputs
        self._known: dict[tuple[int, str], np.ndarray] = {}
        self._last_s = 0.0  # what the last fit took
        self._earlier_s = 0.0  # what fits took that an earlier process did

    def clock(self) -> float:
        """Seconds as they would have passed if this process had done all of it."""
        return now() + self._earlier_s

    def is_known(self, number: int, config: dict[str, Any]) -> bool:
        """Whether a fold's scores were computed."""
        return self._find(number, repr(sorted(config.items()))) is not None

    def is_late(self) -> bool:
        """Whether one more fit would leave no time for the refit."""
        return not self.context.deadline.allows(2.5 * self._last_s)

    def scores(self, number: int, config: dict[str, Any]) -> np.ndarray:
        setting = repr(sorted(config.items()))
        found = self._find(number, setting)
        if found is None:
            self.context.cancel.check()
            fold = self.context.folds[number]
            began = now()
            predictor = fitted(self.head, self.context, self.inputs, fold.fit, config)
            found = predictor.predict(take(self.context, fold.judge))
            self._last_s = now() - began
            self._keep(number, setting, found)
        return found

    def _find(self, number: int, setting: str) -> np.ndarray | None:
        """Scores of this process or of an earlier one."""
        kept = self.context.checkpoints
        if (number, setting) not in self._known and kept:
            found = kept.find(_name(number, setting))
            if found is not None:
                self._known[number, setting] = found.arrays["scores"]
                self._last_s = float(found.facts["seconds"])
                self._earlier_s += self._last_s
        return self._known.get((number, setting))

    def _keep(self, number: int, setting: str, scores: np.ndarray) -> None:
        self._known[number, setting] = scores
        kept = self.context.checkpoints
        if kept and kept.worth(self._last_s):
            kept.keep(_name(number, setting), {"scores": scores}, {"seconds": self._last_s})

    def loss(self, number: int, config: dict[str, Any]) -> float:
        """Of one fold's held-out rows."""
        y = self.context.y[self.context.folds[number].judge]
        return plain_loss(self.scores(number, config), y, self.context.task)


def _name(number: int, setting: str) -> str:
    return f"fold-{number}-{hashlib.sha256(setting.encode()).hexdigest()[:16]}"


def _choose(
    judged: _Folds, grid: list[dict[str, Any]], context: TrialContext, started: float
) -> Generator[Report, Decision, dict[str, Any]]:
    """The setting of least loss; two in a row that don't help end the search."""
    import sklearn.linear_model
    import sklearn.svm  # noqa: F401 - imported before the clock is read, not within the first fit

    best, best_loss, misses = grid[0], np.inf, 0
    folds = grid_folds(context)
    for position, config in enumerate(grid):
        began = judged.clock()
        loss = float(np.mean([judged.loss(number, config) for number in folds]))
        if position == 0:
            _check_time(context, (judged.clock() - began) / len(folds))
            if len(grid) == 1:
                return config
        best, best_loss, misses = (
            (config, loss, 0) if loss < best_loss else (best, best_loss, misses + 1)
        )
        decision = yield _report(context, 0, len(context.folds), started)
        a_fit = (judged.clock() - began) / len(folds)
        to_come = a_fit * (len(context.folds) + 1 + len(folds))
        if decision is Decision.STOP or misses >= _MISSES or not context.deadline.allows(to_come):
            break
    return best


def grid_folds(context: TrialContext) -> range:
    """One fold, or two where one judges few rows."""
    enough = len(context.folds[0].judge) >= _ENOUGH_JUDGED
    return range(1 if enough else min(_GRID_FOLDS, len(context.folds)))


def _check_time(context: TrialContext, seconds_a_fit: float) -> None:
    needed = 1.25 * seconds_a_fit  # the refit; folds may be left out, see `crossfit`
    if not context.deadline.allows(needed):
        raise TooSlow(needed, context.deadline.left)


def fitted(
    head: Head,
    context: TrialContext,
    inputs: tuple[str, ...],
    rows: np.ndarray,
    config: dict[str, Any],
) -> Predictor:
    """Fit; with one BLAS thread where there is little to do.

    BLAS threads spin while they wait for each other: beside other work on the machine, small
    products by several threads take ten times as long as by one.
    """
    columns = sum(context.blocks[key].shape[1] for key in inputs)
    small = len(rows) * columns <= _SMALL
    with _libraries().limit(limits=1 if small else None, user_api="blas"):
        return head.fit(context, inputs, rows, config)


def one_blas_thread() -> Any:
    """A context in which BLAS computes with one thread."""
    return _libraries().limit(limits=1, user_api="blas")


@cache
def _libraries() -> Any:
    """The loaded thread pools; looking for them takes longer than a small fit."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def take(context: TrialContext, rows: np.ndarray) -> Any:
    """The blocks of some development rows."""
    return context.blocks.take(rows)


def plain_loss(scores: np.ndarray, y: np.ndarray, task: Task) -> float:
    """Log loss after the best temperature, or mean squared error: the mean of `row_losses`."""
    return float(np.mean(row_losses(scores, y, task)))


def row_losses(scores: np.ndarray, y: np.ndarray, task: Task) -> np.ndarray:
    """(n,) log losses after the best temperature, or squared errors.

    The temperature is fitted on the same rows: one number cannot over-fit, and without it
    margins could not be compared with probabilities.
    """
    from automl_nb.evaluate.calibration import Temperature

    if task.kind is TaskKind.REGRESSION:
        return np.asarray((scores[:, 0] - y) ** 2)
    scores = Temperature.fit(scores, y, task).apply(scores)
    clipped = np.clip(scores, 1e-9, 1.0)
    if task.kind is TaskKind.MULTILABEL:
        missed = np.clip(1.0 - scores, 1e-9, 1.0)
        return np.asarray(-np.mean(y * np.log(clipped) + (1 - y) * np.log(missed), axis=1))
    return np.asarray(-np.log(clipped[np.arange(len(y)), y]))


def row_weights(context: TrialContext, rows: np.ndarray) -> np.ndarray | None:
    """(len(rows),) weights from the weights of the classes, or None."""
    if (
        context.class_weight is None
        or context.y.ndim != 1
        or not context.task.kind.is_classification
    ):
        return None
    return np.asarray(context.class_weight[context.y[rows]], dtype=np.float64)


def one_vs_rest(task: Task, y: np.ndarray) -> np.ndarray:
    """(n, k) float32 targets of 0 and 1; regression keeps its values as (n, 1)."""
    if task.kind is TaskKind.REGRESSION:
        return np.asarray(y, dtype=np.float64).reshape(-1, 1)
    if task.kind is TaskKind.MULTILABEL:
        return np.asarray(y, dtype=np.float32)
    return np.asarray(np.eye(len(task.classes), dtype=np.float32)[y])


def _all_rows(context: TrialContext) -> np.ndarray:
    return np.arange(len(context.y))


def _report(context: TrialContext, done: int, total: int, started: float) -> Report:
    return Report(
        trial_id=context.trial_id,
        resource=float(done),
        elapsed_s=now() - started,
        total=float(total),
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
