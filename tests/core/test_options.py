"""Options and the parser: what is understood, and how the rest is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.core.errors import SettingError
from automl_nb.core.options import FIT, add_fit_options, fit_options
from automl_nb.core.parser import Parser


def parse(words):
    parser = Parser("fit")
    parser.add_argument("data", nargs="?")
    add_fit_options(parser)
    return vars(parser.parse(words))


def test_what_was_not_given_is_absent():
    assert fit_options(parse(["x"])) == {}


@pytest.mark.parametrize("words", [["--time", "-3m"], ["--time=-3m"]])
def test_a_value_may_start_with_a_dash(words):
    assert parse(words)["time"] == "-3m"


def test_words_and_options_may_be_mixed():
    assert parse(["--seed", "3", "x", "--label", "y"])["data"] == "x"


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (["--tme", "3"], "no option of this name"),
        (["--ti", "3"], "no option of this name"),
        (["x", "y"], "takes no further word"),
        (["--time"], "--time needs a value"),
    ],
)
def test_what_is_not_understood_is_refused(words, rule):
    with pytest.raises(SettingError, match=rule):
        parse(words)


def test_lists_that_are_given_twice_add_up():
    words = ["--strategies", "ridge", "--strategy=knn,svm", "--params", "lr=1", "--params", "k=2"]
    asked = fit_options(parse(words))
    assert asked == {"strategies": ("ridge", "knn", "svm"), "params": {"lr": "1", "k": "2"}}


def test_a_single_value_that_is_given_twice_is_refused():
    with pytest.raises(SettingError, match=r"--time takes one value[.] Received: '3m and 5m'"):
        parse(["--time", "3m", "--time", "5m"])


@pytest.mark.parametrize(("text", "value"), [("0.2", 0.2), ("20%", 0.2), (".5", 0.5)])
def test_shares(text, value):
    assert fit_options({"test_size": text}) == {"test_size": value}


def test_kinds_of_columns_with_odd_names():
    asked = fit_options({"kinds": "a=b=text, Größe = number"})
    assert asked == {"kinds": {"a=b": "text", "Größe": "number"}}


def test_a_name_with_a_comma_stands_in_quotes():
    asked = fit_options({"kinds": '"a,sh"=category,b=text', "drop": 'c, " d,""e"""'})
    assert asked == {"kinds": {"a,sh": "category", "b": "text"}, "drop": ("c", ' d,"e"')}
    with pytest.raises(SettingError, match="pairs") as caught:
        fit_options({"kinds": "a,sh=category"})
    assert """--kinds '"a,b"=text'""" in caught.value.hint


@pytest.mark.parametrize("text", ["", "a", "=text", "a=", "a=text,,"])
def test_odd_pairs_are_refused(text):
    with pytest.raises(SettingError, match="pairs of a column and its kind"):
        fit_options({"kinds": text})


@given(st.lists(st.text()))
def test_any_words_are_parsed_or_refused_in_our_words(words):
    try:
        found = fit_options(parse(words))
    except SettingError:
        return
    assert set(found) <= {option.name for option in FIT}


def test_every_option_is_described():
    assert all(option.summary and option.flag.startswith("--") for option in FIT)
    assert len({option.name for option in FIT}) == len(FIT)
