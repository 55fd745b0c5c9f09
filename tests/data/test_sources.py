"""Reading real files of every format, a real database, a real server, a real Dataset."""

from __future__ import annotations

import functools
import gzip
import http.server
import io
import json
import threading

import datasets
import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from automl_nb.core.errors import ColumnError, MissingExtraError, SourceError
from automl_nb.core.settings import FitSettings
from automl_nb.data.dataset import load_dataset
from automl_nb.data.sources import READERS, is_source_name, read_file, read_table
from automl_nb.data.table import Table

FRAME = pd.DataFrame(
    {
        "text": ["plain", 'with "quotes", and commas', "two\nlines", "naïve 电影", None],
        "n": [1, -2, 3, 4, 5],
        "x": [1.5, None, 2.0, -0.25, 1e10],
        "code": ["007", "010", "100", "200", "300"],
        "word": ["None", "some", "None", "some", "some"],
    }
)

WRITERS = {
    "t.csv": lambda path: FRAME.to_csv(path, index=False),
    "t.csv.gz": lambda path: FRAME.to_csv(path, index=False),
    "t.csv.xz": lambda path: FRAME.to_csv(path, index=False),
    "semicolons.csv": lambda path: FRAME.to_csv(path, index=False, sep=";", decimal=","),
    "bars.txt": lambda path: FRAME.to_csv(path, index=False, sep="|"),
    "bom.csv": lambda path: FRAME.to_csv(path, index=False, encoding="utf-8-sig"),
    "wide.csv": lambda path: FRAME.to_csv(path, index=False, encoding="utf-16"),
    "crlf.csv": lambda path: FRAME.to_csv(path, index=False, lineterminator="\r\n"),
    "t.tsv": lambda path: FRAME.to_csv(path, index=False, sep="\t"),
    "t.tsv.bz2": lambda path: FRAME.to_csv(path, index=False, sep="\t"),
    "t.jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "t.jsonl.gz": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "records.json": lambda path: FRAME.to_json(path, orient="records"),
    "columns.json": FRAME.to_json,
    "split.json": lambda path: FRAME.to_json(path, orient="split"),
    "table.json": lambda path: FRAME.to_json(path, orient="table"),
    "lists.json": lambda path: path.write_text(
        json.dumps(
            json.loads(FRAME.to_json(orient="split"))
            and {c: json.loads(FRAME[c].to_json(orient="values")) for c in FRAME}
        ),
        encoding="utf-8",
    ),
    "lines.json": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "t.parquet": FRAME.to_parquet,
    "t.xlsx": lambda path: FRAME.to_excel(path, index=False),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_table(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path)
    table = read_table(str(path))
    expected = Table.of(FRAME, "").frame
    found = table.frame[list(expected.columns)]
    pd.testing.assert_frame_equal(found, expected)
    assert table.root == tmp_path
    assert list(read_table(path, columns=["x", "text"]).frame.columns) == ["x", "text"]


def test_every_reader_has_an_ending_of_its_own():
    endings = [ending for spec in READERS for ending in spec.tags]
    assert len(set(endings)) == len(endings)
    assert all(spec.summary for spec in READERS)


def test_parquet_is_read_by_column(tmp_path):
    """A column that is not wanted may even be damaged."""
    path = tmp_path / "t.parquet"
    pd.DataFrame(
        {"a": range(50_000), "b": np.random.default_rng(0).normal(size=50_000)}
    ).to_parquet(path, compression=None)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4000] = bytes(4000)
    path.write_bytes(bytes(data))
    assert read_table(path, columns=["a"]).frame["a"].sum() == 49_999 * 25_000


def test_files_are_read_once(tmp_path):
    class Counting(io.BytesIO):
        taken = 0

        def read(self, size=-1):
            data = super().read(size)
            self.taken += len(data)
            return data

    data = ("a,b\n" + "12,word\n" * 200_000).encode()
    handle = Counting(data)
    assert len(read_file(handle, "t.csv")) == 200_000
    assert handle.taken < 1.2 * len(data)


