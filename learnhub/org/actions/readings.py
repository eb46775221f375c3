"""Reading about others leaves a line: who, when, from where, on which page, whose record or which list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Forbidden
from learnhub.org import audit
from learnhub.org.actions.trail import note_export
from learnhub.org.models import Person, Reading
from learnhub.org.own_data import archive_of
from learnhub.org.queries.audit import READ, AuditFilter
from learnhub.org.queries.people import PeopleFilter, PersonRow, count_people, stream_people
from learnhub.org.queries.readings import ReadingRow, list_readings, stream_readings
from learnhub.org.queries.units import unit_for
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, scope_of


def note_reading(actor: Actor, page: str, person_id: int, *, now: datetime) -> None:
    """The actor was shown the record of a person on ``page``; one's own is no line. Two statements."""
    if person_id == actor.person_id:
        return
    unit_id = Person.select(Person.unit).where(Person.id == person_id).scalar()
    Reading.create(
        at=now, reader=actor.person_id, address=actor.address, page=page[:60], person=person_id, unit=unit_id
    )


def note_list(actor: Actor, page: str, roots: Iterable[str], count: int, *, now: datetime) -> None:
    """The actor was shown ``count`` entries about the people below ``roots`` (paths of units). One statement.

    A line for each root, so that everybody below it finds it; an empty list is no line.
    """
    if not count:
        return
    shared = {"at": now, "reader": actor.person_id, "address": actor.address, "page": page[:60], "count": count}
    Reading.insert_many([{**shared, "unit": ids_on(root)[-1]} for root in roots]).execute()


def export_people(
    actor: Actor, wanted: PeopleFilter, *, page: str, file_format: str, now: datetime
) -> Iterator[PersonRow]:
    """The people of the scope that match, for a file; the audit trail and the readings keep who took it.

    Raises Forbidden without ``people.view``, NotFound for a unit outside of its scope.
    """
    if not actor.can("people.view"):
        raise Forbidden("org.not_allowed", ability="people.view")
    roots = scope_of(actor, "people.view")
    if wanted.unit_id is not None:
        roots = (unit_for(actor, wanted.unit_id).path,)
    with transaction():
        rows = count_people(actor, wanted)
        audit.record(
            *(actor, "people.exported", "unit", wanted.unit_id or ids_on(roots[0])[-1]),
            unit_id=wanted.unit_id or ids_on(roots[0])[-1],
            now=now,
            format=file_format,
            rows=rows,
            filter={"text": wanted.text, "rank": wanted.rank, "retired": wanted.include_retired},
        )
        note_list(actor, page, roots, rows, now=now)
    return stream_people(actor, wanted)


def export_readings(actor: Actor, wanted: AuditFilter, *, file_format: str, now: datetime) -> Iterator[ReadingRow]:
    """The readings of the scope that match, for a file. Raises Forbidden, NotFound for a unit outside the scope."""
    if not actor.can(READ):
        raise Forbidden("org.not_allowed", ability=READ)
    told = {"text": wanted.text, "page": wanted.action, "first": wanted.first, "last": wanted.last}
    rows = list_readings(actor, wanted, size=1).total
    note_export(actor, "audit.readings_exported", wanted.unit_id, told, rows=rows, file_format=file_format, now=now)
    return stream_readings(actor, wanted)


def export_own_data(actor: Actor, *, now: datetime) -> Iterator[bytes]:
    """All that is known about the actor as a zip file, made while it is sent; that it was taken becomes a line."""
    audit.record(actor, "person.data_exported", "person", actor.person_id, unit_id=actor.unit_id, now=now)
    return archive_of(actor.person_id, actor.name, now=now)
