"""What stands below `%%automl fit` and `%%automl predict`: settings, a query, rows."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.core.errors import AutoMLError, SettingError
from automl_nb.core.types import ColumnKind
from automl_nb.notebook import toml_body
from automl_nb.notebook.statements import statements
from automl_nb.notebook.toml_body import settings_in
from tests.support import frames

FIT = "%%automl fit reviews\n"


def asked(api):
    return api.calls[-1][1:]


def test_a_body_holds_every_kind_of_setting(shell, api):
    shell.names["more"] = shell.names["reviews"].head(1)
    shell.run(
        FIT
        + """
label = "my column"          # the label
time = "10m"
test-size = "20%"
strategy = ["svm", "l2-sp"]
seed = 3
test = "more"
fresh = true
clip_outliers = false
output = "model"
lr = 1e-5..1e-4

[kinds]
"Größe" = "category"

[params]
epochs = 3

[search]
C = 0.1 .. 10
loss = ["focal", "poly"]
svm.k = [3, 9]
"""
    )
    _, label, options = asked(api)
    assert label == "my column"
    assert options.pop("test") is shell.names["more"]
    assert options == {
        "time": "10m",
        "test_size": 0.2,
        "strategies": ("svm", "l2-sp"),
        "seed": 3,
        "fresh": True,
        "kinds": {"Größe": "category"},
        "params": {"epochs": 3},
        "search": "lr=1e-5..1e-4,C=0.1..10,loss=focal|poly,svm.k=3..9",
    }
    assert "model" in shell.names


def test_a_url_has_a_query_below_it_or_settings(shell, api):
    shell.run("%%automl fit sqlite:///x.db --label y\n-- all\nSELECT a = 1 FROM t")
    assert asked(api)[2] == {"sql": "-- all\nSELECT a = 1 FROM t"}
    shell.run('%%automl fit sqlite:///x.db\n# mine\nlabel = "y"\nsql = "SELECT 1"')
    assert asked(api) == ("sqlite:///x.db", "y", {"sql": "SELECT 1"})


def test_what_both_line_and_body_give_is_refused(shell):
    lines = " ".join(shell.fails('%%automl fit reviews --seed 3\ntime = "3m"\nseed = 4'))
    assert "--seed and a body that gives it too, line 3 of the cell" in lines


@pytest.mark.parametrize(
    ("body", "where", "said"),
    [
        ("metric = f1_macro", "Line 2 of the cell, column 10", 'metric = "f1_macro"'),
        ('time = "3m"\nlabel = "a', "Line 3 of the cell, column 11", 'label = "a"'),
        ('label = "a"\n\nlabel = "b"', "Line 4 of the cell, column 1", "Line 2 gives it too"),
        ('time = "3m"\n  labl = "a"', "line 3 of the cell, column 3", "'label'"),
        ("sed = 3", "line 2 of the cell, column 1", "'seed'"),
        ('[kidns]\na = "text"', "line 2 of the cell", "'kinds'"),
        ('[kinds]\nGröße = "text"', "Line 3 of the cell, column 3", '"Größe" = '),
        ('[kinds]\na.b = "text"', "Line 2 of the cell", '"a.b"'),
        ("[[kinds]]\na = 3", "Line 2 of the cell", "[kinds]"),
        ("[time.of]\na = 3", "of the cell", "is no table"),
        ("[kinds]\na = 3", "Line 3 of the cell", '"category"'),
        ('[time]\na = "text"', "Line 2 of the cell", "is no table"),
        ('kinds = "a,sh=text"', "Line 2 of the cell", r'kinds = "\"a,b\"=text"'),
        ("[search", "Line 2 of the cell, column 8", "[kinds]"),
        ("time = [1]", "Line 2 of the cell", 'time = "..."'),
        ("time = 2020-01-01", "Line 2 of the cell", 'time = "..."'),
        ('fresh = "yes"', "Line 2 of the cell", "fresh = true"),
        ('seed = "many"', "Line 2 of the cell", "whole number"),
        ("backbones = [true]", "Line 2 of the cell", '["a", "b"]'),
        ("backbones = []", "Line 2 of the cell", '["a", "b"]'),
        ('search = "auto"\nk = 3..9', "Line 2 of the cell", "given once"),
        ("k = 1..2\n[search]\nk = 3", "Line 4 of the cell", "searched once"),
        ("[search]\nk = true", "Line 3 of the cell", "Such as: lr = 1e-5..1e-4"),
        ("SELECT 1", "Line 2 of the cell", "a query"),
        ('seed = "x"', "Line 2 of the cell, column 8: seed must be", "Such as: seed = 0"),
        ('[kinds]\nalcohol = "number2"', "Line 3 of the cell, column 11", "'number'"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_write(body, where, said):
    with pytest.raises(SettingError) as told:
        settings_in(body)
    assert where in str(told.value)
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("label = 3", "Line 2 of the cell, column 9: There is no column"),
        (
            'label = "cultivar"\n[kinds]\nnosuch = "number"',
            "Line 4 of the cell, column 1: There is",
        ),
        (
            'label = "cultivar"\nmetric = "nosuch"',
            "Line 3 of the cell, column 10: There is no metric",
        ),
        ('label = "cultivar"\ntime = "soon"', "Line 3 of the cell, column 8: A time budget"),
        (
            'label = "cultivar"\ndrop = ["hue", "ash2"]',
            "Line 3 of the cell, column 16: There is no",
        ),
    ],
)
def test_what_only_the_rows_and_the_engine_tell_is_told_with_its_place(body, where, ip, capsys):
    ip.run_line_magic("load_ext", "automl_nb")
    ip.user_ns["wines"] = frames.table()
    with pytest.raises(AutoMLError) as told:
        ip.run_cell_magic("automl", "fit wines", body)
    assert str(told.value).startswith(where)
    assert told.value.lines()[0].endswith(str(told.value).partition(" Received")[0])


def test_the_place_is_read_from_the_error_where_python_gives_it(monkeypatch):
    class Error(toml_body.tomllib.TOMLDecodeError):
        msg, lineno, colno = "Odd", 1, 7

    def fail(_):
        raise Error("Odd (at line 9, column 9)")

    monkeypatch.setattr(toml_body.tomllib, "loads", fail)
    with pytest.raises(AutoMLError, match=r"Line 2 of the cell, column 7: this is no TOML \(Odd\)"):
        settings_in('time = "3m"')


NAMES = st.text(st.sampled_from("aB é\"'\\#=.,[]$价"), min_size=1, max_size=9)


@given(st.dictionaries(NAMES, st.sampled_from(["text", "number"]), min_size=1), NAMES)
def test_any_column_can_be_named(kinds, label):
    named = [
        f"{json.dumps(name, ensure_ascii=False)} = '{kind}' # x" for name, kind in kinds.items()
    ]
    body = "\n".join(
        [f"label = [{json.dumps(label, ensure_ascii=False)},", "'b']", "[kinds]", *named]
    )
    found, _ = settings_in(body)
    assert found == {"label": [label, "b"], "kinds": kinds}


@given(st.text(st.sampled_from("ab=[]\"'#\n .|1,{}\\"), max_size=30))
def test_any_text_is_read_or_refused_in_words(body):
    for one in statements(body):
        assert body[one.start :].startswith(one.text[0])
    with suppress(AutoMLError):
        settings_in(body)


@pytest.mark.parametrize("kind", [*ColumnKind])
def test_each_kind_of_a_line_can_stand_below_one(shell, api, kind):
    for cell in (
        f"%automl fit reviews --label Größe --kinds text={kind}",
        f'%%automl fit reviews\nlabel = "Größe"\n[kinds]\ntext = "{kind}"',
    ):
        shell.run(cell)
        assert asked(api)[2]["kinds"] == {"text": kind}


def test_texts_below_predict_are_answered_beside_themselves(shell):
    shell.run("%automl fit reviews --label Größe -o model")
    said = shell.run("%%automl predict model\nGood, really.\n\n  So so\n").result
    assert said.to_dict("list") == {
        "text": ["Good, really.", "So so"],
        "sentiment": ["positive", "positive"],
    }
    shell.run("%%automl predict model --proba -o chances\nGood")
    assert list(shell.names["chances"].columns) == ["text", "negative", "positive"]


def test_rows_of_several_columns_are_csv(shell):
    shell.run("%automl fit reviews --label Größe -o model")
    shell.names["model"].inputs = ("text", "price")
    said = shell.run('%%automl predict model\ntext, price\n"good, cheap", 3\nbad, 1.5').result
    assert said["text"].tolist() == ["good, cheap", "bad"]
    assert said["price"].tolist() == [3.0, 1.5]


def test_rows_that_cannot_be_read_are_refused_in_words(shell):
    shell.run("%automl fit reviews --label Größe -o model")
    shell.names["model"].inputs = ("text", "price")
    for rows, said in (
        ("good\nbad", "text,price"),
        ("text,prize\ngood,3", "Did you mean 'prize'?"),
        ("text,price\ngood,3,4", "rows in CSV"),
        ("text,price\ngood,3\nbad,3,4,5", "rows in CSV"),
        ("text,price", "a row or more"),
    ):
        assert said in " ".join(shell.fails(f"%%automl predict model\n{rows}"))


def test_the_first_line_that_is_advised_is_understood(shell):
    shell.run("%automl fit reviews --label Größe -o model")
    names = ("hue", "{wine} x", "a,sh", " b", 'say "no"', '"c"')
    shell.names["model"].inputs = names
    told = " ".join(shell.fails("%%automl predict model\n1.0,0,0,1.5,1,2\n1,2,3,4,5,6"))
    assert "Received: '1.0,0,0,1.5,1,2'" in told  # as it was typed: names may be doubled
    advised = told.partition("The first line is: ")[2]
    said = shell.run(f"%%automl predict model\n{advised}\n1,2,3,4,5,6").result
    assert tuple(said.columns[:6]) == names


def test_rows_need_a_model_above_them_and_no_data(shell):
    assert "%%automl predict MODEL" in " ".join(shell.fails("%%automl predict\ngood"))
    shell.run("%automl fit reviews --label Größe -o model")
    assert "and a body" in " ".join(shell.fails("%%automl predict model reviews\ngood"))
