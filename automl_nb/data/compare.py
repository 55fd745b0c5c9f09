"""Do two parts of a table look alike? Two-sample tests, column by column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.types import Column, ColumnKind, Finding, Schema, Severity

MOST_ROWS = 5_000
MOST_WORDS = 100
MOST_TEXTS = 1_000
MOST_LEVELS = 20
ALPHA = 0.05
RULE = "parts look alike"
_WORD = re.compile(r"\w{2,}")
Test = tuple[str, float]  # what was compared, p-value


def compare_parts(a: pd.DataFrame, b: pd.DataFrame, schema: Schema, seed: int) -> Finding:
    """Test whether two parts could be draws from one population.

    Numbers and dates by the two-sample Kolmogorov-Smirnov test, categories by the
    chi-squared test, texts by length and by the share of rows that hold each frequent
    word; p-values are corrected by Bonferroni (Rabanser et al. 2019, "Failing Loudly",
    arXiv 1810.11953, found such univariate tests hard to beat).

    Args:
        a: One part.
        b: The other; columns that either lacks are passed over.
        schema: Kinds of the columns.
        seed: Draws the sample when a part has more than 5,000 rows.

    Returns:
        An information if nothing differs at the 5% level, else a warning that names
        the columns; the message is a plain sentence.

    Example:
        >>> from automl_nb.core.types import Column, ColumnKind, Schema
        >>> schema = Schema((Column("x", ColumnKind.NUMBER, ""),))
        >>> low, high = np.arange(100.0), np.arange(100.0) + 60
        >>> compare_parts(pd.DataFrame({"x": low}), pd.DataFrame({"x": high}), schema, 0).message
        "The parts differ in 'x' (p < 0.001)."
    """
    rng = np.random.default_rng([seed, 3])
    a, b = _sample(a, rng), _sample(b, rng)
    if len(a) < 2 or len(b) < 2:
        return Finding(RULE, Severity.INFO, "The parts are too small to compare.")
    tests = [
        (column.name, test)
        for column in schema.columns
        if column.name in a.columns and column.name in b.columns
        for test in _tests(column, a[column.name], b[column.name])
    ]
    if not tests:
        return Finding(RULE, Severity.INFO, "The parts have no column that can be compared.")
    differ: dict[str, Test] = {}
    for name, (what, p) in tests:
        corrected = min(1.0, p * len(tests))
        if corrected < ALPHA and corrected < differ.get(name, ("", 2.0))[1]:
            differ[name] = (what, corrected)
    return _finding(differ, len({name for name, _ in tests}))


def _finding(differ: dict[str, Test], n_columns: int) -> Finding:
    if not differ:
        tested = "1 column" if n_columns == 1 else f"{n_columns} columns"
        message = f"The parts look alike ({tested} compared, none differs at the 5% level)."
        return Finding(RULE, Severity.INFO, message)
    ranked = sorted(differ.items(), key=lambda item: item[1][1])
    named = ", ".join(
        f"'{name}'{what} ({f'p = {p:.3f}' if p >= 0.001 else 'p < 0.001'})"
        for name, (what, p) in ranked[:5]
    )
    more = f" and {len(ranked) - 5} more columns" if len(ranked) > 5 else ""
    return Finding(
        RULE, Severity.WARNING, f"The parts differ in {named}{more}.", column=ranked[0][0]
    )


def _sample(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    if len(frame) <= MOST_ROWS:
        return frame
    return frame.iloc[np.sort(rng.choice(len(frame), MOST_ROWS, replace=False))]


def _tests(column: Column, a: pd.Series[Any], b: pd.Series[Any]) -> Iterator[Test]:
    if column.kind in {ColumnKind.NUMBER, ColumnKind.DATETIME, ColumnKind.BOOLEAN}:
        yield "", ks_p_value(_numbers(a), _numbers(b))
    elif column.kind is ColumnKind.CATEGORY:
        yield "", _levels_p_value(a, b)
    elif column.kind is ColumnKind.TEXT:
        texts_a, texts_b = _texts(a), _texts(b)
        lengths = [np.array([len(text) for text in texts], float) for texts in (texts_a, texts_b)]
        yield " by length", ks_p_value(lengths[0], lengths[1])
        word, p = _words_p_value(texts_a, texts_b)
        if word:
            yield f" by the word '{word}'", p


def _numbers(values: pd.Series[Any]) -> np.ndarray:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = values.dropna().astype("int64")
    numbers: np.ndarray = pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
    finite: np.ndarray = numbers[np.isfinite(numbers)]
    return finite


def _texts(values: pd.Series[Any]) -> list[str]:
    return [value if isinstance(value, str) else "" for value in values]


def ks_p_value(a: np.ndarray, b: np.ndarray) -> float:
    """Asymptotic p-value of the two-sample Kolmogorov-Smirnov test (1 if one is empty).

    Example:
        >>> ks_p_value(np.arange(50.0), np.arange(50.0))
        1.0
    """
    from scipy.special import kolmogorov

    if not len(a) or not len(b):
        return 1.0
    both = np.concatenate([a, b])
    below_a = np.searchsorted(np.sort(a), both, side="right") / len(a)
    below_b = np.searchsorted(np.sort(b), both, side="right") / len(b)
    distance = float(np.abs(below_a - below_b).max())
    return float(kolmogorov(distance * np.sqrt(len(a) * len(b) / (len(a) + len(b)))))


def chi2_p_value(counts: np.ndarray) -> float:
    """P-value of the chi-squared test of independence for a (2, k) table of counts."""
    from scipy.special import chdtrc

    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] < 2 or not counts.sum(axis=1).all():
        return 1.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    return float(chdtrc(counts.shape[1] - 1, ((counts - expected) ** 2 / expected).sum()))


def _levels_p_value(a: pd.Series[Any], b: pd.Series[Any]) -> float:
    counts_a, counts_b = Counter(a.dropna().astype(str)), Counter(b.dropna().astype(str))
    least = _least_count(counts_a.total(), counts_b.total())
    both = (counts_a + counts_b).most_common(MOST_LEVELS)
    frequent = [level for level, count in both if count >= least]
    table = np.zeros((2, len(frequent) + 1))
    for row, counts in enumerate((counts_a, counts_b)):
        table[row, :-1] = [counts[level] for level in frequent]
        table[row, -1] = counts.total() - table[row].sum()
    return chi2_p_value(table)


def _least_count(n_a: int, n_b: int) -> float:
    """How often a level must occur for the chi-squared test to hold: 5 expected in each part."""
    return 5 * (n_a + n_b) / max(min(n_a, n_b), 1)


def _words_p_value(a: list[str], b: list[str]) -> tuple[str, float]:
    """The frequent word whose share of rows differs most, with its corrected p-value."""
    counts_a, counts_b = _document_counts(a), _document_counts(b)
    least = _least_count(min(len(a), MOST_TEXTS), min(len(b), MOST_TEXTS))
    both = (counts_a + counts_b).most_common(MOST_WORDS)
    words = [word for word, count in both if count >= least]
    rows = np.array([min(len(a), MOST_TEXTS), min(len(b), MOST_TEXTS)])
    best, least = "", 1.0
    for word in words:
        held = np.array([counts_a[word], counts_b[word]], float)
        p = chi2_p_value(np.stack([held, rows - held], axis=1))
        if not best or p < least:
            best, least = word, p
    return best, min(1.0, least * max(len(words), 1))


def _document_counts(texts: list[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts[:: max(1, len(texts) // MOST_TEXTS)][:MOST_TEXTS]:
        counts.update(set(_WORD.findall(text[:2000].casefold())))
    return counts
