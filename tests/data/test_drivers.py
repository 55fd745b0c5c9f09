"""What must be installed for a database: the package that SQLAlchemy imports for its URL."""

from __future__ import annotations

import importlib.util

import pytest
import sqlalchemy as sa

from automl_nb.core.errors import MissingExtraError, SourceError
from automl_nb.data.drivers import PACKAGES
from automl_nb.data.sources import read_table

SERVERS = {
    "mysql": "pip install mysqlclient",
    "mariadb": "pip install mysqlclient",
    "mssql": "pip install pyodbc",
    "oracle": "pip install oracledb",
    "mysql+mysqlconnector": "pip install mysql-connector-python",
    "postgresql+psycopg2": "pip install psycopg2-binary",
    "duckdb": "pip install duckdb-engine",
}


def asked(scheme):
    with pytest.raises((MissingExtraError, SourceError)) as caught:
        read_table(f"{scheme}://me:secret@127.0.0.1:9/db", sql="SELECT a FROM b")
    assert "secret" not in " ".join(caught.value.lines())
    return caught.value


@pytest.mark.parametrize("scheme", SERVERS)
def test_the_pip_line_names_what_sqlalchemy_imports_for_the_url(scheme):
    error = asked(scheme)
    assert isinstance(error, MissingExtraError)
    assert SERVERS[scheme] in error.hint


@pytest.mark.parametrize(
    ("scheme", "other", "form"),
    [
        ("mysql", "pymysql", "mysql+pymysql://"),
        ("mariadb", "pymysql", "mariadb+pymysql://"),
        ("mssql", "pymssql", "mssql+pymssql://"),
    ],
)
def test_where_a_driver_needs_more_than_pip_another_is_named_with_its_url(scheme, other, form):
    hint = asked(scheme).hint
    assert f"pip install {other}" in hint
    assert form in hint
    made = sa.make_url(f"{form}me@host/db").get_dialect()  # the form is one that SQLAlchemy knows
    assert made.driver == other


@pytest.mark.parametrize("url", ["mysql", "mariadb", "mssql", "oracle", "postgresql"])
def test_the_packages_are_those_of_the_installed_sqlalchemys_usual_drivers(url):
    """Held against what SQLAlchemy itself tries to import."""
    module = imported_by(sa.make_url(f"{url}://host/db").get_dialect())
    if importlib.util.find_spec(module) is None:
        assert f"pip install {PACKAGES.get(module, module)}" in asked(url).hint
    else:
        assert asked(url).rule  # it is the server that isn't there


def imported_by(dialect) -> str:
    try:
        return dialect.import_dbapi().__name__
    except ModuleNotFoundError as error:
        return error.name


def test_a_mistyped_database_is_told_with_what_is_known():
    assert "postgresql" in asked("postgres").hint
    assert "mysql" in asked("mysqll").hint


def test_a_driver_for_asynchronous_programs_is_refused_with_one_that_works():
    hint = asked("mysql+aiomysql").hint
    assert "mysql://" in hint
    assert "pip" not in hint


def test_the_url_that_uses_a_driver_must_be_one_that_sqlalchemy_has():
    error = asked("mysql+nosuch")
    assert isinstance(error, SourceError)
    assert "mysql://" in error.hint
