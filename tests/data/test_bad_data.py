"""Bad data of every sort: the rule that broke, the value received, what to do next."""

from __future__ import annotations

import gzip
import io
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from automl_nb.core.errors import (
    AutoMLError,
    ColumnError,
    DataError,
    LabelError,
    MissingExtraError,
    SettingError,
    SourceError,
    UnknownNameError,
)
from automl_nb.core.settings import FitSettings
from automl_nb.data.conform import conform
from automl_nb.data.dataset import load_dataset
from automl_nb.data.sources import read_table

N = 60


def png(side=4):
    data = io.BytesIO()
    Image.effect_noise((side, side), 60).save(data, "PNG")
    return data.getvalue()


def good(**columns):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=N), "y": ["a", "b"] * (N // 2)})
    return frame.assign(
        **{name: pd.Series(values, dtype=object) for name, values in columns.items()}
    )


def fit(frame, **settings):
    return load_dataset(frame, FitSettings(**{"label": "y", **settings}))


FRAMES = {
    # name: (frame, settings, error, in the rule, in what was received, in the hint)
    "empty frame": (good().head(0), {}, DataError, "needs rows", "0 rows", "source"),
    "no column": (pd.DataFrame(), {}, SourceError, "one column", "DataFrame", "empty"),
    "no such label": (good(), {"label": "Y"}, ColumnError, "in the table", "'Y'", "'y'"),
    "no label": (good(), {"label": ""}, SettingError, "label must be named", "''", "label='NAME'"),
    "no such column to drop": (good(), {"drop": ("z",)}, ColumnError, "drop", "'z'", "'x'"),
    "label dropped": (good(), {"drop": ("y",)}, ColumnError, "drop", "'y'", "leave"),
    "no such group": (good(), {"group": "grp"}, ColumnError, "group", "'grp'", "Known"),
    "one group": (
        good(g=["same"] * N),
        {"group": "g"},
        DataError,
        "Two groups",
        "1 group",
        "column",
    ),
    "group of lists": (
        good(g=[["a"], ["b"]] * 30, n=range(N)),
        {"group": "g"},
        ColumnError,
        "plain values",
        "list",
        "numbers or words",
    ),
    "time of words": (
        good(t=["soon", "late"] * 30),
        {"time_column": "t"},
        ColumnError,
        "dates",
        "'soon'",
        "column",
    ),
    "unknown part": (
        good(p=["train", "tset"] * 30),
        {"split_column": "p"},
        ColumnError,
        "train, valid or test",
        "'tset'",
        "Correct",
    ),
    "all labels equal": (
        good(y=["a"] * N),
        {},
        LabelError,
        "differ between rows",
        "'a'",
        "another",
    ),
    "all labels missing": (
        good(y=[None] * N),
        {},
        LabelError,
        "values to learn from",
        "no value",
        "another",
    ),
    "labels all different": (
        good(y=[f"n{i}" for i in range(N)]),
        {},
        LabelError,
        "come again",
        "60 distinct",
        "regression",
    ),
    "label of dates": (
        good(y=pd.date_range("2024", periods=N)),
        {},
        LabelError,
        "classes or numbers",
        "dates",
        "days",
    ),
    "label of mappings": (
        good(y=[{"a": 1}] * N),
        {},
        LabelError,
        "classes or numbers",
        "{'a': 1}",
        "another",
    ),
    "binary of three": (
        good(y=["a", "b", "c"] * 20),
        {"task": "binary"},
        LabelError,
        "two distinct",
        "3 distinct",
        "multiclass",
    ),
    "regression of words": (
        good(),
        {"task": "regression"},
        LabelError,
        "numbers",
        "'a'",
        "multiclass",
    ),
    "infinite regression label": (
        good(y=[np.inf, *np.arange(N - 1) / 7]),
        {},
        LabelError,
        "finite",
        "inf",
        "Correct",
    ),
    "one-valued multi-label": (
        good(y=[["a"], ["b"]] * 30),
        {"task": "multiclass"},
        LabelError,
        "one value",
        "['a']",
        "multilabel",
    ),
    "multi-label of 2": (
        good(z=[0, 2] * 30, w=[1, 0] * 30),
        {"label": ("z", "w")},
        LabelError,
        "0 and 1",
        "2",
        "0/1",
    ),
    "unknown task": (good(), {"task": "classify"}, UnknownNameError, "task", "'classify'", "Known"),
    "unknown positive": (good(), {"positive": "c"}, UnknownNameError, "class", "'c'", "'a'"),
    "unknown kind": (
        good(),
        {"kinds": {"x": "numbr"}},
        UnknownNameError,
        "kind",
        "'numbr'",
        "number",
    ),
    "kind of no column": (good(), {"kinds": {"xx": "text"}}, ColumnError, "kind", "'xx'", "'x'"),
    "kind that does not fit": (
        good(w=["one", "two"] * 30),
        {"kinds": {"w": "number"}},
        ColumnError,
        "numbers",
        "'one'",
        "60 of 60",
    ),
    "unknown split": (good(), {"split": "sorted"}, UnknownNameError, "split", "'sorted'", "Known"),
    "negative sample": (good(), {"sample": -5}, SettingError, "sample must be", "-5", "10000"),
    "negative folds": (good(), {"folds": -5}, SettingError, "Folds must be", "-5", "folds=5"),
    "absurd test size": (good(), {"test_size": 7}, SettingError, "share", "7", "0.2"),
    "doubled column names": (
        pd.DataFrame([[1, 2, "a"]] * 9, columns=["x", "x", "y"]),
        {},
        ColumnError,
        "name of its own",
        "x",
        "Rename",
    ),
    "names equal as text": (
        pd.DataFrame([[1, 2, "a"]] * 9, columns=[1, "1", "y"]),
        {},
        ColumnError,
        "name of its own",
        "1",
        "Rename",
    ),
    "nested mappings": (
        good(n=[{"a": i} for i in range(N)]),
        {},
        ColumnError,
        "'n' must hold plain",
        "{'a': 0}",
        "drop",
    ),
    "nested lists": (
        good(n=[[i] for i in range(N)]),
        {},
        ColumnError,
        "'n' must hold plain",
        "[0]",
        "drop",
    ),
    "bytes of something": (
        good(n=[b"blob%d" % i for i in range(N)]),
        {},
        ColumnError,
        "'n' must hold plain",
        "blob0",
        "drop",
    ),
    "nothing but keys": (
        good(x=range(N)),
        {},
        DataError,
        "one column must be left",
        "counts the rows",
        "kind",
    ),
    "one row": (good().head(1), {}, LabelError, "differ", "'a'", "another"),
    "rows of one class each": (
        good().head(2),
        {"test_size": 0},
        DataError,
        "left over to judge",
        "no row",
        "two rows of each class",
    ),
    "pictures gone": (
        good(p=[f"{i}.png" for i in range(N)]),
        {},
        DataError,
        "'p' must hold pictures",
        "none of 60",
        "drop",
    ),
    "pictures damaged": (
        good(p=[png()[:40]] * N),
        {},
        DataError,
        "'p' must hold pictures",
        "none of 60",
        "drop",
    ),
    "picture addresses": (
        good(p=[f"https://x.org/{i}.png" for i in range(N)]),
        {},
        DataError,
        "on this machine",
        "x.org",
        "Fetch",
    ),
}


@pytest.mark.parametrize("name", FRAMES)
def test_bad_frames(name):
    frame, settings, error, rule, received, hint = FRAMES[name]
    with pytest.raises(error) as caught:
        fit(frame, **settings)
    assert_message(caught.value, rule, received, hint)


def assert_message(error, rule, received, hint):
    assert rule in error.rule
    assert received in str(error.received)
    assert hint in error.hint
    assert len(error.lines()) <= 3


FILES = {
    # name: (content, in the rule, in what was received, in the hint)
    "empty.csv": (b"", "content", "empty.csv", "written"),
    "blank.csv": (b"\n \n\n", "content", "blank.csv", "written"),
    "long_row.csv": (b"a,b\n1,2\n3,4,5\n", "as many values", "row 3: 3 values under 2", "Quote"),
    "late_long_row.csv": (
        b"a,b\n" + b"1,2\n" * 40_000 + b"1,2,3\n",
        "as many values",
        "line 40002",
        "Quote",
    ),
    "open_quote.csv": (b'a,b\n1,"two\n3,4\n', "quoted value must end", "row 2", "cut off"),
    "cut.csv": (b"a,b,c\n1,2,3\n4,5", "whole", "2 of 3 values", "cut off"),
    "doubled.csv": (b"a,b,a\n1,2,3\n", "name of its own", "a", "first line"),
    "latin.csv": ("a,b\n1,2\n3,é\n".encode("latin-1"), "UTF-8", "line 3", "encoding"),
    "shift.tsv": ("a\tb\n1\t電影\n".encode("shift-jis"), "UTF-8", "line 2", "encoding"),
    "picture.csv": (png(), "what its ending says", "a picture", "meant"),
    "page.csv": (
        b"<!DOCTYPE html><html><body>403</body></html>",
        "what its ending says",
        "web page",
        "meant",
    ),
    "letter.csv": (b"%PDF-1.7 ...", "what its ending says", "PDF", "meant"),
    "old.xlsx": (b"\xd0\xcf\x11\xe0" + bytes(600), "what its ending says", "old Excel", "meant"),
    "text.xlsx": (b"a,b\n1,2\n", "what its ending says", "plain text", "meant"),
    "text.parquet": (b"a,b\n1,2\n", "what its ending says", "plain text", "meant"),
    "blob.csv": (bytes(range(256)) * 9, "what its ending says", "binary", "meant"),
    "packed.csv": (gzip.compress(b"a,b\n1,2\n"), "what its ending says", "gzip", "meant"),
    "plain.csv.gz": (b"a,b\n1,2\n", "unpack", "plain.csv.gz", "fetch"),
    "cut.csv.gz": (gzip.compress(b"a,b\n" + b"1,2\n" * 999)[:40], "unpack", "cut.csv.gz", "fetch"),
    "cut.parquet": (b"PAR1" + bytes(300), "whole", "cut.parquet", "fetch"),
    "cut.xlsx": (b"PK\x03\x04" + bytes(300), "whole", "cut.xlsx", "fetch"),
    "cut.json": (b'[{"a": 1}, {"a":', "whole", "line 1", "fetch"),
    "number.json": (b"3", "list of objects", "int", "[{"),
    "uneven.json": (b'{"a": [1, 2], "b": [1]}', "list of objects", "dict", "[{"),
    "cut.jsonl": (b'{"a": 1}\n{"a": \n', "JSON object", "line 2", "Correct"),
    "list.jsonl": (b"[1, 2]\n", "JSON object", "line 1", "Correct"),
    "latin.jsonl": ('{"a": "é"}\n'.encode("latin-1"), "UTF-8", "line 1", "UTF-8"),
    "notes.docx": (b"PK\x03\x04", "ending that says", "notes.docx", ".csv"),
    "noending": (b"a,b\n1,2\n", "ending that says", "noending", ".csv"),
}


@pytest.mark.parametrize("name", FILES)
def test_bad_files(tmp_path, name):
    content, rule, received, hint = FILES[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises((SourceError, ColumnError)) as caught:
        read_table(tmp_path / name)
    assert_message(caught.value, rule, received, hint)


SOURCES = {
    "no such file": (
        "{}/revews.csv",
        None,
        SourceError,
        "file or folder",
        "revews.csv",
        "'reviews.csv'",
    ),
    "no such folder": ("{}/none/a.csv", None, SourceError, "file or folder", "a.csv", "no folder"),
    "folder without pictures": ("{}/bare", None, SourceError, "hold pictures", "bare", ".png"),
    "no query": ("sqlite:///{}/shop.db", None, SourceError, "needs a query", "shop.db", "SELECT"),
    "no such database": (
        "sqlite:///{}/shp.db",
        "SELECT 1",
        SourceError,
        "database file",
        "shp.db",
        "slashes",
    ),
    "no database": (
        "sqlite:///{}/reviews.csv",
        "SELECT * FROM t",
        SourceError,
        "query must run",
        "not a database",
        "reviews.csv",
    ),
    "no such table": (
        "sqlite:///{}/shop.db",
        "SELECT * FROM nothing",
        SourceError,
        "query must run",
        "nothing",
        "query",
    ),
    "no such table by name": (
        "sqlite:///{}/shop.db",
        "nothing",
        SourceError,
        "query must run",
        "nothing",
        "query",
    ),
    "wrong SQL": (
        "sqlite:///{}/shop.db",
        "SELEKT 1",
        SourceError,
        "query must run",
        "SELEKT",
        "query",
    ),
    "SQL without rows": (
        "sqlite:///{}/shop.db",
        "DELETE FROM t",
        SourceError,
        "must read rows",
        "DELETE",
        "SELECT",
    ),
    "doubled names in SQL": (
        "sqlite:///{}/shop.db",
        "SELECT 1 AS a, 2 AS a",
        ColumnError,
        "name of its own",
        "a",
        "Rename",
    ),
    "no URL of a database": (
        "sqlite:/x",
        "SELECT 1",
        SourceError,
        "SQLAlchemy URL",
        "str",
        "dialect",
    ),
    "unknown dialect": (
        "nosuch://x/y",
        "SELECT 1",
        SourceError,
        "dialect that SQLAlchemy knows",
        "nosuch",
        "postgresql",
    ),
    "unreachable URL": (
        "http://127.0.0.1:1/a.csv",
        None,
        SourceError,
        "URL",
        "127.0.0.1",
        "network",
    ),
    "unknown protocol": ("nosuch://x/a.csv", None, SourceError, "URL", "nosuch", "address"),
    "a number": (3, None, SourceError, "DataFrame", "int", "pandas"),
    "uneven columns": (
        {"a": [1, 2], "b": [1]},
        None,
        SourceError,
        "one length",
        "{'a': 2, 'b': 1}",
        "equally",
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_bad_sources(tmp_path, name):
    import sqlalchemy as sa

    source, sql, error, rule, received, hint = SOURCES[name]
    (tmp_path / "reviews.csv").write_text("a,b\n1,2\n" * 99, encoding="utf-8")
    (tmp_path / "bare").mkdir()
    engine = sa.create_engine(f"sqlite:///{tmp_path.as_posix()}/shop.db")
    pd.DataFrame({"a": [1]}).to_sql("t", engine)
    engine.dispose()
    if isinstance(source, str):
        source = source.replace("{}", tmp_path.as_posix())
    with pytest.raises(error) as caught:
        read_table(source, sql=sql)
    assert_message(caught.value, rule, received, hint)


@pytest.fixture(scope="module")
def learnt():
    data = fit(
        good(n=[f"{i / 7}" for i in range(N)], said=[f"a text of many words {i}" for i in range(N)])
    )
    return data.schema, data.task


@pytest.mark.parametrize(
    ("rows", "rule", "received", "hint"),
    [
        ([{"x": 1, "n": 2}], "learnt from", "'said'", "Known"),
        ([{"x": 1, "n": 2, "sais": "w"}], "learnt from", "'said'", "Did you mean 'sais'"),
        ([{"x": "many", "n": 2, "said": "w"}], "'x' must hold numbers", "'many'", "1 of 1"),
        ([{"x": 1, "n": [2], "said": "w"}], "'n' must hold numbers", "[2]", "1 of 1"),
        ([{"x": 1, "n": 2, "said": {"a": 1}}], "'said' must hold text", "{'a': 1}", "1 of 1"),
        (["a text"], "must name its values", "'a text'", "x, n, said"),
        (pd.DataFrame([[1, 2, 3]], columns=["x", "x", "said"]), "name of its own", "x", "Rename"),
    ],
)
def test_bad_rows_to_predict(learnt, rows, rule, received, hint):
    with pytest.raises(DataError) as caught:
        conform(rows, *learnt)
    assert_message(caught.value, rule, received, hint)


@pytest.mark.parametrize(
    ("module", "source", "extra"),
    [
        ("pyarrow", "t.parquet", "files"),
        ("openpyxl", "t.xlsx", "files"),
        ("sqlalchemy", "sqlite:///t.db", "sql"),
        ("aiohttp", "http://127.0.0.1:1/t.csv", "http"),
    ],
)
def test_missing_extras_print_the_pip_line(monkeypatch, tmp_path, module, source, extra):
    monkeypatch.setitem(sys.modules, module, None)
    if "://" not in source:
        start = b"PAR1" if source.endswith("parquet") else b"PK\x03\x04"
        (tmp_path / source).write_bytes(start)
        source = tmp_path / source
    with pytest.raises(MissingExtraError) as caught:
        read_table(source, sql="SELECT 1" if extra == "sql" else None)
    assert caught.value.hint == f"Run: pip install 'automl_nb[{extra}]'"


def test_every_error_is_of_the_one_tree():
    cases = [case[2] for case in (*FRAMES.values(), *SOURCES.values())]
    assert all(issubclass(error, AutoMLError) for error in cases)
