"""Files, folders, URLs and databases that cannot be read."""

from __future__ import annotations

import gzip
import io
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

from automl_nb.core.errors import ColumnError, DataError, SourceError, UnknownNameError
from tests.bad_input.cases import Case, Place, good


def _file(name: str, content: bytes | Callable[[], bytes]) -> Callable[[Place], Path]:
    def build(_: Place) -> Path:
        Path(name).write_bytes(content if isinstance(content, bytes) else content())
        return Path(name)

    return build


def _csv() -> bytes:
    return good().to_csv(index=False).encode()


def _parquet() -> bytes:
    return good().to_parquet()


def _excel() -> bytes:
    data = io.BytesIO()
    good().to_excel(data, index=False)
    return data.getvalue()


def _json_lines() -> bytes:
    return good().to_json(orient="records", lines=True, date_format="iso").encode()


def _database(_: Place) -> str:
    with sqlite3.connect("shop.db") as connection:
        good().to_sql("orders", connection, index=False)
    connection.close()
    return "sqlite:///shop.db"


def _closed_port(_: Place) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return f"http://me:secret@127.0.0.1:{port}/rows.csv"


def _two_files(_: Place) -> str:
    Path("reviews.csv").write_bytes(_csv())
    return "revews.csv"


WHOLE = "fetch or write it again"

