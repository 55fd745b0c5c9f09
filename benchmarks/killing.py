"""Runs that are killed at random moments, and what the same call makes of them.

    python -m benchmarks killing --seeds 30
    python -m benchmarks.killing one 36      # one, killed after so many seconds

An undisturbed run tells how long it takes and what it reaches. Then, for each seed, the same call
is made in a process of its own with an empty cache, killed (SIGKILL) at a moment drawn evenly
from that time, and made again: it must go on in the same folder, repeat no trial that had
finished, and reach the same score to half a point.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import Bar, Case

ROWS, TIME_S = 500, 90
FOUND_S = 0.5  # a trial that is found again takes less
HALF_A_POINT = 0.005


def fit(root: str) -> dict[str, Any]:
    """The call that is made; its run lies in `root`."""
    import automl_nb

    rows = automl_nb.sample("docstrings").sample(ROWS, random_state=0).reset_index(drop=True)
    run = automl_nb.fit(
        rows, "library", run_dir=root, name="run", time=TIME_S, backbones=["minilm-l3"], seed=0
    )
    return {
        "score": run.state.ended.score if run.state.ended else None,
        "status": run.status,
        "folder": run.folder.name,
    }


@dataclass(frozen=True)
class Killing:
    """As many kills as seeds are asked for."""

    name: str = "killing"
    bars: tuple[Bar, ...] = (
        Bar("went_on", ">=", 1.0),
        Bar("repeated", "<=", 0),
        Bar("apart", "<=", HALF_A_POINT),
        Bar("torn", "<=", 0),
    )

    def measure(self, seeds: int) -> dict[str, Any]:
        """Kill, call again, compare."""
        undisturbed = _called(None)
        kills = []
        for seed in range(seeds):
            share = float(np.random.default_rng([seed, 9]).random())
            kills.append(_called(share * undisturbed["seconds"]))
            print(json.dumps(kills[-1]), file=sys.stderr, flush=True)
        apart = [abs(kill["score"] - undisturbed["score"]) for kill in kills if kill["score"]]
        values = {
            "went_on": float(np.mean([kill["went_on"] for kill in kills])),
            "repeated": sum(len(kill["repeated"]) for kill in kills),
            "apart": max(apart, default=0.0),
            "torn": sum(kill["torn"] for kill in kills),
            "kills": len(kills),
        }
        return {
            "values": values,
            "undisturbed": undisturbed,
            "runs": kills,
            "bars": [bar.judge(values) for bar in self.bars],
        }


def _called(kill_after_s: float | None) -> dict[str, Any]:
    """One call, killed after so many seconds and made again; or left alone."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        if kill_after_s is None:
            began = time.monotonic()
            return {**_whole(root), "seconds": time.monotonic() - began}
        process = _process(root)
        try:
            process.wait(kill_after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        before = _lines(root / "runs" / "run")
        after = _whole(root)
        events = _lines(root / "runs" / after["folder"])
        return {
            "killed_after_s": round(kill_after_s, 1),
            "events": len(before),
            "score": after["score"],
            # Killed before the rows were read, or behind its end, there is nothing to go on with.
            "went_on": after["status"] == "finished"
            and (after["folder"] == "run" or not _is_open(before)),
            "repeated": _repeated(before, events[len(before) :]),
            "torn": int(_torn(root / "runs" / after["folder"])),
        }


def _process(root: Path) -> subprocess.Popen[str]:
    environment = os.environ | {
        "AUTOML_NB_CACHE": str(root / "cache"),
        "AUTOML_NB_MEMORY": "off",
        "AUTOML_NB_PROGRESS": "off",
    }
    command = [sys.executable, "-m", "benchmarks.killing", "fit", str(root / "runs")]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def _whole(root: Path) -> dict[str, Any]:
    told, _ = _process(root).communicate()
    return json.loads(told.splitlines()[-1])


def _lines(folder: Path) -> list[dict[str, Any]]:
    """The whole events of a journal."""
    found = []
    try:
        text = (folder / "journal.jsonl").read_text(encoding="utf-8")
    except OSError:
        return []
    for line in text.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found


def _torn(folder: Path) -> bool:
    """Whether anything in the folder can't be read any more."""
    import automl_nb

    try:
        automl_nb.open_run(folder)
        automl_nb.load(folder)
    except automl_nb.AutoMLError:
        return True
    return False


def _is_open(events: list[dict[str, Any]]) -> bool:
    types = {event["type"] for event in events}
    return "DataDescribed" in types and "RunEnded" not in types


def _repeated(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    """The trials that had finished and were made anew."""

    def done(events: list[dict[str, Any]]) -> dict[str, float]:
        ended = [e for e in events if e["type"] == "TrialEnded" and e["status"] == "done"]
        return {event["trial"]: event["elapsed_s"] for event in ended}

    finished = done(before)
    return [
        name
        for name, seconds in done(after).items()
        if name in finished and seconds > FOUND_S and seconds > 0.2 * finished[name]
    ]


CASES: tuple[Case, ...] = (Killing(),)

if __name__ == "__main__":
    what, *given = sys.argv[1:]
    if what == "fit":
        print(json.dumps(fit(given[0])))
    else:
        print(json.dumps(_called(float(given[0])), indent=1))
