"""Searching settings: how many trials a second, and which searcher gets furthest in a time.

    python -m benchmarks head_trials
    python -m benchmarks.searching race --seeds 10 --time 60 --sets r52 churn

- head_trials: settings of heads on cached MiniLM features of R52: trials a second, and what
  proposal, journal and events add to a trial.
- race: each searcher gets the same time on the same features; beside each, its difference to random
  search over the seeds with its interval. Smaller losses are better.

All runs of a set share one cache, so that features are computed and the plan's own models are
trained once.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.cases import Bar, Case
from benchmarks.machine import measured

HEADS = {"r52": ("logistic", "knn", "svm"), "churn": ("logistic", "kernel", "boosting")}
LABEL = {"r52": "label", "churn": "churn"}
SEARCHERS = ("random", "quasi-random", "tpe", "cma-es", "evolution", "reinforce", "auto")
WARMING_S = 300  # for the first run of a set, which computes the features
TRIALS_SHARE = 0.75  # of a search's time; the rest trains the best settings
PLAN_S = 30  # that the plan before the search takes once all is in the cache


def search(name: str, searcher: str, seed: str, seconds: str, trials: str = "0") -> dict[str, Any]:
    """One run: the best loss after so many seconds of trials."""
    import automl_nb

    train, test = data.SETS[name]()
    run = automl_nb.fit(
        train,
        LABEL[name],
        test=test,
        time=WARMING_S if int(trials) else PLAN_S + float(seconds) / TRIALS_SHARE,
        seed=int(seed),
        strategies=list(HEADS[name]),
        backbones=["minilm-l6"] if name == "r52" else ["none"],
        searcher=searcher,
        trials=int(trials),
    )
    told = run.state.searched
    if not told:
        return {"failed": "no trial was begun", "score": run.state.ended.score}
    began = told[0].t - told[0].seconds
    within = [one for one in told if one.t - began <= float(seconds)] or told[:1]
    spent = sum(one.seconds for one in within)
    lasted = within[-1].t - began
    return {
        "trials": len(within),
        "best": min((one.value for one in within if one.value is not None), default=None),
        "a_second": round(len(within) / lasted, 3),
        "overhead_ms": round(1000.0 * (lasted - spent) / len(within), 2),
        "score": run.state.ended.score,
    }


def warmed(name: str, cache: Path, seed: int = 0) -> dict[str, Any]:
    """Features and the plan's own models with a seed, in the cache of all runs to come."""
    asked = (name, "random", str(seed), "1", "1")
    return measured("benchmarks.searching", "search", *asked, warm=cache)


@dataclass(frozen=True)
class HeadTrials:
    """Trials a second, and what a trial costs beside its own work."""

    name: str = "head_trials"
    bars: tuple[Bar, ...] = (Bar("a_second", ">=", 5), Bar("overhead_ms", "<=", 5))

    def measure(self, seeds: int) -> dict[str, Any]:
        """R52 with the automatic searcher, 60 s each."""
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(seeds):
                warmed("r52", Path(folder), seed)
            runs = [
                measured(
                    "benchmarks.searching", "search", "r52", "tpe", str(s), "60", warm=Path(folder)
                )
                for s in range(seeds)
            ]
        if failed := [run["failed"] for run in runs if "failed" in run]:
            return {"failed": failed, "bars": [bar.judge({}) for bar in self.bars]}
        values = {k: float(np.mean([run[k] for run in runs])) for k in ("a_second", "overhead_ms")}
        return {"values": values, "runs": runs, "bars": [bar.judge(values) for bar in self.bars]}


@dataclass(frozen=True)
class Race:
    """Every searcher with the same time, beside random search."""

    name: str = "searchers"
    sets: tuple[str, ...] = tuple(HEADS)
    seconds: float = 60
    searchers: tuple[str, ...] = SEARCHERS

    def measure(self, seeds: int) -> dict[str, Any]:
        """The mean best loss of each, and its difference to random search's."""
        found: dict[str, Any] = {}
        for name in self.sets:
            with tempfile.TemporaryDirectory() as folder:
                for seed in range(seeds):
                    warmed(name, Path(folder), seed)
                runs = {
                    searcher: [
                        measured(
                            *("benchmarks.searching", "search", name, searcher, str(seed)),
                            f"{self.seconds:g}",
                            warm=Path(folder),
                        )
                        for seed in range(seeds)
                    ]
                    for searcher in self.searchers
                }
            found[name] = {
                searcher: _beside(some, runs["random"]) for searcher, some in runs.items()
            }
            print(json.dumps({name: found[name]}), file=sys.stderr, flush=True)
        gains = {
            f"{name}_{searcher}": one.get("gain")
            for name, table in found.items()
            for searcher, one in table.items()
            if searcher != "random"
        }
        bars = [
            Bar(f"{name}_{searcher}", ">=", 0.0)
            for name in self.sets
            for searcher in ("tpe", "evolution")
            if searcher in self.searchers
        ]
        return {"values": gains, "sets": found, "bars": [bar.judge(gains) for bar in bars]}


def _beside(runs: list[dict[str, Any]], control: list[dict[str, Any]]) -> dict[str, Any]:
    """Means over the seeds, and by how much the loss is less than the control's, with 95%."""
    kept = [
        (one, other)
        for one, other in zip(runs, control, strict=True)
        if one.get("best") is not None and other.get("best") is not None
    ]
    if not kept:
        return {"failed": [run.get("failed", "no trial ended") for run in runs]}
    gains = np.array([other["best"] - one["best"] for one, other in kept])
    drawn = np.random.default_rng(0).integers(0, len(gains), (2000, len(gains)))
    low, high = np.quantile(gains[drawn].mean(axis=1), [0.025, 0.975])
    return {
        "best": float(np.mean([one["best"] for one, _ in kept])),
        "trials": float(np.mean([one["trials"] for one, _ in kept])),
        "score": float(np.mean([one["score"] for one, _ in kept])),
        "gain": round(float(gains.mean()), 5),
        "low": round(float(low), 5),
        "high": round(float(high), 5),
    }


CASES: tuple[Case, ...] = (HeadTrials(), Race())


def main() -> None:
    """A worker's JSON, or a race with its own sets, seeds and time."""
    if sys.argv[1] == "search":
        print(json.dumps(search(*sys.argv[2:])))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", choices=("race",))
    parser.add_argument("--sets", nargs="*", choices=tuple(HEADS), default=list(HEADS))
    parser.add_argument("--searchers", nargs="*", choices=SEARCHERS, default=list(SEARCHERS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--time", type=float, default=60)
    asked = parser.parse_args()
    race = Race(
        sets=tuple(asked.sets),
        seconds=asked.time,
        searchers=tuple({"random": 0} | dict.fromkeys(asked.searchers)),
    )
    print(json.dumps(race.measure(asked.seeds), indent=1))


if __name__ == "__main__":
    main()
