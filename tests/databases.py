"""A fresh database for each test, on SQLite and on PostgreSQL: a clone of a template that was migrated once."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from learnhub.kernel.db import connect, db
from learnhub.migrations import migrate

_numbers = itertools.count()


class SqliteTemplates:
    """Template databases as files; a clone is a copy of a closed file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def clone(self, name: str, fill: Callable[[], Any]) -> Iterator[str]:
        """The URL of a copy of the template ``name``, made by ``fill`` at its first use; bound and open."""
        template = self.folder / f"{name}.sqlite3"
        if not template.exists():
            part = template.with_suffix(".part")
            _fill(f"sqlite:///{part}", fill)
            part.rename(template)
        path = self.folder / f"clone-{next(_numbers)}.sqlite3"
        shutil.copyfile(template, path)
        url = f"sqlite:///{path}"
        try:
            yield _bind(url)
        finally:
            _close()
            for file in self.folder.glob(path.name + "*"):
                file.unlink()

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of a database without tables, not bound."""
        path = self.folder / f"empty-{next(_numbers)}.sqlite3"
        try:
            yield f"sqlite:///{path}"
        finally:
            _close()
            for file in self.folder.glob(path.name + "*"):
                file.unlink()


class PostgresTemplates:
    """Template databases on the test run's own server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.made: set[str] = set()

    @contextmanager
    def clone(self, name: str, fill: Callable[[], Any]) -> Iterator[str]:
        """As :meth:`SqliteTemplates.clone`."""
        template = f"template_{name}"
        if template not in self.made:
            self._execute(f"CREATE DATABASE {template}")
            _fill(self._url_of(template), fill)
            self.made.add(template)
        database = f"clone_{next(_numbers)}"
        self._execute(f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield _bind(self._url_of(database))
        finally:
            _close()
            self._execute(f"DROP DATABASE {database} WITH (FORCE)")

    @contextmanager
    def empty(self) -> Iterator[str]:
        """As :meth:`SqliteTemplates.empty`."""
        database = f"empty_{next(_numbers)}"
        self._execute(f"CREATE DATABASE {database} TEMPLATE template0 STRATEGY file_copy")
        try:
            yield self._url_of(database)
        finally:
            _close()
            self._execute(f"DROP DATABASE {database} WITH (FORCE)")

    def _url_of(self, database: str) -> str:
        return urlsplit(self.url)._replace(path=f"/{database}").geturl()

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


def _fill(url: str, fill: Callable[[], Any]) -> None:
    _bind(url)
    migrate(db.obj)
    fill()
    _close()


def _bind(url: str) -> str:
    _close()
    connect(url)
    return url


def _close() -> None:
    if db.obj is not None and not db.is_closed():
        db.close()
