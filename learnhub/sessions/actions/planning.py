"""Putting sessions on the calendar, changing and cancelling them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from learnhub.kernel.db import locked, transaction
from learnhub.kernel.errors import Conflict, Invalid
from learnhub.org import audit
from learnhub.org.models import Person, Station, Unit
from learnhub.org.scope import Actor, may, require
from learnhub.sessions import queries, rules
from learnhub.sessions.actions.steps import next_state, take
from learnhub.sessions.messages import When
from learnhub.sessions.models import SessionLesson, StationSession
from learnhub.sessions.queries import Programme
from learnhub.sessions.rule_file import read_rule
from learnhub.sessions.rules import SessionPlan, SessionRule, State


def schedule_session(actor: Actor, plan: SessionPlan, *, now: datetime) -> StationSession:
    """Puts a session on the calendar.

    Raises Invalid ``sessions.plan_refused`` with the faults by field, Conflict ``sessions.station_clash`` or
    ``sessions.host_clash``, Forbidden outside of the actor's stations.
    """
    with transaction():
        station = _station(plan.station_id)
        require(actor, "sessions.plan", station.unit.path)
        _check(actor, plan, station, now, keep_host=None)
        _refuse_clash(actor, plan, except_id=None)
        session = StationSession.create(state=State.PLANNED.value, planned_by=actor.person_id, **_columns(plan))
        _write_programme(session.id, plan.lesson_ids)
        _trace(actor, "session.scheduled", session.id, station.unit_id, now, **_told(plan))
    return session


def change_session(actor: Actor, session_id: int, plan: SessionPlan, *, now: datetime) -> StationSession:
    """Changes a session that is still planned; refuses as :func:`schedule_session`, Conflict once it was opened."""
    with transaction():
        session = take(actor, session_id, "sessions.plan")
        next_state(session, "change")
        station = _station(plan.station_id)
        require(actor, "sessions.plan", station.unit.path)
        _check(actor, plan, station, now, keep_host=session.host_id)
        _refuse_clash(actor, plan, except_id=session.id)
        before = _told(_plan_of(session))
        StationSession.update(**_columns(plan)).where(StationSession.id == session.id).execute()
        SessionLesson.delete().where(SessionLesson.session == session.id).execute()
        _write_programme(session.id, plan.lesson_ids)
        changes = {name: [before[name], value] for name, value in _told(plan).items() if before[name] != value}
        _trace(actor, "session.changed", session.id, station.unit_id, now, changes=changes)
    return queries.get_session(actor, session_id)


def cancel_session(actor: Actor, session_id: int, reason: str, *, now: datetime) -> StationSession:
    """Cancels a session that is not closed; nobody is credited. Raises Invalid ``sessions.cancel_reason_missing``."""
    with transaction():
        session = take(actor, session_id, "sessions.plan")
        session.state = next_state(session, "cancel").value
        if not reason:
            raise Invalid("sessions.cancel_reason_missing", fields={"reason": "sessions.cancel_reason_missing"})
        session.note = reason
        session.save(only=[StationSession.state, StationSession.note])
        _trace(actor, "session.cancelled", session.id, session.station.unit_id, now, reason=reason)
    return session


def _station(station_id: int) -> Station:
    """The station, locked: two plans for the same station are looked at one after the other."""
    station = locked(Station.select().where((Station.id == station_id) & Station.is_open)).first()
    if station is None:
        raise Invalid("sessions.plan_refused", fields={"station": "sessions.station_missing"})
    station.unit = Unit.get_by_id(station.unit_id)
    return station


def _check(actor: Actor, plan: SessionPlan, station: Station, now: datetime, *, keep_host: int | None) -> None:
    rule = read_rule()
    lessons = queries.list_lessons_for(station.unit.path, ids=plan.lesson_ids)
    faults = rules.faults_of(plan, [lesson.length_s for lesson in lessons], rule, now)
    if len(lessons) != len(plan.lesson_ids):
        faults["lessons"] = "sessions.lessons_not_visible"
    if plan.host_id != keep_host and queries.find_host(actor, plan.host_id) is None:
        faults["host"] = "sessions.host_missing"
    if faults:
        raise Invalid("sessions.plan_refused", fields=faults, **_figures(plan, lessons, rule))


def _figures(plan: SessionPlan, lessons: list[Programme], rule: SessionRule) -> dict[str, Any]:
    return {
        "shortest_minutes": rule.shortest_minutes,
        "longest_hours": rule.longest_minutes // 60,
        "plan_back_days": rule.plan_back_days,
        "plan_ahead_days": rule.plan_ahead_days,
        "programme_minutes": -(-sum(lesson.length_s for lesson in lessons) // 60),
        "session_minutes": int((plan.ends_at - plan.starts_at).total_seconds() // 60),
    }


def _refuse_clash(actor: Actor, plan: SessionPlan, *, except_id: int | None) -> None:
    # The host too is locked, so that two stations cannot engage the same person at once; always after the station.
    list(locked(Person.select(Person.id).where(Person.id == plan.host_id)))
    same = (StationSession.station == plan.station_id) | (StationSession.host == plan.host_id)
    near = (StationSession.starts_at < plan.ends_at) & (StationSession.ends_at > plan.starts_at)
    taken = (
        StationSession.select(
            StationSession.id,
            StationSession.station,
            StationSession.host,
            StationSession.starts_at,
            StationSession.ends_at,
        )
        .where(same & near & (StationSession.state != State.CANCELLED.value) & (StationSession.id != (except_id or 0)))
        .order_by(StationSession.starts_at)
    )
    clash = rules.find_clash(plan, [rules.Occupied(*row) for row in taken.tuples()])
    if clash:
        raise _clash(actor, *clash)


def _clash(actor: Actor, kind: str, other: rules.Occupied) -> Conflict:
    """The refusal; a host's session at a station that the actor may not see is told by its time only."""
    session = StationSession.select(StationSession, Station, Unit).join(Station).join(Unit)
    session = session.where(StationSession.id == other.session_id).get()
    said: dict[str, Any] = {"when": When(other.starts_at, other.ends_at)}
    if kind == "station":
        return Conflict(
            "sessions.station_clash", fields={"start": "sessions.station_clash"}, title=session.title, **said
        )
    said["host"] = session.host.name
    if not may(actor, "sessions.view", session.station.unit.path):
        return Conflict("sessions.host_clash_elsewhere", fields={"host": "sessions.host_clash_elsewhere"}, **said)
    said |= {"title": session.title, "station": session.station.name}
    return Conflict("sessions.host_clash", fields={"host": "sessions.host_clash"}, **said)


