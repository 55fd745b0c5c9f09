"""The settings that a search starts from: measured on several tasks, chosen to suit most of them.

    python -m benchmarks.portfolios measure churn credit ...   # a part; all without names
    python -m benchmarks.portfolios choose                     # writes automl_nb/search/worked.json

Of each strategy the usual settings and some random ones are judged on every task as a search judges
them (`automl_nb.transfer.quick_judge`, on held-out rows). A loss counts by its place between the
task's best (0) and median (1), and `automl_nb.search.portfolio` picks those that together do best.
How much the choice gains on tasks that it has not seen is told by leaving each task out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.control.drive import drive
from automl_nb.core.trials import CancelToken, Deadline
from automl_nb.core.types import Objective, Schema, Task, TaskKind
from automl_nb.data.samples import load_sample
from automl_nb.data.split import Fold
from automl_nb.pipeline.search_space import space_of
from automl_nb.search.beside_random import drawn
from automl_nb.search.portfolio import covered, portfolio
from automl_nb.transfer.base import TrialContext
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.given import GivenBlocks
from automl_nb.transfer.quick_judge import QuickJudge
from benchmarks import data
from benchmarks.table import OUTPUT

ROWS, SEED, SIZE = 900, 0, 4
DRAWS = {"logistic": 16, "svm": 20, "knn": 16, "kernel": 16, "boosting": 8, "mlp": 8}
FILE = Path(__file__).parents[1] / "automl_nb" / "search" / "worked.json"

TABLES: dict[str, tuple[Callable[[], pd.DataFrame], str]] = {
    "churn": (lambda: data.churn()[0], "churn"),
    "credit": (lambda: data.credit()[0], "Status"),
    "attrition": (lambda: data.attrition()[0], "Attrition"),
    "ames": (lambda: data.ames()[0], "log_price"),
    "digits": (lambda: _sample("digits"), "label"),
    "breast_cancer": (lambda: _sample("breast_cancer"), "label"),
    "diabetes": (lambda: _sample("diabetes"), "label"),
}
TEXTS: dict[str, tuple[Callable[[], pd.DataFrame], str]] = {
    "r52": (lambda: data.r52()[0], "label"),
    "newsgroups": (lambda: data.newsgroups()[0], "label"),
    "fine_foods": (lambda: data.fine_foods()[0], "label"),
    "docstrings": (lambda: _sample("docstrings"), "label"),
}
TASKS = (*TABLES, *TEXTS)


def _sample(name: str) -> pd.DataFrame:
    table = load_sample(name, n=ROWS)
    return table.frame.rename(columns={table.label: "label"})


def configs(strategy: str) -> list[dict[str, Any]]:
    """The usual settings, then random ones; the same for every task."""
    space = space_of(strategy)
    made = [drawn(space, SEED, 4 + 5 * number, 0) for number in range(DRAWS[strategy])]
    return [space.configuration(), *(one for one in made if one is not None)]


def measure(name: str, path: Path) -> None:
    """Losses of every setting of every strategy that suits a task; goes on where it was."""
    context, inputs = _task(name)
    judge = QuickJudge(context)
    found: dict[str, list[float]] = {}
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
    for strategy, keys in inputs.items():
        maker = STRATEGIES[strategy].load()()
        if strategy in found or maker.applies(context, keys):
            continue
        found[strategy] = [
            float(
                np.mean(
                    drive(
                        judge.judged(maker, context, keys, config),
                        heard=lambda _: None,
                        deadline=context.deadline,
                        cancel=context.cancel,
                    )
                )
            )
            for config in configs(strategy)
        ]
        path.write_text(json.dumps(found), encoding="utf-8")
        print(name, strategy, min(found[strategy]), file=sys.stderr, flush=True)


def choose(losses: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    """The portfolios, and what they gain on a task that was left out."""
    made: dict[str, Any] = {"portfolios": {}, "left_out": {}}
    for strategy in DRAWS:
        tasks = [name for name in losses if strategy in losses[name]]
        if len(tasks) < 2:  # one task's best says nothing of others
            continue
        own = configs(strategy)
        table = np.array([_comparable(losses[name][strategy][: len(own)]) for name in tasks]).T
        made["portfolios"][strategy] = [_short(own[i]) for i in portfolio(table, SIZE)]
        others = [np.delete(table, i, axis=1) for i in range(len(tasks))]
        made["left_out"][strategy] = {
            "tasks": len(tasks),
            "usual": round(float(table[0].mean()), 3),
            "portfolio": _mean(
                covered(table[:, [i]], portfolio(rest, SIZE)) for i, rest in enumerate(others)
            ),
            "random": _mean(
                table[np.random.default_rng(draw).permutation(len(table))[:SIZE]].min(axis=0)
                for draw in range(500)
            ),
        }
    return made


def _comparable(losses: list[float]) -> np.ndarray:
    """0 for the task's best, 1 for its median or worse."""
    values = np.array(losses)
    best, middle = np.nanmin(values), np.nanmedian(values)
    return np.clip((values - best) / max(middle - best, 1e-12), 0.0, 1.0)


