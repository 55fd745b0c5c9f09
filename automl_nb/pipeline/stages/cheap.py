"""Strong models without a pretrained network: words, pairs of words, characters, tables."""

from __future__ import annotations

import numpy as np

from automl_nb.core.clock import now
from automl_nb.features.tfidf import TfidfChar, TfidfPairs, TfidfWord
from automl_nb.pipeline.stages import columns, unlabelled
from automl_nb.pipeline.stages.asked import train_asked
from automl_nb.pipeline.workbench import Workbench


def work(bench: Workbench) -> str:
    """Compare settings of the cheap models and blend them."""
    before = len(bench.candidates)
    if bench.dataset.task.kind.is_classification:
        _texts(bench, "svm")
    else:
        _texts(bench, "ridge")
    _table(bench)
    train_asked(bench)
    if not (columns.texts(bench) or columns.pictures(bench)):
        unlabelled.teach(bench)  # else once the frozen features are there
    return f"{len(bench.candidates) - before} models"


def _texts(bench: Workbench, strategy: str) -> None:
    keys: list[str] = []
    for column in columns.texts(bench):
        for encoder in (TfidfWord(column), TfidfPairs(column), TfidfChar(column)):
            bench.check()
            began = now()
            if not bench.allows(2.0 * _last_seconds(bench)):
                bench.cut.append(encoder.key)
                break
            if not bench.encode(encoder):
                break
            bench.train(strategy, (encoder.key,), f"{encoder.key}: {strategy}")
            if isinstance(encoder, TfidfPairs) and columns.is_binary(bench):
                bench.train("nb-svm", (encoder.key,), f"{encoder.key}: nb-svm")
            keys.append(encoder.key)
            bench.improve()
            _remember(bench, now() - began)
    table = _linear_block(bench)
    together = [*keys[:1], *([table] if table else [])]
    if len(columns.texts(bench)) > 1:
        together = [key for key in keys if "word" in key] + ([table] if table else [])
    if len(together) > 1 and keys:
        bench.train(strategy, tuple(together), f"words and table: {strategy}")


def _table(bench: Workbench) -> None:
    kinds = columns.table(bench)
    if not kinds:
        return
    linear = _linear_block(bench)
    if linear:
        strategy = "logistic" if bench.dataset.task.kind.is_classification else "ridge"
        bench.train(strategy, (linear,), f"table: {strategy}")
        bench.train("kernel", (linear,), "table: kernel")
        bench.improve()
    tree = next((key for key in bench.encoders if key.startswith("tabular-tree")), None)
    if tree is None:
        return
    from automl_nb.transfer.boosting import PLANNED

    for preset in PLANNED:
        if not bench.allows(3.0 * _last_seconds(bench)):
            bench.cut.append(f"table: boosting ({preset})")
            break
        began = now()
        bench.train("boosting", (tree,), f"table: boosting ({preset})", preset=preset)
        _remember(bench, now() - began)
    if linear and bench.allows(2.0 * _last_seconds(bench)):
        bench.train("mlp", (linear,), "table: mlp")


def _linear_block(bench: Workbench) -> str | None:
    kinds = columns.table(bench)
    if not kinds:
        return None
    from automl_nb.features.tabular import TabularLinear

    encoder = TabularLinear(tuple(kinds), kinds)
    return encoder.key if bench.encode(encoder) else None


def _last_seconds(bench: Workbench) -> float:
    return float(np.max(bench.costs[-3:])) if bench.costs else 0.0


def _remember(bench: Workbench, seconds: float) -> None:
    bench.costs.append(seconds)
