"""All forecasts of a card are of one kind: what a run reports, or what can be told instead."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from automl_nb.core.types import Schema, Task, TaskKind
from automl_nb.explorer.card import DecisionCard
from automl_nb.explorer.card_view import as_html, as_text
from automl_nb.explorer.curve import probe
from automl_nb.explorer.foretell import Foreteller
from automl_nb.explorer.looked import Looked
from automl_nb.explorer.squares import least_squares

ROWS = 120


def dataset(task, y):
    return SimpleNamespace(task=task, y=y, schema=Schema((), len(y)), development=range(2 * ROWS))


def probed(name, y, kind):
    X = np.random.default_rng(0).normal(size=(len(y), 5)) + np.asarray(y).reshape(len(y), -1)[:, :1]
    return Looked(name, probed=probe(least_squares(X), y, kind))


@pytest.mark.parametrize(
    ("task", "y", "measure"),
    [
        (Task(TaskKind.REGRESSION, "y"), np.linspace(0.0, 9.0, ROWS), "RMSE"),
        (
            Task(TaskKind.MULTILABEL, "y", ("a", "b")),
            np.stack([np.arange(ROWS) % 2, np.arange(ROWS) % 3 == 0], 1).astype(np.float32),
            "F1 (micro)",
        ),
        (Task(TaskKind.BINARY, "y", ("n", "y")), (np.arange(ROWS) % 10 == 0) * 1, "ROC-AUC"),
        (Task(TaskKind.BINARY, "y", ("n", "y")), np.arange(ROWS) % 2, "accuracy"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_run_reports_is_foretold(task, y, measure):
    foreteller, item = Foreteller(dataset(task, y), y, 0), probed("net", y, task.kind)
    foreteller.tell(item, [item])
    assert (foreteller.measure, foreteller.reported) == (measure, "")
    assert item.forecast.low <= item.forecast.value <= item.forecast.high
    assert item.forecast.greater_is_better == (measure != "RMSE")
    assert item.forecast.n_rows == 2 * ROWS


def test_where_one_network_has_no_value_all_get_another_measure_and_the_card_says_so():
    task = Task(TaskKind.BINARY, "y", ("n", "y"))
    y = (np.arange(ROWS) % 10 == 0) * 1
    foreteller = Foreteller(dataset(task, y), y, 0)
    first, second = (probed(name, y, task.kind) for name in ("a", "b"))
    foreteller.tell(first, [first, second])
    by_rank = first.forecast
    second.probed.answers[:] = np.nan
    second.probed.answers[0, :, :2] = 0.5  # two rows of which none is rare
    y[:2] = 0
    foreteller.tell(second, [first, second])
    assert (foreteller.measure, foreteller.reported) == ("accuracy", "ROC-AUC")
    assert first.forecast != by_rank
    assert first.forecast.value > 0.8
    card = DecisionCard("y", "binary", foreteller.measure, 9, 9, reported=foreteller.reported)
    for shown in (as_text(card), as_html(card)):
        assert "What is foretold is accuracy; fit reports ROC-AUC" in " ".join(shown.split())
    assert DecisionCard.from_dict(card.to_dict()) == card
