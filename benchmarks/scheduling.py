"""Schedulers in equal time: how networks are tuned, searched with ASHA and without a scheduler.

    python -m benchmarks asha --seeds 5
    python -m benchmarks.scheduling one asha emoji 240 0 757     # one run, as JSON
    python -m benchmarks.scheduling race --sets emoji --seeds 1 --time 60 --rows 300

Random search over rate and passes, with the same seed: both see the same proposals in the same
order, and differ only in which of them end early. "Full training" is what the search without a
scheduler had reached at its end, where each trial was trained whole: the least loss held out.
`reached_s` is when a trial first ended that was as good, from the first trial's beginning on. The
model of each search is judged on the test rows.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.cases import Bar, Case
from benchmarks.machine import measured
from benchmarks.strategies import BACKBONES, SETS, parts

CONTROL = "none"
SCHEDULERS = ("asha", CONTROL)
SEARCH = "lr=1e-5..1e-2,epochs=2..8"
ROWS = {"emoji": 300, "fine_foods": 200}  # with which some twenty trainings fit in
SECONDS = 240.0
DRAWS = 2000


def one(scheduler: str, name: str, time_s: float, seed: int, rows: int) -> dict[str, Any]:
    """One search on so many training rows at most.

    Returns:
        ``score`` of its model on the test rows, ``steps`` of (seconds, loss held out) of the trials
        that were trained to their end, and how many trials there were and ended early.
    """
    import automl_nb

    chosen = SETS[name]
    train, test = parts(chosen, rows)
    run = automl_nb.fit(
        train,
        chosen.label,
        test=test,
        time=time_s,
        seed=seed,
        strategies="finetune",
        backbones=BACKBONES[chosen.modality],
        search=SEARCH,
        searcher="random",
        scheduler=scheduler,
    )
    told = [trial for trial in run.state.searched if trial.search == "networks"]
    done = [trial for trial in told if trial.state == "done" and trial.value is not None]
    if not done:
        sys.exit(f"No network was tuned in {time_s:g} s: {run.state.ended.reason}")
    began = told[0].t - told[0].seconds
    return {
        "score": float(np.mean(np.asarray(run.predict(test)) == test[chosen.label].to_numpy())),
        "steps": [(round(trial.t - began, 2), trial.value) for trial in done],
        "trials": len(told),
        "pruned": sum(trial.state == "pruned" for trial in told),
        "ended": run.state.ended.reason,
    }


def reached_s(run: dict[str, Any], loss: float) -> float | None:
    """When a trial first ended that was as good; None where none was.

    Example:
        >>> reached_s({"steps": [(3.0, 0.9), (9.0, 0.4)]}, 0.5)
        9.0
    """
    return next((t for t, value in run["steps"] if value <= loss), None)


@dataclass(frozen=True)
class Race:
    """ASHA beside no scheduler.

    Attributes:
        name: The case's name.
        sets: Names in `benchmarks.strategies.SETS`.
        seconds: The budget of each run.
        rows: Training rows by set; 0 for those of `ROWS`.
    """

    name: str = "asha"
    sets: tuple[str, ...] = tuple(ROWS)
    seconds: float = SECONDS
    rows: dict[str, int] = field(default_factory=lambda: dict(ROWS))

    def measure(self, seeds: int) -> dict[str, Any]:
        """Both with each seed in processes of their own, one after the other."""
        values: dict[str, Any] = {}
        found: dict[str, Any] = {}
        for name in self.sets:
            pairs = []
            for seed in range(seeds):
                pairs.append({way: self._run(way, name, seed) for way in SCHEDULERS})
                print(json.dumps({name: pairs[-1]}), file=sys.stderr, flush=True)
            found[name] = pairs
            whole = [pair for pair in pairs if not any("failed" in run for run in pair.values())]
            if len(whole) == len(pairs):
                values |= {
                    f"{name}_{key}": one for key, one in _beside(whole, self.seconds).items()
                }
        bars = [
            bar
            for name in self.sets
            for bar in (
                Bar(f"{name}_gain", ">=", 0.0),
                Bar(f"{name}_time_share", "<=", 0.5),
            )
        ]
        return {
            "each_s": self.seconds,
            "rows": self.rows,
            "values": values,
            "runs": found,
            "bars": [bar.judge(values) for bar in bars],
        }

    def _run(self, way: str, name: str, seed: int) -> dict[str, Any]:
        return measured(
            "benchmarks.scheduling",
            *("one", way, name, str(self.seconds), str(seed), str(self.rows[name])),
        )


def _beside(pairs: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    """Means over the seeds; what was never reached counts as if it took the whole of the run."""
    gains = np.array([pair["asha"]["score"] - pair[CONTROL]["score"] for pair in pairs])
    drawn = np.random.default_rng(0).integers(0, len(gains), (DRAWS, len(gains)))
    low, high = np.quantile(gains[drawn].mean(axis=1), [0.025, 0.975])
    times = {}
    for way in SCHEDULERS:
        for pair in pairs:
            best = min(value for _, value in pair[CONTROL]["steps"])
            pair[way]["reached_s"] = reached_s(pair[way], best)
        times[way] = [pair[way]["reached_s"] for pair in pairs]
    shares = [
        (seconds if asha is None else asha) / control
        for asha, control in zip(times["asha"], times[CONTROL], strict=True)
    ]
    return {
        "gain": round(float(gains.mean()), 4),
        "gain_low": round(float(low), 4),
        "gain_high": round(float(high), 4),
        "time_share": round(float(np.median(shares)), 3),
        **{f"{way}_score": float(np.mean([p[way]["score"] for p in pairs])) for way in SCHEDULERS},
        **{
            f"{way}_trials": float(np.mean([p[way]["trials"] for p in pairs])) for way in SCHEDULERS
        },
    }


CASES: tuple[Case, ...] = (Race(),)


def main() -> None:
    """A worker's JSON, or a race with its own sets, seeds, rows and time."""
    if sys.argv[1] == "one":
        way, name, time_s, seed, rows = sys.argv[2:]
        print(json.dumps(one(way, name, float(time_s), int(seed), int(rows))))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", choices=("race",))
    parser.add_argument("--sets", nargs="*", choices=tuple(ROWS), default=list(ROWS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--time", type=float, default=SECONDS)
    parser.add_argument("--rows", type=int, default=0)
    asked = parser.parse_args()
    rows = {name: asked.rows or ROWS[name] for name in asked.sets}
    race = Race(sets=tuple(asked.sets), seconds=asked.time, rows=rows)
    print(json.dumps(race.measure(asked.seeds), indent=1))


if __name__ == "__main__":
    main()
