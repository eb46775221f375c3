"""The writes of an import by the thousand: its lines, its people, and taking them back. Inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import peewee

from learnhub.kernel.bulk import insert_rows, update_rows
from learnhub.kernel.db import db
from learnhub.kernel.errors import Conflict
from learnhub.kernel.text import fold_name
from learnhub.org import history
from learnhub.org.audit import Entry
from learnhub.org.models import Person, PersonSpell, Reading, TreeChange
from learnhub.org.roster.cells import Cell
from learnhub.org.roster.models import ImportLine, ImportRun
from learnhub.org.roster.rules import CHANGED, CREATED, Line
from learnhub.org.roster.staging import Staged
from learnhub.org.scope import Actor

_ROWS_AT_ONCE = 1000
_Group = tuple[tuple[str, ...], list[tuple[Any, ...]]]
_LOOKS = (Reading,)
"""Tables that only say that somebody looked: what they hold of a person goes with the person."""


def keep_lines(run: ImportRun, lines: Sequence[Line]) -> None:
    """Writes the lines of a plan; of the cells only those whose columns are used."""
    used = [bool(name) for name in run.columns]
    fields = [getattr(ImportLine, name) for name in ImportLine._meta.sorted_field_names if name != "id"]
    names = [field.name for field in fields]
    rows = []
    for line in lines:
        values = {
            "run": run.id, "sheet": line.row.sheet, "row": line.row.number, "outcome": line.outcome, "code": line.code,
            "params": line.params, "cells": _shown(line.row.cells, used), "after": line.after, "before": line.before,
            "unit_id": line.unit_id, "person_id": line.person_id,
        }  # fmt: skip
        rows.append([values[name] for name in names])
    insert_rows(ImportLine, fields, rows)


def _shown(cells: Sequence[Cell], used: Sequence[bool]) -> list[str]:
    return [
        (cell if isinstance(cell, str) else cell.shown) if use else "" for cell, use in zip(cells, used, strict=False)
    ]


def lines_of(run: ImportRun, outcome: str | None = None) -> Iterator[ImportLine]:
    """The lines of a run in the order of the file, read by the thousand."""
    last = 0
    condition = ImportLine.run == run.id
    if outcome:
        condition &= ImportLine.outcome == outcome
    while batch := list(
        ImportLine.select().where(condition & (ImportLine.id > last)).order_by(ImportLine.id).limit(_ROWS_AT_ONCE)
    ):
        yield from batch
        last = batch[-1].id


class Ready:
    """What applying or undoing a run will write, read and computed before the transaction."""

    def __init__(self, staged: Staged) -> None:
        self.staged = staged
        self.changes: list[_Group] = []
        self.joining: list[int] = []


def make_ready(run: ImportRun, staged: Staged, now: datetime) -> Ready:
    """Everything that applying the run will write. No lock is held."""
    ready = Ready(staged)
    with db.atomic():  # of the connection's own temporary tables: takes no lock on SQLite
        for batch in peewee.chunked(lines_of(run, CREATED), _ROWS_AT_ONCE):
            staged.take_people(batch, now)
        for batch in peewee.chunked(lines_of(run, CHANGED), _ROWS_AT_ONCE):
            ready.joining += [line.person_id for line in batch if "branch_id" in line.after]
            ready.changes += _groups([(line.person_id, line.after) for line in batch])
        staged.take_entries(_entries_of(run))
    return ready


def write_people(actor: Actor, run: ImportRun, ready: Ready, now: datetime) -> int | None:
    """Adds and changes the people of the plan; returns the dated act by which some came into a Party branch, if any."""
    ready.staged.add_people()
    change: TreeChange | None = None
    for joining in peewee.chunked(ready.joining, _ROWS_AT_ONCE):
        change = change or history.begin(actor, "import", now=now, run=run.id)
        history.keep_people(Person.id.in_(joining), change)
        Person.update(since=change.day).where(Person.id.in_(joining)).execute()
    _put(ready.changes)
    return change.id if change else None


_COLUMNS = {
    "name": Person.name,
    "staff_no": Person.staff_no,
    "rank_id": Person.rank,
    "duty": Person.duty,
    "branch_id": Person.branch,
}


def _groups(changes: Sequence[tuple[int, dict[str, Any]]]) -> list[_Group]:
    """The same changes, those that set the same fields together: one statement for each group."""
    by_fields: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for person_id, values in changes:
        names = tuple(sorted(values))
        by_fields.setdefault(names, []).append((*_values(values, names), person_id))
    return list(by_fields.items())


def _put(groups: Sequence[_Group]) -> None:
    """Gives people these values."""
    # Numbers that are given back come before those that are given: two people may have changed theirs.
    for names, rows in groups:
        if "staff_no" in names:
            Person.update(staff_no=None).where(Person.id.in_([row[-1] for row in rows])).execute()
    for names, rows in groups:
        fields = [_COLUMNS[name] for name in names] + ([Person.name_folded] if "name" in names else [])
        update_rows(Person, fields, Person.id, rows)


def _values(values: dict[str, Any], names: Sequence[str]) -> tuple[Any, ...]:
    given = tuple(values[name] or None if name == "staff_no" else values[name] for name in names)
    return given + ((fold_name(values["name"]),) if "name" in names else ())


def _entries_of(run: ImportRun, *, undone: bool = False, reason: str = "") -> Iterator[tuple[Entry, bool]]:
    """An audit entry for each person whom the import adds or changes, and whether the person has no id yet."""
    more = {"import": run.id, **({"reason": reason} if undone else {})}
    for line in lines_of(run, CREATED):
        action = "person.removed" if undone else "person.added"
        detail = {"name": line.after["name"], "staff_no": line.after["staff_no"], **more}
        yield Entry(action, "person", line.person_id, line.unit_id, detail), not undone
    for line in lines_of(run, CHANGED):
        before, after = (line.after, line.before) if undone else (line.before, line.after)
        told = {"before": before, "after": after, **more}
        yield Entry("person.changed", "person", line.person_id, line.unit_id, told), False


def _people(run: ImportRun, outcome: str) -> peewee.ModelSelect:
    return ImportLine.select(ImportLine.person_id).where((ImportLine.run == run.id) & (ImportLine.outcome == outcome))


def make_ready_to_undo(run: ImportRun, staged: Staged) -> Ready:
    """Everything that undoing the run will write. No lock is held."""
    ready = Ready(staged)
    with db.atomic():
        for batch in peewee.chunked(lines_of(run, CHANGED), _ROWS_AT_ONCE):
            ready.changes += _groups([(line.person_id, line.before) for line in batch])
        staged.take_entries(_entries_of(run, undone=True, reason=run.reason))
    return ready


def require_unused(run: ImportRun) -> None:
    """Refuses with Conflict when anything points to a person whom the run added."""
    added = _people(run, CREATED)
    depending: set[int] = set()
    for key, table in Person._meta.backrefs.items():
        if table not in _LOOKS:
            depending.update(one for (one,) in table.select(key).where(key.in_(added)).distinct().tuples())
    if depending:
        raise Conflict("org.import_depended_on", count=len(depending))


def require_unchanged(run: ImportRun) -> None:
    """Refuses with Conflict when one of the run's people is no longer as it left them."""
    changed = sum(_differing(batch) for batch in peewee.chunked(lines_of(run, CREATED), _ROWS_AT_ONCE))
    changed += sum(_differing(batch) for batch in peewee.chunked(lines_of(run, CHANGED), _ROWS_AT_ONCE))
    changed += _moved_since(run)
    if changed:
        raise Conflict("org.import_changed_since", count=changed)


