"""One session: itself, its programme, its roll."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from learnhub.catalog.models import Course, Lesson, LessonVersion
from learnhub.kernel.errors import NotFound
from learnhub.org.models import Person, Station, Unit
from learnhub.org.scope import Actor, may, require
from learnhub.sessions.models import Attendance, SessionLesson, StationSession
from learnhub.sessions.rule_file import read_rule
from learnhub.sessions.rules import State, Status, earliest_close
from learnhub.study import queries as study


@dataclass(frozen=True)
class Programme:
    """One lesson of a session's programme, as it is published today."""

    lesson_id: int
    course_id: int
    version_id: int
    title: str
    course: str
    kind: str
    length_s: int
    asset_id: int | None
    title_en: str = ""
    course_en: str = ""


PROGRAMME_COLUMNS = (
    *(Lesson.id, Course.id, LessonVersion.id, LessonVersion.title, Course.title, Lesson.kind),
    *(LessonVersion.length_s, LessonVersion.asset, LessonVersion.title_en, Course.title_en),
)
"""What a :class:`Programme` is made of, in its order."""


@dataclass(frozen=True)
class RollLine:
    """One person of the roll with the mark in force; ``history`` as in :class:`Attendance`."""

    person_id: int
    name: str
    staff_no: str | None
    unit: str
    duty: str
    status: str
    version: int
    reason: str
    marked_by: str | None
    marked_at: datetime | None
    history: list[dict[str, Any]]


def get_session(actor: Actor, session_id: int, ability: str = "sessions.view") -> StationSession:
    """A session with station, unit and host loaded, over whose station the actor holds ``ability``. One query.

    Raises NotFound when there is none that the actor may see, Forbidden when it may be seen but not this.
    """
    session = (
        StationSession.select(StationSession, Station, Unit, Person)
        .join_from(StationSession, Station)
        .join_from(Station, Unit)
        .join_from(StationSession, Person, peewee.JOIN.LEFT_OUTER, on=(StationSession.host == Person.id), attr="host")
        .where(StationSession.id == session_id)
        .first()
    )
    if session is None or not may(actor, "sessions.view", session.station.unit.path):
        raise NotFound("sessions.not_found")
    require(actor, ability, session.station.unit.path)
    return session


def programme_of(session_ids: Iterable[int]) -> dict[int, list[Programme]]:
    """Session id → its lessons in order, in their current versions. One query."""
    ids = list(session_ids)
    rows = (
        SessionLesson.select(SessionLesson.session, *PROGRAMME_COLUMNS)
        .join_from(SessionLesson, Lesson)
        .join_from(Lesson, Course)
        .join_from(Lesson, LessonVersion, on=(LessonVersion.lesson == Lesson.id) & LessonVersion.is_current)
        .where(SessionLesson.session.in_(ids))
        .order_by(SessionLesson.session, SessionLesson.number)
        .tuples()
    )
    found: dict[int, list[Programme]] = {session_id: [] for session_id in ids}
    for session_id, *lesson in rows:
        found[session_id].append(Programme(*lesson))
    return found


def list_roll(session_id: int) -> list[RollLine]:
    """The roll in the order in which people were put on it. One query."""
    marker = Person.alias()
    rows = (
        Attendance.select(
            Person.id,
            Person.name,
            Person.staff_no,
            Unit.name,
            Person.duty,
            Attendance.status,
            Attendance.version,
            Attendance.reason,
            marker.name,
            Attendance.marked_at,
            Attendance.history,
        )
        .join_from(Attendance, Person, on=(Attendance.person == Person.id))
        .join_from(Person, Unit)
        .join_from(Attendance, marker, peewee.JOIN.LEFT_OUTER, on=(Attendance.marked_by == marker.id))
        .where(Attendance.session == session_id)
        .order_by(Attendance.id)
        .tuples()
    )
    return [RollLine(*row) for row in rows]


def lessons_of(session_id: int) -> list[int]:
    """The ids of the lessons that a session shows, in order. One query."""
    rows = SessionLesson.select(SessionLesson.lesson).where(SessionLesson.session == session_id)
    return [row[0] for row in rows.order_by(SessionLesson.number).tuples()]


def list_given(session: StationSession, roll: Iterable[RollLine]) -> dict[int, int]:
    """Person id → centihours that this session gave and that stand; empty before it is closed. Two queries."""
    if session.state != State.CLOSED.value:
        return {}
    return study.hours_of_session(session.id, [line.person_id for line in roll], lessons_of(session.id))


def closes_from(session: StationSession) -> datetime:
    """When the programme can be over at the earliest, by the lengths of its current versions. Two queries."""
    shown = LessonVersion.lesson.in_(lessons_of(session.id)) & LessonVersion.is_current
    lengths = LessonVersion.select(LessonVersion.length_s).where(shown)
    return earliest_close(session.starts_at, [row[0] for row in lengths.tuples()], read_rule())


def roll_counts(session_id: int) -> dict[str, int]:
    """Status → number of people, every status named. One query."""
    counted = (
        Attendance.select(Attendance.status, peewee.fn.COUNT(Attendance.id))
        .where(Attendance.session == session_id)
        .group_by(Attendance.status)
        .tuples()
    )
    return {status.value: 0 for status in Status} | dict(counted)


def get_content(version_id: int) -> LessonVersion:
    """What a lesson version shows (body, asset). One query. Raises LessonVersion.DoesNotExist."""
    found: LessonVersion = LessonVersion.get_by_id(version_id)
    return found