def _columns(plan: SessionPlan) -> dict[str, Any]:
    return {
        "station": plan.station_id,
        "title": plan.title,
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "host": plan.host_id,
    }


def _plan_of(session: StationSession) -> SessionPlan:
    lessons = SessionLesson.select(SessionLesson.lesson).where(SessionLesson.session == session.id)
    ids = tuple(row[0] for row in lessons.order_by(SessionLesson.number).tuples())
    return SessionPlan(session.station_id, session.title, session.starts_at, session.ends_at, session.host_id or 0, ids)


def _told(plan: SessionPlan) -> dict[str, Any]:
    """A plan as the audit trail keeps it."""
    return {
        "station": plan.station_id,
        "title": plan.title,
        "starts_at": plan.starts_at.isoformat(),
        "ends_at": plan.ends_at.isoformat(),
        "host": plan.host_id,
        "lessons": list(plan.lesson_ids),
    }


def _write_programme(session_id: int, lesson_ids: tuple[int, ...]) -> None:
    rows = [(session_id, lesson_id, number) for number, lesson_id in enumerate(lesson_ids, 1)]
    SessionLesson.insert_many(
        rows, fields=[SessionLesson.session, SessionLesson.lesson, SessionLesson.number]
    ).execute()


def _trace(actor: Actor, act: str, session_id: int, unit_id: int, now: datetime, **detail: Any) -> None:
    audit.record(actor, act, "session", session_id, unit_id=unit_id, now=now, **detail)
