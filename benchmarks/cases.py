"""What a case is: something measured in fresh processes, and the bars it must reach."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import numpy as np

from benchmarks import data
from benchmarks.judge import SETS, gain
from benchmarks.machine import measured
from benchmarks.references import SEEDED

COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt}


@dataclass(frozen=True)
class Bar:
    """A figure to reach: the mean of `key` over the seeds stands in this relation."""

    key: str
    relation: str
    limit: float

    def judge(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The bar with the value found, None where there is none (and the bar missed)."""
        bar = f"{self.key} {self.relation} {self.limit:g}"
        value = values.get(self.key)
        if value is None:
            return {"bar": bar, "value": None, "met": False, "missed_by": None}
        met = bool(COMPARE[self.relation](value, self.limit))
        missed_by = 0.0 if met else round(abs(value - self.limit), 4)
        return {"bar": bar, "value": round(value, 4), "met": met, "missed_by": missed_by}


class Case(Protocol):
    """Something that `make bench` measures."""

    @property
    def name(self) -> str:
        """Its name; what stands before a dash groups cases."""
        ...

    def measure(self, seeds: int) -> dict[str, Any]:
        """Measure; the result has ``bars`` and all that they were judged by."""
        ...


@dataclass(frozen=True)
class Fit:
    """One call of `fit` on a published split, beside the references.

    Attributes:
        name: The case's name.
        set: A name in `benchmarks.judge.SETS`.
        time_s: The budget asked for.
        bars: To be reached by the mean over seeds.
        references: Names in `benchmarks.references`, each with its set.
        beats: Names among the references whose score must be exceeded.
        above: Cases whose own score must be exceeded, measured by themselves.
        early_s: The model that stands so many seconds after the call is judged too.
    """

    name: str
    set: str
    time_s: int
    bars: tuple[Bar, ...]
    references: tuple[tuple[str, str], ...] = ()
    beats: tuple[str, ...] = ()
    above: tuple[Fit, ...] = ()
    early_s: float = 5.0

    def measure(self, seeds: int) -> dict[str, Any]:
        """Fit with each seed, run the references, compare."""
        runs = [_fit(self.set, self.time_s, seed, self.early_s) for seed in range(seeds)]
        if broken := [run["failed"] for run in runs if "failed" in run]:
            return {"failed": broken, "bars": [bar.judge({}) for bar in self.bars]}
        references = {f"{name} ({on})": _averaged(name, on, seeds) for name, on in self.references}
        rivals = references | {
            f"{case.name}": _fit(case.set, case.time_s, 0, case.early_s) for case in self.above
        }
        values = _means(runs)
        return {
            "asked_s": self.time_s,
            "values": values,
            "runs": [_without_rows(run) for run in runs],
            "references": {name: _without_rows(one) for name, one in rivals.items()},
            "gains": self._gains(runs[0], rivals),
            "bars": [bar.judge(values) for bar in self.bars]
            + [
                Bar("score", ">", rivals[name].get("score", np.inf)).judge(values)
                for name in self._to_beat()
            ],
        }

    def _to_beat(self) -> list[str]:
        named = [f"{name} ({on})" for name, on in self.references if name in self.beats]
        return named + [case.name for case in self.above]

    def _gains(self, ours: dict[str, Any], rivals: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """The first seed's gain over each rival, with its interval over test rows."""
        task = SETS[self.set]
        _, test = data.SETS[task.data]()
        return {
            name: gain(task, test, ours["found"], rival["found"])
            for name, rival in rivals.items()
            if "found" in rival
        }


@dataclass(frozen=True)
class Probe:
    """One figure of conduct, measured by a worker process of `module`."""

    name: str
    module: str
    bars: tuple[Bar, ...]
    arguments: tuple[str, ...] = field(default=())

    def measure(self, seeds: int) -> dict[str, Any]:  # noqa: ARG002  (nothing random in it)
        """Run the worker once."""
        found = measured(self.module, self.name, *self.arguments)
        return {"values": found, "bars": [bar.judge(found) for bar in self.bars]}


@cache
def _fit(name: str, time_s: int, seed: int, early_s: float) -> dict[str, Any]:
    return measured("benchmarks.fit", name, str(time_s), str(seed), str(early_s))


@cache
def _reference(name: str, on: str, seed: int) -> dict[str, Any]:
    return measured("benchmarks.references", name, on, str(seed))


def _averaged(name: str, on: str, seeds: int) -> dict[str, Any]:
    """A reference; where its seed matters, the means over as many seeds as ours."""
    runs = [_reference(name, on, seed) for seed in range(seeds if name in SEEDED else 1)]
    if len(runs) == 1 or any("failed" in run for run in runs):
        return runs[0]
    return {**_means(runs), "scores": [run["score"] for run in runs], "found": runs[0]["found"]}


def _means(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Every number's mean over the runs, and the score's lowest and highest."""
    shared = {key for key in runs[0] if all(isinstance(run[key], int | float) for run in runs)}
    values = {key: float(np.mean([run[key] for run in runs])) for key in sorted(shared - {"seed"})}
    scores = [run["score"] for run in runs]
    return values | {"score_low": min(scores), "score_high": max(scores)}


def _without_rows(run: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in run.items() if key != "found"}
