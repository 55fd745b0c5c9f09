"""What the checks notice, and what they let pass."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from automl_nb.core.errors import ColumnError, DataError
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import Severity
from automl_nb.data.checks import auc, check, check_parts
from automl_nb.data.schema import infer_schema
from automl_nb.data.table import Table
from automl_nb.data.task import infer_task

N = 200


def looked_over(frame, label="y", **kinds):
    frame = Table.of(pd.DataFrame(frame), "").frame
    schema = infer_schema(frame, label=label, kinds=kinds)
    return check(frame, schema, infer_task(frame, schema, FitSettings(label=label)))


def rules(findings):
    return [finding.rule for finding in findings]


def noise():
    return np.random.default_rng(0).normal(size=N)


def labels():
    return np.where(np.random.default_rng(1).random(N) < 0.5, "no", "yes").astype(object)


def texts():
    return [f"some words number {i} of a longer text" for i in range(N)]


def test_a_clean_table_has_no_findings():
    assert looked_over({"x": noise(), "t": texts(), "y": labels()}) == ()


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        ([np.inf, *noise()[1:]], "finite numbers"),
        ([1e200, *noise()[1:]], "numbers of sane size"),
        ([None] * N, "columns with values"),
        ([1.5, 2.5] + [None] * (N - 2), "columns with values"),
        ([3, "x", 2.5, "y"] * (N // 4), "one type a column"),
    ],
)
def test_odd_columns_are_named(column, rule):
    findings = looked_over({"ok": noise(), "odd": pd.Series(column, dtype=object), "y": labels()})
    assert rules(findings) == [rule]
    assert findings[0].column == "odd"
    assert "'odd'" in findings[0].message


def test_classes_with_one_row_are_named():
    y = labels()
    y[3] = "rare"
    (finding,) = looked_over({"x": noise(), "y": y})
    assert (finding.rule, "'rare'" in finding.message) == ("two rows a class", True)


def test_repeated_and_contradicting_texts_are_counted():
    text, y = texts(), labels()
    text[1] = text[0]
    y[0], y[1] = "no", "yes"
    findings = looked_over({"t": text, "y": y})
    assert set(rules(findings)) == {"no row twice", "one label an input"}
    assert {finding.n_rows for finding in findings} == {1}


def test_tables_of_few_values_may_repeat_rows():
    assert looked_over({"a": np.arange(N) % 3 + 0.5, "y": labels()}) == ()


@pytest.mark.parametrize("made", ["number", "reversed", "category", "boolean"])
def test_a_column_that_tells_the_label_is_named(made):
    y = labels()
    leak = {
        "number": np.where(y == "yes", 5.0, 1.0) + noise() / 100,
        "reversed": np.where(y == "no", 5.0, 1.0) + noise() / 100,
        "category": np.where(y == "yes", "granted", "refused"),
        "boolean": y == "yes",
    }[made]
    (finding,) = looked_over({"x": noise(), "leak": leak, "y": y})
    assert (finding.rule, finding.column, finding.severity) == ("no leak", "leak", Severity.WARNING)


def test_leaks_of_several_classes_and_of_numbers():
    y = np.arange(N) % 4
    assert rules(looked_over({"x": noise(), "code": y * 10, "y": [f"c{i}" for i in y]})) == [
        "no leak"
    ]
    target = noise()
    assert rules(looked_over({"x": target**3, "y": target})) == ["no leak"]
    assert (
        looked_over(
            {"x": target + noise() * 0.5 + np.random.default_rng(5).normal(size=N), "y": target}
        )
        == ()
    )


def test_auc_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    scores, positive = rng.integers(0, 9, 80), rng.random(80) < 0.4
    ranks = pd.Series(scores).rank().to_numpy()
    assert auc(ranks, positive) == pytest.approx(roc_auc_score(positive, scores))


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], (1, 2), {"a", "b"}, b"\x00\x01 no picture"])
def test_nested_objects_are_refused_by_column(value):
    column = pd.Series([value] * N, dtype=object)
    with pytest.raises(ColumnError, match="'odd'") as caught:
        looked_over({"x": noise(), "odd": column, "y": labels()})
    assert "drop" in caught.value.hint


def test_nothing_to_learn_from_is_refused_with_the_reasons():
    with pytest.raises(DataError, match="At least one column") as caught:
        looked_over({"row": np.arange(N), "same": "x", "y": labels()})
    assert "counts the rows" in caught.value.received


def test_copies_across_parts_are_counted():
    schema = infer_schema(pd.DataFrame({"t": texts()}))
    development = pd.DataFrame({"t": texts()[:150]}, dtype=object)
    test = pd.DataFrame({"t": texts()[140:]}, dtype=object)
    (finding,) = check_parts(development, test, schema)
    assert finding.n_rows == 10
    assert check_parts(development, test.iloc[10:], schema) == ()


def test_copies_of_rows_of_numbers_are_counted_too():
    rng = np.random.default_rng(0)
    frame = Table.of(pd.DataFrame({"a": rng.normal(size=N), "b": rng.normal(size=N)}), "").frame
    schema = infer_schema(frame, label="", kinds={})
    (found,) = check_parts(frame, frame.head(50), schema)
    assert "50 test rows (100.0%)" in found.message
    assert "says little about new rows" in found.message
    few = frame.round(0)  # such rows meet by chance
    assert check_parts(few, few.head(50), schema) == ()
