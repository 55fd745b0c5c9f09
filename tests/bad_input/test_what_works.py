"""Input that looks bad and must simply work, with a word on what was found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import automl_nb
from automl_nb.data.sources import read_table
from tests.bad_input.cases import QUICK, Place, changed, good
from tests.bad_input.cases_pictures import CUT, bomb, column, encoded, square


@dataclass(frozen=True)
class Odd:
    """Odd rows that can be learnt from.

    Attributes:
        finding: Words of the finding that tells what is odd; "" for nothing to tell.
        about: The column that the finding names.
    """

    name: str
    data: Callable[[Place], Any]
    finding: str = ""
    about: str = ""
    label: Any = "y"


def _first(column: str, *values: Any) -> Callable[[Place], pd.DataFrame]:
    """Good rows, the first of them with other values."""
    frame = good()
    return changed(**{column: [*values, *frame[column].iloc[len(values) :]]})


def _numbered(_: Place) -> pd.DataFrame:
    return good().set_axis([0, 1.5, ("a", 2), None, "y"], axis=1)


CMYK = encoded(square("red").convert("CMYK"), "JPEG")
ANIMATED = encoded(
    square("red"), "GIF", save_all=True, append_images=[square("blue"), square("green")]
)
WIDE = encoded(Image.fromarray((np.arange(144).reshape(12, 12) * 400).astype(np.uint16)))
PLAIN = encoded(square("blue"))

ODD = (
    Odd("a class with one row", _first("y", "maybe"), "single row", "y"),
    Odd("some labels missing", _first("y", None, None), "2 of 60 rows have no label"),
    Odd("infinite numbers", _first("x", np.inf, -np.inf), "2 infinite values", "x"),
    Odd("a whole number beyond all floats", _first("x", 10**400), "1 infinite value", "x"),
    Odd("absurd numbers", _first("x", 1e300, -1e200), "2 values of 'x' beyond", "x"),
    Odd("far outliers", _first("x", 1e6, 1e6, -1e6), "far outside the usual range", "x"),
    Odd("mixed types", _first("city", 7, 2.5, True), "mixes types", "city"),
    Odd("an empty column", changed(member=[None] * 60), "has no value in any row", "member"),
    Odd("column names that are no text", _numbered),
    Odd("a label column named by a number", lambda _: good().rename(columns={"y": 0}), label=0),
    Odd("CMYK pictures", column(CMYK, PLAIN)),
    Odd("animated pictures", column(ANIMATED, PLAIN)),
    Odd("16-bit pictures", column(WIDE, PLAIN)),
    Odd("some corrupt pictures", column(PLAIN, CUT, PLAIN, PLAIN), "10 of 40 rows", "photo"),
    Odd("some bombs", column(PLAIN, bomb(), PLAIN, PLAIN), "10 of 40 rows", "photo"),
    Odd(
        "some missing pictures", column(PLAIN, None, PLAIN, PLAIN), "10 of 40 rows have no picture"
    ),
)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.name)
def test_odd_rows_are_learnt_from(odd, place):
    data = odd.data(place)
    options = {**QUICK, "strategies": ("prior", "ridge"), "backbones": "none"}
    run = automl_nb.fit(data, odd.label, **options)
    check_finding(run, odd)
    answers = run.model.predict(data.drop(columns=odd.label).iloc[:1])
    assert len(answers) == 1
    assert np.isfinite(run.scorecard.metrics["accuracy"].value)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.name)
def test_odd_rows_are_learnt_from_in_a_cell(odd, place, shell):
    shell.names.update(data=odd.data(place), label=str(odd.label))
    shell.run("run = %automl fit data --label $label --strategies prior --time 20 --backbones none")
    check_finding(shell.names["run"], odd)


def check_finding(run: Any, odd: Odd) -> None:
    """Whether the run told what is odd, of the right column."""
    told = [(finding.message, finding.column) for finding in run.state.findings]
    if odd.finding:
        assert any(odd.finding in text and odd.about == about for text, about in told), told
    assert run.state.status == "finished"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("as they were", lambda frame: frame),
        ("reordered", lambda frame: frame[frame.columns[::-1]]),
        ("with further columns", lambda frame: frame.assign(extra=[["a"]] * len(frame), more=1)),
        ("numbers as text", lambda frame: frame.assign(x=frame["x"].map(repr))),
        ("truth as text", lambda frame: frame.assign(member=frame["member"].map(str))),
        ("truth as 0 and 1", lambda frame: frame.assign(member=frame["member"] * 1)),
        ("dates as text", lambda frame: frame.assign(day=frame["day"].map(str))),
        ("categories as such", lambda frame: frame.astype({"city": "category"})),
        ("smaller floats", lambda frame: frame.astype({"x": "Float64"})),
        ("an odd index", lambda frame: frame.set_index(pd.Index(["a"] * len(frame)))),
        ("without the label", lambda frame: frame.drop(columns="y")),
        ("as mappings", lambda frame: frame.to_dict("records")),
        ("as a mapping of lists", lambda frame: frame.to_dict("list")),
    ],
)
def test_the_same_rows_in_another_dress_get_the_same_answers(models, name, change):
    model, frame = automl_nb.load(models["table"]), good()
    expected = model.predict_proba(frame)
    rows = change(frame)
    found = model.predict_proba(rows)
    assert not isinstance(rows, pd.DataFrame) or found.index.equals(rows.index)
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected, rtol=1e-9)


def test_unseen_and_missing_values_get_answers(models):
    model = automl_nb.load(models["table"])
    strange = good(4).assign(
        city=["Rome", None, "", "Ulm"], x=[np.nan, np.inf, -1e300, 0.0], day=pd.NaT, member=None
    )
    chances = model.predict_proba(strange).to_numpy()
    assert np.isfinite(chances).all()
    assert np.allclose(chances.sum(axis=1), 1)


@pytest.mark.parametrize("nothing", [good(0), [], {"x": [], "city": [], "member": [], "day": []}])
def test_no_rows_get_no_answers(models, nothing, shell):
    model = automl_nb.load(models["table"])
    assert len(model.predict(nothing)) == 0
    assert model.predict_proba(nothing).shape == (0, 2)
    shell.names.update(model=model, nothing=nothing)
    assert len(shell.run("%automl predict model $nothing").result) == 0


def test_no_rows_get_no_numbers(models):
    model = automl_nb.load(models["numbers"])
    assert model.predict(good(0)).shape == (0,)


def test_half_characters_are_learnt_from(place):
    texts = [f"fine {i}" for i in range(30)] + [f"bad\ud800 {i}" for i in range(30)]
    frame = pd.DataFrame({"t": pd.Series(texts, dtype=object), "y": [0] * 30 + [1] * 30})
    run = automl_nb.fit(frame, "y", time=20, strategies=["svm"], backbones=["none"])
    assert run.predict(["bad \ud800 thing"]).tolist() == [1]


CUT_EMOJI = [
    {"text": f"{said} {i} \ud83d", "more": "\U0001f600", "y": said}
    for i in range(30)
    for said in ("good", "bad")
]


def _json_lines() -> str:
    Path("t.jsonl").write_text("\n".join(map(json.dumps, CUT_EMOJI)), encoding="ascii")
    return "t.jsonl"


def _json() -> str:
    Path("t.json").write_text(json.dumps(CUT_EMOJI), encoding="ascii")
    return "t.json"


@pytest.mark.parametrize(
    "source",
    [
        _json_lines,
        _json,
        lambda: CUT_EMOJI,
        lambda: {name: [row[name] for row in CUT_EMOJI] for name in CUT_EMOJI[0]},
    ],
    ids=["JSON lines", "JSON", "mappings", "a mapping of lists"],
)
@pytest.mark.usefixtures("place")
def test_cut_emoji_are_learnt_from(source):
    data = source()
    frame = read_table(data).frame
    assert frame["text"].tolist()[:2] == ["good 0 \ufffd", "bad 0 \ufffd"]
    assert set(frame["more"]) == {"\U0001f600"}  # a whole pair stays
    run = automl_nb.fit(data, "y", time=20, strategies=["svm"], backbones=["none"])
    assert run.predict([{"text": "good \ud83d", "more": "\ud83d"}]).tolist() == ["good"]
