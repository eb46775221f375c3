"""Sessions by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import peewee

from learnhub.kernel.paging import Page
from learnhub.org.models import Person, Station, Unit
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, in_scope
from learnhub.sessions.models import StationSession
from learnhub.sessions.rules import State


@dataclass(frozen=True)
class CalendarEntry:
    """A session as lists show it."""

    id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    state: str
    station_id: int
    station: str
    host: str


def list_sessions_between(
    actor: Actor, start: datetime, end: datetime, *, station_id: int | None = None
) -> list[CalendarEntry]:
    """The sessions that begin in [start, end) at the stations the actor may see, in order of time. One query."""
    return [CalendarEntry(*row) for row in _entries(actor, start, end, station_id).tuples()]


def page_of_sessions(
    actor: Actor, start: datetime, end: datetime, *, station_id: int | None, number: int, size: int = 50
) -> Page[CalendarEntry]:
    """The same in pages. Two queries."""
    query = _entries(actor, start, end, station_id)
    total = query.order_by().count()
    number = min(max(1, number), max(1, -(-total // size)))
    return Page([CalendarEntry(*row) for row in query.paginate(number, size).tuples()], number, size, total)


def list_upcoming(actor: Actor, now: datetime, *, limit: int = 5) -> list[CalendarEntry]:
    """The next sessions that are not over and not cancelled, and those whose roll is still open. One query."""
    open_or_ahead = (StationSession.state == State.HELD.value) | (
        (StationSession.state == State.PLANNED.value) & (StationSession.ends_at >= now)
    )
    return [CalendarEntry(*row) for row in _all(actor).where(open_or_ahead).limit(limit).tuples()]


def list_due(actor: Actor, start: datetime, end: datetime, ability: str, *, limit: int) -> list[CalendarEntry]:
    """The first sessions not cancelled that begin in [start, end) where the actor holds ``ability``. One query."""
    due = (StationSession.starts_at >= start) & (StationSession.starts_at < end)
    wanted = due & (StationSession.state != State.CANCELLED.value) & in_scope(actor, ability)
    return [CalendarEntry(*row) for row in _where(wanted).limit(limit).tuples()]


def list_left_open(actor: Actor, now: datetime, ability: str, *, limit: int) -> list[CalendarEntry]:
    """The sessions that are over and were neither closed nor cancelled, the oldest first. One query."""
    is_open = StationSession.state.in_((State.PLANNED.value, State.HELD.value))
    wanted = is_open & (StationSession.ends_at < now) & in_scope(actor, ability)
    return [CalendarEntry(*row) for row in _where(wanted).limit(limit).tuples()]


def list_for_own_unit(actor: Actor, now: datetime, *, limit: int) -> list[CalendarEntry]:
    """What is coming at the stations that serve the actor's own unit: its own and those of the units above. One query.

    Everybody may know these; no power over sessions is needed.
    """
    ahead = StationSession.state.in_((State.PLANNED.value, State.HELD.value)) & (StationSession.ends_at >= now)
    own = Station.unit.in_(ids_on(actor.unit_path))
    return [CalendarEntry(*row) for row in _where(ahead & own).limit(limit).tuples()]


def count_sessions(actor: Actor, start: datetime, end: datetime) -> dict[str, int]:
    """State → number of sessions that begin in [start, end) at the stations the actor may see. One query."""
    counted = (
        StationSession.select(StationSession.state, peewee.fn.COUNT(StationSession.id))
        .join(Station)
        .join(Unit)
        .where(
            in_scope(actor, "sessions.view") & (StationSession.starts_at >= start) & (StationSession.starts_at < end)
        )
        .group_by(StationSession.state)
    )
    return dict(counted.tuples())


def _entries(actor: Actor, start: datetime, end: datetime, station_id: int | None) -> peewee.Query:
    query = _all(actor).where((StationSession.starts_at >= start) & (StationSession.starts_at < end))
    return query if station_id is None else query.where(StationSession.station == station_id)


def _all(actor: Actor) -> peewee.Query:
    return _where(in_scope(actor, "sessions.view"))


def _where(condition: peewee.Expression) -> peewee.Query:
    host_name = peewee.fn.COALESCE(Person.name, "")
    return (
        StationSession.select(
            StationSession.id,
            StationSession.title,
            StationSession.starts_at,
            StationSession.ends_at,
            StationSession.state,
            Station.id,
            Station.name,
            host_name,
        )
        .join_from(StationSession, Station)
        .join_from(Station, Unit)
        .join_from(StationSession, Person, peewee.JOIN.LEFT_OUTER, on=(StationSession.host == Person.id))
        .where(condition)
        .order_by(StationSession.starts_at, StationSession.id)
    )
