"""What an import will write, made ready before its transaction in temporary tables of this connection.

SQLite has one write lock, and others wait while an import holds it: inside it only whole tables are moved. Temporary
tables lie in the connection's memory and need no lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import peewee

from learnhub.kernel import clock
from learnhub.kernel.db import db, is_postgres
from learnhub.kernel.text import fold_name
from learnhub.org.audit import Entry
from learnhub.org.models import AuditLine, Person
from learnhub.org.roster.models import ImportLine

_ROWS_AT_ONCE = 1000
_FIELDS = (
    *(Person.id, Person.staff_no, Person.name, Person.name_folded, Person.unit, Person.branch, Person.rank),
    *(Person.duty, Person.is_active, Person.since, Person.created_at),
)
_COLUMNS = ", ".join(f'"{field.column_name}"' for field in _FIELDS)
_TABLES = ("staged_person", "staged_entry")


@contextmanager
def staged() -> Iterator[Staged]:
    """Empty temporary tables, gone at the end."""
    made = Staged()
    _drop()
    db.execute_sql(f"CREATE TEMPORARY TABLE staged_person AS SELECT {_COLUMNS}, 0 AS line_id FROM person WHERE 1 = 0")  # noqa: S608
    db.execute_sql(
        "CREATE TEMPORARY TABLE staged_entry"
        " (action TEXT, person_id INTEGER, is_new INTEGER, unit_id INTEGER, detail TEXT)"
    )
    try:
        yield made
    finally:
        if not db.is_closed():
            _drop()


def _drop() -> None:
    for table in _TABLES:
        db.execute_sql(f"DROP TABLE IF EXISTS {table}")


class Staged:
    """The temporary tables. On PostgreSQL the ids of people are drawn beforehand; on SQLite they are counted from 1 and
    moved up to the first free one inside the transaction (:meth:`add_people`)."""

    def __init__(self) -> None:
        self.count = 0
        self._first = 1

    def take_people(self, lines: Sequence[ImportLine], now: datetime) -> None:
        """People to be added."""
        today = clock.local_date(now)
        rows = []
        for person_id, line in zip(self._ids(len(lines)), lines, strict=True):
            new = line.after
            since = date.fromisoformat(new["since"]) if new["since"] else today
            values = (
                *(person_id, new["staff_no"] or None, new["name"], fold_name(new["name"]), new["unit_id"]),
                *(new["branch_id"], new["rank_id"], new["duty"], True, since, now),
            )
            ready = (field.db_value(value) for field, value in zip(_FIELDS, values, strict=True))
            rows.append((*ready, line.id))
        self.count += len(rows)
        _insert("staged_person", len(_FIELDS) + 1, rows)

    def _ids(self, count: int) -> list[int]:
        if is_postgres():
            statement = "SELECT nextval(pg_get_serial_sequence('person', 'id')) FROM generate_series(1, %s)"
            return [row[0] for row in db.execute_sql(statement, (count,)).fetchall()]
        return list(range(self.count + 1, self.count + count + 1))

    def take_entries(self, entries: Iterable[tuple[Entry, bool]]) -> None:
        """Lines of the audit trail, in their order; True beside those of people to be added, in the order of these."""
        rows = (
            (entry.action, entry.subject_id, int(is_new), entry.unit_id, AuditLine.detail.db_value(entry.detail))
            for entry, is_new in entries
        )
        for batch in peewee.chunked(rows, _ROWS_AT_ONCE):
            _insert("staged_entry", 5, batch)

    def add_people(self) -> None:
        """Adds the people and notes in the lines of the run who they are; inside the transaction."""
        if not self.count:
            return
        # Not the ids of people whom an undone import has taken away: their audit lines stay.
        shift = 0 if is_postgres() else max(_highest(Person.id), _highest(ImportLine.person_id))
        self._first = 1 + shift
        others = _COLUMNS.partition(", ")[2]
        db.execute_sql(
            f"INSERT INTO person ({_COLUMNS}) SELECT id + {shift}, {others} FROM staged_person ORDER BY id"  # noqa: S608
        )
        db.execute_sql(
            f"UPDATE import_line SET person_id = staged_person.id + {shift}"  # noqa: S608
            " FROM staged_person WHERE import_line.id = staged_person.line_id"
        )

    def entries(self) -> Iterator[Entry]:
        """The entries, those of new people with the ids that these have been given."""
        new = iter(db.execute_sql("SELECT id FROM staged_person ORDER BY line_id"))
        shift = self._first - 1
        told = db.execute_sql("SELECT action, person_id, is_new, unit_id, detail FROM staged_entry")
        for action, person_id, is_new, unit_id, detail in told:
            subject_id = next(new)[0] + shift if is_new else person_id
            yield Entry(action, "person", subject_id, unit_id, detail)


def _highest(field: peewee.Field) -> int:
    return int(field.model.select(peewee.fn.MAX(field)).scalar() or 0)


def _insert(table: str, width: int, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join([db.obj.param] * width)
        db.cursor().executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
