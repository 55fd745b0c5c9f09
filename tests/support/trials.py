"""Trials without a run: contexts on small real data, and a way to run a strategy to its end."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from automl_nb.core.trials import CancelToken, Deadline, Decision
from automl_nb.core.types import Column, ColumnKind, Objective, Schema, Task, TaskKind
from automl_nb.data.split import Fold
from automl_nb.transfer.base import TrialContext
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.given import GivenBlocks

CLASSES = "abcdefghij"
METRICS = {
    TaskKind.BINARY: Objective("accuracy"),
    TaskKind.MULTICLASS: Objective("accuracy"),
    TaskKind.MULTILABEL: Objective("f1_macro"),
    TaskKind.REGRESSION: Objective("rmse", greater_is_better=False),
}


def folds_of(n: int, k: int = 3, seed: int = 0) -> tuple[Fold, ...]:
    """Random folds."""
    parts = np.array_split(np.random.default_rng(seed).permutation(n), k)
    return tuple(
        Fold(fit=np.sort(np.setdiff1d(np.arange(n), part)), judge=np.sort(part)) for part in parts
    )


def context(X, y, kind, *, n_classes=0, frame=None, folds=None, **changes) -> TrialContext:
    """What a trial gets: one block named ``x``."""
    n_classes = n_classes or {
        TaskKind.BINARY: 2,
        TaskKind.MULTICLASS: int(np.max(y)) + 1,
        TaskKind.MULTILABEL: y.shape[-1],
    }.get(kind, 0)
    block = X if sparse.issparse(X) else np.asarray(X, dtype=np.float32)
    frame = pd.DataFrame(index=range(len(y))) if frame is None else frame
    columns = tuple(Column(name, ColumnKind.TEXT, "given") for name in frame.columns)
    made = TrialContext(
        trial_id="trial",
        blocks=GivenBlocks({"x": block}, frame),
        y=np.asarray(y),
        folds=folds or folds_of(len(y)),
        task=Task(kind, "label", tuple(CLASSES[:n_classes])),
        objective=METRICS[kind],
        schema=Schema(columns, len(y)),
        seed=0,
        deadline=Deadline(600.0),
        cancel=CancelToken(),
    )
    return replace(made, **changes)


def table(kind: TaskKind) -> TrialContext:
    """About 200 rows of scikit-learn's data, standardised."""
    from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine

    load = {
        TaskKind.BINARY: load_breast_cancer,
        TaskKind.MULTICLASS: load_wine,
        TaskKind.MULTILABEL: load_digits,
        TaskKind.REGRESSION: load_diabetes,
    }[kind]
    X, y = load(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(y))[:220]
    X, y = X[rows], y[rows]
    spread = X.std(axis=0)
    X = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    if kind is TaskKind.MULTILABEL:  # even, large, divisible by three
        y = np.stack([y % 2 == 0, y > 4, y % 3 == 0], axis=1).astype(np.float32)
    more = X[:60] + np.random.default_rng(1).normal(0, 0.1, (60, X.shape[1]))
    return context(
        X,
        y.astype(np.float64) if kind is TaskKind.REGRESSION else y,
        kind,
        unlabelled=GivenBlocks({"x": more.astype(np.float32)}, pd.DataFrame(index=range(60))),
    )


def counted(kind: TaskKind) -> TrialContext:
    """The same rows with a sparse block without negative numbers, as counts of words are."""
    dense = table(kind)
    return replace(dense, blocks=_as_counts(dense.blocks), unlabelled=_as_counts(dense.unlabelled))


def _as_counts(blocks) -> GivenBlocks:
    return GivenBlocks({"x": sparse.csr_matrix(np.maximum(blocks["x"], 0.0))}, blocks.frame)


def texts(n: int = 90, libraries: tuple[str, ...] = ("matplotlib", "scipy")) -> TrialContext:
    """Documentation of a few libraries."""
    frame = _sample("docstrings")
    frame = frame[frame["library"].isin(libraries)].head(n).reset_index(drop=True)
    return _named(frame[["text"]], frame["library"])


def pictures(n: int = 64) -> TrialContext:
    """Charts of eight types."""
    frame = _sample("charts").head(n)
    return _named(frame[["image"]], frame["chart"])


@cache
def _sample(name: str) -> pd.DataFrame:
    """A sample, made once: it takes seconds."""
    from automl_nb.data.samples import load_sample

    return load_sample(name).frame


def _named(inputs: pd.DataFrame, labels: pd.Series) -> TrialContext:
    names, y = np.unique(labels.to_numpy(str), return_inverse=True)
    kind = TaskKind.BINARY if len(names) == 2 else TaskKind.MULTICLASS
    return context(np.zeros((len(y), 1)), y.astype(np.int64), kind, frame=inputs)


def small_pictures(folder: Path, pixels: int = 64) -> Path:
    """EfficientNet-Lite0 that reads small pictures, as a folder on disk."""
    from automl_nb.zoo.load import load_backbone

    load_backbone("efficientnet-lite0").save(folder)
    scale = {"image_mean": [127 / 255] * 3, "image_std": [128 / 255] * 3}
    spec = {"size": pixels, "crop_size": pixels, **scale}
    (folder / "preprocessor_config.json").write_text(json.dumps(spec), encoding="utf-8")
    return folder


def finish(trial, answer=Decision.CONTINUE, *, begun=False):
    """Run a generator to its end: its result and its reports."""
    reports = []
    try:
        report = trial.send(answer) if begun else next(trial)
        while True:
            reports.append(report)
            report = trial.send(answer)
    except StopIteration as end:
        return end.value, reports


def trained(name: str, ctx: TrialContext, inputs=("x",), **config):
    """The candidate that a strategy makes."""
    return finish(STRATEGIES[name].load()().train(ctx, inputs, config))[0]
