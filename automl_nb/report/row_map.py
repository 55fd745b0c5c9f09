"""Rows as points in two dimensions, by the features that a model or network has of them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from automl_nb.core.errors import SettingError
from automl_nb.core.state import RunState
from automl_nb.core.types import ColumnKind, TaskKind
from automl_nb.features.base import Encoder, Matrix
from automl_nb.features.catalog import ENCODERS
from automl_nb.pipeline.answered import Answered

METHODS = ("pca", "umap")
FEWEST = 3  # rows that make a map
_LARGE_ERRORS = 0.1  # share of the values that counts as far off


@dataclass(frozen=True)
class RowMap:
    """Points with what is right of them, and whether the model knew.

    Attributes:
        points: (n, 2).
        shares: Of the variance that each axis shows; none for UMAP, whose axes mean nothing.
        groups: (n,) positions in `names`; empty where values are predicted.
        names: The groups', the most frequent first.
        values: (n,) what is right, where values are predicted.
        wrong: (n,) whether the model's answer is wrong, or among the tenth that is furthest off.
        reads: The features that the map is of.
        method: One of `METHODS`.
        label: What is predicted.
        whose: Which rows they are.
        n_rows: How many of these there are in all.
    """

    points: np.ndarray
    shares: tuple[float, ...]
    groups: np.ndarray
    names: tuple[str, ...]
    values: np.ndarray
    wrong: np.ndarray
    reads: str
    method: str
    label: str
    whose: str
    n_rows: int


def row_map(rows: Answered, state: RunState, *, method: str = "pca") -> RowMap:
    """A map of the rows that were drawn.

    Args:
        rows: With a model's answers.
        state: The run, whose best model with a frozen network names the features.
        method: ``"pca"``: the plane in which the features differ most (Pearson 1901,
            doi 10.1080/14786440109462720); ``"umap"``: neighbours stay neighbours (McInnes, Healy &
            Melville 2018, arXiv 1802.03426), where umap-learn is installed.

    Raises:
        SettingError: No such method, it isn't installed, or there are fewer than three rows.
    """
    _check(method, rows.n_drawn)
    reads, block = _features(rows, state)
    points, shares = _by_pca(block) if method == "pca" else (_by_umap(block), ())
    groups, names = _groups(rows)
    of_values = rows.task.kind is TaskKind.REGRESSION
    return RowMap(
        points=points,
        shares=shares,
        groups=groups,
        names=names,
        values=rows.y[: rows.n_drawn] if of_values else np.empty(0),
        wrong=_wrong(rows),
        reads=reads,
        method=method,
        label=rows.task.label,
        whose=rows.whose,
        n_rows=rows.n_rows,
    )


def _check(method: str, n: int) -> None:
    if method not in METHODS:
        raise SettingError(
            "A map is made by pca or umap.", received=method, hint="Leave it out for pca."
        )
    if method == "umap" and importlib.util.find_spec("umap") is None:
        raise SettingError(
            "UMAP needs the package umap-learn.",
            received="it isn't installed",
            hint="pip install umap-learn, or leave method out for PCA.",
        )
    if n < FEWEST:
        raise SettingError(
            f"A map needs {FEWEST} rows or more.", received=n, hint="Give more rows, data=df."
        )


def _features(rows: Answered, state: RunState) -> tuple[str, Matrix]:
    """The block of the best frozen network; without any, of the table, words or pixels."""
    known = {**rows.encoders}
    best = [key for row in state.ranked() for key in row.inputs if key in known]
    frozen = ENCODERS.names("backbone")
    for wanted in (frozen, ["tabular-linear"], ENCODERS.names("text"), ["pixels"]):
        for key in (*best, *known):
            if known[key].name in wanted:
                return key, rows.of_drawn(key)
    made = _made_here(rows)
    drawn = rows.frame.head(rows.n_drawn)
    made.fit(drawn)
    return made.key, made.transform(drawn)


def _made_here(rows: Answered) -> Encoder:
    """An encoder for rows that the model reads without any, fitted on nothing but them."""
    from automl_nb.features.pixels import Pixels
    from automl_nb.features.tabular import TabularLinear
    from automl_nb.features.tfidf import TfidfWord

    there = set(map(str, rows.frame.columns))
    texts = [name for name in rows.schema.of_kind(ColumnKind.TEXT) if name in there]
    pictures = [name for name in rows.schema.of_kind(ColumnKind.IMAGE) if name in there]
    if texts:
        return TfidfWord(texts[0])
    if pictures:
        return Pixels(pictures[0])
    kinds = {column.name: column.kind.value for column in rows.schema.columns}
    names = tuple(map(str, rows.frame.columns))
    return TabularLinear(names, {name: kinds[name] for name in names})


def _by_pca(block: Matrix) -> tuple[np.ndarray, tuple[float, ...]]:
    """(n, 2) points and the shares of the variance that they show."""
    from sklearn.decomposition import PCA

    table = block.astype(np.float64)
    if min(table.shape) < 2:  # one column: a line
        flat = _dense(table)[:, :1]
        return np.hstack([flat, np.zeros_like(flat)]), (1.0, 0.0)
    solver = "arpack" if sparse.issparse(table) and min(table.shape) > 2 else "full"
    if solver == "full" and sparse.issparse(table):
        table = _dense(table)
    if float(_spread(table)) == 0.0:
        return np.zeros((table.shape[0], 2)), (0.0, 0.0)
    fitted = PCA(2, svd_solver=solver, random_state=0)
    points = fitted.fit_transform(table)
    return points, tuple(float(share) for share in fitted.explained_variance_ratio_)


def _dense(table: Matrix) -> np.ndarray:
    return np.asarray(table.toarray() if isinstance(table, sparse.csr_matrix) else table)


def _spread(table: Matrix) -> float:
    """How far the largest column's values lie apart."""
    high, low = table.max(axis=0), table.min(axis=0)
    return float((high - low).max())


def _by_umap(block: Matrix) -> np.ndarray:
    import umap  # type: ignore[import-not-found, unused-ignore]

    neighbours = min(15, block.shape[0] - 1)
    made = umap.UMAP(n_components=2, n_neighbors=neighbours, random_state=0, n_jobs=1)
    return np.asarray(made.fit_transform(block), dtype=np.float64)


def _groups(rows: Answered) -> tuple[np.ndarray, tuple[str, ...]]:
    """Each row's class by its rank in frequency; of several labels the first."""
    y, classes = rows.y[: rows.n_drawn], rows.task.classes
    if rows.task.kind is TaskKind.REGRESSION:
        return np.empty(0, dtype=np.int64), ()
    if rows.task.kind is TaskKind.MULTILABEL:
        y = np.where(y.any(axis=1), y.argmax(axis=1), len(classes)).astype(np.int64)
        classes = (*classes, "no label")
    present = np.bincount(y, minlength=len(classes))
    order = [int(place) for place in np.argsort(-present, kind="stable") if present[place]]
    ranks = np.empty(len(classes), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks[y], tuple(classes[place] for place in order)


def _wrong(rows: Answered) -> np.ndarray:
    wrongness = rows.wrongness[: rows.n_drawn]
    if rows.task.kind is TaskKind.REGRESSION:
        return np.asarray(wrongness > np.quantile(wrongness, 1.0 - _LARGE_ERRORS), dtype=bool)
    return np.asarray(wrongness > -np.inf, dtype=bool)


def named(names: Iterable[str], most: int) -> tuple[list[str], int]:
    """The first names, and how many share what colour is left."""
    listed = list(names)
    return (listed, 0) if len(listed) <= most else (listed[: most - 1], len(listed) - most + 1)
