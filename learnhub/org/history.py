"""Writes of the past: how things stood before a dated act. The present stays in the rows themselves.

A row's state counts from its ``since``. An act of the day D first copies the state that ends into a spell
[since, D) and then changes the row with ``since`` = D. What is changed twice on one day leaves no spell of no days: as
of a day means at its end.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import peewee

from learnhub.kernel import clock
from learnhub.org.models import Person, PersonSpell, Station, StationSpell, TreeChange, Unit, UnitSpell
from learnhub.org.scope import Actor


def begin(
    actor: Actor | None,
    kind: str,
    *,
    now: datetime,
    day: date | None = None,
    unit: Unit | None = None,
    other: Unit | None = None,
    reason: str = "",
    **detail: Any,
) -> TreeChange:
    """Writes down that an act of ``kind`` takes place, counting from ``day`` (default: today in China)."""
    return TreeChange.create(
        kind=kind,
        day=day or clock.local_date(now),
        at=now,
        actor=actor.person_id if actor else None,
        unit=unit,
        other=other,
        reason=reason[:300],
        detail=detail,
    )


def keep_units(condition: peewee.Expression, change: TreeChange) -> None:
    """Copies how these units stand into spells that end on the day of ``change``. One statement."""
    _keep(UnitSpell, UnitSpell.unit, Unit, (Unit.parent, Unit.name, Unit.level, Unit.is_retired), condition, change)


def keep_stations(condition: peewee.Expression, change: TreeChange) -> None:
    """The same for stations."""
    _keep(StationSpell, StationSpell.station, Station, (Station.unit, Station.name, Station.is_open), condition, change)


def keep_people(condition: peewee.Expression, change: TreeChange) -> None:
    """The same for people."""
    columns = (Person.unit, Person.branch, Person.is_active)
    _keep(PersonSpell, PersonSpell.person, Person, columns, condition, change)


def _keep(
    spell: type[UnitSpell] | type[StationSpell] | type[PersonSpell],
    subject: peewee.Field,
    table: type[Unit] | type[Station] | type[Person],
    columns: tuple[peewee.Field, ...],
    condition: peewee.Expression,
    change: TreeChange,
) -> None:
    until, act = (peewee.Value(change.day, converter=False), peewee.Value(change.id, converter=False))
    if isinstance(table._meta.database.obj, peewee.PostgresqlDatabase):
        until, act = until.cast("date"), act.cast("integer")
    stands = table.select(table.id, *columns, table.since, until, act).where(condition & (table.since < change.day))
    same = [getattr(spell, column.name) for column in columns]
    spell.insert_from(stands, [subject, *same, spell.from_day, spell.until_day, spell.change]).execute()


def put_people(condition: peewee.Expression, change: TreeChange, **values: Any) -> int:
    """Keeps how these people stood and gives them ``values`` from the day of ``change``; returns how many."""
    keep_people(condition, change)
    return int(Person.update(since=change.day, **values).where(condition).execute())


def put_stations(condition: peewee.Expression, change: TreeChange, **values: Any) -> int:
    """The same for stations."""
    keep_stations(condition, change)
    return int(Station.update(since=change.day, **values).where(condition).execute())


def put_unit(unit: Unit, change: TreeChange, **values: Any) -> None:
    """The same for one unit; ``parent`` is not among the values (``org.tree.hang_below`` changes it)."""
    keep_units(Unit.id == unit.id, change)
    Unit.update(since=change.day, **values).where(Unit.id == unit.id).execute()
    for name, value in values.items():
        setattr(unit, name, value)
