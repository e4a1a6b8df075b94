"""One friction log: where it lies, and transactions on it. One writer at a time, readers never wait.

In SQLite a writer begins with BEGIN IMMEDIATE, in PostgreSQL with an advisory lock: whoever holds it sees all that was
committed before, so that what is looked up first and added then cannot be added twice.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import NullPool

from signaltriage.errors import LogError, UsageError
from signaltriage.store.log.migrating import migrate, revision_of
from signaltriage.store.log.schema import HEAD

WRITER_LOCK: Final = 7_205_759_403
"""Any number, the same for all: the key of PostgreSQL's advisory lock."""
_WAIT_SECONDS: Final = 300
_SQLITE_HEAD: Final = b"SQLite format 3\x00"
Row = Sequence[Any]
"""Plain values in the order of the columns."""


@dataclass(frozen=True)
class FrictionLog:
    """An open log, of the newest schema. Made by `open`; to be closed, or used in a `with`."""

    name: str
    """Where it lies, for a person; a password in a URL is not shown."""
    engine: Engine

    @classmethod
    def open(cls, where: str | Path, *, create: bool = True) -> Self:
        """Open a log, made or brought up to date if need be; safe when several processes do so at once.

        Args:
            where: path of a SQLite file, or a URL such as postgresql://user:password@host/database.
            create: whether one is made where there is none.

        Raises:
            LogError: there is none, it is something else, it was written by a newer version, no connection.
            UsageError: a URL of another database, or the driver is not installed.
        """
        url = url_of(where)
        name = _name(url)
        if url.drivername.startswith("sqlite"):
            _check_file(Path(url.database or ""), create=create)
        log = cls(name, _engine(url))
        try:
            with said_plainly(name):
                _bring_up_to_date(log, create=create)
        except BaseException:
            log.close()
            raise
        return log

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads: it sees the log as it was at one moment.

        Raises:
            LogError: the database failed.
        """
        with said_plainly(self.name), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The transaction of the one writer there is at a time: committed whole on a clean exit, else undone.

        Raises:
            LogError: the database failed, or was busy for minutes.
        """
        with (
            said_plainly(self.name),
            self.engine.connect().execution_options(writer=True) as connection,
            connection.begin(),
        ):
            take_lock(connection)
            yield connection


def url_of(where: str | Path) -> URL:
    """The URL of a path or URL as a user gives it.

    Raises:
        UsageError: of a database that is not supported, or not of the form of a URL.
    """
    given = str(where)
    if "://" not in given:
        return URL.create("sqlite", database=given)
    try:
        url = make_url(given)
    except ArgumentError as error:
        raise UsageError("That is not the URL of a database.", remedy=_FORMS) from error
    if url.drivername in {"postgresql", "postgres", "postgresql+pg8000"}:
        return url.set(drivername="postgresql+pg8000")
    if url.drivername == "sqlite" and url.database:
        return url
    raise UsageError(f"A log cannot be kept in “{url.drivername}”.", remedy=_FORMS)


_FORMS: Final = "Give the path of a file, such as friction.db, or postgresql://user:password@host/database."


def _name(url: URL) -> str:
    if url.drivername == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql").render_as_string(hide_password=True)


def take_lock(connection: Connection) -> None:
    """Become the one writer, until the transaction ends. In SQLite its beginning has done so."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(WRITER_LOCK)))


def next_id(connection: Connection, table: Table) -> int:
    """The id of the next row of a table; for the writer only."""
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1


def insert(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Add rows of plain values: moments as `moment_text` gives them."""
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', [tuple(r) for r in rows])
        return
    # One round trip for all rows; an executemany would make one for each.
    records = json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False)
    statement = (
        f'INSERT INTO "{table.name}" ({names}) '
        f'SELECT {names} FROM json_populate_recordset(CAST(NULL AS "{table.name}"), CAST(:records AS json))'
    )
    connection.execute(text(statement), {"records": records})


@contextmanager
def said_plainly(name: str) -> Iterator[None]:
    """Turn what a driver raises into an LogError with a remedy; the values of the statement are not shown."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise LogError(f"{name}: {_reason(error)}", remedy=_remedy(error)) from error
    except DatabaseError as error:
        raise LogError(
            f"{name}: {_reason(error)}", remedy="See whether the file is a friction log, whole, and yours to write."
        ) from error


def _reason(error: DBAPIError) -> str:
    found = error.orig.args[0] if error.orig is not None and error.orig.args else error.orig
    if isinstance(found, dict):  # pg8000 gives the fields of the server's message
        found = found.get("M", found)
    return str(found).strip().splitlines()[0] if str(found).strip() else type(error).__name__


def _remedy(error: DBAPIError) -> str:
    reason = str(error.orig)
    if "locked" in reason:
        return "Another program holds the log: close it, and run this again."
    if "full" in reason:
        return "Make room on the disk, and run this again: it goes on where it stopped."
    if "unable to open" in reason or "readonly" in reason:
        return "Check the path and your rights there."
    return "See that it is a database, whole and yours to write; of a server also that it runs, user and password."


def _check_file(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise LogError(f"{path} is a folder, not a friction log.", remedy="Name a file in it, such as friction.db.")
    if path.exists():
        with path.open("rb") as stream:
            start = stream.read(len(_SQLITE_HEAD))
        if start and start != _SQLITE_HEAD:
            raise LogError(f"{path} is not a friction log.", remedy="Name another file for the log.")
        return
    if not create:
        raise LogError(f"There is no friction log at {path}.", remedy="Make one: signaltriage capture FILE --log LOG")
    if not path.parent.is_dir():
        raise LogError(f"There is no folder {path.parent}.", remedy="Make it, or name another place for the log.")


def _engine(url: URL) -> Engine:
    if url.drivername == "sqlite":
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _WAIT_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(url)  # no pre-ping: it would leave a transaction open, in which nothing can be vacuumed
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise UsageError(
            "The driver for PostgreSQL is not installed.", remedy='pip install "signaltriage[postgres]"'
        ) from error


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # Python's own BEGIN would leave out reads and schema changes
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is forgotten must not stay behind in free pages


def _begin_sqlite(connection: Connection) -> None:
    writer = connection.get_execution_options().get("writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def _bring_up_to_date(log: FrictionLog, *, create: bool) -> None:
    if log.is_sqlite:
        _write_ahead(log.engine)
    with log.engine.connect() as connection:
        found = revision_of(connection)
    if found == HEAD:
        return
    if found is None and not create:
        raise LogError(f"{log.name} holds no friction log.", remedy="Make one: signaltriage capture FILE --log LOG")
    with log.writing() as connection:
        if revision_of(connection) != HEAD:  # else another process was faster
            migrate(connection, log.name)


def _write_ahead(engine: Engine) -> None:
    """Have SQLite write ahead, so that readers and the writer do not wait for each other; kept in the file."""
    connection = engine.raw_connection()
    try:
        for attempt in range(_WAIT_SECONDS * 10):
            try:
                cursor = connection.cursor()
                if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                    cursor.execute("PRAGMA journal_mode = WAL").fetchone()
                return
            except engine.dialect.dbapi.DatabaseError as error:  # type: ignore[union-attr]  # an engine of a file has it
                # The change of mode does not wait for others, as all else does.
                if "locked" not in str(error) or attempt == _WAIT_SECONDS * 10 - 1:
                    raise DatabaseError(None, None, error) from error
                time.sleep(0.1)
    finally:
        connection.close()
