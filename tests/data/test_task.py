"""What is to be learnt, and labels there and back."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.core.errors import AutoMLError, LabelError, SettingError, UnknownNameError
from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import Schema, TaskKind
from automl_nb.data.labels import LabelValues, decode_labels, encode_labels
from automl_nb.data.schema import infer_schema
from automl_nb.data.task import infer_task, read_label


def task_of(values, **settings):
    frame = pd.DataFrame({"y": pd.Series(values)})
    return read_label(frame, infer_schema(frame, label="y"), FitSettings(label="y", **settings))


@pytest.mark.parametrize(
    ("values", "kind", "classes"),
    [
        (["yes", "no"] * 5, "binary", ("no", "yes")),
        ([True, False] * 5, "binary", ("False", "True")),
        ([1, 0] * 5, "binary", ("0", "1")),
        ([1.0, 0.0, None] * 5, "binary", ("0", "1")),
        ([-1, 1] * 5, "binary", ("-1", "1")),
        (["b", "c", "a"] * 5, "multiclass", ("a", "b", "c")),
        ([10, 9, 2] * 5, "multiclass", ("2", "9", "10")),
        (["10", "9", "2"] * 5, "multiclass", ("10", "2", "9")),
        ([1, 2, 3, 4, 5] * 20, "multiclass", ("1", "2", "3", "4", "5")),
        ([0.5, 1.5, 2.5] * 20, "regression", ()),
        (list(range(100)), "regression", ()),
        (["12.5", "13", "14.25", "90"] * 9, "regression", ()),
        ([["a"], ["a", "b"], []], "multilabel", ("a", "b")),
        ([{"x"}, {"x", "y"}], "multilabel", ("x", "y")),
        (["a|b", "a", "b"] * 4, "multilabel", ("a", "b")),
        (["p;q", "p", "q;r", "r"] * 4, "multilabel", ("p", "q", "r")),
    ],
)
def test_the_task_is_inferred_with_a_reason(values, kind, classes):
    task, _ = task_of(values)
    assert (str(task.kind), task.classes) == (kind, classes)
    assert task.reason


def test_the_task_can_be_given():
    assert task_of([1, 2, 3] * 9, task="regression")[0].kind is TaskKind.REGRESSION
    assert len(task_of(list(range(8)) * 3 + [99], task="multiclass")[0].classes) == 9
    assert task_of(["a,b", "c"] * 5, task="multilabel")[0].classes == ("a", "b", "c")
    frame = pd.DataFrame({"y": list(range(30)) * 3})
    schema = infer_schema(frame, label="y", kinds={"y": "category"})
    assert infer_task(frame, schema, FitSettings(label="y")).kind is TaskKind.MULTICLASS


def test_the_positive_class_can_be_given():
    assert task_of(["good", "bad"] * 5, positive="bad")[0].classes == ("good", "bad")
    with pytest.raises(UnknownNameError, match="'bad'"):
        task_of(["good", "bad"] * 5, positive="bda")
    with pytest.raises(SettingError, match="binary"):
        task_of(["a", "b", "c"] * 5, positive="a")


def test_label_columns_make_a_multilabel_task():
    frame = pd.DataFrame({"t": ["u", "v"], "fun": [1, 0], "sad": [True, True]})
    settings = FitSettings(label=("fun", "sad"))
    schema = infer_schema(frame, label=settings.label)
    task, values = read_label(frame, schema, settings)
    assert task.classes == ("fun", "sad")
    y = encode_labels(frame, task)
    assert y.tolist() == [[1.0, 1.0], [0.0, 1.0]]
    assert decode_labels(y, values).tolist() == [[1, 1], [0, 1]]


@pytest.mark.parametrize(
    "values",
    [
        [3, 1, 2] * 4,
        [True, False] * 4,
        ["b", "a"] * 4,
        [1.5, 0.5] * 4,
        pd.Categorical(["z", "y"] * 4),
        pd.array([2, 1] * 4, dtype="Int8"),
        pd.array([True, False] * 4, dtype="boolean"),
    ],
)
def test_answers_have_the_type_of_the_labels(values):
    frame = pd.DataFrame({"y": values})
    task, labels = read_label(
        frame,
        Schema(()),
        FitSettings(label="y", task="auto" if frame.y.dtype != float else "binary"),
    )
    answers = decode_labels(encode_labels(frame, task), labels)
    assert answers.tolist() == frame["y"].tolist()
    assert type(answers.tolist()[0]) is type(frame["y"].tolist()[0])


def test_sets_and_joined_labels_come_back_as_they_were():
    sets = pd.DataFrame({"y": [["b", "a"], ["c"], []]})
    task, labels = read_label(sets, Schema(()), FitSettings(label="y"))
    assert decode_labels(encode_labels(sets, task), labels).tolist() == [["a", "b"], ["c"], []]
    joined = pd.DataFrame({"y": ["a|b", "b", "a"] * 3})
    task, labels = read_label(joined, Schema(()), FitSettings(label="y"))
    assert decode_labels(encode_labels(joined, task), labels).tolist() == joined["y"].tolist()


def test_integers_widened_by_gaps_come_back_as_integers():
    task, labels = task_of([1, 0, None] * 5)
    kept = pd.DataFrame({"y": [1.0, 0.0]})
    assert decode_labels(encode_labels(kept, task), labels).dtype == np.int64


def test_label_values_go_through_json():
    labels = LabelValues("single", (False, True))
    assert from_dict(LabelValues, json.loads(json.dumps(to_dict(labels)))) == labels


def test_labels_never_seen_are_named():
    task, _ = task_of(["cat", "dog"] * 5)
    with pytest.raises(LabelError, match="Did you mean 'cat'") as caught:
        encode_labels(pd.DataFrame({"y": ["cat", "cta"]}), task)
    assert caught.value.received == "'cta'"


LABEL = st.one_of(
    st.none(),
    st.integers(-3, 3),
    st.floats(-3, 3),
    st.booleans(),
    st.text(max_size=3),
    st.lists(st.sampled_from("abc"), max_size=2),
)


@given(
    st.lists(LABEL, max_size=40),
    st.sampled_from(["auto", "binary", "multiclass", "multilabel", "regression"]),
)
def test_any_label_is_encoded_or_refused_in_plain_words(values, kind):
    column = pd.Series(values, dtype=object)
    kept = pd.DataFrame({"y": column}).dropna().reset_index(drop=True)
    refused = None
    try:
        task, labels = task_of(column, task=kind)
        y = encode_labels(kept, task)
    except AutoMLError as error:
        refused = error
    if refused is not None:
        assert (bool(refused.rule), bool(refused.hint)) == (True, True)
        return
    assert len(y) == len(kept)
    if task.kind.is_classification:
        assert y.ndim == 2 or set(y) <= set(range(len(task.classes)))
    assert len(decode_labels(y, labels)) == len(kept)
