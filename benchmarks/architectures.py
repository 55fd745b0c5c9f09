"""Heads by architecture search, in equal time: DARTS and evolution beside random search.

    python -m benchmarks nas --seeds 5
    python -m benchmarks.architectures darts emoji 60 0          # one run, as JSON
    python -m benchmarks.architectures random r52 20 0 500       # with so many training rows

All read the same features: every layer of MiniLM-L6 (R52) or every stage of EfficientNet-Lite0
(emoji), computed once. Each way has the same seconds for everything, searching, choosing and
training the heads of five folds; searches by candidates try as many as fit in, those by gradient
have passes enough. The result is the accuracy on the published test rows, its difference to
random search over the same seeds with a 95% interval, and beside them `linear`: softmax
regression on the same features, which needs no search.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import data
from benchmarks.cases import Bar, Case
from benchmarks.machine import measured

CONTROL, PLAIN = "random", "linear"
WAYS = ("darts", "darts-second", "evolution", CONTROL, PLAIN)
SECONDS = 120
FOLDS = 5
DRAWS = 2000


@dataclass(frozen=True)
class Search:
    """Every way of searching on one data set.

    Attributes:
        name: The case's name.
        set: A name in `benchmarks.data.SETS`.
        bars: To be reached.
    """

    name: str
    set: str
    bars: tuple[Bar, ...]

    def measure(self, seeds: int) -> dict[str, Any]:
        """Each way with each seed in a process of its own; they share the features alone."""
        with tempfile.TemporaryDirectory() as warm:
            measured(_HERE, "features", self.set, "0", "0", warm=Path(warm))
            runs = {
                way: [
                    measured(_HERE, way, self.set, str(SECONDS), str(seed), warm=Path(warm))
                    for seed in range(seeds)
                ]
                for way in WAYS
            }
        if failed := [one["failed"] for some in runs.values() for one in some if "failed" in one]:
            return {"failed": failed, "bars": [bar.judge({}) for bar in self.bars]}
        values: dict[str, float] = {}
        for way, some in runs.items():
            scores = np.array([run["score"] for run in some])
            beside = np.array([run["score"] for run in runs[CONTROL]])
            values[f"{way}_score"] = round(float(scores.mean()), 4)
            if way != CONTROL:
                low, high = _interval(scores - beside)
                values[f"{way}_gain"] = round(float((scores - beside).mean()), 4)
                values |= {f"{way}_gain_low": low, f"{way}_gain_high": high}
        return {
            "each_s": SECONDS,
            "values": values,
            "runs": runs,
            "bars": [bar.judge(values) for bar in self.bars],
        }


def _interval(gains: np.ndarray) -> tuple[float, float]:
    """95% of the mean over seeds, by bootstrap."""
    rng = np.random.default_rng(0)
    means = gains[rng.integers(0, len(gains), (DRAWS, len(gains)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)


def search(way: str, name: str, seconds: float, seed: int, rows: int) -> dict[str, Any]:
    """One way with one seed; the clock starts once the features are there."""
    from automl_nb.core.trials import CancelToken, Deadline
    from automl_nb.core.types import Objective, Schema, Task, TaskKind
    from automl_nb.transfer.base import TrialContext
    from automl_nb.transfer.catalog import STRATEGIES
    from automl_nb.transfer.given import GivenBlocks

    (X, y), (X_test, y_test), widths, classes = _features(name, rows)
    if way == "features":
        return {"columns": X.shape[1]}
    parts = np.array_split(np.random.default_rng(seed).permutation(len(y)), FOLDS)
    context = TrialContext(
        trial_id=way,
        blocks=GivenBlocks({"layers": X}, pd.DataFrame(index=range(len(y)))),
        y=y,
        folds=tuple(_fold(part, len(y)) for part in parts),
        task=Task(TaskKind.MULTICLASS, "label", classes),
        objective=Objective("accuracy"),
        schema=Schema((), len(y)),
        seed=seed,
        deadline=Deadline(seconds),
        cancel=CancelToken(),
    )
    strategy = "logistic" if way == PLAIN else "nas-head"
    config = (
        {} if way == PLAIN else {"searcher": way, "widths": widths, "tries": 10_000, "passes": 100}
    )
    began = time.perf_counter()
    trial = STRATEGIES[strategy].load()().train(context, ("layers",), config)
    candidate = _finished(trial)
    spent = time.perf_counter() - began
    blocks = GivenBlocks({"layers": X_test}, pd.DataFrame(index=range(len(y_test))))
    found = candidate.predictor.predict(blocks).argmax(axis=1)
    judged = np.isfinite(candidate.oof).all(axis=1)
    return {
        "score": round(float((found == y_test).mean()), 4),
        "out_of_fold": round(float((candidate.oof.argmax(axis=1) == y)[judged].mean()), 4),
        "judged": float(judged.mean()),
        "trial_s": round(spent, 1),
        "note": candidate.note,
    }


def _finished(trial: Any) -> Any:
    try:
        while True:
            next(trial)
    except StopIteration as end:
        return end.value


def _fold(part: np.ndarray, n: int) -> Any:
    from automl_nb.data.split import Fold

    return Fold(fit=np.setdiff1d(np.arange(n), part), judge=np.sort(part))


def _features(name: str, rows: int) -> Any:
    """Layers and classes by number of training and test rows, the layers' widths, the classes."""
    from automl_nb.features.image_layers import ImageLayers
    from automl_nb.features.store import FeatureStore
    from automl_nb.features.text_layers import TextLayers

    train, test = data.SETS[name]()
    label = "category" if name == "emoji" else "label"
    if rows:
        train = train.sample(rows, random_state=data.SEED).reset_index(drop=True)
        test = test.head(rows)
    encoder = ImageLayers("image") if name == "emoji" else TextLayers("text")
    encoder.fit(train)
    store = FeatureStore(Path(os.environ.get("AUTOML_NB_CACHE", tempfile.gettempdir())) / "layers")
    classes = tuple(sorted(train[label].astype(str).unique()))
    known = {one: number for number, one in enumerate(classes)}
    parts = [
        (np.asarray(store.get(encoder, part)), _numbered(part[label], known))
        for part in (train, test)
    ]
    return (*parts, encoder.widths, classes)


def _numbered(labels: pd.Series, known: dict[str, int]) -> np.ndarray:
    """Classes by number; -1 for one that no training row has, which is always missed."""
    return labels.astype(str).map(known).fillna(-1).to_numpy(np.int64)


_HERE = "benchmarks.architectures"
_BARS = tuple(Bar(f"{way}_gain", ">=", 0.0) for way in ("darts", "darts-second", "evolution"))
CASES: tuple[Case, ...] = (
    Search("nas-r52", "r52", _BARS),
    Search("nas-emoji", "emoji", _BARS),
)

if __name__ == "__main__":
    way, chosen, limit, number, *fewer = sys.argv[1:]
    few = int(fewer[0]) if fewer else 0
    print(json.dumps(search(way, chosen, float(limit), int(number), few)))
