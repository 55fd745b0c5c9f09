"""Rows with a model's answers, made by hand: hostile, many, several labels, numbers."""

import numpy as np
import pandas as pd

from automl_nb.core.types import Column, ColumnKind, Schema, Task, TaskKind
from automl_nb.evaluate.decide import plain_thresholds
from automl_nb.features.tabular import TabularLinear
from automl_nb.pipeline.answered import answered
from automl_nb.pipeline.blocks import LazyBlocks

HOSTILE = (
    "<script>window.pwned=1</script>",
    "a | b `c` $x^2$ **bold** _it_ ~~gone~~",
    "![x](http://evil.example/p.png)",
    "[a](javascript:alert(1)) <http://evil.example>",
    "see http://evil.example or www.evil.example, a@evil.example",
    "# 1. - + = <img src=x onerror=alert(1)> &amp; \\",
    "这是一段很长的中文文字没有空格也要换行" * 8,
    "مرحبا 🙂\nnew line\r\x00 \u202e end",
)


class Said:
    """As much of a model as the rows are kept for."""

    def __init__(self, task, schema, encoders):
        self.task, self.schema, self.encoders = task, schema, encoders
        self.thresholds = plain_thresholds(task)


def rows_of(kind="multiclass", n=60, classes=("no", "yes", "per\\haps | <b>"), text=True):
    """Answers that are right two times of three."""
    rng = np.random.default_rng(0)
    task_kind = TaskKind(kind)
    names = () if task_kind is TaskKind.REGRESSION else tuple(classes)
    task = Task(task_kind, "label <i>", names)
    frame = pd.DataFrame(
        {"size": rng.normal(size=n), "w": rng.normal(size=n), "c": ["u", "v"] * (n // 2)}
    )
    kinds = {"size": "number", "w": "number", "c": "category"}
    if text:
        frame["note"] = [HOSTILE[i % len(HOSTILE)] for i in range(n)]
        kinds["note"] = "text"
    columns = tuple(Column(name, ColumnKind(of), "", "x", 0, n) for name, of in kinds.items())
    if task_kind is TaskKind.REGRESSION:
        y = rng.normal(size=n) * 1e5
        scores = (y + rng.normal(size=n) * 1e4)[:, None]
    elif task_kind is TaskKind.MULTILABEL:
        y = (rng.random((n, len(names))) < 0.4).astype(np.float32)
        scores = np.clip(0.5 * y + 0.6 * rng.random((n, len(names))), 0, 1)
    else:
        y = rng.integers(0, len(names), n)
        raw = rng.random((n, len(names))) + 0.5 * np.eye(len(names))[y]
        scores = raw / raw.sum(axis=1, keepdims=True)
    table = TabularLinear(("size", "w", "c"), {name: kinds[name] for name in ("size", "w", "c")})
    table.fit(frame)
    encoders = {table.key: table}
    said = Said(task, Schema(columns, n), encoders)
    return answered(said, LazyBlocks(frame, encoders), y, scores, part="test")