def test_header_spaces_and_trailing_separators_do_no_harm(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a, b,c,\n1,2,3,\n4,5,6,\n", encoding="utf-8")
    frame = read_table(path).frame
    assert list(frame.columns)[:3] == ["a", "b", "c"]
    assert frame["b"].tolist() == [2, 5]


def test_a_single_column_is_a_table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("text\nit was good, really\n", encoding="utf-8")
    with pytest.raises(SourceError, match="as many values"):
        read_table(path)
    path.write_text('text\n"it was good, really"\nno\n', encoding="utf-8")
    assert read_table(path).frame["text"].tolist() == ["it was good, really", "no"]


TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)


@given(
    st.lists(
        st.tuples(TEXT.filter(str.strip), st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9)),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_csv_round_trip(rows, separator):
    frame = pd.DataFrame(rows, columns=["text", "whole", "real"])
    data = io.BytesIO()
    frame.to_csv(data, index=False, sep=separator, quoting=2)
    data.seek(0)
    found = read_file(data, "t.csv")
    for before, after in zip(frame["text"], found["text"], strict=True):
        # Words for missing values, and texts of digits, are read as such.
        assert (
            pd.isna(after)
            or str(after).casefold() == before.casefold()
            or float(after) == float(before)
        )
    np.testing.assert_allclose(found["whole"].to_numpy(), frame["whole"].to_numpy())
    np.testing.assert_allclose(found["real"].to_numpy(), frame["real"].to_numpy())


@given(
    st.binary(max_size=300),
    st.sampled_from(["t.csv", "t.tsv", "t.json", "t.jsonl", "t.xlsx", "t.parquet", "t.csv.gz"]),
)
def test_no_bytes_break_a_reader(data, name):
    try:
        frame = read_file(io.BytesIO(data), name)
    except (SourceError, ColumnError) as error:
        frame = None
        hint = error.hint
    assert frame is not None or hint


@given(st.text('ab,;"\n\t1é', max_size=60))
def test_no_text_breaks_the_csv_reader(text):
    try:
        frame = read_file(io.BytesIO(text.encode()), "t.csv")
    except (SourceError, ColumnError) as error:
        frame = None
        hint = error.hint
    assert frame is not None or hint


def test_frames_of_other_libraries_and_mappings():
    assert read_table({"a": [1, 2]}).frame["a"].tolist() == [1, 2]
    assert read_table([{"a": 1}, {"a": 2, "b": "x"}]).frame["b"].tolist() == [None, "x"]
    import pyarrow as pa

    assert read_table(pa.table({"a": [1, None]})).frame["a"].isna().tolist() == [False, True]
    assert read_table(FRAME, columns=["n"]).frame.shape == (5, 1)
    with pytest.raises(ColumnError, match="Did you mean 'text'"):
        read_table(FRAME, columns=["txet"])


def test_samples_are_read_by_name():
    assert read_table("sample:wine").label == "cultivar"


def test_what_names_a_source():
    assert is_source_name("https://x.org/a")
    assert is_source_name("t.csv.gz")
    for text in ("what a lovely film", "very " * 150, "a\0b", "two\nlines.csv"):
        assert not is_source_name(text)
    with pytest.raises(SourceError, match="file or folder"):
        read_table("very " * 150)


# --- databases ----------------------------------------------------------------------


@pytest.fixture
def database(tmp_path):
    url = f"sqlite:///{(tmp_path / 'shop.db').as_posix()}"
    engine = sa.create_engine(url)
    FRAME.to_sql("reviews", engine, index=False)
    engine.dispose()
    return url


def test_sql_from_a_url_an_engine_and_by_table_name(database):
    query = "SELECT text, n FROM reviews WHERE n > 1 ORDER BY n"
    table = read_table(database, sql=query)
    assert table.frame["n"].tolist() == [3, 4, 5]
    assert "reviews" in table.origin
    engine = sa.create_engine(database)
    assert read_table(engine, sql="reviews").frame.shape == FRAME.shape
    engine.dispose()
    assert list(read_table(database, sql="reviews", columns=["x"]).frame.columns) == ["x"]


def test_passwords_are_never_shown():
    with pytest.raises((SourceError, MissingExtraError)) as caught:
        read_table("postgresql+psycopg2://me:secret@nowhere/db", sql="SELECT 1")
    assert "secret" not in str(caught.value)


# --- URLs ---------------------------------------------------------------------------


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path.startswith("/broken"):
            self.send_error(500)
        else:
            super().do_GET()


@pytest.fixture
def site(tmp_path):
    handler = functools.partial(Quiet, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet", "t.jsonl"])
def test_urls_are_read_through_http_and_file(site, tmp_path, name):
    WRITERS[name](tmp_path / name)
    expected = Table.of(FRAME, "").frame
    table = read_table(f"{site}/{name}?token=secret")
    pd.testing.assert_frame_equal(table.frame, expected)
    assert "secret" not in table.origin
    pd.testing.assert_frame_equal(read_table((tmp_path / name).as_uri()).frame, expected)


@pytest.mark.parametrize(
    ("path", "reason"), [("/nothing.csv", "status 404"), ("/broken.csv", "status 500")]
)
def test_failed_requests_say_why(site, path, reason):
    with pytest.raises(SourceError) as caught:
        read_table(site + path)
    assert reason in caught.value.received


def test_no_server_is_told():
    with pytest.raises(SourceError, match="URL") as caught:
        read_table("http://127.0.0.1:1/t.csv")
    assert "127.0.0.1" in caught.value.received
    with pytest.raises(SourceError, match="URL"):
        read_table("gopher-plus://somewhere/t.csv")


# --- Hugging Face -------------------------------------------------------------------


def picture(colour) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(data, "PNG")
    return data.getvalue()


def test_a_dataset_with_class_names_and_pictures():
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=["cat", "dog"]),
            "tags": datasets.Sequence(datasets.ClassLabel(names=["a", "b"])),
            "n": datasets.Value("int32"),
        }
    )
    rows = {
        "image": [
            {"bytes": picture("red"), "path": None},
            {"bytes": picture("blue"), "path": None},
            None,
        ],
        "label": [1, 0, -1],
        "tags": [[0, 1], [1], None],
        "n": [5, None, 7],
    }
    dataset = datasets.Dataset.from_dict(rows, features=features)
    frame = read_table(dataset).frame
    assert frame["label"].tolist() == ["dog", "cat", None]
    assert frame["image"].tolist()[:2] == [picture("red"), picture("blue")]
    assert frame["tags"].tolist() == [["a", "b"], ["b"], None]
    assert frame["n"].tolist()[::2] == [5.0, 7.0]
    assert read_table(dataset.select([1])).frame["label"].tolist() == ["cat"]


