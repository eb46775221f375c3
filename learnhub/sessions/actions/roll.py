"""The roll call: opening it, marking people, adding and removing them, correcting it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from learnhub.config import Settings
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Invalid, NotFound, Refusal
from learnhub.org import audit
from learnhub.org.models import Person, Rank, Unit
from learnhub.org.scope import Actor, within
from learnhub.sessions import rules
from learnhub.sessions.actions import credit
from learnhub.sessions.actions.steps import next_state, take
from learnhub.sessions.messages import STATUSES, When
from learnhub.sessions.models import Attendance, StationSession
from learnhub.sessions.rule_file import read_rule
from learnhub.sessions.rules import MARKS, State, Status


@dataclass(frozen=True)
class Mark:
    """A mark for one person; ``version`` is that of the line which the marker saw (None: whatever it is now)."""

    person_id: int
    status: str
    version: int | None = None


@dataclass(frozen=True)
class MarkOutcome:
    """What became of many marks: how many changed a line, and who was refused why."""

    changed: int
    refused: tuple[tuple[int, Refusal], ...]


def hold_session(actor: Actor, session_id: int, *, now: datetime) -> StationSession:
    """Opens a planned session and fills its roll: with the last roll of the station, else with the unit's people.

    Raises Conflict ``sessions.too_early_to_open`` and ``sessions.too_late_to_open``.
    """
    with transaction():
        session = take(actor, session_id, "sessions.hold")
        state = next_state(session, "hold")
        first, last = rules.opening_times(session.starts_at, session.ends_at, read_rule())
        if now < first:
            raise Conflict("sessions.too_early_to_open", when=When(first))
        if now > last:
            raise Conflict("sessions.too_late_to_open", when=When(last))
        session.state, session.opened_at = state.value, now
        session.save(only=[StationSession.state, StationSession.opened_at])
        people = _last_roll(session) or _people_of(session)
        _put_on_roll(session.id, people)
        _trace(actor, session, "session.opened", now, people=len(people))
    return session


def mark_attendance(
    actor: Actor, session_id: int, mark: Mark, *, now: datetime, settings: Settings, reason: str = ""
) -> Attendance:
    """Marks one person; the same mark again changes nothing. After closing it needs a reason and corrects the hours.

    Raises Conflict ``sessions.marked_meanwhile`` when somebody else has set another mark since ``mark.version``,
    NotFound for a person who is not on the roll.
    """
    with transaction():
        session = _open_roll(actor, session_id, reason)
        line = _line(session.id, mark.person_id)
        if _is_news(line, mark):
            _set_mark(_Marking(actor, session, reason, now, settings), line, mark.status)
    return line


def mark_all(
    actor: Actor, session_id: int, marks: Sequence[Mark], *, now: datetime, settings: Settings, reason: str = ""
) -> MarkOutcome:
    """Marks many people at once; those marked otherwise by somebody else meanwhile stay so."""
    changed, refused = 0, []
    with transaction():
        session = _open_roll(actor, session_id, reason)
        for mark in marks:
            try:
                line = _line(session.id, mark.person_id)
                is_news = _is_news(line, mark)
            except (Conflict, NotFound) as refusal:
                refused.append((mark.person_id, refusal))
                continue
            if is_news:
                _set_mark(_Marking(actor, session, reason, now, settings), line, mark.status)
                changed += 1
    return MarkOutcome(changed, tuple(refused))


def mark_rest(actor: Actor, session_id: int, status: str, *, now: datetime, settings: Settings) -> int:
    """Gives everybody who is not marked yet the same mark; returns how many."""
    with transaction():
        session = _open_roll(actor, session_id, "")
        unmarked = Attendance.select().where(
            (Attendance.session == session.id) & (Attendance.status == Status.UNMARKED.value)
        )
        lines = list(unmarked.order_by(Attendance.id))
        for line in lines:
            _set_mark(_Marking(actor, session, "", now, settings), line, status)
        if lines:
            _trace(actor, session, "roll.rest_marked", now, status=status, count=len(lines))
    return len(lines)


def add_to_roll(actor: Actor, session_id: int, person_id: int, *, now: datetime, reason: str = "") -> Attendance:
    """Puts a person of the station's unit, or of any below it, on the roll, not marked yet. After closing it needs a
    reason. Raises Conflict ``sessions.already_on_roll``, Invalid ``sessions.person_not_here``."""
    with transaction():
        session = _open_roll(actor, session_id, reason)
        inside = within([session.station.unit.path])
        person = Person.select(Person).join(Unit).where((Person.id == person_id) & Person.is_active & inside).first()
        if person is None:
            raise Invalid("sessions.person_not_here")
        if Attendance.select().where((Attendance.session == session.id) & (Attendance.person == person_id)).exists():
            raise Conflict("sessions.already_on_roll", name=person.name)
        line: Attendance = Attendance.create(session=session.id, person=person_id, history=[])
        _trace(actor, session, "roll.person_added", now, person=person_id, reason=reason)
    return line


def remove_from_roll(actor: Actor, session_id: int, person_id: int, *, now: datetime) -> None:
    """Takes somebody off the roll who was never marked. Raises Conflict ``sessions.marked_stays`` for all others."""
    with transaction():
        session = _open_roll(actor, session_id, "")
        line = _line(session.id, person_id)
        if line.version:
            raise Conflict("sessions.marked_stays", name=line.person.name)
        line.delete_instance()
        _trace(actor, session, "roll.person_removed", now, person=person_id)


def _open_roll(actor: Actor, session_id: int, reason: str) -> StationSession:
    session = take(actor, session_id, "sessions.hold")
    refused = rules.may_mark(session.state, reason)
    if refused == "sessions.reason_missing":
        raise Invalid(refused, fields={"reason": refused})
    if refused:
        raise Conflict(refused)
    return session


def _line(session_id: int, person_id: int) -> Attendance:
    line: Attendance | None = Attendance.get_or_none(session=session_id, person=person_id)
    if line is None:
        raise NotFound("sessions.not_on_roll")
    return line


def _is_news(line: Attendance, mark: Mark) -> bool:
    """False when the line says so already (a mark that was sent twice). Raises Conflict for another's mark."""
    if mark.status not in MARKS:
        raise Invalid("sessions.unknown_mark")
    if line.status == mark.status:
        return False
    if mark.version is not None and mark.version != line.version:
        raise Conflict(
            "sessions.marked_meanwhile",
            by=line.marked_by.name if line.marked_by else "—",
            name=line.person.name,
            status=STATUSES[line.status],
        )
    return True


