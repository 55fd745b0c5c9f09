"""A small portfolio against brute force and a literal transcription of the greedy rule."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from automl_nb.core.errors import SettingError
from automl_nb.search.portfolio import covered, portfolio

TABLES = arrays.arrays(
    np.float64, st.tuples(st.integers(1, 7), st.integers(1, 5)), elements=st.floats(0, 1, width=16)
)


def mean_of_best(table, chosen):
    return sum(
        min(row[task] for row in (table[c] for c in chosen)) for task in range(len(table[0]))
    )


@given(table=TABLES, size=st.integers(1, 5))
def test_each_choice_lowers_the_mean_most(table, size):
    rows = table.tolist()
    chosen = portfolio(table, size)
    assert len({*chosen}) == len(chosen) <= size
    for place in range(len(chosen)):
        reached = [mean_of_best(rows, [*chosen[:place], c]) for c in range(len(rows))]
        assert reached[chosen[place]] == pytest.approx(min(reached))
    if len(chosen) < min(size, len(rows)):
        assert mean_of_best(rows, chosen) == pytest.approx(mean_of_best(rows, range(len(rows))))


@given(table=TABLES, size=st.integers(1, 3))
def test_it_gains_what_submodularity_promises_of_the_best_set(table, size):
    worst = table.max(axis=0).mean()
    size = min(size, len(table))
    sets = itertools.combinations(range(len(table)), size)
    most = max(worst - covered(table, [*one]) for one in sets)
    assert worst - covered(table, portfolio(table, size)) >= (1 - 1 / np.e) * most - 1e-9


@given(table=TABLES)
def test_one_configuration_is_the_best_single_one(table):
    (first,) = portfolio(table, 1)
    assert table[first].mean() == pytest.approx(table.mean(axis=1).min())


def test_what_was_not_run_counts_as_the_worst():
    table = np.array([[np.nan, 0.0], [0.5, 1.0], [0.4, 0.9]])
    assert portfolio(table, 2) == [0, 2]
    assert covered(table, []) == pytest.approx((0.5 + 1.0) / 2)


@pytest.mark.parametrize("table", [np.zeros((0, 3)), np.zeros(3), [[1.0, np.nan]]])
def test_a_table_without_losses_is_refused(table):
    with pytest.raises(SettingError):
        portfolio(np.asarray(table), 2)
