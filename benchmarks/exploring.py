"""Choosing a backbone without fine-tuning it: how long it takes, and how right it is.

    python -m benchmarks.exploring regret --time 180 --seeds 5 --sets r52 emoji
    python -m benchmarks.exploring coverage --seeds 5

- explore_r52, explore_emoji: one exploration from cold, whole process.
- regret: each network of the starter zoo is fine-tuned on each set (`fit` with that network
  alone, so many seconds, each seed). Regret is the best mean test score less that of the network
  which was recommended, in points; beside it "always the largest", "prior only" and every
  score alone, and each score's weighted Kendall tau with the tuned scores.
- coverage: a linear head on frozen features of few rows foretells its accuracy with all rows;
  how often the 90% interval holds what is then measured on the test rows.

Every fit and exploration runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import data
from benchmarks.cases import Bar, Case, Probe
from benchmarks.machine import measured, side_by_side

TEXTS, PICTURES = (
    ("minilm-l6", "minilm-l3"),
    ("efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"),
)
LARGEST = {TEXTS: "minilm-l6", PICTURES: "efficientnet-lite2"}
ZOO = {
    "r52": TEXTS,
    "fine_foods": TEXTS,
    "docstrings": TEXTS,
    "emoji": PICTURES,
    "fashion": PICTURES,
    "charts": PICTURES,
}
LOOKED = (500, 1000, 2000)  # rows that foretell
TUNING_S, EXPLORING_S = 180, 60
ALL_ROWS = "1000000"


def pair(name: str) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Training rows, test rows and the label of a set; the label and what is read, no more."""
    if name in data.SETS:
        train, test = data.SETS[name]()
        label = "category" if name == "emoji" else "label"
        if name == "emoji":
            train, test = (part[["image", label]] for part in (train, test))
        return train, test, label
    from automl_nb.data.samples import load_sample

    table = load_sample(name, n=3000 if name == "docstrings" else 1000)
    rows = table.frame.sample(frac=1, random_state=data.SEED).reset_index(drop=True)
    cut = int(0.7 * len(rows))
    return rows.iloc[:cut], rows.iloc[cut:].reset_index(drop=True), str(table.label)


# --- workers: one process each ---------------------------------------------------------


def explore(name: str, time_s: str, seed: str = "0", rows: str = ALL_ROWS) -> dict[str, Any]:
    """One exploration of the training rows."""
    import automl_nb

    train, _, label = pair(name)
    train = train.sample(min(int(rows), len(train)), random_state=data.SEED)
    began = time.perf_counter()
    card = automl_nb.explore(train, label, time=float(time_s), seed=int(seed), test_size=0)
    networks = [entry for entry in card.entries if not entry.is_baseline]
    return {
        "explore_s": round(time.perf_counter() - began, 2),
        "asked_s": float(time_s),
        "recommended": card.backbones[0] if card.backbones else "",
        "evidence": card.recommendations[0].evidence,
        "sentence": card.recommendation,
        "ended_early": int(bool(card.ended)),
        "rows": card.n_looked,
        "scores": {entry.name: entry.scores for entry in networks},
        "mean_rank": {entry.name: entry.mean_rank for entry in networks},
        "prior": {entry.name: entry.prior for entry in networks},
        "foretold": {
            entry.name: [round(v, 4) for v in (f.low, f.value, f.high)]
            for entry in card.entries
            if (f := entry.forecast)
        },
    }


def tuned(name: str, backbone: str, time_s: str, seed: str, rows: str = ALL_ROWS) -> dict[str, Any]:
    """The test score after fine-tuning one network on so many rows at most."""
    import automl_nb

    train, test, label = pair(name)
    train = train.sample(min(int(rows), len(train)), random_state=data.SEED)
    run = automl_nb.fit(
        train,
        label,
        test=test,
        time=float(time_s),
        seed=int(seed),
        backbones=[backbone],
        strategies=["finetune"],
    )
    best = run.state.ranked()[0].strategy
    if best == "prior":  # what was never tuned can't be compared
        return {"failed": f"{backbone} was not tuned on {name} within {time_s} s"}
    right = np.asarray(run.model.predict(test)).astype(str) == test[label].astype(str).to_numpy()
    return {"score": float(right.mean()), "trained": best}


