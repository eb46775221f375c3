"""What may be chosen when a session is planned or its roll is called: stations, lessons, people."""

from __future__ import annotations

from dataclasses import dataclass

import peewee

from learnhub.catalog.models import Course, CourseAudience, Lesson, LessonVersion
from learnhub.kernel.text import clean, fold_name
from learnhub.org.models import Account, Person, Station, Unit
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, in_scope, may, within
from learnhub.sessions.models import Attendance, StationSession
from learnhub.sessions.queries.session import PROGRAMME_COLUMNS, Programme
from learnhub.sessions.rules import PLAYABLE

LIMIT = 20


@dataclass(frozen=True)
class PersonChoice:
    """A person as search results show them."""

    id: int
    name: str
    staff_no: str | None
    unit: str
    has_account: bool


def stations_in_scope(actor: Actor, ability: str) -> peewee.Query:
    """The open stations over whose unit the actor holds ``ability``, with their units, by number."""
    return (
        Station.select(Station, Unit)
        .join(Unit)
        .where(in_scope(actor, ability) & Station.is_open)
        .order_by(Station.station_no)
    )


def list_stations(actor: Actor, ability: str, text: str = "", *, limit: int = LIMIT) -> list[Station]:
    """The stations of :func:`stations_in_scope` whose name, number or unit contains ``text``. One query."""
    query = stations_in_scope(actor, ability)
    if wanted := clean(text):
        query = query.where(
            Station.name.contains(wanted) | Station.station_no.startswith(wanted) | Unit.name.contains(wanted)
        )
    return list(query.limit(limit))


def find_station(actor: Actor, ability: str, station_id: int | None) -> Station | None:
    """A station by id if it lies in the actor's reach and is open, else None."""
    if station_id is None:
        return None
    found: Station | None = stations_in_scope(actor, ability).where(Station.id == station_id).first()
    return found


def list_lessons_for(
    unit_path: str, text: str = "", *, ids: tuple[int, ...] | None = None, limit: int = 300
) -> list[Programme]:
    """The published lessons that the unit's people see and that a room can follow together, by course. One query.

    ``text`` narrows by the title of lesson or course; ``ids`` to certain lessons.
    """
    audience = CourseAudience.select(CourseAudience.course).where(CourseAudience.unit.in_(ids_on(unit_path)))
    query = (
        Lesson.select(*PROGRAMME_COLUMNS)
        .join_from(Lesson, Course)
        .join_from(Lesson, LessonVersion, on=(LessonVersion.lesson == Lesson.id) & LessonVersion.is_current)
        .where((Course.state == "published") & ~Lesson.is_retired & Lesson.kind.in_(PLAYABLE) & Course.id.in_(audience))
        .order_by(Course.title, Course.id, Lesson.number)
    )
    if ids is not None:
        query = query.where(Lesson.id.in_(ids))
    if wanted := clean(text):
        query = query.where(LessonVersion.title.contains(wanted) | Course.title.contains(wanted))
    return [Programme(*row) for row in query.limit(limit).tuples()]


def list_hosts(actor: Actor, text: str, *, limit: int = LIMIT) -> list[PersonChoice]:
    """Active people in the actor's reach whose name or staff number begins with or contains ``text``. One query."""
    return _people(in_scope(actor, "people.view"), text, limit)


def find_host(actor: Actor, person_id: int | None) -> Person | None:
    """An active person who may host: the actor, or somebody whom the actor may see; else None. One query."""
    person = Person.select(Person, Unit).join(Unit).where((Person.id == person_id) & Person.is_active).first()
    if person is None or not (person.id == actor.person_id or may(actor, "people.view", person.unit.path)):
        return None
    found: Person = person
    return found


def list_people_to_add(session: StationSession, text: str, *, limit: int = LIMIT) -> list[PersonChoice]:
    """People, with or without account, of the station's unit and all below it who are not on the roll. One query."""
    on_roll = Attendance.select(Attendance.person).where(Attendance.session == session.id)
    return _people(within([session.station.unit.path]) & Person.id.not_in(on_roll), text, limit)


def _people(condition: peewee.Expression, text: str, limit: int) -> list[PersonChoice]:
    wanted = fold_name(text)
    if not wanted:
        return []
    matches = Person.name_folded.contains(wanted) | peewee.fn.LOWER(Person.staff_no).startswith(wanted)
    rows = (
        Person.select(Person.id, Person.name, Person.staff_no, Unit.name, Account.id.is_null(False))
        .join_from(Person, Unit)
        .join_from(Person, Account, peewee.JOIN.LEFT_OUTER)
        .where(condition & Person.is_active & matches)
        .order_by(Person.name_folded, Person.id)
        .limit(limit)
    )
    return [PersonChoice(*row[:4], bool(row[4])) for row in rows.tuples()]