def _differing(lines: Sequence[ImportLine]) -> int:
    """How many people of these lines are no longer as the import left them."""
    ids = [line.person_id for line in lines]
    fields = (Person.id, Person.name, Person.staff_no, Person.unit, Person.rank, Person.duty, Person.branch)
    people = {
        row[0]: dict(zip(("name", "staff_no", "unit_id", "rank_id", "duty", "branch_id"), row[1:], strict=True))
        for row in Person.select(*fields).where(Person.id.in_(ids) & Person.is_active).tuples()
    }
    return sum(
        line.person_id not in people
        or any((people[line.person_id].get(name, value) or "") != (value or "") for name, value in line.after.items())
        for line in lines
    )


def _moved_since(run: ImportRun) -> int:
    """How many of those who came into a Party branch by the run stand otherwise since a later day."""
    change = TreeChange.get_or_none(TreeChange.id == run.found.get("change"))
    if change is None:
        return 0
    spells = PersonSpell.select().join(Person).where((PersonSpell.change == change) & (Person.since != change.day))
    return int(spells.count())


def take_back(run: ImportRun, ready: Ready) -> None:
    """Removes those whom the run added and gives the others their old values."""
    added = _people(run, CREATED)
    for table in _LOOKS:
        for key in (key for key, model in Person._meta.backrefs.items() if model is table):
            table.delete().where(key.in_(added)).execute()
    Person.delete().where(Person.id.in_(added)).execute()
    _put(ready.changes)
    _forget_joining(run.found.get("change"))


def _forget_joining(change_id: int | None) -> None:
    """Takes the dated act back by which people came into a Party branch."""
    if change_id is None:
        return
    own = PersonSpell.change == change_id
    since = list(PersonSpell.select(PersonSpell.from_day, PersonSpell.person).where(own).tuples())
    update_rows(Person, [Person.since], Person.id, since)
    PersonSpell.delete().where(own).execute()
    TreeChange.delete().where(TreeChange.id == change_id).execute()
