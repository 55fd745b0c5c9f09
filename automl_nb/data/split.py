"""Which rows train, which judge, and which are sealed away as the test part."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import (
    ColumnError,
    DataError,
    SettingError,
    UnknownNameError,
    suggest,
)
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import Task
from automl_nb.data.compare import compare_parts
from automl_nb.data.deal import deal, deal_groups, pick_share, strata_of
from automl_nb.data.parts import PARTS

__all__ = ["SPLITS", "Fold", "compare_parts", "default_folds", "make_folds", "split_test"]

SPLITS = ("auto", "stratified", "random", "group", "time")
HOLDOUT_SHARE = 0.15


@dataclass(frozen=True)
class Fold:
    """Positions of the rows that a model is fitted on, and of those that judge it.

    Attributes:
        fit: (a,) int64, ascending.
        judge: (b,) int64, ascending; no row is in both.
    """

    fit: np.ndarray
    judge: np.ndarray


def default_folds(n_rows: int) -> int:
    """10 folds under 300 rows, one holdout part above 100,000, else 5.

    Example:
        >>> default_folds(120), default_folds(5_000), default_folds(1_000_000)
        (10, 5, 1)
    """
    if n_rows < 300:
        return 10
    return 1 if n_rows > 100_000 else 5


def split_test(
    frame: pd.DataFrame, y: np.ndarray, task: Task, settings: FitSettings
) -> tuple[np.ndarray, np.ndarray, str]:
    """Seal part of the rows away as the test part.

    Args:
        frame: All rows, with the split, group and time columns that `settings` names.
        y: Their encoded labels (see `automl_nb.data.labels.encode_labels`).
        task: What is learnt; classification is stratified by class.
        settings: `split`, `split_column`, `group`, `time_column`, `test_size`, `seed`.

    Returns:
        Ascending positions of development rows and of test rows, and a plain sentence
        that says by which rule. The test part is empty when `test_size` is 0 or there
        are too few rows to spare any.

    Raises:
        ColumnError: A named column is missing, or its values cannot serve.
        SettingError: Options that contradict each other.
    """
    rule = _rule(frame, task, settings)
    n, share = len(frame), settings.test_size
    if not 0 <= share < 1:
        raise SettingError(
            "The test part must be a share of the rows, from 0 to below 1.",
            received=share,
            hint="Try test_size=0.2.",
        )
    if rule == "column":
        parts = _parts(frame, settings.split_column)
        mask = parts == "test"
        how = f"as column '{settings.split_column}' says"
        if not mask.any():
            how += ", which names no test rows"
        return np.flatnonzero(~mask), np.flatnonzero(mask), how
    if share * n < 1:
        return np.arange(n), np.empty(0, dtype=np.int64), "no test part"
    mask, how = _pick_test(rule, frame, y, settings)
    return np.flatnonzero(~mask), np.flatnonzero(mask), f"{how}, {mask.mean():.0%} as the test part"


def make_folds(
    frame: pd.DataFrame, y: np.ndarray, task: Task, settings: FitSettings, n_folds: int
) -> tuple[Fold, ...]:
    """Divide the development rows for validation.

    Stratified k-fold, whole groups, or forward chaining in time; one holdout part
    when `n_folds` is 1. A class with a single row is fitted on in every fold and
    judged in none. Rows that a split column calls valid are the only fold.

    Args:
        frame: Development rows, in the order of `y`.
        y: Their encoded labels.
        task: What is learnt.
        settings: As for `split_test`.
        n_folds: 1 for one holdout part, else the number of folds.

    Returns:
        At least one fold; each has rows on both sides.

    Raises:
        DataError: Too few rows or groups to divide.
    """
    if len(frame) < 2:
        raise DataError(
            "Two rows at least are needed, one to fit and one to judge.",
            received=len(frame),
            hint="Give more rows.",
        )
    if n_folds < 1:
        raise SettingError(
            "Folds must be 1 for one holdout part, or more for cross-validation.",
            received=n_folds,
            hint="Try folds=5, or 0 for automatic.",
        )
    rule = _rule(frame, task, settings)
    if rule == "column":
        parts = _parts(frame, settings.split_column)
        if (parts == "valid").any() and (parts == "train").any():
            return (one_fold(y, parts == "valid", task),)
        rule = _rule_without_column(settings, task)
    rng = np.random.default_rng([settings.seed, 2])
    n_folds = min(n_folds, len(frame))
    if rule == "time":
        return _time_folds(frame, settings, n_folds)
    if rule == "group":
        return _group_folds(frame, y, settings, n_folds, rng)
    strata = _strata(y, rule)
    if n_folds == 1:
        return (one_fold(y, pick_share(strata, HOLDOUT_SHARE, rng), task),)
    parts = deal(strata, n_folds, rng)
    folds = (one_fold(y, parts == part, task) for part in range(n_folds))
    return _usable(tuple(folds))


def one_fold(y: np.ndarray, judge: np.ndarray, task: Task) -> Fold:
    """The fold that judges the rows of a mask, less classes that it alone would hold.

    A class without a single row to fit on cannot be learnt, so its rows go to `fit`.
    """
    if task.kind.is_classification and y.ndim == 1 and len(y):
        fitted = np.bincount(y[~judge], minlength=int(y.max()) + 1) > 0
        judge = judge & fitted[y]
    return Fold(np.flatnonzero(~judge), np.flatnonzero(judge))


def _usable(
    folds: tuple[Fold, ...], hint: str = "Give at least two rows of each class."
) -> tuple[Fold, ...]:
    kept = tuple(fold for fold in folds if len(fold.fit) and len(fold.judge))
    if not kept:
        raise DataError(
            "Some rows must be left over to judge a model by.",
            received="no row that can be spared",
            hint=hint,
        )
    return kept


def _rule(frame: pd.DataFrame, task: Task, settings: FitSettings) -> str:
    if settings.split not in SPLITS:
        raise UnknownNameError("split", settings.split, SPLITS)
    if settings.split_column and settings.split == "auto":
        _column(frame, settings.split_column, "split_column")
        return "column"
    return _rule_without_column(settings, task)


def _rule_without_column(settings: FitSettings, task: Task) -> str:
    for rule, option in (("group", "group"), ("time", "time_column")):
        given = getattr(settings, option)
        if settings.split == rule and not given:
            raise SettingError(
                f"A split by {rule} needs to know the column.",
                received=f"split='{rule}' without {option}",
                hint=f"Add {option}='NAME'.",
            )
    if settings.split != "auto":
        return settings.split
    if settings.group:
        return "group"
    if settings.time_column:
        return "time"
    return "stratified" if task.kind.is_classification else "random"


def _column(frame: pd.DataFrame, name: str, option: str) -> pd.Series[Any]:
    if name not in frame.columns:
        raise ColumnError(
            f"The column that {option} names must be in the table.",
            received=name,
            hint=suggest(name, frame.columns),
        )
    return frame[name]


def _parts(frame: pd.DataFrame, name: str) -> np.ndarray:
    words = (
        _column(frame, name, "split_column")
        .astype(object)
        .map(lambda value: PARTS.get(str(value).strip().casefold()))
    )
    if words.isna().any():
        raise ColumnError(
            f"Every row of the split column '{name}' must say train, valid or test.",
            received=frame.loc[words.isna(), name].iloc[0],
            hint="Correct these rows, or leave split_column out.",
        )
    return words.to_numpy(dtype=object)


def _strata(y: np.ndarray, rule: str) -> np.ndarray:
    return strata_of(y) if rule == "stratified" else np.zeros(len(y), dtype=np.int64)


def _pick_test(
    rule: str, frame: pd.DataFrame, y: np.ndarray, settings: FitSettings
) -> tuple[np.ndarray, str]:
    """A mask of the test rows, and by which rule they were chosen."""
    rng = np.random.default_rng([settings.seed, 1])
    share = settings.test_size
    if rule == "group":
        groups = group_codes(frame, settings.group)
        parts = deal_groups(groups, strata_of(y), np.array([1 - share, share]), rng)
        return parts == 1, f"whole groups of '{settings.group}'"
    if rule == "time":
        return _latest(frame, settings), f"the latest rows by '{settings.time_column}'"
    how = "stratified by label" if rule == "stratified" else "at random"
    return pick_share(_strata(y, rule), share, rng), how


def _latest(frame: pd.DataFrame, settings: FitSettings) -> np.ndarray:
    """A mask of the latest rows; rows of one moment stay together."""
    order, ranks = time_order(frame, settings.time_column)
    first = ranks[order[min(round(len(frame) * (1 - settings.test_size)), len(frame) - 1)]]
    latest: np.ndarray = ranks >= first if first > ranks.min() else ranks > first
    return latest


def group_codes(frame: pd.DataFrame, name: str) -> np.ndarray:
    """(n,) group numbers; a row whose group is missing is a group of its own.

    Raises:
        ColumnError: The column holds lists or mappings.
        DataError: There is only one group.
    """
    try:
        codes, groups = pd.factorize(_column(frame, name, "group"))
    except TypeError as error:  # lists and mappings
        raise ColumnError(
            f"The group column '{name}' must hold plain values.",
            received=str(error),
            hint="Name a column of numbers or words.",
        ) from error
    missing = codes < 0
    codes[missing] = len(groups) + np.arange(int(missing.sum()))
    if codes.max(initial=0) < 1:
        raise DataError(
            f"Two groups at least are needed to split by '{name}'.",
            received=f"{len(groups)} group",
            hint="Name another column, or leave group out.",
        )
    return np.asarray(codes, dtype=np.int64)


def time_order(frame: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Positions from oldest to latest, and each row's rank (equal for one moment).

    Rows without a time count as the oldest.

    Raises:
        ColumnError: The column holds neither dates nor numbers.
    """
    column = _column(frame, name, "time_column")
    if not pd.api.types.is_numeric_dtype(column.dtype):
        parsed = pd.to_datetime(column, errors="coerce", format="mixed")
        if (parsed.isna() & column.notna()).any() or parsed.isna().all():
            raise ColumnError(
                f"The time column '{name}' must hold dates or numbers.",
                received=column.iloc[int(np.argmax((parsed.isna() & column.notna()).to_numpy()))],
                hint="Name another column in time_column.",
            )
        column = parsed
    ranks = column.rank(method="min", na_option="top").to_numpy().astype(np.int64)
    return np.argsort(ranks, kind="stable"), ranks


