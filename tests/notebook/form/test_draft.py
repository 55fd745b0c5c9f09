"""A form's line says the same as the form, whatever columns are called."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.core.errors import SettingError
from automl_nb.core.options import KINDS
from automl_nb.notebook.form.draft import Draft

NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
HARD = st.sampled_from(
    [
        *("-x", "a b", "it's", 'say "no"', "$price", "{here}", "<script>", "价格", "a=b"),
        *("a,sh", " a,sh", '"a"', "a=b,c", """it's "so", $x"""),
    ]
)


def read(line, names=()):
    return Draft.read(line.removeprefix("%automl fit"), {name: object() for name in names})


@given(NAMES | HARD, st.lists(NAMES | HARD, min_size=1, max_size=3, unique=True))
def test_a_line_is_read_as_it_was_written(data, label):
    named = tuple(label) if len(label) > 1 else label[0]
    draft = Draft(data.strip().strip("$-") or "rows", {"label": named, "time": "3m", "fresh": True})
    with suppress(SettingError):  # whose words the last test looks at
        assert read(draft.line(), ["here", "price"]) == draft


def test_kinds_and_further_options_come_back():
    draft = Draft(
        "rows",
        {
            "label": "y",
            "kinds": {"stars": "category", "said": "text"},
            "params": "lr=1e-4,epochs=2",
        },
        "model",
    )
    line = draft.line()
    assert "--kinds stars=category,said=text" in line
    assert read(line) == draft
    assert draft.keywords()["params"] == {"lr": "1e-4", "epochs": "2"}


def test_what_is_emptied_is_left_to_itself():
    draft = Draft("rows", {"label": "y", "time": "3m"}).with_value("time", "")
    assert draft.line() == "%automl fit rows --label y"


@given(
    st.dictionaries(NAMES | HARD, st.sampled_from(KINDS.split("|")), min_size=1, max_size=3),
    st.lists(NAMES | HARD, min_size=1, max_size=3, unique=True),
)
def test_a_column_of_any_name_gets_its_kind_or_is_left_out(kinds, drop):
    draft = Draft("rows", {"kinds": kinds, "drop": tuple(drop)})
    if any(end in name for name in [*kinds, *drop] for end in ENDS):
        with pytest.raises(SettingError, match="line's end"):
            draft.line()
        return
    assert read(draft.line(), ["here", "price"]).keywords() == draft.keywords()


def test_a_name_with_both_quotes_comes_back():
    draft = Draft("rows", {"label": """it's "so" """})
    assert read(draft.line()) == draft
