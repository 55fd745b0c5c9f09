"""Each strategy of tuning against plain fine-tuning, in the same time on the same rows.

    python -m benchmarks strategies --seeds 5                    # all of it
    python -m benchmarks.strategies compare --time 30 --seeds 1 --only l2-sp --sets docstrings
    python -m benchmarks.strategies compare --rows 400 --at-once 2    # on a core each
    python -m benchmarks.strategies one l2-sp docstrings 60 0 1000    # one run, as JSON

Every run is a `fit` in a process of its own with one strategy, one backbone and the same budget,
so that what a strategy costs beyond its steps counts against it. The result is a table of the
accuracy on the test rows beside that of `finetune`, with the difference and its 95% interval.

The interval resamples test rows and seeds together (Efron 1979), the same ones for both sides.
A strategy is ahead (or behind) if the interval leaves out 0 and the difference is more than half
a point. A run takes its budget and about eight seconds more; with N strategies, 4 sets, S seeds
and 60 s that is N * S * 4.5 minutes. Runs are kept beside the result, so that what was
interrupted goes on where it was, as long as the commit is the same and nothing was changed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.cases import Bar, Case
from benchmarks.machine import machine, measured, side_by_side
from benchmarks.table import OUTPUT

PLAIN = "finetune"
# The small ones: in the same minute they are tuned for several epochs, the large for one.
BACKBONES = {"text": "minilm-l3", "image": "efficientnet-lite0"}
MOST_TESTED = 800
WORTH = 0.005  # of accuracy; less is no difference
DRAWS = 2000


@dataclass(frozen=True)
class Set:
    """Rows to learn and to judge by.

    Attributes:
        load: Gives the training and the test part.
        modality: What the one input column holds.
        label: The column to predict.
    """

    load: Callable[[], data.Pair]
    modality: str
    label: str


def _sample(name: str, n: int, label: str, sizes: tuple[int, int]) -> data.Pair:
    """The package's own example data; how much of it there is depends on what is installed."""
    from sklearn.model_selection import train_test_split

    from automl_nb.data.samples import load_sample

    frame = load_sample(name, n=n).frame
    train, test = train_test_split(
        frame,
        train_size=sizes[0],
        test_size=sizes[1],
        random_state=data.SEED,
        stratify=frame[label],
    )
    return train.reset_index(drop=True), test.reset_index(drop=True)


def _fewer(name: str, column: str, label: str, n: int) -> data.Pair:
    """A published split with fewer training rows: transfer is for few."""
    train, test = data.SETS[name]()
    train = train.sample(min(n, len(train)), random_state=data.SEED).reset_index(drop=True)
    return train[[column, label]], test[[column, label]]


SETS = {
    "docstrings": Set(
        partial(_sample, "docstrings", 3000, "library", (1000, 1500)), "text", "library"
    ),
    "fine_foods": Set(partial(_fewer, "fine_foods", "text", "label", 1000), "text", "label"),
    "fashion": Set(partial(_fewer, "fashion", "image", "label", 1000), "image", "label"),
    "emoji": Set(partial(_fewer, "emoji", "image", "category", 757), "image", "category"),
}


def parts(chosen: Set, rows: int) -> data.Pair:
    """So many training rows at most, and as many test rows as a run can be judged on in time."""
    train, test = chosen.load()
    test = test.sample(min(len(test), MOST_TESTED), random_state=data.SEED)
    return train.head(rows), test  # training rows come in random order


def one(strategy: str, name: str, time_s: float, seed: int, rows: int) -> dict[str, Any]:
    """Fit once on so many training rows at most, and judge on the test rows.

    Returns:
        ``score`` and ``correct`` of the model that the run ends with, ``trained`` if the strategy
        came to a result at all, its ``note``, and the seconds of the whole call.
    """
    import time

    import automl_nb

    chosen = SETS[name]
    train, test = parts(chosen, rows)
    start = time.perf_counter()
    run = automl_nb.fit(
        train,
        chosen.label,
        test=test,
        time=time_s,
        seed=seed,
        strategies=(strategy,),
        backbones=(BACKBONES[chosen.modality],),
    )
    fit_s = time.perf_counter() - start
    correct = run.model.predict(test) == test[chosen.label].to_numpy()
    own = [row for row in run.state.ranked() if row.strategy == strategy]
    return {
        "score": float(np.mean(correct)),
        "trained": bool(own),
        "note": own[0].note if own else "",
        "fit_s": round(fit_s, 2),
        "correct": np.asarray(correct, dtype=int).tolist(),
    }


