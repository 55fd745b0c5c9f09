"""Charts: what is drawn, and that thinning keeps what matters."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.core.show.svg import HEIGHT, MOST, MOST_POINTS, WIDTH, Series, chart, thin, ticks

numbers = st.floats(-1e12, 1e12)
points = st.lists(st.tuples(st.floats(0, 1e6), st.floats()), max_size=300)


@given(st.lists(points, max_size=4), st.sampled_from(["line", "step", "dots"]))
def test_any_numbers_make_a_chart_within_its_frame(curves, shape):
    series = [Series(str(i), tuple(curve), shape, i) for i, curve in enumerate(curves)]
    drawn = chart(series, label="a", x_label="x", y_label="y")
    finite = [p for c in curves for p in c if abs(p[1]) < MOST]
    assert bool(drawn) is bool(finite)
    if not drawn:
        return
    root = ET.fromstring(drawn)  # well-formed
    assert not re.search(r"\b(nan|inf)\b", drawn)
    for circle in root.iter("circle"):
        assert 0 <= float(circle.get("cx")) <= WIDTH
        assert 0 <= float(circle.get("cy")) <= HEIGHT
    for path in root.iter("path"):
        for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d")):
            assert -1 <= float(x) <= WIDTH + 1
            assert -1 <= float(y) <= HEIGHT + 1


@given(st.lists(st.tuples(numbers, numbers), unique_by=lambda p: p[0]), st.integers(4, 200))
def test_thinning_keeps_the_ends_the_peaks_and_the_order(curve, most):
    curve = sorted(curve)
    kept = thin(curve, most)
    assert len(kept) <= max(most, 4)
    assert set(kept) <= set(curve)
    assert kept == sorted(kept)
    if curve:
        assert kept[0] == curve[0]
        assert kept[-1] == curve[-1]
        heights = [y for _, y in curve]
        assert {max(heights), min(heights)} <= {y for _, y in kept}


@given(numbers, numbers, st.integers(2, 8))
def test_ticks_span_the_range_in_even_steps(a, b, about):
    low, high = min(a, b), max(a, b)
    if 0 < high - low < 1e-9 * max(abs(low), abs(high)):
        return  # closer than the numbers can tell apart
    found = ticks(low, high, about)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert found[0] <= low + slack
    assert found[-1] >= high - slack
    assert 2 <= len(found) <= 3 * about + 2
    steps = [second - first for first, second in pairwise(found)]
    assert max(steps) - min(steps) <= slack


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.0), (5.0, 5.0), (-2.0, -2.0)])
def test_one_value_has_ticks_around_it(low, high):
    found = ticks(low, high, 4)
    assert found[0] < low < found[-1]


def test_long_curves_stay_small():
    long = Series("a", tuple((i, math.sin(i / 50)) for i in range(100_000)))
    drawn = chart([long], label="a", x_label="x", y_label="y")
    assert drawn.count("L") <= MOST_POINTS
    assert len(drawn) < 5_000


def test_what_lies_outside_the_range_is_drawn_hollow():
    dots = Series("a", ((0, 0.1), (1, 0.8), (2, 0.9)), "dots")
    drawn = chart([dots], label="a", x_label="x", y_label="y", y_limits=(0.75, 0.9))
    assert drawn.count('fill="none"') == 1
