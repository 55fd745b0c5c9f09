"""What is kept of a table so that one like it can be recognised, without any of its rows.

Numbers that describe a data set as a whole tell where settings that worked will work again
(Feurer, Springenberg & Hutter 2015, "Initializing Bayesian Hyperparameter Optimization via
Meta-Learning", AAAI, who compare them by the L1 distance), and how well simple models do is the
most telling of them (Pfahringer, Bensusan & Giraud-Carrier 2000, "Meta-Learning by Landmarking
Various Learning Algorithms", ICML).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from automl_nb.core.types import TaskKind

_ROWS, _COLUMNS = 2000, 200  # that correlations are computed of, at most
_FEWEST = 20  # rows; of fewer an average would be too near to single rows
_OTHER = 2.0  # no single number says more than this


@dataclass(frozen=True)
class TablePrint:
    """Aggregates of a task on a table.

    Attributes:
        rows: To learn from.
        kinds: Columns to learn from by kind, such as ``{"number": 4}``.
        classes: Of the label; 0 for values.
        balance: Entropy of the classes' shares, 1 where all are as large; 0 for values.
        missing: Share of the cells that are empty.
        correlation: Mean of the absolute correlations between columns of numbers.
        skills: By landmark, what share of the loss of knowing nothing a simple model takes away.
    """

    rows: int
    kinds: dict[str, int]
    classes: int
    balance: float
    missing: float
    correlation: float
    skills: dict[str, float]


def table_print(
    numbers: np.ndarray,
    y: np.ndarray,
    kind: TaskKind,
    *,
    kinds: Mapping[str, int],
    missing: float,
    skills: Mapping[str, float],
    seed: int = 0,
) -> TablePrint | None:
    """The print of a table; None where there are too few rows to hide one of them.

    Args:
        numbers: (n, d) float64 columns of numbers, NaN where one is missing.
        y: (n,) or (n, k) the answers, as `transfer.base.TrialContext` has them.
        kind: Says what `y` means.
        kinds: How many columns of each kind there are.
        missing: Share of the cells that are empty.
        skills: See `TablePrint`.
        seed: Seeds the draw of at most 2,000 rows.

    Example:
        >>> x = np.arange(40.0)
        >>> two = np.stack([x, -x], axis=1)
        >>> found = table_print(
        ...     two, x % 4 // 3, TaskKind.BINARY, kinds={"number": 2}, missing=0.0, skills={}
        ... )
        >>> found.classes, found.balance, found.correlation
        (2, 0.8113, 1.0)
    """
    if len(y) < _FEWEST:
        return None
    rows = np.random.default_rng([seed, 11]).permutation(len(y))[:_ROWS]
    classes, balance = _balance(y, kind)
    return TablePrint(
        rows=len(y),
        kinds={name: n for name, n in kinds.items() if n},
        classes=classes,
        balance=round(balance, 4),
        missing=round(missing, 4),
        correlation=round(_correlation(numbers[rows, :_COLUMNS]), 4),
        skills={name: round(skill, 4) for name, skill in skills.items() if math.isfinite(skill)},
    )


def table_likeness(a: TablePrint, b: TablePrint) -> float:
    """How alike two tables are, from 0 to 1: exp of minus the mean distance of their numbers.

    A distance of 1 is ten times the rows, four times the columns or classes, all columns of
    another kind, or half of what balance, missing cells, correlation and skills can differ by.
    Landmarks count where both tables have them.

    Example:
        >>> from dataclasses import replace
        >>> a = TablePrint(1000, {"number": 8}, 2, 0.9, 0.0, 0.2, {"linear": 0.4})
        >>> table_likeness(a, a), round(table_likeness(a, replace(a, rows=100_000)), 2)
        (1.0, 0.78)
        >>> table_likeness(a, TablePrint(100, {"category": 40}, 9, 0.4, 0.5, 0.0, {})) < 0.5
        True
    """
    apart = [
        abs(math.log(a.rows / b.rows)) / math.log(10.0),
        abs(math.log(_columns(a) / _columns(b))) / math.log(4.0),
        sum(abs(_share(a, kind) - _share(b, kind)) for kind in {*a.kinds, *b.kinds}) / 2.0,
        abs(math.log(max(1, a.classes) / max(1, b.classes))) / math.log(4.0),
        abs(a.balance - b.balance) / 0.5,
        abs(a.missing - b.missing) / 0.5,
        abs(a.correlation - b.correlation) / 0.5,
        *(abs(a.skills[name] - b.skills[name]) / 0.5 for name in {*a.skills} & {*b.skills}),
    ]
    return math.exp(-float(np.mean(np.minimum(apart, _OTHER))))


def _columns(table: TablePrint) -> int:
    return max(1, sum(table.kinds.values()))


def _share(table: TablePrint, kind: str) -> float:
    return table.kinds.get(kind, 0) / _columns(table)


def _balance(y: np.ndarray, kind: TaskKind) -> tuple[int, float]:
    """Classes, and the entropy of their shares beside the most that it can be."""
    if kind is TaskKind.REGRESSION:
        return 0, 0.0
    if y.ndim > 1:  # each label is one of two by itself
        shares = y.mean(axis=0)
        return y.shape[1], float(np.mean([_entropy(np.array([p, 1.0 - p])) for p in shares]))
    counts = np.unique(y, return_counts=True)[1]
    return len(counts), _entropy(counts / len(y))


def _entropy(shares: np.ndarray) -> float:
    some = shares[shares > 0.0]
    most = math.log(max(2, len(shares)))
    return float(-(some * np.log(some)).sum()) / most


def _correlation(numbers: np.ndarray) -> float:
    """The mean absolute correlation between columns, gaps at the mean; 0 for less than two."""
    known = np.isfinite(numbers)
    counts = np.maximum(1, known.sum(axis=0))
    centred = np.where(known, numbers, 0.0)
    centred = np.where(known, centred - centred.sum(axis=0) / counts, 0.0)
    norms = np.sqrt((centred**2).sum(axis=0))
    telling = norms > 0.0
    d = int(telling.sum())
    if d < 2:
        return 0.0
    unit = centred[:, telling] / norms[telling]
    apart = np.abs(unit.T @ unit)[np.triu_indices(d, 1)]
    return float(np.clip(apart, 0.0, 1.0).mean())
