"""What somebody who holds sessions must do today, and what was left undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from learnhub.kernel import clock
from learnhub.org.scope import Actor
from learnhub.sessions import queries as sessions
from learnhub.sessions.queries import CalendarEntry
from learnhub.sessions.rule_file import read_rule
from learnhub.sessions.rules import State, opening_times

ABILITY = "sessions.hold"
FORTNIGHT = timedelta(days=14)
SHOWN = 5


@dataclass(frozen=True)
class DueSession:
    """A session of today; ``may_open``: its roll can be opened now."""

    entry: CalendarEntry
    may_open: bool


@dataclass(frozen=True)
class StationDesk:
    """``left_open``: over, but neither closed nor cancelled. ``planned`` within 14 days, ``held`` in the last 14."""

    today: list[DueSession]
    left_open: list[CalendarEntry]
    planned: int
    held: int

    @property
    def shown_ids(self) -> set[int]:
        """The sessions that need no second mention."""
        return {due.entry.id for due in self.today} | {entry.id for entry in self.left_open}


def station_desk(actor: Actor, *, now: datetime) -> StationDesk:
    """The sessions of the actor's stations that matter today. Four queries."""
    today = clock.local_date(now)
    start, end = clock.day_bounds(today, today)
    ahead = sessions.count_sessions(actor, now, now + FORTNIGHT)
    past = sessions.count_sessions(actor, now - FORTNIGHT, now)
    due = sessions.list_due(actor, start, end, ABILITY, limit=SHOWN)
    return StationDesk(
        today=[DueSession(entry, _may_open(entry, now)) for entry in due],
        left_open=sessions.list_left_open(actor, now, ABILITY, limit=SHOWN),
        planned=ahead.get(State.PLANNED.value, 0),
        held=past.get(State.HELD.value, 0) + past.get(State.CLOSED.value, 0),
    )


def _may_open(entry: CalendarEntry, now: datetime) -> bool:
    first, last = opening_times(entry.starts_at, entry.ends_at, read_rule())
    return entry.state == State.PLANNED and first <= now <= last