def suits(strategy: str, name: str) -> bool:
    """Whether a strategy can tune the backbone of a set.

    Example:
        >>> suits("lora", "docstrings"), suits("lora", "emoji")
        (True, False)
    """
    from automl_nb.core.types import Task, TaskKind
    from automl_nb.transfer.catalog import STRATEGIES
    from automl_nb.zoo.load import resolve

    chosen = SETS[name]
    if chosen.modality not in STRATEGIES[strategy].tags:
        return False
    task = Task(TaskKind.MULTICLASS, chosen.label, ("a", "b", "c"))
    return not STRATEGIES[strategy].load()().refuses(resolve(BACKBONES[chosen.modality]), task)


@dataclass(frozen=True)
class Compared:
    """All strategies on all sets.

    Attributes:
        name: The case's name.
        time_s: The budget of each run.
        only: Strategies beside plain fine-tuning, () for all that tune a network.
        sets: Names in `SETS`.
        rows: Training rows at most.
        at_once: Runs side by side; each then has its share of the cores.
    """

    name: str
    time_s: float = 60.0
    only: tuple[str, ...] = ()
    sets: tuple[str, ...] = tuple(SETS)
    rows: int = 1000
    at_once: int = 1

    def measure(self, seeds: int) -> dict[str, Any]:
        """Run what isn't kept, compare, and say what failed."""
        strategies = [PLAIN, *(name for name in self._rivals() if name != PLAIN)]
        keys = [
            (strategy, name, seed)
            for seed in range(seeds)
            for name in self.sets
            for strategy in strategies
            if suits(strategy, name)
        ]
        made = side_by_side([partial(self._cell, *key) for key in keys], self.at_once)
        cells: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for (strategy, name, _), run in zip(keys, made, strict=True):
            cells.setdefault((strategy, name), []).append(run)
        runs = [run for several in cells.values() for run in several]
        values = {"trained_share": float(np.mean([run.get("trained", False) for run in runs]))}
        return {
            "time_s": self.time_s,
            "most_rows": self.rows,
            "at_once": self.at_once,
            "seeds": seeds,
            "values": values,
            "failed_runs": [run["failed"] for run in runs if "failed" in run],
            "strategies": self._table(strategies[1:], cells),
            "bars": [Bar("trained_share", ">=", 1.0).judge(values)],
        }

    def _rivals(self) -> Sequence[str]:
        from automl_nb.transfer.catalog import STRATEGIES

        tuning = STRATEGIES.names("backbone")
        if unknown := set(self.only) - set(tuning):
            sys.exit(f"No strategy {', '.join(unknown)}. There are: {', '.join(tuning)}.")
        return self.only or tuning

    def _cell(self, strategy: str, name: str, seed: int) -> dict[str, Any]:
        """One run, or what was kept of it."""
        kept = (
            OUTPUT
            / self.name
            / f"{name}-{self.rows}-{strategy}-{self.time_s:g}s-{self.at_once}-{seed}.json"
        )
        commit = machine()["commit"]
        if kept.is_file():
            found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
            if found["commit"] == commit and not commit.endswith("-dirty"):
                return found
        print(f"  {name} {strategy} {seed}", file=sys.stderr, flush=True)
        asked = (strategy, name, str(self.time_s), str(seed), str(self.rows))
        made = measured("benchmarks.strategies", "one", *asked)
        if "failed" not in made:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps({**made, "commit": commit}), encoding="utf-8")
        return made

    def _table(
        self, strategies: list[str], cells: dict[tuple[str, str], list[dict[str, Any]]]
    ) -> list[dict[str, Any]]:
        """A line for each strategy and set, and one for each strategy over all sets."""
        lines = []
        for strategy in strategies:
            differences = []
            for name in [name for name in self.sets if (strategy, name) in cells]:
                ours, theirs = cells[strategy, name], cells[PLAIN, name]
                if any("failed" in run for run in (*ours, *theirs)):
                    continue
                differences.append(_difference(ours, theirs))
                lines.append(
                    {
                        "strategy": strategy,
                        "set": name,
                        "accuracy": _mean(ours, "score"),
                        PLAIN: _mean(theirs, "score"),
                        **gain(differences[-1:]),
                        "fit_s": _mean(ours, "fit_s"),
                        "trained": sum(run["trained"] for run in ours),
                        "note": ours[0]["note"],
                    }
                )
            if differences:
                lines.append({"strategy": strategy, "set": "all", **gain(differences)})
        return lines