@dataclass(frozen=True)
class _Marking:
    """Who marks in which session, why and when."""

    actor: Actor
    session: StationSession
    reason: str
    now: datetime
    settings: Settings


def _set_mark(marking: _Marking, line: Attendance, status: str) -> None:
    if status not in MARKS:
        raise Invalid("sessions.unknown_mark")
    before, session = line.status, marking.session
    if line.version:
        line.history = [*line.history, _earlier(line)]
    line.status, line.version, line.reason = status, line.version + 1, marking.reason
    line.marked_by, line.marked_at = marking.actor.person_id, marking.now
    line.save()
    if before != Status.UNMARKED or session.state == State.CLOSED:
        changed = {"person": line.person_id, "before": before, "after": status, "reason": marking.reason}
        _trace(marking.actor, session, "roll.mark_changed", marking.now, **changed)
    if session.state == State.CLOSED:
        _correct_hours(marking, line.person_id, before, status)


def _correct_hours(marking: _Marking, person_id: int, before: str, after: str) -> None:
    change = rules.changes_credit(before, after, read_rule())
    if change > 0:
        credit.give(marking.session, [person_id], now=marking.now, settings=marking.settings)
    elif change < 0:
        credit.take_back(marking.session, person_id, marking.reason, now=marking.now, settings=marking.settings)


def _earlier(line: Attendance) -> dict[str, Any]:
    """A mark that is about to be replaced, as the line's history keeps it."""
    return {
        "status": line.status,
        "by": line.marked_by_id,
        "at": line.marked_at.isoformat() if line.marked_at else None,
        "reason": line.reason,
    }


def _last_roll(session: StationSession) -> list[int]:
    """The active people on the roll of the station's last closed session."""
    last = (
        StationSession.select(StationSession.id)
        .where((StationSession.station == session.station_id) & (StationSession.state == State.CLOSED.value))
        .order_by(StationSession.starts_at.desc())
        .first()
    )
    if last is None:
        return []
    rows = Attendance.select(Attendance.person).join(Person, on=(Attendance.person == Person.id))
    rows = rows.where((Attendance.session == last.id) & Person.is_active).order_by(Attendance.id)
    return [row[0] for row in rows.tuples()]


def _people_of(session: StationSession) -> list[int]:
    """The active people of the station's unit with all below it, or of the unit alone when those are too many."""
    limit = read_rule().roll_limit
    unit = session.station.unit
    for condition in (within([unit.path]), Person.unit == unit.id):
        rows = (
            Person.select(Person.id)
            .join_from(Person, Unit)
            .join_from(Person, Rank, peewee.JOIN.LEFT_OUTER)
            .where(condition & Person.is_active)
            .order_by(peewee.fn.COALESCE(Rank.order, 9999), peewee.fn.COALESCE(Person.staff_no, "~"), Person.id)
            .limit(limit + 1)
        )
        ids = [row[0] for row in rows.tuples()]
        if len(ids) <= limit:
            return ids
    return []


def _put_on_roll(session_id: int, person_ids: list[int]) -> None:
    rows = [(session_id, person_id, []) for person_id in person_ids]
    for chunk in peewee.chunked(rows, 500):
        Attendance.insert_many(chunk, fields=[Attendance.session, Attendance.person, Attendance.history]).execute()


def _trace(actor: Actor, session: StationSession, act: str, now: datetime, **detail: Any) -> None:
    audit.record(actor, act, "session", session.id, unit_id=session.station.unit_id, now=now, **detail)
