"""How fast a saved model answers after it was loaded in a fresh process.

    python -m benchmarks.serving latency_table

One process fits and saves; another loads and asks: 200 single rows, one after another,
and 3,000 rows at once. `first_answer_s` is from the start of that process.
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
from benchmarks.cases import Bar, Case, Probe
from benchmarks.judge import SETS
from benchmarks.machine import measured

SINGLE, BULK = 200, 3000


@dataclass(frozen=True)
class Served:
    """A model to ask: the set it learns and the strategies and backbones it may use."""

    set: str
    time_s: int
    strategies: tuple[str, ...]


MODELS = {
    "latency_table": Served("churn", 15, ("boosting",)),
    "latency_tfidf": Served("fine_foods", 15, ("svm",)),
    "latency_minilm": Served("fine_foods", 120, ("logistic",)),
    "latency_best": Served("fine_foods", 60, ("auto",)),
}


def fit(name: str, folder: str) -> dict[str, Any]:
    """Fit and save."""
    import automl_nb

    served = MODELS[name]
    task = SETS[served.set]
    train, _ = data.SETS[task.data]()
    run = automl_nb.fit(train, task.label, time=served.time_s, strategies=served.strategies)
    run.save(folder)
    return {"model": repr(run.model)}


def ask(name: str, folder: str) -> dict[str, Any]:
    """Load and ask, one row at a time and in bulk."""
    import psutil

    import automl_nb

    started = psutil.Process(os.getpid()).create_time()
    task = SETS[MODELS[name].set]
    train, test = data.SETS[task.data]()
    rows = pd.concat([train, test], ignore_index=True).drop(columns=task.label)
    singles = [rows.iloc[[position]] for position in range(-SINGLE, 0)]
    loading = time.perf_counter()
    model = automl_nb.load(folder)
    load_s = time.perf_counter() - loading
    model.predict(singles[0])
    first_answer_s = time.time() - started
    seconds = []
    for row in singles:
        start = time.perf_counter()
        model.predict(row)
        seconds.append(time.perf_counter() - start)
    start = time.perf_counter()
    model.predict(rows.head(BULK))
    return {
        "bulk_s": round(time.perf_counter() - start, 2),
        "single_p50_ms": round(float(np.median(seconds)) * 1000, 2),
        "single_p95_ms": round(float(np.quantile(seconds, 0.95)) * 1000, 2),
        "load_s": round(load_s, 2),
        "first_answer_s": round(first_answer_s, 2),
    }


def latency(name: str) -> dict[str, Any]:
    """Fit in one process, ask in another, with nothing kept between them."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = str(Path(temporary) / "model")
        made = measured("benchmarks.serving", "fit", name, folder)
        if "failed" in made:
            return made
        return {"model": made["model"]} | measured("benchmarks.serving", "ask", name, folder)


_BARS = {
    "latency_table": (Bar("single_p50_ms", "<=", 10),),
    "latency_tfidf": (Bar("single_p50_ms", "<=", 10),),
    "latency_minilm": (Bar("single_p50_ms", "<=", 25), Bar("bulk_s", "<=", 15)),
    "latency_best": (Bar("bulk_s", "<=", 15),),
}
CASES: tuple[Case, ...] = tuple(
    Probe(name, "benchmarks.serving", bars) for name, bars in _BARS.items()
)

if __name__ == "__main__":
    work, *arguments = sys.argv[1:]
    steps = {"fit": fit, "ask": ask}
    print(json.dumps(steps[work](*arguments) if work in steps else latency(work)))
