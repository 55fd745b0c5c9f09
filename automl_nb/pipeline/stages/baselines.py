"""A usable model within seconds: the prior, then the quickest good model for the columns."""

from __future__ import annotations

from automl_nb.features.tfidf import TfidfWord
from automl_nb.pipeline.stages import columns
from automl_nb.pipeline.workbench import Workbench


def work(bench: Workbench) -> str:
    """Train the prior and one quick model a kind of column."""
    bench.train("prior", (), "prior")
    bench.improve()
    for column in columns.texts(bench):
        encoder = TfidfWord(column)
        if bench.encode(encoder):
            _linear(bench, (encoder.key,), f"words of {column}")
    if table := columns.table(bench):
        _boosting(bench, table)
    for column in columns.pictures(bench):
        _pixels(bench, column)
    return f"{len(bench.candidates)} quick models"


def _linear(bench: Workbench, inputs: tuple[str, ...], name: str) -> None:
    if bench.dataset.task.kind.is_classification:
        bench.train("svm", inputs, f"{name}: svm", grid=[{"C": 2.0}])
    else:
        bench.train("ridge", inputs, f"{name}: ridge")


def _boosting(bench: Workbench, table: dict[str, str]) -> None:
    from automl_nb.features.tabular import TabularTree

    encoder = TabularTree(tuple(table), table)
    if bench.wants("boosting") and bench.encode(encoder):
        bench.train("boosting", (encoder.key,), "table: boosting (quick)", preset="quick")


def _pixels(bench: Workbench, column: str) -> None:
    from automl_nb.features.pixels import Pixels

    encoder = Pixels(column)
    if bench.encode(encoder):
        bench.train("ridge", (encoder.key,), f"pixels of {column}: ridge")
