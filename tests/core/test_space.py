"""Search spaces: what may be set, how a person narrows it, how it is shown and kept."""

import json
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_nb.core.errors import AutoMLError, SettingError, UnknownNameError
from automl_nb.core.space import Choice, Float, Int, Space, When
from tests.support.spaces import MIXED, WORDS, spaces

LOSS = Choice("loss", ("plain", "focal", "poly"), "plain")
GAMMA = Float("gamma", 0.0, 5.0, 2.0, when=When("loss", ("focal",)))
RATE = Float("lr", 1e-7, 1e-1, 1e-4, log=True, summary="learning rate")
EPOCHS = Int("epochs", 1, 1000, 4)
SPACE = Space((RATE, EPOCHS, LOSS, GAMMA))


def test_a_person_writes_ranges_values_and_choices():
    narrow = SPACE.narrowed("lr=1e-5..1e-4, epochs=3 ,loss=poly|focal")
    assert narrow["lr"].searched == (1e-5, 1e-4)
    assert narrow["epochs"].searched == (3, 3)
    assert narrow["loss"].searched == ("focal", "poly")
    assert narrow.defaults() == {"lr": 1e-4, "epochs": 3, "loss": "focal", "gamma": 2.0}
    assert [p.name for p in narrow.free] == ["lr", "loss", "gamma"]


def test_a_mapping_says_the_same():
    asked = {"lr": (1e-5, 1e-4), "epochs": 3, "loss": ["poly", "focal"]}
    assert SPACE.narrowed(asked) == SPACE.narrowed("lr=1e-5..1e-4,epochs=3,loss=focal|poly")


def test_a_range_may_be_widened_up_to_what_the_parameter_can_mean():
    narrow = SPACE.narrowed("lr=1e-5..1e-4")
    assert narrow.narrowed("lr=1e-6..1e-2")["lr"].searched == (1e-6, 1e-2)
    with pytest.raises(SettingError, match=r"from 1e-07 to 0\.1"):
        narrow.narrowed("lr=1e-6..1")
    assert narrow.check({"lr": 1e-2}) == {"lr": 1e-2}  # what it can mean stays the same


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("lr=1e-4..1e-5", r"lower end of lr comes first.*lr=1e-05\.\.0\.0001"),
        ("lr=0..1e-3", "from 1e-07 to 0.1"),
        ("lr=nan", "from 1e-07"),
        ("lr=nan..nan", "from 1e-07"),
        ("lr=1e-5..", "from 1e-07"),
        ("lr=..1e-5", "from 1e-07"),
        ("lr=1e-5..", r"has two ends.*Write both, such as lr=1e-5\.\.0\.1"),
        ("epochs=..5", r"has two ends.*Write both, such as epochs=1\.\.5"),
        ("lr=1e-5..1e-4..1e-3", "from 1e-07"),
        ("lr=..1", r"has two ends.*Write both, such as lr=1e-07\.\.0\.1\."),
        ("epochs=0..", r"has two ends.*Write both, such as epochs=1\.\.1000\."),
        ("lr=1e-5...1e-4", r"Two dots stand between.*Write lr=1e-5\.\.1e-4\."),
        ("lr=1e-4....1e-5", r"Two dots stand between.*Write lr=1e-5\.\.1e-4\."),
        ("lr=1e-5|1e-4|1e-3", "a range with two ends"),
        ("epochs=2.5", "whole number from 1 to 1000"),
        ("epochs=1..1e999", "whole number"),
        ("loss=focall", "Did you mean 'focal'"),
        ("loss=|", "no loss of this name"),
        ("rate=1", "no parameter of this name"),
        ("lr", "takes pairs"),
        ("lr=1e-5,lr=1e-4", "each name once"),
        (",", "takes pairs"),
        ({"loss": []}, "needs a value"),
        ({"lr": ()}, "two ends"),
        ({"lr": True}, "from 1e-07"),
        (["lr"], "by text or by a dict"),
        (None, "by text or by a dict"),
        ({"epochs": 10**400}, "whole number"),
        ({"loss": None}, "no loss of this name"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(asked, said):
    with pytest.raises(SettingError, match=said):
        SPACE.narrowed(asked)


@pytest.mark.parametrize(
    "asked", ["lr=..1", "lr=0..", "lr=1e-5...1e-4", "lr=...5", "epochs=9...2", "lr=1e-5|1e-4|1e-3"]
)
def test_the_range_that_a_hint_writes_is_taken(asked):
    with pytest.raises(SettingError) as caught:
        SPACE.narrowed(asked)
    written = re.search(r"(?:lr|epochs)=\S+", caught.value.hint)[0].rstrip(".")
    assert SPACE.narrowed(written).written()


def test_an_unknown_name_is_answered_with_close_ones():
    with pytest.raises(UnknownNameError, match="Did you mean 'epochs'"):
        SPACE.narrowed("epoch=3")


@pytest.mark.parametrize(
    "made",
    [
        lambda: Float("x", 1.0, 0.0, 0.5),
        lambda: Float("x", 0.0, math.nan, 0.0),
        lambda: Float("x", 0.0, math.inf, 0.0),
        lambda: Float("x", 0.0, 1.0, 0.5, log=True),
        lambda: Float("x", -1.0, 1.0, 0.5, log=True),
        lambda: Int("x", 0, 9, 1, log=True),
        lambda: Float("x", 0.0, 1.0, 2.0),
        lambda: Float("x", 0.0, 1.0, 0.5, within=(0.5, 2.0)),
        lambda: Float("x", 0.0, 1.0, 0.1, within=(0.5, 0.9)),
        lambda: Choice("x", (), ""),
        lambda: Choice("x", ("a", "a"), "a"),
        lambda: Choice("x", ("a", "b"), "c"),
        lambda: Choice("x", ("a", "b"), "a", within=("b",)),
        lambda: Choice("x", ("a|b",), "a|b"),
        lambda: Choice("x", (" a",), " a"),
        lambda: Choice("", ("a",), "a"),
        lambda: Space((EPOCHS, EPOCHS)),
        lambda: Space((GAMMA,)),
        lambda: Space((LOSS, Int("k", 1, 2, 1, when=When("loss", ("focall",))))),
        lambda: Space((LOSS, Int("k", 1, 2, 1, when=When("loss", ())))),
        lambda: Space((RATE, Int("k", 1, 2, 1, when=When("lr", (1,))))),
        lambda: Space((Int("a", 1, 2, 1, when=When("b", (1,))), Int("b", 1, 2, 1, when=When("a", (1,))))),
    ],
)  # fmt: skip
def test_a_space_that_cannot_be_searched_is_refused(made):
    with pytest.raises(SettingError):
        made()


def test_a_parameter_counts_where_its_condition_holds():
    assert SPACE.configuration() == {"lr": 1e-4, "epochs": 4, "loss": "plain"}
    assert SPACE.configuration({"loss": "focal"})["gamma"] == 2.0
    assert SPACE.configuration({"gamma": 1.0}) == SPACE.configuration()
    assert SPACE.holds({"lr": 1e-4, "epochs": 4, "loss": "plain"})
    assert not SPACE.holds({"lr": 1e-4, "epochs": 4, "loss": "plain", "gamma": 2.0})
    assert not SPACE.holds({"lr": 1e-4, "epochs": 4, "loss": "focal"})


def test_conditions_lead_on():
    deep = Int("deep", 1, 9, 3, when=When("wide", (2, 3)))
    wide = Int("wide", 1, 3, 1, when=When("loss", ("poly",)))
    space = Space((deep, wide, LOSS))
    assert [p.name for p in space.ordered] == ["loss", "wide", "deep"]
    assert space.configuration({"wide": 2}) == {"loss": "plain"}
    assert space.configuration({"wide": 2, "loss": "poly"}) == {
        "loss": "poly",
        "wide": 2,
        "deep": 3,
    }
    assert [p.name for p in space.narrowed("loss=focal|plain").free] == ["loss"]
    assert [p.name for p in space.narrowed("loss=poly,wide=1").free] == []


def test_the_later_of_two_spaces_counts():
    assert (SPACE + Space((Int("epochs", 1, 5, 2),)))["epochs"].high == 5


@settings(deadline=None, derandomize=True)
@given(space=spaces())
def test_a_space_is_kept_as_json(space):
    assert Space.from_dict(json.loads(json.dumps(space.to_dict()))) == space


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"parameters": 3},
        {"parameters": [{"kind": "complex"}]},
        {"parameters": [{"kind": "int", "name": "k", "low": 1, "high": 0, "default": 1}]},
        {"parameters": [{"kind": "int", "name": "k", "low": "1", "high": 0, "default": 1}]},
        {"parameters": [{"kind": "int", "name": "k", "more": 1}]},
        {"parameters": [{"kind": "choice", "name": "k", "options": 3, "default": "a"}]},
    ],
)
def test_what_is_no_space_is_refused(data):
    with pytest.raises(SettingError):
        Space.from_dict(data)


