"""Hours for those who were there, through study's ledger."""

from __future__ import annotations

from datetime import datetime

from learnhub.config import Settings
from learnhub.sessions import queries
from learnhub.sessions.models import Attendance, SessionLesson, StationSession
from learnhub.sessions.rule_file import read_rule
from learnhub.sessions.rules import State
from learnhub.study import actions as study
from learnhub.study.models import LedgerEntry


def earned_at(session: StationSession) -> datetime:
    """When the hours were earned: at the end of the viewing, whenever it was entered."""
    ended: datetime = min(session.ends_at, session.closed_at)
    return ended


def give(session: StationSession, person_ids: list[int], *, now: datetime, settings: Settings) -> int:
    """Credits each person with each lesson of a closed session; returns how many ledger entries came of it.

    What a person has earned already this year, on line or at another session, adds nothing.
    """
    given = 0
    for lesson_id in queries.lessons_of(session.id):
        for person_id in person_ids:
            given += _give_one(session, person_id, lesson_id, now, settings) is not None
    return given


def _give_one(
    session: StationSession, person_id: int, lesson_id: int, now: datetime, settings: Settings
) -> LedgerEntry | None:
    line = Attendance.get((Attendance.session == session.id) & (Attendance.person == person_id))
    proof = {
        "station": session.station_id,
        "status": line.status,
        "marked_by": line.marked_by_id,
        "marked_at": line.marked_at.isoformat(),
    }
    return study.credit_group_viewing(
        person_id, lesson_id, session.id, held_at=earned_at(session), now=now, settings=settings, evidence=proof
    )


def take_back(session: StationSession, person_id: int, reason: str, *, now: datetime, settings: Settings) -> None:
    """Reverses what this session gave to a person; where another closed session showed a lesson too, that one counts."""
    for lesson_id in queries.lessons_of(session.id):
        if study.reverse_group_viewing(person_id, lesson_id, session.id, reason=reason, now=now):
            _credit_elsewhere(person_id, lesson_id, session, now, settings)


def _credit_elsewhere(
    person_id: int, lesson_id: int, session: StationSession, now: datetime, settings: Settings
) -> None:
    others = (
        StationSession.select()
        .join(SessionLesson, on=(SessionLesson.session == StationSession.id))
        .join(Attendance, on=(Attendance.session == StationSession.id))
        .where(
            (StationSession.state == State.CLOSED.value)
            & (StationSession.id != session.id)
            & (SessionLesson.lesson == lesson_id)
            & (Attendance.person == person_id)
            & Attendance.status.in_(read_rule().credited)
        )
        .order_by(StationSession.ends_at)
    )
    for other in others:
        _give_one(other, person_id, lesson_id, now, settings)
