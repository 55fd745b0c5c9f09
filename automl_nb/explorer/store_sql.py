"""The memory in a database that several people or computers share, by its SQLAlchemy URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from automl_nb.core.errors import MissingExtraError, SourceError
from automl_nb.data.drivers import missing, refuse_asynchronous, unknown
from automl_nb.explorer.store import MOST_LINES

_NAME = "automl_nb_tasks"
_PATIENCE_S = 5


class SqlStore:
    """Lines in the table ``automl_nb_tasks`` of a database.

    Args:
        url: Such as ``postgresql+psycopg://user:password@host/name``.

    Raises:
        MissingExtraError: SQLAlchemy or the database's driver isn't installed.
        SourceError: It isn't a URL of a database.
    """

    def __init__(self, url: str) -> None:
        try:
            import sqlalchemy as sa
        except ImportError as error:
            what = "A memory in a database"
            raise MissingExtraError(what, extra="sql", package="sqlalchemy") from error
        self._sa = sa
        self._engine = _engine(sa, url)
        self._table = sa.Table(
            _NAME,
            sa.MetaData(),
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
            sa.Column("facts", sa.Text, nullable=False),
        )

    @property
    def place(self) -> str:
        """The URL, without its password."""
        return str(self._engine.url.render_as_string(hide_password=True))

    def add(self, line: str) -> None:
        """Keep one more line; of too many the oldest go."""
        sa, table = self._sa, self._table
        with self._begun() as connection:
            connection.execute(sa.insert(table).values(facts=line))
            newest = connection.execute(sa.select(sa.func.max(table.c.id))).scalar()
            connection.execute(sa.delete(table).where(table.c.id <= newest - MOST_LINES))

    def lines(self) -> list[str]:
        """All lines, the newest first."""
        with self._begun() as connection:
            asked = self._sa.select(self._table.c.facts).order_by(self._table.c.id.desc())
            return [str(facts) for (facts,) in connection.execute(asked)]

    def wipe(self) -> int:
        """Forget all lines."""
        with self._begun() as connection:
            return int(connection.execute(self._sa.delete(self._table)).rowcount)

    @contextmanager
    def _begun(self) -> Iterator[Any]:
        """A connection within one transaction; the table is there."""
        sa = self._sa
        try:
            self._make_table()
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            first = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise SourceError(
                "The memory of earlier tasks must be a database within reach.",
                received=f"{self.place}: {first}",
                hint="Check AUTOML_NB_MEMORY and the database; off does without a memory.",
            ) from error
        finally:
            self._engine.dispose()

    def _make_table(self) -> None:
        try:
            self._table.create(self._engine, checkfirst=True)
        except self._sa.exc.DatabaseError:
            # Another process may have made it between the look and the making.
            if not self._sa.inspect(self._engine).has_table(_NAME):
                raise


def _engine(sa: Any, url: str) -> Any:
    try:
        made = sa.make_url(url)
        refuse_asynchronous(made)
        patient = made.get_backend_name() == "postgresql"
        return sa.create_engine(
            made, connect_args={"connect_timeout": _PATIENCE_S} if patient else {}
        )
    except ModuleNotFoundError as error:
        raise missing(made, str(error.name)) from error
    except sa.exc.NoSuchModuleError as error:
        raise unknown(made) from error
    except (sa.exc.SQLAlchemyError, ValueError, TypeError) as error:
        raise SourceError(
            "A memory in a database needs a SQLAlchemy URL.",
            received=url.partition("://")[0] + "://…",  # there may be a password behind it
            hint="Write it as postgresql+psycopg://user:password@host/name.",
        ) from error