def test_splits_and_streams_are_refused_with_the_remedy():
    dataset = datasets.Dataset.from_dict({"a": [1]})
    with pytest.raises(SourceError) as caught:
        read_table(datasets.DatasetDict({"train": dataset}))
    assert "dataset['train']" in caught.value.hint
    with pytest.raises(SourceError, match="stream"):
        read_table(dataset.to_iterable_dataset())


# --- folders of pictures ------------------------------------------------------------


def draw(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4)).save(path)


def test_a_folder_of_pictures_by_class(tmp_path):
    for name in (
        "cats/tom.png",
        "cats/deep/kit.jpg",
        "dogs/rex.PNG",
        "dogs/.hidden.png",
        "__MACOSX/x.png",
    ):
        draw(tmp_path / name)
    (tmp_path / "dogs" / "notes.txt").write_text("none", encoding="utf-8")
    table = read_table(tmp_path)
    assert table.frame["image"].tolist() == ["cats/deep/kit.jpg", "cats/tom.png", "dogs/rex.PNG"]
    assert table.frame["label"].tolist() == ["cats", "cats", "dogs"]
    assert (table.label, table.root) == ("label", tmp_path.resolve())


def test_a_folder_with_parts_and_one_without_classes(tmp_path):
    for name in ("train/a/1.png", "val/a/2.png", "test/b/3.png"):
        draw(tmp_path / "parts" / name)
    table = read_table(tmp_path / "parts")
    assert dict(zip(table.frame["split"], table.frame["label"], strict=True)) == {
        "train": "a",
        "valid": "a",
        "test": "b",
    }
    assert table.split_column == "split"
    draw(tmp_path / "flat" / "1.png")
    assert list(read_table(tmp_path / "flat").frame.columns) == ["image"]


