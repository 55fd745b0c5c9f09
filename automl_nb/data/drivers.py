"""What must be installed for a database's URL, and the URL that uses it.

SQLAlchemy names the module that it couldn't import; pip wants the name of a package, which is
often another. Where the usual driver needs more than pip can install (a compiler, a system
library), one that doesn't is named beside it, with the URL that asks for it.
"""

from __future__ import annotations

from typing import Any

from automl_nb.core.errors import AutoMLError, MissingExtraError, SourceError, suggest

# Packages by the module that SQLAlchemy's dialects import; the others are called as their module.
PACKAGES = {
    "MySQLdb": "mysqlclient",
    "mysql": "mysql-connector-python",
    "mssql_python": "mssql-python",
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "pysqlcipher3": "sqlcipher3",
}
# Dialects that SQLAlchemy doesn't bring, and the package that does.
_DIALECTS = {"duckdb": "duckdb-engine"}
_BUILT_IN = ("mssql", "mysql", "mariadb", "oracle", "postgresql", "sqlite")
# Modules that need more than pip, and the driver of the same databases that doesn't.
_EASIER = {"MySQLdb": "pymysql", "pyodbc": "pymssql"}


def missing(url: Any, module: str) -> MissingExtraError:
    """The error for a driver that isn't installed.

    Args:
        url: A SQLAlchemy URL.
        module: What couldn't be imported.

    Example:
        >>> import sqlalchemy as sa
        >>> missing(sa.make_url("mysql://me@host/shop"), "MySQLdb").hint
        'Run: pip install mysqlclient. Or: pip install pymysql, and write mysql+pymysql://…'
    """
    module = module.partition(".")[0]
    backend, easier = url.get_backend_name(), _EASIER.get(module, "")
    beside = f"Or: pip install {easier}, and write {backend}+{easier}://…" if easier else ""
    return MissingExtraError(_named(url), package=PACKAGES.get(module, module), beside=beside)


def unknown(url: Any) -> AutoMLError:
    """The error for a URL whose dialect or driver SQLAlchemy doesn't have here.

    Example:
        >>> import sqlalchemy as sa
        >>> unknown(sa.make_url("postgres://host/shop")).hint
        "Did you mean 'postgresql'?"
    """
    backend = url.get_backend_name()
    if backend in _DIALECTS:
        return MissingExtraError(_named(url), package=_DIALECTS[backend])
    if backend in _BUILT_IN:  # so that it is the driver that there isn't
        hint = f"Write {backend}://… for the usual driver."
    else:
        hint = suggest(backend, _BUILT_IN)
        hint += "" if hint.startswith("Did") else " Others come with a package of their own."
    return SourceError(
        "A database's URL must begin with a dialect that SQLAlchemy knows.",
        received=url.render_as_string(hide_password=True),
        hint=hint,
    )


def refuse_asynchronous(url: Any) -> None:
    """Only drivers that answer before they return can be used here.

    Raises:
        SourceError: The URL names another.
        sqlalchemy.exc.NoSuchModuleError: There is no such dialect or driver.
    """
    if url.get_dialect().is_async:
        raise SourceError(
            "A database's driver must not be one for asynchronous programs.",
            received=url.render_as_string(hide_password=True),
            hint=f"Write {url.get_backend_name()}://… for the usual driver.",
        )


def _named(url: Any) -> str:
    return f"The database {url.render_as_string(hide_password=True)}"