FILES = (
    Case("no such file", SourceError, "of this name", "revews.csv", "reviews.csv", _two_files),
    Case(
        "no such folder",
        SourceError,
        "of this name",
        "gone/x.csv",
        "no folder",
        lambda _: "gone/x.csv",
    ),
    Case(
        "a name that is no file",
        (SourceError, UnknownNameError),
        "of this name",
        "revews",
        "reviews.csv",
        lambda place: _two_files(place).removesuffix(".csv"),
    ),
    Case("an empty file", SourceError, "have content", "t.csv", "written", _file("t.csv", b"\n ")),
    Case(
        "a header without rows",
        DataError,
        "needs rows",
        "0 rows",
        "Check the source",
        _file("t.csv", b"x,city,y\n"),
    ),
    Case(
        "a line with too many values",
        SourceError,
        "as many values as the header",
        "row 3: 4 values under 3",
        "Quote values",
        _file("t.csv", b"x,city,y\n1,Ulm,yes\n2,Bonn,no,too\n"),
    ),
    Case(
        "a ragged line far below",
        SourceError,
        "as many values as the header",
        "9003: 4 values under 3",
        "Quote values",
        _file("t.csv", b"x,city,y\n" + b"1,Ulm/Neu-Ulm,yes\n" * 9001 + b"2,Bonn,no,too\n"),
    ),
    Case(
        "doubled names in a header",
        ColumnError,
        "a name of its own",
        "x",
        "first line of t.csv",
        _file("t.csv", b"x,x,y\n1,2,yes\n3,4,no\n"),
    ),
    Case(
        "a wrong encoding",
        SourceError,
        "written in UTF-8",
        "line 3",
        "the encoding that it was saved in",
        _file("t.csv", "x,city,y\n1,Ulm,yes\n2,Köln,no\n".encode("cp1252")),
    ),
    Case(
        "a file cut off in a line",
        SourceError,
        "must be whole",
        "last line has 1 of 5 values",
        WHOLE,
        _file("t.csv", lambda: _csv().rpartition(b",")[0].rpartition(b"\n")[0] + b"\n0.5"),
    ),
    Case(
        "a file cut off in a quoted value",
        SourceError,
        "end with a quotation mark",
        "t.csv, row 3",
        WHOLE,
        _file("t.csv", b'x,city,y\n1,Ulm,yes\n2,"Bo'),
    ),
    Case(
        "JSON lines cut off",
        SourceError,
        "must be a JSON object",
        "t.jsonl, line 60",
        "cut off",
        _file("t.jsonl", lambda: _json_lines()[:-20]),
    ),
    Case(
        "JSON cut off",
        SourceError,
        "must be whole",
        "t.json",
        WHOLE,
        _file("t.json", lambda: good().to_json(orient="records", date_format="iso").encode()[:-20]),
    ),
    Case(
        "JSON of another shape",
        SourceError,
        "a list of objects",
        "t.json: list",
        '{"text"',
        _file("t.json", b"[1, 2, 3]"),
    ),
    Case(
        "Parquet cut off",
        SourceError,
        "must be whole",
        "t.parquet",
        WHOLE,
        _file("t.parquet", lambda: _parquet()[:-40]),
    ),
    Case(
        "a workbook cut off",
        SourceError,
        "must be whole",
        "t.xlsx",
        WHOLE,
        _file("t.xlsx", lambda: _excel()[:-400]),
    ),
    Case(
        "a compressed file cut off",
        SourceError,
        "unpack to its end",
        "t.csv.gz",
        "fetch it again",
        _file("t.csv.gz", lambda: gzip.compress(_csv())[:-30]),
    ),
    Case(
        "text that says it is compressed",
        SourceError,
        "unpack to its end",
        "t.csv.gz",
        "fetch it again",
        _file("t.csv.gz", _csv),
    ),
    Case(
        "a workbook called CSV",
        SourceError,
        "what its ending says",
        "Excel workbook",
        ".xlsx",
        _file("t.csv", _excel),
    ),
    Case(
        "CSV called a workbook",
        SourceError,
        "what its ending says",
        "plain text",
        "meant",
        _file("t.xlsx", _csv),
    ),
    Case(
        "CSV called Parquet",
        SourceError,
        "what its ending says",
        "plain text",
        "meant",
        _file("t.parquet", _csv),
    ),
    Case(
        "a web page called CSV",
        SourceError,
        "what its ending says",
        "a web page",
        "meant",
        _file("t.csv", b"<!DOCTYPE html><html><body>Sign in</body></html>"),
    ),
    Case(
        "a pickle called JSON",
        SourceError,
        "what its ending says",
        "a pickle",
        "meant",
        _file("t.json", b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00."),
    ),
    Case(
        "an unknown ending",
        SourceError,
        "ending that says what it is",
        "rows.dat",
        ".parquet",
        _file("rows.dat", _csv),
    ),
    Case(
        "an address that nobody answers",
        SourceError,
        "can be fetched",
        "http://127.0.0.1",
        "network",
        _closed_port,
    ),
    Case(
        "an address of an unknown protocol",
        SourceError,
        "can be fetched",
        "gopherr://",
        "Check the address",
        lambda _: "gopherr://host/rows.csv",
    ),
    Case(
        "a file address that leads nowhere",
        SourceError,
        "can be fetched",
        "not found",
        "Check the address",
        lambda place: (place.folder / "gone.csv").as_uri(),
    ),
    Case(
        "a database without a query",
        SourceError,
        "needs a query",
        "sqlite:///shop.db",
        "SELECT",
        _database,
    ),
    Case(
        "a query that fails",
        SourceError,
        "must run in its database",
        "no such column: cty",
        "Check the query",
        _database,
        options={"sql": "SELECT cty, y FROM orders"},
    ),
    Case(
        "a query that is no SQL",
        SourceError,
        "must run in its database",
        "syntax error",
        "Check the query",
        _database,
        options={"sql": "SELEKT * FROM orders"},
    ),
    Case(
        "a table that isn't there",
        SourceError,
        "must run in its database",
        "ordres",
        "Check the query",
        _database,
        options={"sql": "ordres"},
    ),
    Case(
        "a query without rows",
        DataError,
        "needs rows",
        "0 rows",
        "filter",
        _database,
        options={"sql": "SELECT * FROM orders WHERE x > 100"},
    ),
    Case(
        "no such database",
        SourceError,
        "database file of this name",
        "gone.db",
        "slashes",
        lambda _: "sqlite:///gone.db",
        options={"sql": "SELECT 1"},
    ),
)
