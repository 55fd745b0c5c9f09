"""One `fit` on one set in this process; prints JSON.

python -m benchmarks.fit r8 60 0
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
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
    parser.add_argument("early_s", type=float, nargs="?", default=5.0)
    asked = parser.parse_args()
    task = SETS[asked.set]
    train, test = data.SETS[task.data]()
    if task.columns:
        train, test = (part[[*task.columns, task.label]] for part in (train, test))

    import automl_nb

    early = EarlyModel(asked.early_s)
    start = time.perf_counter()
    run = automl_nb.fit(
        train, test=test, time=asked.time_s, seed=asked.seed, on_event=early, **options(task)
    )
    fit_s = time.perf_counter() - start
    found = answers(run.model, task, test)
    print(
        json.dumps(
            {
                "seed": asked.seed,
                "score": score(task, test, found),
                "fit_s": round(fit_s, 2),
                "over_s": round(max(0.0, fit_s - asked.time_s), 2),
                "early_s": asked.early_s,
                "early_score": early.judge(task, test),
                "first_model_s": round(run.state.incumbents[0].t, 2),
                "frozen_s": round(frozen_s(run), 2),
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


class EarlyModel:
    """Keeps a copy of the best model that stood on disk so many seconds after the call."""

    def __init__(self, early_s: float) -> None:
        self._early_s = early_s
        self._folder = Path(tempfile.mkdtemp(prefix="automl_nb-early-"))

    def __call__(self, event: Any) -> None:
        if type(event).__name__ == "IncumbentImproved" and event.t <= self._early_s:
            shutil.rmtree(self._folder)
            shutil.copytree(event.path, self._folder)

    def judge(self, task: Task, test: pd.DataFrame) -> float | None:
        """Its score on the test rows, None where there was no model in time."""
        import automl_nb

        if not any(self._folder.iterdir()):
            return None
        found = answers(automl_nb.load(self._folder), task, test)
        shutil.rmtree(self._folder)
        return score(task, test, found)


def frozen_s(run: Any) -> float:
    """When the stage of frozen features was over, in seconds since the start."""
    ends = [stage.ended for stage in run.state.stages if stage.name == "frozen features"]
    return ends[0] if ends and ends[0] is not None else -1.0


def bundle_mb(path: Path) -> float:
    """Megabytes of a saved model."""
    files = path.rglob("*") if path.is_dir() else [path]
    return round(sum(file.stat().st_size for file in files if file.is_file()) / 2**20, 2)


if __name__ == "__main__":
    main()
