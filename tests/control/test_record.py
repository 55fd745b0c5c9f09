"""What counts as a gain, of one objective and of several."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.control.record import Record
from automl_nb.search.pareto import hypervolume

POINTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=15)


@given(points=POINTS)
def test_of_two_objectives_a_gain_is_what_lets_the_front_cover_more(points):
    record, corner = Record(["minimize", "minimize"]), (7.0, 7.0)
    for place, point in enumerate(points):
        before = hypervolume(points[:place], corner, record.directions)
        after = hypervolume(points[: place + 1], corner, record.directions)
        assert record.hear(point) == (after > before)


@given(values=st.lists(st.integers(-5, 5), min_size=1, max_size=15), up=st.booleans())
def test_of_one_objective_a_gain_is_a_better_value(values, up):
    record = Record(["maximize" if up else "minimize"])
    signed = np.array(values) * (1 if up else -1)
    for place, value in enumerate(values):
        better = place == 0 or signed[place] > signed[:place].max()
        assert record.hear([value]) == better


def test_a_gain_of_next_to_nothing_is_none():
    record = Record(["minimize"])
    assert record.hear([0.5])
    assert not record.hear([0.49999])
    assert record.hear([0.49])
