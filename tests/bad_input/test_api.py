"""Every bad input through the Python API: the rule, what was received, what to do next."""

from __future__ import annotations

import pandas as pd
import pytest

from automl_nb.core.errors import AutoMLError
from tests.bad_input.cases import call
from tests.bad_input.catalogue import CASES


def test_there_are_enough_cases_and_each_has_its_name():
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.usefixtures("nothing_lost")
def test_bad_input_is_told_in_plain_words(case, place):
    with pytest.raises(AutoMLError) as caught:
        call(case, place)
    case.check(caught.value)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.verb == "fit"], ids=lambda case: case.name
)
def test_what_was_given_stays_as_it_was(case, place):
    data = case.data(place)
    if not isinstance(data, pd.DataFrame):
        return
    before = data.copy(deep=True)
    with pytest.raises(AutoMLError):
        call(case, place)
    pd.testing.assert_frame_equal(data, before)