def foretell(name: str, backbone: str, seeds: str) -> dict[str, Any]:
    """Forecasts from few rows of one network, beside what all rows then reach."""
    from automl_nb.core.types import TaskKind
    from automl_nb.explorer.curve import forecast, nested, probe
    from automl_nb.explorer.scores.base import targets_of
    from automl_nb.explorer.squares import least_squares

    X, y, rows, tests = _features(name, backbone)
    targets = targets_of(y, TaskKind.MULTICLASS)
    model = least_squares(X)
    train = np.arange(rows)
    _, penalty = model.left_out(train, targets[train])
    judge = np.arange(rows, rows + tests)
    answers = model.answers(train, targets[train], judge, penalty)
    reached = float((answers.argmax(axis=1) == y[judge]).mean())
    cases = []
    for seed in range(int(seeds)):
        order = nested(y[train], np.random.default_rng([seed, 5]))
        for n in sorted({min(n, rows) for n in LOOKED}):
            some = order[:n]
            made = forecast(
                probe(least_squares(X[some]), y[some], TaskKind.MULTICLASS, seed=seed),
                rows,
                n_test=tests,
                seed=seed,
            )
            cases.append(
                {
                    "n": n,
                    "low": round(made.low, 4),
                    "value": round(made.value, 4),
                    "high": round(made.high, 4),
                    "held": made.low <= reached <= made.high,
                }
            )
    return {"reached": round(reached, 4), "rows": rows, "cases": cases}


def _features(name: str, backbone: str) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Frozen features of training and then test rows, and their classes."""
    from automl_nb.explorer.candidates import Pair
    from automl_nb.zoo.catalog import CARDS

    train, test, label = pair(name)
    column = next(c for c in train.columns if c != label)
    encoder = Pair(column, CARDS[backbone]).encoder("cpu")
    encoder.fit(train)
    both = pd.concat([train, test], ignore_index=True)
    y = np.unique(both[label].astype(str).to_numpy(), return_inverse=True)[1]
    return encoder.transform(both), y, len(train), len(test)


# --- cases ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Regret:
    """What the recommendation costs against having fine-tuned every network."""

    name: str = "regret"
    sets: tuple[str, ...] = tuple(ZOO)
    time_s: float = TUNING_S
    bars: tuple[Bar, ...] = (Bar("recommended", "<=", 0.5),)
    at_once: int = 1
    rows: str = ALL_ROWS

    def measure(self, seeds: int) -> dict[str, Any]:
        """Tune all, explore, compare."""
        found = {}
        for name in self.sets:
            print(f"  {name} ...", file=sys.stderr, flush=True)
            looked = measured(
                "benchmarks.exploring", "explore", name, str(EXPLORING_S), "0", self.rows
            )
            made = side_by_side(
                [
                    partial(measured, "benchmarks.exploring", "tuned", name, backbone, *how)
                    for backbone in ZOO[name]
                    for how in [(f"{self.time_s:g}", str(s), self.rows) for s in range(seeds)]
                ],
                self.at_once,
            )
            runs = {b: made[i * seeds : (i + 1) * seeds] for i, b in enumerate(ZOO[name])}
            every = [looked, *(run for several in runs.values() for run in several)]
            failed = [run["failed"] for run in every if "failed" in run]
            if failed:
                return {"failed": failed, "bars": [bar.judge({}) for bar in self.bars]}
            reached = {b: float(np.mean([run["score"] for run in r])) for b, r in runs.items()}
            found[name] = {
                "explored": looked,
                "tuned": {b: [round(run["score"], 4) for run in r] for b, r in runs.items()},
                "regret": regrets(looked, reached, LARGEST[ZOO[name]]),
                "tau": taus(looked, reached),
            }
            print(json.dumps({name: found[name]}), file=sys.stderr, flush=True)  # if it is ended
        values = _means([one["regret"] for one in found.values()])
        return {
            "values": values,
            "tau": _means([one["tau"] for one in found.values()]),
            "sets": found,
            "bars": [bar.judge(values) for bar in self.bars],
        }


def _means(tables: list[dict[str, float]]) -> dict[str, float]:
    """Of what every table has: a score that is silent on one set can't be compared over all."""
    shared = [key for key in tables[0] if all(key in table for table in tables)]
    # Where all networks come out alike no order of them is better than another: no tau.
    return {key: round(float(np.nanmean([table[key] for table in tables])), 3) for key in shared}


