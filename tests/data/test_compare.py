"""Two-sample tests: against scipy, quiet on like parts, loud on unlike ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from automl_nb.core.types import Column, ColumnKind, Schema, Severity
from automl_nb.data.compare import chi2_p_value, compare_parts, ks_p_value

WORDS = np.array(
    ["the", "film", "plot", "good", "bad", "slow", "music", "scene", "time", "war", "night"]
)


def schema(**kinds):
    return Schema(tuple(Column(name, ColumnKind(kind), "") for name, kind in kinds.items()))


def table(rng, n, shift=0.0):
    texts = [" ".join(rng.choice(WORDS, rng.integers(5, 20))) for _ in range(n)]
    return pd.DataFrame(
        {
            "n": rng.normal(shift, 1, n),
            "c": rng.choice(["a", "b", "c"], n, p=[0.6 - shift / 4, 0.3 + shift / 4, 0.1]),
            "t": texts,
            "d": pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
        }
    )


KINDS = schema(n="number", c="category", t="text", d="datetime")


def test_statistics_agree_with_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=200), rng.normal(0.3, 1, size=150)
    assert ks_p_value(a, b) == pytest.approx(stats.ks_2samp(a, b, method="asymp").pvalue, rel=0.15)
    counts = np.array([[30.0, 20, 10], [20, 25, 15]])
    assert chi2_p_value(counts) == pytest.approx(stats.chi2_contingency(counts).pvalue)


def test_false_alarms_stay_within_five_percent():
    rng = np.random.default_rng(1)
    whole = table(rng, 600)
    alarms = 0
    for seed in range(100):
        order = np.random.default_rng(seed).permutation(600)
        a, b = whole.iloc[order[:480]], whole.iloc[order[480:]]
        alarms += compare_parts(a, b, KINDS, seed).severity is Severity.WARNING
    assert alarms <= 9  # 5 expected at most; 9 or fewer in 97% of such experiments


@pytest.mark.parametrize("column", ["n", "c", "t", "d"])
def test_a_shift_in_one_column_is_named(column):
    rng = np.random.default_rng(2)
    a, b = table(rng, 400), table(rng, 400)
    moved = {
        "n": lambda v: v + 1,
        "c": lambda v: v.replace("a", "b"),
        "t": lambda v: "war " + v,
        "d": lambda v: v + pd.Timedelta(days=100),
    }
    b[column] = moved[column](b[column])
    finding = compare_parts(a, b, KINDS, 0)
    assert finding.severity is Severity.WARNING
    assert finding.column == column
    assert f"'{column}'" in finding.message


def test_a_telling_word_is_named():
    a = pd.DataFrame({"t": ["good film"] * 200})
    b = pd.DataFrame({"t": ["good book"] * 200})
    assert "the word" in compare_parts(a, b, schema(t="text"), 0).message


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (pd.DataFrame({"n": []}), pd.DataFrame({"n": [1.0]})),
        (pd.DataFrame({"n": [np.nan] * 5}), pd.DataFrame({"n": [1.0] * 5})),
        (pd.DataFrame({"x": [1.0] * 5}), pd.DataFrame({"y": [1.0] * 5})),
    ],
)
def test_what_cannot_be_compared_is_no_alarm(a, b):
    assert compare_parts(a, b, schema(n="number"), 0).severity is Severity.INFO
