"""Pauses at random moments of a run: how soon nothing computes any more, and what goes on then.

    python -m benchmarks pausing --seeds 10      # ten pauses of one run

Quiet is when the process has used less than a twentieth of a core for a second; the pause's
seconds end where that second begins. What is at work behind the pause is the same trial.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.cases import Bar, Case
from benchmarks.machine import measured

ROWS = 500
STEP_S, QUIET_S, BUSY_SHARE = 0.05, 1.0, 0.05
MOST_S = 20.0  # that a pause is waited for


def pauses(how_many: int) -> dict[str, Any]:
    """Pauses of one run with everything in its plan, from its first second on."""
    import automl_nb

    rows = automl_nb.sample("docstrings").sample(ROWS, random_state=0).reset_index(drop=True)
    rng, took, same = np.random.default_rng(7), [], []
    with tempfile.TemporaryDirectory() as root:
        run = automl_nb.start(rows, "library", run_dir=root, time=3600, fresh=True, seed=0)
        for _ in range(how_many):
            _listen(run, float(rng.uniform(0.2, 5.0)))
            if run.done:
                break
            run.pause()
            took.append(_quiet_after())
            _listen(run, 0.1)
            at_work = _at_work(run)
            run.resume()
            _listen(run, 1.0)
            same.append(at_work <= _at_work(run) | _ended(run))
        run.stop()
        run.wait()
    return {
        "pauses": len(took),
        "slowest_s": max(took),
        "median_s": float(np.median(took)),
        "same_trial": float(np.mean(same)),
        "took": [round(seconds, 2) for seconds in took],
    }


def _listen(run: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not run.done:
        run.poll(0.05)


def _at_work(run: Any) -> set[str]:
    return {name for name, trial in run.state.trials.items() if trial.status == "running"}


def _ended(run: Any) -> set[str]:
    return {name for name, trial in run.state.trials.items() if trial.status == "done"}


def _quiet_after() -> float:
    """Seconds from now until a second in which nothing computes begins."""
    began = since = time.monotonic()
    before = time.process_time()
    while time.monotonic() - began < MOST_S:
        time.sleep(STEP_S)
        now, used = time.monotonic(), time.process_time()
        if used - before > BUSY_SHARE * QUIET_S:
            since, before = now, used
        elif now - since >= QUIET_S:
            return since - began
    return MOST_S


@dataclass(frozen=True)
class Pausing:
    """As many pauses as seeds are asked for."""

    name: str = "pausing"
    bars: tuple[Bar, ...] = (Bar("slowest_s", "<=", 2.0), Bar("same_trial", ">=", 1.0))

    def measure(self, seeds: int) -> dict[str, Any]:
        """In a process of its own."""
        values = measured("benchmarks.pausing", str(seeds))
        return {"values": values, "bars": [bar.judge(values) for bar in self.bars]}


CASES: tuple[Case, ...] = (Pausing(),)

if __name__ == "__main__":
    print(json.dumps(pauses(int(sys.argv[1]))))