def regrets(looked: dict[str, Any], reached: dict[str, float], largest: str) -> dict[str, float]:
    """Points that each way of choosing loses against the best."""
    chosen = {
        "recommended": looked["recommended"],
        "always the largest": largest,
        "prior only": max(looked["prior"], key=lambda b: looked["prior"][b]),
    }
    if all(rank is not None for rank in looked["mean_rank"].values()):  # none was left unread
        chosen["mean rank"] = min(looked["mean_rank"], key=lambda b: looked["mean_rank"][b])
    for score in sorted(set.intersection(*(set(own) for own in looked["scores"].values()))):
        chosen[score] = max(reached, key=lambda b, s=score: looked["scores"][b][s])
    best = max(reached.values())
    return {way: round(100 * (best - reached[b]), 3) for way, b in chosen.items()}


def taus(looked: dict[str, Any], reached: dict[str, float]) -> dict[str, float]:
    """Weighted Kendall tau of each score with what tuning reached."""
    from scipy.stats import weightedtau

    names = list(reached)
    truth = [reached[b] for b in names]
    ranks = [looked["mean_rank"][b] for b in names]
    given = {} if None in ranks else {"mean rank": [-rank for rank in ranks]}
    for score in sorted(set.intersection(*(set(own) for own in looked["scores"].values()))):
        given[score] = [looked["scores"][b][score] for b in names]
    return {score: round(float(weightedtau(v, truth)[0]), 3) for score, v in given.items()}


@dataclass(frozen=True)
class Coverage:
    """How often a forecast's interval holds what is measured."""

    name: str = "coverage"
    sets: tuple[str, ...] = tuple(ZOO)
    bars: tuple[Bar, ...] = (Bar("held", ">=", 0.8),)

    def measure(self, seeds: int) -> dict[str, Any]:
        """Foretell with each network on each set, from each number of rows."""
        found = {}
        for name in self.sets:
            for backbone in ZOO[name]:
                print(f"  {name}, {backbone} ...", file=sys.stderr, flush=True)
                one = measured("benchmarks.exploring", "foretell", name, backbone, str(seeds))
                if "failed" in one:
                    return {"failed": one["failed"], "bars": [bar.judge({}) for bar in self.bars]}
                found[f"{name}, {backbone}"] = one
        cases = [case for one in found.values() for case in one["cases"]]
        values = {
            "held": round(float(np.mean([case["held"] for case in cases])), 3),
            "width": round(float(np.mean([case["high"] - case["low"] for case in cases])), 4),
            "cases": len(cases),
        }
        return {"values": values, "sets": found, "bars": [bar.judge(values) for bar in self.bars]}


CASES: tuple[Case, ...] = (
    *(
        Probe(
            f"explore_{name}",
            "benchmarks.exploring",
            (Bar("process_s", "<=", 60), Bar("ended_early", "<=", 0)),
            (name, str(EXPLORING_S)),
        )
        for name in ("r52", "emoji")
    ),
    Regret(),
    Coverage(),
)
WORK = {
    "explore": explore,
    "explore_r52": explore,
    "explore_emoji": explore,
    "tuned": tuned,
    "foretell": foretell,
}


def main() -> None:
    """A worker's JSON, or a case with its own sets, seeds and time."""
    if sys.argv[1] in WORK:
        print(json.dumps(WORK[sys.argv[1]](*sys.argv[2:])))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", choices=("regret", "coverage"))
    parser.add_argument("--sets", nargs="*", choices=tuple(ZOO), default=list(ZOO))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--time", type=float, default=TUNING_S)
    parser.add_argument("--at-once", type=int, default=1, help="runs side by side (1)")
    parser.add_argument("--rows", default=ALL_ROWS, help="training rows at most (all)")
    asked = parser.parse_args()
    sets = tuple(asked.sets)
    case: Case = (
        Regret(sets=sets, time_s=asked.time, at_once=asked.at_once, rows=asked.rows)
        if asked.case == "regret"
        else Coverage(sets=sets)
    )
    print(json.dumps(case.measure(asked.seeds), indent=1))


if __name__ == "__main__":
    main()
