"""Reading one database: SQLite through the standard library, others through SQLAlchemy. Nothing here can write."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from mlpack.errors import InvalidArgument, MissingFramework, StoreFailure

if TYPE_CHECKING:
    from sqlalchemy import Engine

Row = Mapping[str, Any]

#: The schemes of databases that MLflow keeps its stores in; ``+driver`` may follow.
DIALECTS = ("sqlite", "postgresql", "mysql", "mssql")
#: How many values one condition lists; databases bound the parameters of a statement.
LISTED = 2000
#: How many seconds a reader waits while MLflow writes.
_PATIENCE = 30
_ANY: Mapping[str, str | int] = {}


class Database(ABC):
    """One database of MLflow's. Schemas differ by release: a column that is not there is absent from its rows."""

    #: Its URI without the password: what messages call it.
    name: str

    @abstractmethod
    def select(self, statement: str, values: Mapping[str, Any]) -> Iterator[Row]:
        """The rows of a query whose parameters are written ``:name``."""

    @abstractmethod
    def _tables(self) -> set[str]:
        """The names of its tables."""

    @cached_property
    def tables(self) -> set[str]:
        """The names of its tables, read once."""
        return self._tables()

    def rows(
        self,
        table: str,
        equal: Mapping[str, str | int] = _ANY,
        *,
        among: tuple[str, Sequence[Any]] | None = None,
        order: str = "",
    ) -> Iterator[Row]:
        """The rows of a table whose columns equal these values, one of them one of several; none if there is no table.

        The names are ours, never a caller's; values are parameters. ``order`` calls the table ``t``.
        """
        if table not in self.tables:
            return
        # A name after a dot needs no quotes, though it be a reserved word such as key.
        tests = [f"t.{column} = :{column}" for column in equal]
        column, listed = among or ("", ())
        for start in range(0, len(listed), LISTED) if among else (0,):
            some = {f"among_{number}": value for number, value in enumerate(listed[start : start + LISTED])}
            also = [f"t.{column} IN ({', '.join(f':{name}' for name in some)})"] if some else []
            where = f" WHERE {' AND '.join(tests + also)}" if tests or also else ""
            statement = f"SELECT t.* FROM {table} t{where}{order and f' ORDER BY {order}'}"  # noqa: S608
            for row in self.select(statement, {**equal, **some}):
                # One database may hold several workspaces, and some compare texts without regard to case.
                if row.get("workspace", "default") == "default" and all(row[at] == equal[at] for at in equal):
                    yield row


class SqliteFile(Database):
    """A SQLite file, opened so that nothing is locked, migrated or made (but what a log of writes ahead needs)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = f"sqlite:///{path}"
        self._opened: tuple[tuple[int, ...], sqlite3.Connection] | None = None

    def select(self, statement: str, values: Mapping[str, Any]) -> Iterator[Row]:
        try:
            with contextlib.closing(self._connection().execute(statement, values)) as found:
                columns = [column[0] for column in found.description]
                yield from (dict(zip(columns, row, strict=True)) for row in found)
        except sqlite3.Error as error:
            raise StoreFailure(f"{self._path} cannot be read as a database of MLflow ({error})") from error

    def _tables(self) -> set[str]:
        return {str(row["name"]) for row in self.select("SELECT name FROM sqlite_master", {})}

    def _connection(self) -> sqlite3.Connection:
        """The connection that is kept, as opening one reads the schema; another after a fork, or for a new file."""
        try:
            found = self._path.stat()
        except OSError as error:
            raise StoreFailure(
                f"there is no database {self._path}", tip="check the path of the tracking URI"
            ) from error
        # What is taken for immutable may be put in its place anew.
        sealed = self._is_sealed()
        key = (os.getpid(), found.st_dev, found.st_ino, found.st_mtime_ns if sealed else 0)
        if self._opened is None or self._opened[0] != key:
            uri = f"file:{quote(str(self._path))}?{'immutable=1' if sealed else 'mode=ro'}"
            connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE, check_same_thread=False)
            weakref.finalize(self, connection.close)
            self._opened = key, connection
        return self._opened[1]

    def _is_sealed(self) -> bool:
        """Whether it is in a folder that is read only, and would need to make a log of writes there to be read.

        Databases that MLflow converted from a file store have such a log; where it is there, somebody writes.
        """
        effective = os.access in os.supports_effective_ids
        if os.access(self._path.parent, os.W_OK, effective_ids=effective) or Path(f"{self._path}-wal").exists():
            return False
        with self._path.open("rb") as file:
            return file.read(19)[18:] == b"\2"  # by https://www.sqlite.org/fileformat.html


class OtherDatabase(Database):
    """Any other database, through SQLAlchemy."""

    def __init__(self, uri: str) -> None:
        try:
            import sqlalchemy
        except ImportError as error:
            raise MissingFramework("sqlalchemy", needed_for="a store in this database", extra="sql") from error
        try:
            self._engine: Engine = sqlalchemy.create_engine(uri, pool_pre_ping=True)
        except sqlalchemy.exc.ArgumentError as error:
            raise InvalidArgument("the tracking URI is no URI of a database") from error
        except ModuleNotFoundError as error:
            raise MissingFramework(error.name or "its driver", needed_for="a store in this database") from error
        self.name = self._engine.url.render_as_string(hide_password=True)

    def select(self, statement: str, values: Mapping[str, Any]) -> Iterator[Row]:
        from sqlalchemy import text
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.connect() as connection:
                yield from (dict(row) for row in connection.execute(text(statement), dict(values)).mappings())
        except SQLAlchemyError as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Close the connections that are kept."""
        self._engine.dispose()

    def _tables(self) -> set[str]:
        from sqlalchemy import inspect
        from sqlalchemy.exc import SQLAlchemyError

        try:
            return set(inspect(self._engine).get_table_names())
        except SQLAlchemyError as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> StoreFailure:
        cause = getattr(error, "orig", None) or error
        return StoreFailure(f"{self.name} cannot be read ({cause})", tip="check the tracking URI and the database")


def open_database(uri: str) -> Database:
    """The database at a URI as SQLAlchemy writes them, which for SQLite is a path after three slashes."""
    scheme, _, rest = uri.partition("://")
    if scheme.partition("+")[0] != "sqlite":
        return OtherDatabase(uri)
    path = rest.partition("?")[0].removeprefix("/")
    if not rest.startswith("/") or not path or path == ":memory:":
        raise InvalidArgument(f"{uri!r} names no file", tip="write sqlite:///file.db, or sqlite:////path/to/file.db")
    # SQLAlchemy takes the path as it stands, but MLflow quotes that of its default.
    return SqliteFile((Path(path) if Path(path).exists() else Path(unquote(path))).absolute())
