"""The typed line: quotes, spaces, `$names`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.notebook.line import Var, split


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("  fit   reviews ", ["fit", "reviews"]),
        ("--label 'my column'", ["--label", "my column"]),
        ('--label="my column"', ["--label=my column"]),
        ('--label "it\'s"', ["--label", "it's"]),
        ("--label 'say \"x\"'", ["--label", 'say "x"']),
        (r"fit C:\data\x.csv", ["fit", r"C:\data\x.csv"]),
        ("--label Größe 标签", ["--label", "Größe", "标签"]),
        ("--label ''", ["--label", ""]),
        ("{x} {{y}}", ["{x}", "{{y}}"]),
        ("'$price' $$5 5$ $", ["$price", "$5", "5$", "$"]),
        ("run_$n-$word", ["run_7-größe"]),
        ("run_{n}-{word} '{n}'", ["run_7-größe", "{n}"]),
    ],
)
def test_words(line, words):
    assert split(line, {"n": 7, "word": "größe"}) == words


@pytest.mark.parametrize("written", ["$data", "{data}"])
def test_a_lone_name_carries_its_value(written):
    frame = object()
    word = split(f"fit {written}", {"data": frame})[1]
    assert isinstance(word, Var)
    assert word == written
    assert word.value is frame


def test_an_undefined_name_names_close_matches():
    with pytest.raises(UnknownNameError) as caught:
        split("fit $revews", {"reviews": 1})
    assert "'$reviews'" in caught.value.hint
    assert "single quotes" in caught.value.hint


@pytest.mark.parametrize("line", ["'open", 'fit "a b', "don't"])
def test_an_open_quote_is_an_error(line):
    with pytest.raises(SettingError, match="must end with the quote"):
        split(line, {})


@given(st.lists(st.text(st.characters(exclude_characters="'", exclude_categories=["Cs"]))))
def test_single_quotes_keep_any_text(words):
    assert split(" ".join(f"'{word}'" for word in words), {}) == words


@given(st.text())
def test_any_line_is_split_or_refused_in_our_words(line):
    try:
        words = split(line, {})
    except SettingError:
        return
    assert all(isinstance(word, str) for word in words)
