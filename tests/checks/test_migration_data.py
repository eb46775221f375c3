"""Each earlier state of the schema, with a row in every table, comes up to the present one with nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import peewee
import pytest

from learnhub.kernel.db import connect, is_postgres
from learnhub.kernel.db import db as database
from learnhub.migrations import FOLDER, migrate, pending
from tests.databases import PostgresTemplates, SqliteTemplates

NAMES = sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))
KEPT_APART = {"schema_migration", "sqlite_sequence"}


@pytest.fixture
def bare(engine: SqliteTemplates | PostgresTemplates) -> Iterator[str]:
    """A database without any table, bound."""
    with engine.empty() as url:
        connect(url)
        yield url


def tables() -> list[str]:
    """The tables that exist, those that others point to first."""
    names = set(database.get_tables()) - KEPT_APART
    ordered: list[str] = []
    while left := sorted(names - set(ordered)):
        free = [name for name in left if not _parents(name) - set(ordered) - {name}]
        assert free, f"tables that point to each other in a ring: {left}"
        ordered += free
    return ordered


def _parents(table: str) -> set[str]:
    return {key.dest_table for key in database.get_foreign_keys(table)}


def value_for(column: peewee.ColumnMetadata) -> Any:
    """A value that suits the column's type and differs from what an empty one would hold."""
    kind = column.data_type.lower()
    if "bool" in kind:
        return True if is_postgres() else 1
    if "int" in kind or "serial" in kind:
        return 7
    if any(word in kind for word in ("real", "double", "float", "numeric", "decimal")):
        return 0.5
    if "time" in kind:
        return datetime(2025, 12, 31, 15, 59, 59, 123456) if is_postgres() else "2025-12-31 15:59:59.123456"
    if "date" in kind:
        return "2026-01-01" if column.name.startswith("until") else "2025-12-31"
    if "blob" in kind or "bytea" in kind:
        return b"\x00\xff"
    return '["䶮"]' if column.name in JSON_COLUMNS else "阿依·䶮"[: 2 if "(" in kind else 9]


# Tables that a later migration poured into another one; that nothing got lost on the way is tested beside the feature.
REPLACED = {"record_view": "reading"}

# Columns of which the database itself allows certain values only.
RULED = {("unit", "level"): "city"}
JSON_COLUMNS = {"payload", "facts", "questions", "seen", "evidence", "details", "changes"}


def insert_row(table: str) -> None:
    """One row in which every column has a value; what points to another table points to its row."""
    foreign = {key.column: key for key in database.get_foreign_keys(table)}
    values: dict[str, Any] = {}
    for column in database.get_columns(table):
        if column.name in foreign:
            key = foreign[column.name]
            if key.dest_table == table:
                continue  # the root of a tree points nowhere
            values[column.name] = _first(key.dest_table, key.dest_column)
        else:
            values[column.name] = RULED.get((table, column.name)) or value_for(column)
    mark = "%s" if is_postgres() else "?"
    columns = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(mark for _value in values)
    database.execute_sql(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', tuple(values.values()))


def _first(table: str, column: str) -> Any:
    return database.execute_sql(f'SELECT "{column}" FROM "{table}"').fetchone()[0]


def content(table: str, columns: list[str]) -> list[tuple[Any, ...]]:
    """All rows of a table, these columns of them."""
    named = ", ".join(f'"{name}"' for name in columns)
    rows = database.execute_sql(f'SELECT {named} FROM "{table}"').fetchall()
    return [tuple(bytes(one) if isinstance(one, memoryview) else one for one in row) for row in rows]


@pytest.mark.parametrize("state", NAMES)
def test_data_of_an_earlier_state_come_up_unchanged(bare: str, state: str) -> None:
    migrate(database.obj, target=state)
    before: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {}
    for table in tables():
        insert_row(table)
    for table in tables():
        columns = [column.name for column in database.get_columns(table)]
        before[table] = (columns, content(table, columns))
        assert len(before[table][1]) >= 1, f"nothing in {table}"
    assert migrate(database.obj) == NAMES[NAMES.index(state) + 1 :]
    assert pending(database.obj) == []
    before = {table: rows for table, rows in before.items() if table not in REPLACED}
    after = {table: content(table, columns) for table, (columns, _rows) in before.items()}
    assert {table: rows for table, (_columns, rows) in before.items()} == {
        table: [row for row in after[table] if row in before[table][1]] for table in after
    }
