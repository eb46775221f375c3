"""The database: one proxy, SQLite by default, PostgreSQL by a setting.

SQLite runs with WAL and ``synchronous=FULL``: a commit that was answered survives a power cut.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import peewee

from learnhub.kernel.errors import Unavailable

db = peewee.DatabaseProxy()

SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "busy_timeout": 15_000,
    "cache_size": -32_000,
    "temp_store": "memory",
}


class Model(peewee.Model):
    """The base of every table: names are those of the class in snake case."""

    class Meta:
        database = db
        legacy_table_names = False


class UtcDateTimeField(peewee.DateTimeField):
    """An instant: aware UTC in Python, naive UTC in the database; a naive value is refused."""

    def db_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"naive datetime for {self.name}")
            value = value.astimezone(UTC).replace(tzinfo=None)
        return super().db_value(value)

    def python_value(self, value: Any) -> Any:
        value = super().python_value(value)
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


class JsonField(peewee.TextField):
    """A JSON document kept as text; keys keep their order, Chinese stays readable."""

    def db_value(self, value: Any) -> Any:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def python_value(self, value: Any) -> Any:
        return None if value is None else json.loads(value)


class PathField(peewee.CharField):
    """A materialised path such as ``/1/5/88/``, compared byte by byte on both databases."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=255, **kwargs)

    def ddl(self, ctx: peewee.Context) -> peewee.Node:
        self.collation = '"C"' if is_postgres() else None
        return super().ddl(ctx)

    def within(self, root: str) -> peewee.Expression:
        """True for ``root`` itself and all below it ('0' is the character after '/')."""
        return (self >= root) & (self < root[:-1] + "0")


def is_postgres() -> bool:
    """True when the configured database is PostgreSQL."""
    return isinstance(db.obj, peewee.PostgresqlDatabase)


def open_database(url: str) -> peewee.Database:
    """A database for ``sqlite:///path`` or ``postgresql://user:password@host:port/name``; not yet connected."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = Path(unquote(parts.path[1:]))
        path.parent.mkdir(parents=True, exist_ok=True)
        return peewee.SqliteDatabase(str(path), pragmas=SQLITE_PRAGMAS, autoconnect=True, timeout=15)
    if parts.scheme == "postgresql":
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return peewee.PostgresqlDatabase(
            unquote(parts.path[1:]),
            user=unquote(parts.username or "") or None,
            password=unquote(parts.password or "") or None,
            host=query.get("host") or parts.hostname,
            port=parts.port or 5432,
            prefer_psycopg3=True,
            autoconnect=True,
        )
    raise ValueError(f"neither sqlite nor postgresql: {parts.scheme}")


def connect(url: str) -> peewee.Database:
    """Binds the proxy to the database at ``url`` and returns it; a connection to another one is closed."""
    database = open_database(url)
    if db.obj is not None and not db.is_closed():
        db.close()
    db.initialize(database)
    return database


@contextmanager
def transaction() -> Iterator[None]:
    """``with transaction():`` all or nothing; a full disk or a lost database is told as such.

    On SQLite the outermost block takes the write lock at once, so that two writers queue and never deadlock.
    """
    lock = () if is_postgres() or db.in_transaction() else ("IMMEDIATE",)
    planned = db.obj._state.commit_callbacks
    earlier = len(planned)
    try:
        with db.atomic(*lock):
            yield
    except BaseException as failure:
        del planned[earlier:]  # peewee keeps what a block that was undone had planned for the commit
        if isinstance(failure, peewee.OperationalError | peewee.InterfaceError):
            raise_if_storage(failure)
        raise


def raise_if_storage(error: BaseException | None) -> None:
    """Turns a full disk, a busy or a vanished database into :class:`Unavailable`; returns for all else."""
    while error is not None:
        text = str(error).lower()
        for sign, code in _STORAGE_SIGNS.items():
            if sign in text:
                raise Unavailable(code) from error
        error = error.__cause__ or error.__context__


_STORAGE_SIGNS = {
    "disk is full": "kernel.disk_full",
    "no space left on device": "kernel.disk_full",
    "disk i/o error": "kernel.disk_failed",
    "database is locked": "kernel.database_busy",
    "deadlock detected": "kernel.database_busy",
    "too many clients": "kernel.database_busy",
    "connection refused": "kernel.database_away",
    "server closed the connection": "kernel.database_away",
    "terminating connection": "kernel.database_away",
    "connection is closed": "kernel.database_away",
    "connection is lost": "kernel.database_away",
    "database system is": "kernel.database_away",  # … starting up, shutting down
}


def give_back_if_broken() -> None:
    """Closes this thread's connection when it can serve nobody any more; the next statement opens a new one.

    Otherwise a connection lives as long as its thread.
    """
    if db.is_closed():
        return
    usable = db.obj.is_connection_usable() if is_postgres() else not db.connection().in_transaction
    if db.in_transaction() or not usable:
        while db.in_transaction():
            db.pop_transaction()  # peewee closes nothing that it believes to be inside a transaction
        db.close()


def after_commit(call: Callable[[], None]) -> None:
    """Runs ``call`` once the outermost transaction has committed (at once outside of one).

    What was planned in a :func:`transaction` that is undone does not run, whether or not those around it commit.
    """
    db.after_commit(call)


def locked(query: peewee.Query) -> peewee.Query:
    """The rows of ``query`` kept from other writers until the transaction ends.

    SQLite needs nothing: :func:`transaction` has taken the only write lock already.
    """
    return query.for_update("FOR NO KEY UPDATE") if is_postgres() else query
