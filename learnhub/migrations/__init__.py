"""The schema's history: numbered files, applied in order, each once, on SQLite and PostgreSQL alike.

A migration keeps frozen copies of the tables that it touches, so that it means the same for ever.
"""

from __future__ import annotations

from pathlib import Path

import peewee
from playhouse.migrations import Runner

FOLDER = Path(__file__).parent


def migrate(database: peewee.Database, *, target: str | None = None) -> list[str]:
    """Applies what is missing (up to ``target``) and returns the names; nothing missing: an empty list."""
    return list(Runner(database, str(FOLDER), table_name="schema_migration").up(target))


def pending(database: peewee.Database) -> list[str]:
    """The names of migrations not yet applied."""
    return [
        row.name for row in Runner(database, str(FOLDER), table_name="schema_migration").status() if not row.applied
    ]