@settings(deadline=None, derandomize=True)
@given(data=st.data(), space=spaces())
def test_what_is_written_is_read_again(data, space):
    asked = {}
    for p in space:
        if data.draw(st.booleans()):
            ends = st.integers if isinstance(p, Int) else st.floats
            asked[p.name] = (
                data.draw(st.lists(st.sampled_from(p.options), min_size=1, unique=True))
                if isinstance(p, Choice)
                else sorted(data.draw(st.tuples(ends(p.low, p.high), ends(p.low, p.high))))
            )
    narrow = space.narrowed(asked)
    assert space.narrowed(narrow.written()) == narrow
    assert {p.name for p in narrow if p.within is not None} == {*asked}
    assert Space.from_dict(json.loads(json.dumps(narrow.to_dict()))) == narrow


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
PIECES = st.lists(
    st.sampled_from(["lr", "epochs", "loss", "gamma", "=", ",", "..", "|", "1e-5", "3", "focal"])
    | WORDS,
    max_size=9,
).map("".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(asked=st.text() | PIECES | st.dictionaries(st.sampled_from(SPACE.names()), ANYTHING))
def test_anything_written_is_a_space_or_an_error_in_words(asked):
    try:
        narrow = SPACE.narrowed(asked)
    except AutoMLError:
        return
    assert narrow.names() == SPACE.names()
    assert narrow.holds(narrow.configuration())


def test_a_space_is_shown_as_a_table():
    shown = str(SPACE.narrowed("epochs=3"))
    assert shown.splitlines()[0] == "Search space"
    assert "1e-07 to 0.1, by factors" in shown
    assert "plain, focal, poly" in shown
    assert "loss=focal" in shown
    html = MIXED._repr_html_()
    assert html.count("<tr") == 1 + len(MIXED)
    assert "0.0001" in html


def test_the_table_escapes_what_stands_in_it():
    html = Space((Choice("a", ("<b>",), "<b>", summary="<script>"),))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
