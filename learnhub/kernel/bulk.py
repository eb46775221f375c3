"""Many rows by few statements: for imports by the hundred thousand, where building a query per row would cost minutes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import peewee

from learnhub.kernel.db import db


def insert_rows(table: type[peewee.Model], fields: Sequence[peewee.Field], rows: Iterable[Sequence[Any]]) -> None:
    """Inserts rows of values in the order of ``fields``; call it inside a transaction. Defaults do not apply."""
    insert_ready(table, fields, _ready(fields, rows))


def insert_ready(table: type[peewee.Model], fields: Sequence[peewee.Field], rows: Sequence[Sequence[Any]]) -> None:
    """The same for values that are already what the database keeps."""
    if not db.in_transaction():
        raise RuntimeError("many rows belong into one transaction")
    marks = ", ".join(db.obj.param for _ in fields)
    names = ", ".join(f'"{field.column_name}"' for field in fields)
    if rows:  # names of our own tables and columns only; the values go as parameters
        db.cursor().executemany(f'INSERT INTO "{table._meta.table_name}" ({names}) VALUES ({marks})', rows)  # noqa: S608


def update_rows(
    table: type[peewee.Model], fields: Sequence[peewee.Field], key: peewee.Field, rows: Iterable[Sequence[Any]]
) -> None:
    """Sets ``fields`` by ``key``: each row holds the values in that order, the key last; inside a transaction."""
    marks = ", ".join(f'"{field.column_name}" = {db.obj.param}' for field in fields)
    where = f'"{key.column_name}" = {db.obj.param}'
    _run(f'UPDATE "{table._meta.table_name}" SET {marks} WHERE {where}', (*fields, key), rows)  # noqa: S608


def _run(statement: str, fields: Sequence[peewee.Field], rows: Iterable[Sequence[Any]]) -> None:
    if not db.in_transaction():
        raise RuntimeError("many rows belong into one transaction")
    if values := _ready(fields, rows):
        db.cursor().executemany(statement, values)


def _ready(fields: Sequence[peewee.Field], rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    return [tuple(field.db_value(value) for field, value in zip(fields, row, strict=True)) for row in rows]
