"""One `fit` on one set in this process; prints JSON.

python -m benchmarks.fit r8 60 0
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import data
from benchmarks.judge import SETS, Task, score


def main() -> None:
    """Fit, then judge the model on the test rows by our own yardstick."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", choices=SETS)
    parser.add_argument("time_s", type=float)
    parser.add_argument("seed", type=int)
    asked = parser.parse_args()
    task = SETS[asked.set]
    train, test = data.SETS[task.data]()
    if task.columns:
        train, test = (part[[*task.columns, task.label]] for part in (train, test))

    import automl_nb

    start = time.perf_counter()
    run = automl_nb.fit(train, test=test, time=asked.time_s, seed=asked.seed, **options(task))
    fit_s = time.perf_counter() - start
    found = answers(run.model, task, test)
    print(
        json.dumps(
            {
                "seed": asked.seed,
                "score": score(task, test, found),
                "fit_s": round(fit_s, 2),
                "over_s": round(max(0.0, fit_s - asked.time_s), 2),
                **first_model(run, task, test),
                "ended": run.state.ended.reason,
                "leaderboard": [(row.model, round(row.score, 4)) for row in run.state.ranked()[:5]],
                "bundle_mb": bundle_mb(Path(run.state.incumbent.path)),
                "found": found.tolist(),
            }
        )
    )


def options(task: Task) -> dict[str, Any]:
    """How the task is asked for."""
    asked: dict[str, Any] = {"label": task.label, "metric": task.metric}
    return asked | ({"positive": task.positive} if task.positive else {})


def answers(model: Any, task: Task, test: pd.DataFrame) -> np.ndarray:
    """What `benchmarks.judge.score` judges."""
    if task.positive:
        return model.predict_proba(test)[task.positive].to_numpy(np.float64)
    return np.asarray(model.predict(test))


def first_model(run: Any, task: Task, test: pd.DataFrame) -> dict[str, float]:
    """When the first usable model stood on disk, and what it scores."""
    import automl_nb

    first = run.state.incumbents[0]
    found = answers(automl_nb.load(first.path), task, test)
    return {"first_model_s": round(first.t, 2), "first_score": score(task, test, found)}


def bundle_mb(path: Path) -> float:
    """Megabytes of a saved model."""
    files = path.rglob("*") if path.is_dir() else [path]
    return round(sum(file.stat().st_size for file in files if file.is_file()) / 2**20, 2)


if __name__ == "__main__":
    main()