def _group_folds(
    frame: pd.DataFrame,
    y: np.ndarray,
    settings: FitSettings,
    n_folds: int,
    rng: np.random.Generator,
) -> tuple[Fold, ...]:
    groups = group_codes(frame, settings.group)
    strata = strata_of(y)
    if n_folds == 1:
        parts = deal_groups(groups, strata, np.array([1 - HOLDOUT_SHARE, HOLDOUT_SHARE]), rng)
        wanted = [1]
    else:
        n_folds = min(n_folds, int(groups.max()) + 1)
        parts = deal_groups(groups, strata, np.full(n_folds, 1 / n_folds), rng)
        wanted = list(range(n_folds))
    folds = (Fold(np.flatnonzero(parts != p), np.flatnonzero(parts == p)) for p in wanted)
    return _usable(tuple(folds), f"Name a column with more groups than '{settings.group}' has.")


def _time_folds(frame: pd.DataFrame, settings: FitSettings, n_folds: int) -> tuple[Fold, ...]:
    """Forward chaining: each fold is fitted on what came before the rows that judge it."""
    order, ranks = time_order(frame, settings.time_column)
    n = len(frame)
    cuts = (
        [round(n * (1 - HOLDOUT_SHARE))]
        if n_folds == 1
        else [round(n * part / (n_folds + 1)) for part in range(1, n_folds + 1)]
    )
    moments = np.unique(ranks)
    cut_at = {int(ranks[order[min(cut, n - 1)]]) for cut in cuts}
    starts = sorted(cut_at - {int(moments[0])}) or moments[1:2].tolist()
    folds = (
        Fold(np.flatnonzero(ranks < start), np.flatnonzero((ranks >= start) & (ranks < end)))
        for start, end in pairwise([*starts, n + 1])
    )
    return _usable(tuple(folds), f"Name a column with more moments than '{settings.time_column}'.")
