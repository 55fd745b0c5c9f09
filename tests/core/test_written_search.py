"""What is searched may be a mapping, which means the same as the text."""

import numpy as np
import pytest

import automl_nb
from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.written_search import written_search
from automl_nb.pipeline.asked import settings_of


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"C": (0.1, 10)}, "C=0.1..10"),
        ({"svm.C": [1e-3, 5.0], "k": "5..50"}, "svm.C=0.001..5.0,k=5..50"),
        ({"lr": (np.float64(1e-5), np.float32(0.0625))}, "lr=1e-05..0.0625"),
        ({"k": np.int64(7)}, "k=7"),
    ],
)
def test_a_mapping_means_what_its_text_means(asked, text):
    assert settings_of("y", {"search": asked}) == settings_of("y", {"search": text})


def test_words_are_choices():
    asked = {"loss": ["focal", "poly"], "augment": ("none",), "balanced": [True, False]}
    assert written_search(asked) == "loss=focal|poly,augment=none,balanced=on|off"


def test_a_space_is_narrowed_by_a_mapping():
    assert automl_nb.space("knn", {"k": (3, 9)}) == automl_nb.space("knn", "k=3..9")


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({}, SettingError, "at least one setting"),
        ({"C": []}, SettingError, "needs a value to try"),
        ({"C": {"low": 1}}, SettingError, "two ends, a list of words"),
        ({"C": None}, SettingError, "two ends, a list of words"),
        ({"loss": ["focal,k=3"]}, SettingError, "two ends, a list of words"),
        ({3: (1, 2)}, SettingError, "two ends, a list of words"),
        ({"C": (1, 2, 3)}, SettingError, "a range with two ends"),
        ({"C": (10, 0.1)}, SettingError, "comes first"),
        ({"CC": (1, 2)}, UnknownNameError, "no setting to search"),
        (7, SettingError, "as text, or as a mapping"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(asked, error, said):
    with pytest.raises(error, match=said):
        settings_of("y", {"search": asked})


def test_no_trials_is_answered_with_what_nought_means():
    assert settings_of("y", {"search": "auto", "trials": 0}).trials == 0
    with pytest.raises(SettingError, match="0, or leaving it out, is for as many as"):
        settings_of("y", {"search": "auto", "trials": -1})
