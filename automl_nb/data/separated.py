"""Reading CSV and TSV: separator, encoding and decimal mark found out, damage named by line."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import IO

import pandas as pd

from automl_nb.core.errors import ColumnError, SourceError
from automl_nb.data.sources import Columns, chosen

HEAD_BYTES = 64 * 1024
SEPARATORS = (",", ";", "\t", "|")
# As pandas has them, less "None", which is often a value of its own.
MISSING = (
    *("", "NA", "N/A", "n/a", "<NA>", "#N/A", "#NA", "NaN", "nan", "-NaN", "-nan"),
    *("NULL", "null", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", "#N/A N/A"),
)
_COMMA_NUMBER = re.compile(r"[-+]?\d+,\d+")
_POINT_NUMBER = re.compile(r"[-+]?\d+\.\d+")
_CODE = re.compile(r"0\d+")


@dataclass(frozen=True)
class Dialect:
    """How a file of separated values is written."""

    encoding: str
    separator: str
    decimal: str
    names: tuple[str, ...]
    codes: tuple[str, ...]  # columns of digits with leading zeros, which must stay text


def read_csv(handle: IO[bytes], name: str, columns: Columns = None) -> pd.DataFrame:
    """Read values separated by comma, semicolon, tab or bar."""
    return _read(handle, name, columns, SEPARATORS)


def read_tsv(handle: IO[bytes], name: str, columns: Columns = None) -> pd.DataFrame:
    """Read values separated by tabs."""
    return _read(handle, name, columns, ("\t",))


def _read(
    handle: IO[bytes], name: str, columns: Columns, separators: tuple[str, ...]
) -> pd.DataFrame:
    head = handle.read(HEAD_BYTES)
    handle.seek(0)
    dialect = find_dialect(head, name, separators)
    titles = [title.strip() for title in dialect.names]
    wanted = None if columns is None else chosen(columns, titles)
    try:
        frame = pd.read_csv(
            handle,
            sep=dialect.separator,
            encoding=dialect.encoding,
            decimal=dialect.decimal,
            usecols=None if wanted is None else lambda title: title.strip() in wanted,
            dtype=dict.fromkeys(dialect.codes, str),
            keep_default_na=False,
            na_values=list(MISSING),
            low_memory=False,
            index_col=False,
        )
    except UnicodeDecodeError as error:
        handle.seek(0)
        raise _wrong_encoding(handle, name) from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _damaged(str(error), name) from error
    _refuse_cut_end(handle, name, dialect)
    frame.columns = frame.columns.str.strip()
    return frame if wanted is None else frame[wanted]


def find_dialect(head: bytes, name: str, separators: tuple[str, ...] = SEPARATORS) -> Dialect:
    r"""Find out how a file is written, from its first bytes.

    Raises:
        SourceError: The lines don't fit the header, or aren't text.
        ColumnError: Two columns have the same name.

    Example:
        >>> find_dialect(b"a;b\n1,5;x\n2,5;y\n", "few.csv").separator
        ';'
    """
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    whole = len(head) < HEAD_BYTES
    text = head.decode(encoding, errors="replace")
    lines = list(io.StringIO(text, newline=None))
    separator, rows = _best_separator(lines, separators)
    if not rows:
        raise SourceError(
            "A file must begin with a line of column names.",
            received=f"{name}, which has none",
            hint="Check how it was written.",
        )
    rows = rows if whole else rows[:-1] or rows  # the last row may go on beyond the head
    header = rows[0]
    _check_header([title.strip() for title in header], name)
    _refuse_ragged(rows, name)
    decimal = "," if separator != "," and _has_decimal_commas(rows[1:]) else "."
    codes = tuple(
        title
        for i, title in enumerate(header)
        if any(len(row) > i and _CODE.fullmatch(row[i].strip()) for row in rows[1:])
    )
    return Dialect(encoding, separator, decimal, tuple(header), codes)


def _best_separator(lines: list[str], separators: tuple[str, ...]) -> tuple[str, list[list[str]]]:
    """The separator that cuts the most lines as it cuts the header, into most fields."""
    best, most = (separators[0], list(csv.reader(lines, delimiter=separators[0]))), (0.0, 0)
    for separator in separators:
        rows = [row for row in csv.reader(lines, delimiter=separator) if row]
        if not rows:
            continue
        width = len(rows[0])
        alike = sum(len(row) == width for row in rows) / len(rows)
        score = (alike if width > 1 else 0.0, width)
        if score > most:
            best, most = (separator, rows), score
    separator, rows = best
    return separator, [row for row in rows if row]


def _check_header(header: list[str], name: str) -> None:
    doubled = sorted({title for title in header if header.count(title) > 1 and title})
    if doubled:
        raise ColumnError(
            "Each column needs a name of its own.",
            received=", ".join(doubled),
            hint=f"Rename the doubled columns in the first line of {name}.",
        )


def _refuse_ragged(rows: list[list[str]], name: str) -> None:
    width = len(rows[0])
    for number, row in enumerate(rows[1:], start=2):
        trailing = len(row) == width + 1 and not row[-1]  # "a,b," is a common habit
        if len(row) > width and not trailing:
            raise SourceError(
                "Every line must have as many values as the header.",
                received=f"{name}, row {number}: {len(row)} values under {width} column names",
                hint="Quote values that hold the separator, or correct the row.",
            )


def _has_decimal_commas(rows: list[list[str]]) -> bool:
    cells = [cell.strip() for row in rows[:200] for cell in row]
    commas = any(_COMMA_NUMBER.fullmatch(cell) for cell in cells)
    return commas and not any(_POINT_NUMBER.fullmatch(cell) for cell in cells)


def _refuse_cut_end(handle: IO[bytes], name: str, dialect: Dialect) -> None:
    """A last line without its end and with too few values was cut off."""
    if not isinstance(handle, io.BufferedReader | io.BytesIO):
        return  # packed files check their own end, and would be unpacked once more
    handle.seek(0, io.SEEK_END)
    handle.seek(max(0, handle.tell() - HEAD_BYTES))
    tail = handle.read()
    if dialect.encoding != "utf-8-sig" or tail.endswith((b"\n", b"\r")):
        return
    last = tail.decode("utf-8", errors="replace").replace("\r", "\n").rpartition("\n")[2]
    if '"' in last:  # may be the end of a value of several lines
        return
    n = len(next(csv.reader([last], delimiter=dialect.separator), []))
    if n < len(dialect.names):
        raise SourceError(
            "A file must be whole.",
            received=f"{name}, whose last line has {n} of {len(dialect.names)} values: {last}",
            hint="It seems cut off: fetch or write it again.",
        )


def _wrong_encoding(handle: IO[bytes], name: str) -> SourceError:
    """Name the first line that isn't UTF-8."""
    for number, line in enumerate(handle, start=1):
        try:
            line.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            bad = line[max(0, error.start - 10) : error.end + 10]
            return SourceError(
                "A text file must be written in UTF-8.",
                received=f"{name}, line {number}: {bad!r}",
                hint="Save it as UTF-8, or read it with pandas.read_csv(..., encoding=...), "
                "naming the encoding that it was saved in.",
            )
    return SourceError("A text file must be written in UTF-8.", received=name)


def _damaged(message: str, name: str) -> SourceError:
    ragged = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message)
    if ragged:
        return SourceError(
            "Every line must have as many values as the header.",
            received=f"{name}, line {ragged[2]}: {ragged[3]} values under {ragged[1]} column names",
            hint="Quote values that hold the separator, or correct the line.",
        )
    quoted = re.search(r"EOF inside string starting at row (\d+)", message)
    if quoted:
        return SourceError(
            "Every quoted value must end with a quotation mark.",
            received=f"{name}, row {int(quoted[1]) + 1}",
            hint="It may be cut off: fetch or write it again.",
        )
    return SourceError(
        "A file of separated values must be well formed.",
        received=f"{name}: {message}",
        hint="Open it in a text editor and look at its first lines.",
    )
