"""Cleaning: hidden characters go, ranges are learnt on training rows, all turns to JSON."""

from __future__ import annotations

import json
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.core.settings import FitSettings
from automl_nb.data.clean import Cleaner, clean_text
from automl_nb.data.schema import infer_schema


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain ascii, 1!", "plain ascii, 1!"),
        ("tab\tand\nline stay", "tab\tand\nline stay"),
        ("nul\x00bell\x07", "nulbell"),
        ("\ufeffbom", "bom"),
        ("evil\u202etxt.exe\u202c", "eviltxt.exe"),
        ("zero\u200bwidth\u2060", "zerowidth"),
        ("soft\xadhyphen", "softhyphen"),
        ("\uff26\uff55\uff4c\uff4c \ufb01n \u2460", "Full fin 1"),
        ("cafe\u0301", "café"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("👩\u200d🔬 电影", "👩\u200d🔬 电影"),
        ("tag\U000e0041", "tag"),
    ],
)
def test_hidden_characters_go_and_forms_unite(text, clean):
    assert clean_text(text) == clean


@given(st.text())
def test_cleaning_twice_changes_nothing_and_gives_encodable_text(text):
    once = clean_text(text)
    assert clean_text(once) == once
    assert unicodedata.is_normalized("NFKC", once)
    once.encode("utf-8")


def test_punctuation_goes_on_request():
    assert clean_text("It's 5 o'clock, 电影!", strip_punctuation=True) == "It s o clock 电影"


def fitted(frame, **settings):
    frame = pd.DataFrame(frame)
    schema = infer_schema(frame)
    return Cleaner.fit(frame, schema, FitSettings(**settings)), frame


def test_infinite_and_absurd_numbers_become_missing():
    cleaner, frame = fitted({"x": [1.5, np.inf, -np.inf, 1e300, 2.5, 3.5]})
    assert cleaner.transform(frame)["x"].isna().tolist() == [False, True, True, True, False, False]
    assert frame["x"].isna().sum() == 0


def test_outliers_are_reported_and_clipped_on_request():
    values = [*np.linspace(0, 1, 99), 50.0]
    cleaner, frame = fitted({"x": values})
    assert cleaner.transform(frame)["x"].max() == 50
    assert cleaner.findings()[0].n_rows == 1
    assert "far outside" in cleaner.findings()[0].message
    clipping, _ = fitted({"x": values}, clip_outliers=True)
    low, high = clipping.fences["x"]
    assert clipping.transform(frame)["x"].max() == high < 50
    later = clipping.transform(pd.DataFrame({"x": [-99.0, np.nan]}))
    assert later["x"].tolist()[0] == low
    assert later["x"].isna().tolist() == [False, True]


def test_fences_come_from_training_rows_alone():
    cleaner, _ = fitted({"x": np.linspace(0, 1, 50)})
    before = dict(cleaner.fences)
    cleaner.transform(pd.DataFrame({"x": np.linspace(0, 1000, 50)}))
    assert cleaner.fences == before


def test_texts_and_categories():
    frame = {
        "t": ["a long \x00text of words", None, "another one here with words"],
        "c": [" yes ", "\ufeffyes", "  "],
    }
    cleaner = Cleaner(texts=("t",), categories=("c",))
    cleaned = cleaner.transform(pd.DataFrame(frame, dtype=object))
    assert cleaned["t"].tolist() == ["a long text of words", "", "another one here with words"]
    assert cleaned["c"].tolist() == ["yes", "yes", None]


def test_json_round_trip_gives_the_same_cleaner():
    frame = {
        "x": [1.0, 2.0, 3.5, 400.0, 2.5],
        "t": [f"some text number {i} here it is" for i in range(5)],
    }
    cleaner, rows = fitted(frame, clip_outliers=True, strip_punctuation=True)
    again = Cleaner.from_dict(json.loads(json.dumps(cleaner.to_dict())))
    assert again == cleaner
    pd.testing.assert_frame_equal(again.transform(rows), cleaner.transform(rows))


def test_no_rows_are_no_problem():
    cleaner, frame = fitted(
        {"x": [1.5, 2.5, 3.5, 9.5], "t": ["w x y z a b", "c d e f g", "h i j k l", "m n o p q"]}
    )
    assert cleaner.transform(frame.iloc[:0]).shape == (0, 2)
