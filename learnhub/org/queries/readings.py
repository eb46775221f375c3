"""Who read whose record: for the person whom it concerns, and for whoever reads the audit trail of the unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from learnhub.kernel import clock
from learnhub.kernel.paging import Page, page_of, stream_down
from learnhub.kernel.text import fold_name
from learnhub.org.models import Person, PersonMerge, Reading, Unit
from learnhub.org.queries.audit import READ, AuditFilter
from learnhub.org.queries.units import unit_for
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, in_scope


@dataclass(frozen=True)
class ReadingRow:
    """One line. ``person`` is empty for a list of ``count`` entries about the people of ``unit`` and below it."""

    id: int
    at: datetime
    reader: str
    reader_unit: str
    address: str
    page: str
    person: str
    unit: str
    unit_id: int
    count: int


def list_own_readings(actor: Actor, *, lists: bool = False, page: int = 1, size: int = 25) -> Page[ReadingRow]:
    """Who looked at the actor's own record, the latest first; ``lists``: at lists on which the actor may have stood.

    What was read of an entry that was merged into theirs is among it. Three queries.
    """
    merged = PersonMerge.select(PersonMerge.gone).where(
        (PersonMerge.kept == actor.person_id) & PersonMerge.undone_at.is_null()
    )
    own = (Reading.person == actor.person_id) | Reading.person.in_(merged)
    if lists:
        own = Reading.person.is_null() & Reading.unit.in_(ids_on(actor.unit_path))
    return page_of(_lines().where(own & (Reading.reader != actor.person_id)), page, size).map(_row)


def list_readings(actor: Actor, wanted: AuditFilter, page: int = 1, size: int = 25) -> Page[ReadingRow]:
    """One page of the readings that concern units whose trail the actor reads, the latest first. Three queries.

    The filter is that of the trail; its ``action`` is a page here.
    """
    return page_of(_narrowed(actor, wanted), page, size).map(_row)


def stream_readings(actor: Actor, wanted: AuditFilter, size: int = 1000) -> Iterator[ReadingRow]:
    """The same without end; one query for each thousand."""
    return map(_row, stream_down(_narrowed(actor, wanted), Reading.id, size))


def _narrowed(actor: Actor, wanted: AuditFilter) -> peewee.ModelSelect:
    query = _lines().where(in_scope(actor, READ))
    if wanted.unit_id is not None:
        query = query.where(Unit.path.within(unit_for(actor, wanted.unit_id, READ).path))
    if wanted.action:
        query = query.where(Reading.page == wanted.action)
    if wanted.first:
        query = query.where(Reading.at >= clock.day_bounds(wanted.first, wanted.first)[0])
    if wanted.last:
        query = query.where(Reading.at < clock.day_bounds(wanted.last, wanted.last)[1])
    if wanted.text.strip():
        folded = fold_name(wanted.text)
        named = Person.name_folded.contains(folded) | (peewee.fn.LOWER(Person.staff_no) == folded)
        people = Person.select(Person.id).where(named)
        query = query.where(Reading.reader.in_(people) | Reading.person.in_(people))
    return query


def _lines() -> peewee.ModelSelect:
    reader, home = Person.alias("who"), Unit.alias("home")
    return (
        Reading.select(
            *(Reading.id, Reading.at, Reading.address, Reading.page, Reading.count, Reading.unit.alias("unit_id")),
            *(reader.name.alias("reader_name"), home.name.alias("reader_unit")),
            *(Person.name.alias("person_name"), Unit.name.alias("unit_name")),
        )
        .join_from(Reading, Unit)
        .join_from(Reading, reader, on=reader.id == Reading.reader)
        .join_from(reader, home, on=home.id == reader.unit)
        .join_from(Reading, Person, peewee.JOIN.LEFT_OUTER, on=Person.id == Reading.person)
        .order_by(Reading.id.desc())
        .dicts()
    )


def _row(found: dict[str, Any]) -> ReadingRow:
    return ReadingRow(
        *(found["id"], found["at"], found["reader_name"], found["reader_unit"], found["address"], found["page"]),
        *(found["person_name"] or "", found["unit_name"], found["unit_id"], found["count"]),
    )