def _mean(values: Any) -> float:
    return round(float(np.mean(list(values))), 3)


def _short(config: dict[str, Any]) -> dict[str, Any]:
    return {k: float(f"{v:.3g}") if isinstance(v, float) else v for k, v in config.items()}


def _task(name: str) -> tuple[TrialContext, dict[str, tuple[str, ...]]]:
    make, label = {**TABLES, **TEXTS}[name]
    frame = make()
    frame = frame.sample(min(len(frame), ROWS), random_state=SEED).reset_index(drop=True)
    answers = frame.pop(label)
    if name in TEXTS:
        blocks, inputs = _text_blocks(frame[["text"]].astype("str"))
    else:
        blocks, inputs = _table_blocks(frame)
    kind, y, classes = _answers(answers)
    order = np.random.default_rng(SEED).permutation(len(y))
    parts = np.array_split(order, 3)
    folds = tuple(Fold(np.sort(np.setdiff1d(order, part)), np.sort(part)) for part in parts)
    context = TrialContext(
        trial_id=name,
        blocks=GivenBlocks(blocks, frame),
        y=y,
        folds=folds,
        task=Task(kind, label, classes),
        objective=Objective("accuracy"),
        schema=Schema((), len(y)),
        seed=SEED,
        deadline=Deadline(3600.0),
        cancel=CancelToken(),
    )
    return context, inputs


def _answers(answers: pd.Series) -> tuple[TaskKind, np.ndarray, tuple[str, ...]]:
    if pd.api.types.is_float_dtype(answers):
        return TaskKind.REGRESSION, answers.to_numpy(np.float64), ()
    made = pd.Categorical(answers.astype("str"))
    kind = TaskKind.BINARY if len(made.categories) == 2 else TaskKind.MULTICLASS
    return kind, made.codes.astype(np.int64), tuple(made.categories)


def _table_blocks(frame: pd.DataFrame) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
    from automl_nb.features.tabular import TabularLinear, TabularTree

    number = pd.api.types.is_numeric_dtype
    kinds = {str(c): "number" if number(frame[c]) else "category" for c in frame}
    blocks: dict[str, Any] = {}
    for key, encoder in (
        ("linear", TabularLinear(tuple(kinds), kinds)),
        ("tree", TabularTree(tuple(kinds), kinds)),
    ):
        encoder.fit(frame)
        blocks[key] = encoder.transform(frame)
    heads = dict.fromkeys(("logistic", "knn", "kernel", "svm", "mlp"), ("linear",))
    return blocks, {**heads, "boosting": ("tree",)}


def _text_blocks(frame: pd.DataFrame) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
    from automl_nb.features.text import FrozenText
    from automl_nb.features.tfidf import TfidfWord

    blocks: dict[str, Any] = {}
    for key, encoder in (
        ("words", TfidfWord("text")),
        ("frozen", FrozenText("text", "minilm-l6", max_length=48, device="cpu")),
    ):
        encoder.fit(frame)
        blocks[key] = encoder.transform(frame)
    heads = dict.fromkeys(("logistic", "knn", "kernel", "mlp"), ("frozen",))
    return blocks, {**heads, "svm": ("words", "frozen")}


def main() -> None:
    """Measure some tasks, or choose from what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=("measure", "choose"))
    parser.add_argument("tasks", nargs="*", choices=(*TASKS, []))
    asked = parser.parse_args()
    folder = OUTPUT / "portfolios"
    folder.mkdir(parents=True, exist_ok=True)
    if asked.step == "measure":
        for name in asked.tasks or TASKS:
            measure(name, folder / f"{name}.json")
        return
    paths = [folder / f"{name}.json" for name in TASKS]
    losses = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in paths if p.is_file()}
    made = {
        "made_by": "python -m benchmarks.portfolios measure, then choose",
        "tasks": list(losses),
        **choose(losses),
    }
    FILE.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
