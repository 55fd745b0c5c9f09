"""Answers to exercises: what counts as right, and what is told."""

import numpy as np
import pandas as pd
import pytest

import automl_nb


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (114, 114),
        (np.int64(114), 114),
        (0.912, 0.9123),
        ("Logistic ", "logistic"),
        ([1, 2], [1, 2]),
        (pd.Series(["a", "b"]), np.array(["a", "b"])),
        (True, True),
        ("anything", lambda given: given.startswith("any")),
    ],
)
def test_right_answers(answer, right):
    looked = automl_nb.exercise(answer, right, hint="no", because="So it is.")
    assert looked.right is True
    assert looked.words == "Right. So it is."


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (113, 114),
        (0.92, 0.9123),
        ("1", 2),
        (float("nan"), 1.0),
        ([1], 1),
        ({}, "x"),
        (3, lambda given: given.startswith("any")),
        (pd.Series([1, 2]), pd.Series([1, 3])),
    ],
)
def test_wrong_answers_are_no_error(answer, right):
    looked = automl_nb.exercise(answer, right, hint="Look <b>again</b>.")
    assert looked.right is False
    shown = looked._repr_mimebundle_()
    assert shown["text/plain"] == "✗ Not yet. Look <b>again</b>."
    assert "<b>" not in shown["text/html"]


@pytest.mark.parametrize("answer", [None, ...])
def test_nothing_was_answered(answer):
    assert automl_nb.exercise(answer, 1, hint="no").right is None
