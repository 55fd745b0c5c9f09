"""A run that searched settings, written down: trials of all kinds, their costs, forecasts."""

from __future__ import annotations

import math

import numpy as np

from automl_nb.core import events as ev
from automl_nb.core.types import LeaderboardRow, Objective
from tests.support.scripted import described

STRATEGY = "logistic"


def configuration(rng):
    """Settings of one trial; `l1` counts under one penalty alone."""
    made = {
        "C": float(10 ** rng.uniform(-4, 3)),
        "penalty": str(rng.choice(["l2", "elastic", "none"])),
        "layers": int(rng.integers(1, 5)),
        "dropout": float(rng.uniform(0, 0.5)),
    }
    if made["penalty"] == "elastic":
        made["l1"] = float(rng.uniform(0, 1))
    return made


def score_of(config, rng):
    """C matters most, layers a little, dropout not at all."""
    off = (math.log10(config["C"]) - 0.5) / 3.5
    penalty = {"l2": 0.0, "elastic": 0.01, "none": 0.03}[config["penalty"]]
    return 0.93 - 0.12 * off**2 - penalty - 0.004 * abs(config["layers"] - 2) + rng.normal(0, 0.003)


def events(n=60, *, up=True, seed=0, ended=True, time_s=1800.0):
    """A run of n trials; now and then one fails, is stopped or skipped."""
    rng = np.random.default_rng(seed)
    made = [
        ev.RunStarted(0.0, "wide-otter", {"label": "y", "time_s": time_s, "seed": 0}, "0.1.0"),
        described(),
    ]
    if not up:
        made[1] = ev.DataDescribed(0.3, made[1].schema, made[1].task, Objective("rmse", False))
    made += [ev.StagePlanned(0.3, ("data", "search", "test")), ev.StageStarted(0.4, "search")]
    t, best = 2.0, None
    for number in range(n):
        name, config = f"joined: {STRATEGY} #{number + 1}", configuration(rng)
        took = float(rng.gamma(3.0, 6.0))
        made.append(ev.TrialStarted(t, name, STRATEGY, config, ("joined",)))
        status, note = "done", ""
        if number % 13 == 7:
            status, note = "failed", "out of memory: 3 GB asked for"
        elif number % 11 == 5:
            status, note, took = "stopped", "its curve lies below the others'", took / 3
        score = score_of(config, rng)
        score = score if up else 10 * (1.05 - score)
        if status == "stopped":
            made.append(ev.TrialReported(t + took / 2, name, 1.0, {"score": score}, 5.0))
        t += took
        made.append(
            ev.TrialEnded(t, name, status, took, note, 1.7 * took, int(rng.integers(20, 400)) << 20)
        )
        if status == "done":
            half = 0.01 if up else 0.1
            made.append(
                ev.ModelAdded(
                    t,
                    LeaderboardRow(
                        name, STRATEGY, ("joined",), score, score - half, score + half,
                        took, 0.2, "search", t,
                    ),
                )
            )  # fmt: skip
            if best is None or (score > best if up else score < best):
                best = score
                made.append(ev.IncumbentImproved(t, name, score, "model"))
    if ended:
        made += [
            ev.StageEnded(t, "search", "done"),
            ev.RunEnded(t + 1, "finished", "All was tried.", "best", best),
        ]
    return made
