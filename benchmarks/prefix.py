"""What it saves to keep what the frozen layers give, while the upper ones are tuned.

    python -m benchmarks.prefix kept 2

MiniLM-L6 on 1,000 documentation texts of 32 tokens at most, five epochs of its upper third
(2 of 6 layers): with what the lower layers give computed once a row, with it computed in every
epoch, and, for comparison, all layers. Each in a process of its own, one after the other;
the seconds are those of the trial, which starts from frozen features as it does in a run.
``processor_times_faster`` counts the processor's seconds, which other work on the machine
hardly changes.

A step costs about three forward passes of what is trained, so that a share t of the layers in E
epochs can be at most E ((1 - t) + 3 t) / ((1 - t) + 3 t E) times faster: 1.47 for a third and
five epochs, 2 for a sixth, and never more than 1.67 for a third however many epochs there are.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import Bar, Case
from benchmarks.machine import measured

ROWS, EPOCHS, TOKENS, DEPTH = 1000, 5.0, 32, 6
ROUNDS = 3
WAYS = {
    "kept": ("top-layers", {"cache": "on"}),
    "anew": ("top-layers", {"cache": "off"}),
    "all": ("finetune", {}),
}


@dataclass(frozen=True)
class Prefix:
    """Tuning some upper layers with and without keeping what is below them.

    Attributes:
        name: The case's name.
        layers: How many upper layers are tuned.
        bars: To be reached.
    """

    name: str
    layers: int
    bars: tuple[Bar, ...]

    def measure(self, seeds: int) -> dict[str, Any]:  # noqa: ARG002  (the same seed in all)
        """The ways in turn, best of three rounds, so that a busy moment counts for none."""
        with tempfile.TemporaryDirectory() as warm:
            measured("benchmarks.prefix", "anew", str(self.layers), warm=Path(warm))
            runs = [
                {
                    way: measured("benchmarks.prefix", way, str(self.layers), warm=Path(warm))
                    for way in WAYS
                }
                for _ in range(ROUNDS)
            ]
        if failed := [one["failed"] for run in runs for one in run.values() if "failed" in one]:
            return {"failed": failed, "bars": [bar.judge({}) for bar in self.bars]}
        best, cpu = (
            {way: min(run[way][key] for run in runs) for way in WAYS}
            for key in ("trial_s", "processor_s")
        )
        kept, anew = (np.array(runs[0][way].pop("scores")) for way in ("kept", "anew"))
        share = self.layers / DEPTH
        values = {
            **{f"{way}_s": seconds for way, seconds in best.items()},
            "times_faster": round(best["anew"] / best["kept"], 2),
            "processor_times_faster": round(cpu["anew"] / cpu["kept"], 2),
            "times_faster_than_all": round(best["all"] / best["kept"], 2),
            "possible": round(
                EPOCHS * (1 - share + 3 * share) / (1 - share + 3 * share * EPOCHS), 2
            ),
            "apart": float(np.abs(kept - anew).max()),
            "score": runs[0]["kept"]["score"],
            "score_of_all": runs[0]["all"]["score"],
        }
        for run in runs:
            for one in run.values():
                one.pop("scores", None)
        return {"values": values, "runs": runs, "bars": [bar.judge(values) for bar in self.bars]}


def tune(way: str, layers: int) -> dict[str, Any]:
    """One trial, in float32 so that the ways can be compared."""
    from automl_nb.core.trials import CancelToken, Deadline
    from automl_nb.core.types import Column, ColumnKind, Objective, Schema, Task, TaskKind
    from automl_nb.data.samples import load_sample
    from automl_nb.data.split import Fold
    from automl_nb.features.text import FrozenText
    from automl_nb.transfer.base import TrialContext
    from automl_nb.transfer.catalog import STRATEGIES
    from automl_nb.transfer.given import GivenBlocks
    from automl_nb.zoo import probe

    probe.probe = lambda *_: probe.Probe("float32", {"float32": 1e5})
    frame = load_sample("docstrings").frame.sample(ROWS, random_state=0).reset_index(drop=True)
    classes = sorted(frame["library"].unique())
    y = frame["library"].map({name: i for i, name in enumerate(classes)}).to_numpy(np.int64)
    texts = frame[["text"]]
    known = FrozenText("text", "minilm-l6", layers="last", max_length=TOKENS).transform(texts)
    rows = np.random.default_rng(0).permutation(ROWS)
    context = TrialContext(
        trial_id="prefix",
        blocks=GivenBlocks({"known": known}, texts),
        y=y,
        folds=(Fold(fit=np.sort(rows[200:]), judge=np.sort(rows[:200])),),
        task=Task(TaskKind.MULTICLASS, "library", tuple(classes)),
        objective=Objective("accuracy"),
        schema=Schema((Column("text", ColumnKind.TEXT, "given"),), ROWS),
        seed=0,
        deadline=Deadline(3600.0),
        cancel=CancelToken(),
    )
    strategy, more = WAYS[way]
    config = {
        "column": "text",
        "backbone": "minilm-l6",
        "modality": "text",
        "features": "known",
        "max_length": TOKENS,
        "epochs": EPOCHS,
        **(more | {"layers": layers} if strategy == "top-layers" else {}),
    }
    began, worked = time.perf_counter(), time.process_time()
    trial = STRATEGIES[strategy].load()().train(context, (), config)
    reports = []
    try:
        while True:
            reports.append(next(trial))
    except StopIteration as end:
        candidate = end.value
    seconds, processor_s = time.perf_counter() - began, time.process_time() - worked
    judged = candidate.oof[np.sort(rows[:200])]
    return {
        "trial_s": round(seconds, 2),
        "processor_s": round(processor_s, 2),
        "epochs": reports[-1].resource,
        "score": round(float((judged.argmax(axis=1) == y[np.sort(rows[:200])]).mean()), 4),
        "scores": judged.round(6).tolist(),
    }


CASES: tuple[Case, ...] = (
    Prefix("prefix-third", 2, (Bar("times_faster", ">=", 3), Bar("apart", "<=", 1e-3))),
    Prefix("prefix-one", 1, (Bar("apart", "<=", 1e-3),)),
)

if __name__ == "__main__":
    print(json.dumps(tune(sys.argv[1], int(sys.argv[2]))))
