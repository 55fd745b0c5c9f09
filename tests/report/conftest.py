"""A run written down as events, and scorecards of real scores, for pictures and reports."""

import numpy as np
import pytest

from automl_nb.core import events as ev
from automl_nb.core.types import (
    Column,
    ColumnKind,
    Finding,
    LeaderboardRow,
    Objective,
    Schema,
    Severity,
    Task,
    TaskKind,
)
from automl_nb.evaluate.scorecard import make_scorecard

HOSTILE = "<script>window.pwned=1</script>"
AWKWARD = (
    "naïve $x^$ price",
    "_hidden",
    "这是一个很长的中文类别名称",
    "tagged " + HOSTILE,
    "two\nlines & \"quotes\" 'too'",
    "an endless " + "very " * 60 + "long name",
    "مرحبا 🙂",
    "",
)


def classified(names, n=600, pull=1.8, metric="accuracy", seed=0, **more):
    """The scorecard of probabilities that are right more often than not."""
    rng, k = np.random.default_rng(seed), len(names)
    y = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k)) + pull * np.eye(k)[y]
    scores = np.exp(logits)
    kind = TaskKind.BINARY if k == 2 else TaskKind.MULTICLASS
    task = Task(kind, "label", tuple(names), "given")
    scores /= scores.sum(axis=1, keepdims=True)
    return make_scorecard(y, scores, task, Objective(metric), **more)


def tagged(n=300):
    rng = np.random.default_rng(0)
    y = (rng.random((n, 3)) < 0.4).astype(np.float32)
    scores = np.clip(0.5 * y + 0.5 * rng.random((n, 3)), 0, 1)
    task = Task(TaskKind.MULTILABEL, "tags", ("x", "y", "z"))
    return make_scorecard(y, scores, task, Objective("f1_micro"))


def priced(n=500, label="price in $"):
    rng = np.random.default_rng(0)
    y = rng.gamma(4, 40_000, n)
    task = Task(TaskKind.REGRESSION, label)
    scores = (y * np.exp(rng.normal(0, 0.1, n)))[:, None]
    return make_scorecard(y, scores, task, Objective("rmse", greater_is_better=False))


CARDS = {
    "binary": lambda: classified(["no", "yes"], openings=1, latency_ms=0.4, size_bytes=4_100_000),
    "awkward": lambda: classified(AWKWARD),
    "many": lambda: classified([f"topic number {i} 主题" for i in range(52)], 1500, 5.0),
    "multilabel": tagged,
    "regression": priced,
}


@pytest.fixture(scope="session")
def cards():
    return {name: make() for name, make in CARDS.items()}


LAYERS = ("embeddings", *(f"layer {n}" for n in range(1, 7)))
ARCHITECTURES = (
    {
        "layers": LAYERS,
        "nodes": [[[4, "linear"], [6, "identity"]], [[6, "bottleneck-64"], [7, "attention"]]],
        "folds": [1, 2],
    },
    {
        "layers": LAYERS,
        "nodes": [[[5, "bottleneck-256"], [5, "linear"]], [[3, "zero"], [6, "identity"]]],
        "folds": [3, 4, 5],
    },
)


def row(model, score, t, **more):
    facts = {"strategy": "ridge", "inputs": ("tfidf-word(text)",), "stage": "heads"} | more
    return LeaderboardRow(
        model=model,
        score=score,
        low=score - 0.01,
        high=score + 0.01,
        fit_s=1.5,
        predict_ms=0.3,
        t=t,
        **facts,
    )


def run_events(label="sentiment", models=("majority", "tfidf + ridge", "joined + ridge"), up=True):
    """A whole run; its names may be hostile."""
    scores = (0.5, 0.91, 0.94) if up else (30.0, 4.0, 3.5)
    metric = "accuracy" if up else "rmse"
    columns = (
        Column("text", ColumnKind.TEXT, "long, mostly unique", "str", 0, 990),
        Column(label, ColumnKind.CATEGORY, "two values", "str", 3, 2),
    )
    made = [
        ev.RunStarted(
            0.0,
            "brisk-heron",
            {"label": label, "time_s": 60.0, "seed": 7, "metric": metric, "folds": 0},
            "0.1.0",
            started_at="2026-11-21T09:00:00+00:00",
            environment={"python": "3.11.7", "torch": "2.13.0"},
        ),
        ev.StagePlanned(0.0, ("read", "heads", "ensemble", "test")),
        ev.StageStarted(0.0, "read"),
        ev.DataDescribed(
            0.2,
            Schema(columns, 1000),
            Task(TaskKind.BINARY, label, ("no", "yes"), "two distinct values"),
            Objective(metric, greater_is_better=up),
            (Finding("doubles", Severity.WARNING, f"3 rows of {label} are doubled.", label, 3),),
        ),
        ev.DataSplit(0.3, 800, 0, 200, "stratified", "The parts look alike."),
        ev.StageEnded(0.3, "read", "done"),
        ev.StageStarted(0.3, "heads", "cheap first"),
        ev.Message(0.4, f"Reading {label}."),
    ]
    for place, (name, score) in enumerate(zip(models, scores, strict=True)):
        t = 1.0 + 5 * place
        made += [
            ev.TrialStarted(t, name, "ridge"),
            *(
                ev.TrialReported(
                    t + 0.1 * i, name, i, {"score": score - 0.02 / (i + 1), "loss": 1 / (i + 1)}, 5
                )
                for i in range(5)
            ),
            ev.TrialEnded(t + 1, name, "done", 1.0),
            ev.ModelAdded(
                t + 1, row(name, score, t + 1, architectures=ARCHITECTURES * (place == 1))
            ),
            ev.IncumbentImproved(t + 1, name, score, "model"),
        ]
    return [
        *made,
        ev.StageEnded(14.0, "heads", "done"),
        ev.StageStarted(14.0, "ensemble"),
        ev.StageEnded(14.1, "ensemble", "skipped", "one model is best alone"),
        ev.RunEnded(15.0, "finished", "No step left that would help.", models[-1], scores[-1]),
    ]


@pytest.fixture
def run_of():
    return run_events


@pytest.fixture
def events():
    return run_events()


@pytest.fixture
def hostile():
    return run_events(f"label {HOSTILE}", (f"{HOSTILE}", '"><img src=x onerror=alert(1)>', "$a_$"))