def test_links_out_of_the_folder_are_passed_over(tmp_path):
    draw(tmp_path / "secret" / "s.png")
    draw(tmp_path / "open" / "a" / "1.png")
    (tmp_path / "open" / "a" / "2.png").symlink_to(tmp_path / "secret" / "s.png")
    assert read_table(tmp_path / "open").frame["image"].tolist() == ["a/1.png"]


def test_packed_files_may_hold_several_members(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n"))
    assert read_table(path).frame["b"].tolist() == [2, 4]


@pytest.mark.parametrize(
    "statement",
    [
        "drop table reviews",
        "delete from reviews",
        "delete from reviews returning *",
        "create table other as select 1",
        "with gone as (select 1) delete from reviews returning *",
        "/* tidy */ drop table reviews",
    ],
)
def test_a_query_never_changes_the_database(database, statement):
    with pytest.raises(SourceError):
        read_table(database, sql=statement)
    assert read_table(database, sql="reviews").frame.shape == FRAME.shape


def test_a_statement_behind_a_comment_is_seen(database):
    with pytest.raises(SourceError, match="must read rows"):
        read_table(database, sql="-- tidy\n/* up */ drop table reviews")
    commented = read_table(database, sql="-- all of them\nselect * from reviews")
    assert commented.frame.shape == FRAME.shape


def test_an_engine_of_the_users_can_be_written_to_afterwards(database):
    engine = sa.create_engine(database)
    read_table(engine, sql="select * from reviews")
    FRAME.to_sql("more", engine, index=False)
    assert len(read_table(engine, sql="more").frame) == len(FRAME)
    engine.dispose()


def test_columns_may_be_chosen_from_those_that_there_are(tmp_path):
    path = tmp_path / "rows.parquet"
    pd.DataFrame({"a": [1], "b": [2], "c": [3]}).to_parquet(path)
    seen = []

    def choose(there):
        seen.append(there)
        return [name for name in there if name != "b"]

    assert list(read_table(path, columns=choose).frame.columns) == ["a", "c"]
    assert seen == [["a", "b", "c"]]


def test_what_is_dropped_is_not_even_read(tmp_path, monkeypatch):
    from pyarrow import parquet

    path = tmp_path / "rows.parquet"
    pd.DataFrame({"x": [1.5, 2.5, 0.5, 3.5] * 10, "note": ["a"] * 40, "y": [0, 1] * 20}).to_parquet(
        path
    )
    read, wanted = parquet.ParquetFile.read, []

    def counted(self, columns=None, **options):
        wanted.append(columns)
        return read(self, columns=columns, **options)

    monkeypatch.setattr(parquet.ParquetFile, "read", counted)
    load_dataset(path, FitSettings(label="y", drop=("note",)))
    assert wanted == [["x", "y"]]
    with pytest.raises(ColumnError, match="drop"):
        load_dataset(path, FitSettings(label="y", drop=("nope",)))


def test_files_are_suggested_by_their_names_not_by_their_endings(tmp_path):
    for name in ("quote.csv", "bom.csv", "revews.json"):
        (tmp_path / name).write_text("a,b\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_table(tmp_path / "reviews.csv")
    assert caught.value.hint == "Did you mean 'revews.json'?"
    with pytest.raises(SourceError) as caught:
        read_table(tmp_path / "nope.csv")
    assert caught.value.hint.startswith("Known: ")
