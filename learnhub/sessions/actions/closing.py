"""Closing a session credits those who were there."""

from __future__ import annotations

from datetime import datetime

from learnhub.config import Settings
from learnhub.kernel import events
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict
from learnhub.org import audit
from learnhub.org.scope import Actor
from learnhub.sessions import queries
from learnhub.sessions.actions import credit
from learnhub.sessions.actions.steps import next_state, take
from learnhub.sessions.events import SessionClosed
from learnhub.sessions.messages import When
from learnhub.sessions.models import Attendance, StationSession
from learnhub.sessions.rule_file import read_rule
from learnhub.sessions.rules import Status


def close_session(actor: Actor, session_id: int, *, now: datetime, settings: Settings) -> StationSession:
    """Closes a session and credits the people who were present or late, never twice for the same lesson.

    Raises Conflict when it is not open, when the programme cannot be over yet, when somebody is not marked or when
    nobody is on the roll.
    """
    with transaction():
        session = take(actor, session_id, "sessions.hold")
        state = next_state(session, "close")
        counts = queries.roll_counts(session.id)
        _refuse_too_early(session, now)
        if counts[Status.UNMARKED]:
            raise Conflict("sessions.unmarked_left", count=counts[Status.UNMARKED])
        if not sum(counts.values()):
            raise Conflict("sessions.nobody_on_roll")
        session.state, session.closed_at, session.closed_by = state.value, now, actor.person_id
        session.save(only=[StationSession.state, StationSession.closed_at, StationSession.closed_by])
        credited = _credited_people(session.id)
        given = credit.give(session, credited, now=now, settings=settings)
        audit.record(
            actor,
            "session.closed",
            "session",
            session.id,
            unit_id=session.station.unit_id,
            now=now,
            roll=counts,
            entries=given,
        )
        lessons = tuple(queries.lessons_of(session.id))
        events.publish(SessionClosed(session.id, session.station_id, tuple(credited), lessons))
    return session


def _refuse_too_early(session: StationSession, now: datetime) -> None:
    earliest = queries.closes_from(session)
    if now < earliest:
        raise Conflict("sessions.too_early_to_close", when=When(earliest))


def _credited_people(session_id: int) -> list[int]:
    lines = Attendance.select(Attendance.person).where(
        (Attendance.session == session_id) & Attendance.status.in_(read_rule().credited)
    )
    return [row[0] for row in lines.order_by(Attendance.id).tuples()]
