"""Reading a table from wherever it is: the catalogue of readers, and who reads what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from automl_nb.core.errors import ColumnError, SourceError, suggest
from automl_nb.core.registry import Registry, Spec
from automl_nb.data.plain import frame_of_records, without_halves
from automl_nb.data.table import Table, column_names

# The columns to read, or who chooses them from the names that there are; None for all.
Columns = Sequence[str] | Callable[[list[str]], list[str]] | None

# Tags are the endings of file names. Each target reads one open file:
# (handle, name for messages, wanted columns or None) -> frame.
READERS = Registry(
    "reader",
    (
        Spec(
            "csv",
            "automl_nb.data.separated:read_csv",
            "Values separated by comma, semicolon or bar, with a header line.",
            tags=("csv", "txt"),
        ),
        Spec(
            "tsv",
            "automl_nb.data.separated:read_tsv",
            "Values separated by tabs, with a header line.",
            tags=("tsv", "tab"),
        ),
        Spec(
            "jsonl",
            "automl_nb.data.files:read_jsonl",
            "One JSON object a line.",
            tags=("jsonl", "ndjson"),
        ),
        Spec(
            "json",
            "automl_nb.data.files:read_json",
            "A JSON list of objects, or an object of columns.",
            tags=("json",),
        ),
        Spec(
            "parquet",
            "automl_nb.data.files:read_parquet",
            "Parquet, read by column.",
            extra="files",
            requires=("pyarrow",),
            tags=("parquet", "pq"),
        ),
        Spec(
            "excel",
            "automl_nb.data.files:read_excel",
            "The first sheet of an Excel workbook.",
            extra="files",
            requires=("openpyxl",),
            tags=("xlsx", "xlsm"),
        ),
    ),
)
COMPRESSED = ("gz", "bz2", "xz")
_DATABASES = ("sqlite", "postgresql", "postgres", "mysql", "mariadb", "mssql", "oracle", "duckdb")


def read_table(source: Any, *, columns: Columns = None, sql: str | None = None) -> Table:
    """Read rows from a source of any kind, once.

    Args:
        source: A DataFrame (pandas, Polars, Arrow), a mapping of columns, a list of
            mappings, a Hugging Face ``Dataset``, the path of a file (see `READERS`; also
            with .gz, .bz2 or .xz), of a folder of pictures (a class a subfolder), an
            http(s) or file URL, the SQLAlchemy URL of a database, or ``sample:NAME``
            (see `automl_nb.data.samples`).
        columns: The columns to read, or a function that chooses them from the names that
            there are; all when None. Parquet and separated files are read by column.
        sql: The query, or the name of a table, where the source is a database.

    Raises:
        SourceError: The source cannot be read.
        ColumnError: A wanted column isn't there, or names are doubled.
        MissingExtraError: A package for this kind of source isn't installed.

    Example:
        >>> read_table({"text": ["good", "bad"], "stars": [5, 1]}).frame.shape
        (2, 2)
    """
    if sql is not None or _is_database(source):
        from automl_nb.data.sql import read_sql

        frame, origin = read_sql(source, sql, columns)
        return Table.of(frame, origin)
    if isinstance(source, Table):
        return replace(source, frame=pick(source.frame, columns))
    if isinstance(source, str | Path):
        return _read_named(source, columns)
    frame, origin = _from_memory(source)
    return Table.of(pick(frame, columns), origin)


def pick(frame: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """The wanted columns of a frame, in the wanted order.

    Raises:
        ColumnError: One of them isn't there.
    """
    if columns is None:
        return frame
    names = column_names(frame.columns)
    return frame.iloc[:, [names.index(name) for name in chosen(columns, names)]]


def chosen(columns: Columns, names: Sequence[str]) -> list[str]:
    """The wanted ones of the columns that a source has.

    Raises:
        ColumnError: One of them isn't there.
    """
    if columns is None:
        return list(names)
    wanted = list(columns(list(names)) if callable(columns) else columns)
    for name in wanted:
        if name not in names:
            raise ColumnError(
                "A wanted column must be in the source.",
                received=name,
                hint=suggest(name, names),
            )
    return wanted


def _is_database(source: Any) -> bool:
    if isinstance(source, str):
        scheme, mark, _ = source.partition("://")
        return bool(mark) and scheme.partition("+")[0] in _DATABASES
    return type(source).__module__.startswith("sqlalchemy.")


def is_source_name(text: str) -> bool:
    """Whether text names a source (a file, folder, URL or sample) rather than being data.

    Example:
        >>> is_source_name("reviews.csv"), is_source_name("It was good. Really.")
        (True, False)
    """
    if "\n" in text or len(text) > 1_000:
        return False
    if text.startswith("sample:") or ("://" in text and " " not in text):
        return True
    name = text.casefold()
    for packing in COMPRESSED:
        name = name.removesuffix(f".{packing}")
    endings = {tag for spec in READERS for tag in spec.tags}
    return name.rpartition(".")[2] in endings or _exists(Path(text).expanduser())


def _from_memory(source: Any) -> tuple[pd.DataFrame, str]:
    if isinstance(source, pd.DataFrame):
        return source, f"a DataFrame of {len(source)} rows"
    if _is_hub_dataset(source):
        from automl_nb.data.hub import read_dataset

        return read_dataset(source), f"a Dataset of {len(source)} rows"
    if isinstance(source, Mapping):
        return _from_mapping(source), "a mapping of columns"
    if isinstance(source, list) and all(isinstance(row, Mapping) for row in source):
        return frame_of_records(source), f"a list of {len(source)} mappings"
    if hasattr(source, "to_pandas"):
        return source.to_pandas(), f"a {type(source).__name__} of {len(source)} rows"
    raise SourceError(
        "A source must be a DataFrame, a mapping of columns, a file, a folder, a URL or a Dataset.",
        received=type(source).__name__,
        hint="Turn it into a pandas DataFrame first.",
    )


def _is_hub_dataset(source: Any) -> bool:
    return type(source).__module__.startswith("datasets.")


def _from_mapping(source: Mapping[Any, Any]) -> pd.DataFrame:
    try:
        return pd.DataFrame(dict(source))
    except UnicodeEncodeError:
        return pd.DataFrame(without_halves(dict(source)))
    except ValueError as error:
        lengths = {name: len(v) if hasattr(v, "__len__") else 1 for name, v in source.items()}
        raise SourceError(
            "The columns of a mapping must be lists of one length.",
            received=lengths,
            hint="Make them equally long.",
        ) from error


def _read_named(source: str | Path, columns: Columns) -> Table:
    """A file, a folder or a URL."""
    if isinstance(source, str) and source.startswith("sample:"):
        from automl_nb.data.samples import load_sample

        return read_table(load_sample(source.removeprefix("sample:")), columns=columns)
    if isinstance(source, str) and "://" in source:
        from automl_nb.data.urls import open_url, without_secrets

        name = Path(urlsplit(source).path).name
        with open_url(source) as handle:
            frame = read_file(handle, name, columns)
        return Table.of(frame, without_secrets(source), Path.cwd())
    path = Path(source).expanduser()
    if not _exists(path):
        raise _no_such_file(path, source)
    if path.is_dir():
        from automl_nb.data.folders import read_folder

        table = read_folder(path)
        return read_table(table, columns=columns)
    try:
        with path.open("rb") as handle:
            frame = read_file(handle, path.name, columns)
    except OSError as error:
        raise SourceError(
            "A file must be readable.",
            received=f"{path.name}: {error.strerror or error}",
            hint="Check its permissions.",
        ) from error
    return Table.of(frame, str(path), path.parent)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a text too long for a name, or no name at all
        return False


def _no_such_file(path: Path, source: str | Path) -> SourceError:
    folder = path.parent
    names = (
        sorted(item.name for item in folder.iterdir())
        if _exists(folder) and folder.is_dir()
        else []
    )
    return SourceError(
        "There must be a file or folder of this name.",
        received=str(source),
        hint=suggest(path.name, names, compared=_stem)
        if names
        else f"There is no folder '{folder}' either.",
    )


def _stem(name: str) -> str:
    return Path(name).stem  # the same ending makes no two files alike


def read_file(handle: Any, name: str, columns: Columns = None) -> pd.DataFrame:
    """Read an open binary file by the ending of its name, unpacking it if compressed.

    Raises:
        SourceError: The ending is unknown, or the content isn't what it says.
    """
    from automl_nb.data.sniff import refuse_other_format, unpack

    parts = name.casefold().split(".")
    packing = parts.pop() if parts[-1] in COMPRESSED else ""
    ending = parts[-1] if len(parts) > 1 else ""
    endings = {tag: spec for spec in READERS for tag in spec.tags}
    if ending not in endings:
        raise SourceError(
            "A file must have an ending that says what it is.",
            received=name,
            hint=f"Known endings: {', '.join('.' + known for known in endings)} (also with .gz).",
        )
    spec = endings[ending]
    with unpack(handle, packing, name) as plain:
        refuse_other_format(plain, spec.name, name)
        frame: pd.DataFrame = spec.load()(plain, name, columns)
    return frame
