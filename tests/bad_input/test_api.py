"""Every bad input through the Python API: the rule, what was received, what to do next."""

from __future__ import annotations

import pandas as pd
import pytest

from automl_nb.core.errors import AutoMLError, SettingError, suggest
from automl_nb.pipeline.new_folder import LONGEST, new_folder
from tests.bad_input.cases import call
from tests.bad_input.catalogue import CASES


def test_there_are_enough_cases_and_each_has_its_name():
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.usefixtures("nothing_lost")
def test_bad_input_is_told_in_plain_words(case, place):
    data = case.data(place)
    before = data.copy(deep=True) if isinstance(data, pd.DataFrame) else None
    with pytest.raises(AutoMLError) as caught:
        call(case, place, data)
    case.check(caught.value)
    runs = place.folder.parent / "runs"
    assert [folder.name for folder in runs.iterdir()] == ["earlier"]
    if before is not None:  # what was given stays as it was
        pd.testing.assert_frame_equal(data, before)


@pytest.mark.parametrize("name", ["two\nlines", "end\r", "\t", "page\u2029", "nil\0", "cut \ud83d"])
def test_a_name_of_several_lines_is_refused(name, tmp_path):
    with pytest.raises(SettingError, match="one line without control characters"):
        new_folder(tmp_path, name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["Köln 2", "n" * LONGEST, "ü" * (LONGEST // 2)])
def test_a_long_name_gets_a_number_too(name, tmp_path):
    assert new_folder(tmp_path, name).name == name
    assert new_folder(tmp_path, name).name == f"{name}-2"


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("text", "target", False),
        ("label", "table", False),
        ("city", "cities", True),
        ("auc", "roc_auc", True),
        ("cta", "cat", True),
        ("ys", "yes", True),
        ("Text", "txt", True),
    ],
)
def test_only_names_that_are_alike_are_suggested(name, known, meant):
    assert suggest(name, [known]).startswith("Did you mean" if meant else "Known")
