"""The rows that a SQL query gives, from any database that SQLAlchemy knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from automl_nb.core.errors import MissingExtraError, SourceError
from automl_nb.data.drivers import missing, refuse_asynchronous, unknown
from automl_nb.data.sources import Columns, pick

_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_WRITES = {
    *("alter", "attach", "call", "copy", "create", "delete", "detach", "drop", "exec", "execute"),
    *("grant", "insert", "merge", "pragma", "reindex", "replace", "revoke", "truncate"),
    *("update", "vacuum"),
}


def read_sql(source: Any, sql: str | None, columns: Columns = None) -> tuple[pd.DataFrame, str]:
    """Run a query.

    Args:
        source: A SQLAlchemy URL such as ``sqlite:///shop.db``, or an engine.
        sql: A query, or the name of a table.
        columns: The columns to keep.

    Returns:
        The rows, and where they came from (without the password).

    Raises:
        SourceError: The database cannot be reached, or the query fails.
        MissingExtraError: SQLAlchemy or the database's driver isn't installed.
    """
    try:
        import sqlalchemy as sa
    except ImportError as error:
        raise MissingExtraError("Reading a database", extra="sql", package="sqlalchemy") from error
    if not sql or not sql.strip():
        raise SourceError(
            "A database needs a query.",
            received=_shown(sa, source),
            hint="Add sql='SELECT ... FROM ...', or the name of a table.",
        )
    _refuse_writing(sql.strip())
    engine, own = _engine(sa, source)
    name = engine.url.render_as_string(hide_password=True)
    _refuse_missing_file(engine, name)
    try:
        with engine.connect() as connection, _reading(connection):
            frame = _run(sa, connection, sql.strip(), columns)
    except sa.exc.SQLAlchemyError as error:
        raise SourceError(
            "A query must run in its database.",
            received=str(getattr(error, "orig", None) or error).splitlines()[0],
            hint=f"Check the query and the database {name}.",
        ) from error
    finally:
        if own:
            engine.dispose()
    return frame, f"{name}: {' '.join(sql.split())}"


def _refuse_writing(sql: str) -> None:
    first, *more = _COMMENTS.sub(" ", sql).split(maxsplit=1) or [""]
    if more and first.casefold() in _WRITES:
        raise SourceError(
            "A query must read rows, not change the database.",
            received=sql[:80],
            hint="Begin it with SELECT or WITH.",
        )


@contextmanager
def _reading(connection: Any) -> Iterator[None]:
    """Nothing is ever committed; SQLite, which commits some statements by itself, reads only."""
    is_sqlite = connection.engine.url.get_backend_name() == "sqlite"
    try:
        if is_sqlite:
            connection.exec_driver_sql("PRAGMA query_only = ON")
        yield
    finally:
        connection.rollback()
        if is_sqlite:  # the connection may go back to a pool of the user's
            connection.exec_driver_sql("PRAGMA query_only = OFF")


def _shown(sa: Any, source: Any) -> str:
    try:
        return str(sa.make_url(source).render_as_string(hide_password=True))
    except (sa.exc.ArgumentError, TypeError):
        return type(source).__name__


def _engine(sa: Any, source: Any) -> tuple[Any, bool]:
    if hasattr(source, "connect") and hasattr(source, "url"):
        return source, False
    if not isinstance(source, str | sa.engine.URL):
        raise SourceError(
            "A SQL query needs a database to run on.",
            received=type(source).__name__,
            hint="Give the database's URL, such as sqlite:///shop.db, or leave the query out "
            "(a cell's body is one).",
        )
    try:
        url = sa.make_url(source)
        refuse_asynchronous(url)
        return sa.create_engine(url), True
    except ModuleNotFoundError as error:
        raise missing(url, str(error.name)) from error
    except sa.exc.NoSuchModuleError as error:
        raise unknown(url) from error
    except (sa.exc.SQLAlchemyError, ValueError, TypeError) as error:
        raise SourceError(
            "A database needs a SQLAlchemy URL.",
            received=_shown(sa, source),
            hint="Write it as dialect://user:password@host/name, or sqlite:///file.db.",
        ) from error


def _refuse_missing_file(engine: Any, name: str) -> None:
    """SQLite and DuckDB would make an empty database of a mistyped path."""
    file = engine.url.database
    in_files = engine.url.get_backend_name() in {"sqlite", "duckdb"}
    if not in_files or not file or file == ":memory:":
        return
    if not file.startswith(("file:", "md:")) and not Path(file).is_file():
        raise SourceError(
            "There must be a database file of this name.",
            received=name,
            hint="Check the path: three slashes are relative, four absolute.",
        )


def _run(sa: Any, connection: Any, sql: str, columns: Columns) -> pd.DataFrame:
    if any(char.isspace() for char in sql):
        result = connection.execute(sa.text(sql))
    else:
        table = sa.Table(sql, sa.MetaData(), autoload_with=connection)
        result = connection.execute(sa.select(table))
    names = list(result.keys())
    return pick(pd.DataFrame(result.fetchall(), columns=names), columns)