def gain(differences: list[np.ndarray], n: int = DRAWS) -> dict[str, Any]:
    """The mean difference, its 95% interval and what that says.

    Args:
        differences: Of each set, (seeds, rows): ours right (1 or 0) less theirs right.
        n: Resamples of rows and seeds; those of different sets are drawn apart.

    Example:
        >>> found = gain([np.array([[1, 0, 0, 0] * 50])])
        >>> found["gain"], found["verdict"]
        (0.25, 'ahead')
    """
    rng = np.random.default_rng(0)
    value, drawn = 0.0, np.zeros(n)
    for table in differences:
        seeds, rows = table.shape
        row_weights = rng.multinomial(rows, np.full(rows, 1.0 / rows), n) / rows
        seed_weights = rng.multinomial(seeds, np.full(seeds, 1.0 / seeds), n) / seeds
        drawn += np.einsum("bs,sr,br->b", seed_weights, table, row_weights, optimize=True)
        value += float(table.mean())
    value, drawn = value / len(differences), drawn / len(differences)
    low, high = np.quantile(drawn, [0.025, 0.975])
    verdict = "no different"
    if low > 0 and value > WORTH:
        verdict = "ahead"
    elif high < 0 and value < -WORTH:
        verdict = "behind"
    return {
        "gain": round(value, 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
        "verdict": verdict,
    }


def _difference(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> np.ndarray:
    sides = [np.array([run["correct"] for run in runs], dtype=float) for runs in (ours, theirs)]
    return sides[0] - sides[1]


def _mean(runs: list[dict[str, Any]], key: str) -> float:
    return round(float(np.mean([run[key] for run in runs])), 4)


CASES: tuple[Case, ...] = (Compared("strategies"),)


def main() -> None:
    """One run, or a comparison of a part; JSON is the last that is printed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = parser.add_subparsers(dest="part", required=True)
    single = parts.add_parser("one", help="one run")
    for name, kind in (
        ("strategy", str),
        ("set", str),
        ("time_s", float),
        ("seed", int),
        ("rows", int),
    ):
        single.add_argument(name, type=kind)
    several = parts.add_parser("compare", help="several strategies on several sets")
    several.add_argument("--time", type=float, default=60.0, help="seconds of each run (60)")
    several.add_argument("--seeds", type=int, default=3, help="runs of each (3)")
    several.add_argument("--only", type=_names, default=(), help="strategies, by commas (all)")
    several.add_argument("--sets", type=_names, default=tuple(SETS), help="sets, by commas (all)")
    several.add_argument("--rows", type=int, default=1000, help="training rows at most (1000)")
    several.add_argument("--at-once", type=int, default=1, help="runs side by side (1)")
    asked = parser.parse_args()
    if asked.part == "one":
        print(json.dumps(one(asked.strategy, asked.set, asked.time_s, asked.seed, asked.rows)))
        return
    if unknown := set(asked.sets) - set(SETS):
        sys.exit(f"No set {', '.join(unknown)}. There are: {', '.join(SETS)}.")
    case = Compared(
        "strategies", asked.time, asked.only, tuple(asked.sets), asked.rows, asked.at_once
    )
    print(json.dumps(case.measure(asked.seeds), indent=1, ensure_ascii=False))


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


if __name__ == "__main__":
    main()
