"""Decisions about group viewings: when, what clashes, which step follows which, who is credited.

The figures are data (``data/*.toml``, which name their source); the functions below only apply them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """What has become of a session: planned, held (open, the roll is called), closed (credited), cancelled."""

    PLANNED = "planned"
    HELD = "held"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Status(StrEnum):
    """One person's line of the roll."""

    UNMARKED = "unmarked"
    PRESENT = "present"
    LATE = "late"
    LEAVE = "leave"
    ABSENT = "absent"


MARKS = (Status.PRESENT, Status.LATE, Status.LEAVE, Status.ABSENT)
PLAYABLE = ("video", "audio", "text", "document")
"""Kinds of lesson that a room can follow together; a test is taken by each person alone."""

_STEPS = {
    (State.PLANNED, "change"): State.PLANNED,
    (State.PLANNED, "hold"): State.HELD,
    (State.PLANNED, "cancel"): State.CANCELLED,
    (State.HELD, "cancel"): State.CANCELLED,
    (State.HELD, "close"): State.CLOSED,
}


@dataclass(frozen=True)
class SessionRule:
    """The figures of one rule file; durations are in the unit that the name says, shares go from 0 to 1."""

    code: str
    source: str
    shortest_minutes: int
    longest_minutes: int
    plan_back_days: int
    plan_ahead_days: int
    open_before_minutes: int
    open_after_days: int
    programme_share: float
    credited: tuple[str, ...]
    roll_limit: int


@dataclass(frozen=True)
class SessionPlan:
    """What somebody wants to hold; ``lesson_ids`` in the order in which they are played."""

    station_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    host_id: int
    lesson_ids: tuple[int, ...]


@dataclass(frozen=True)
class Occupied:
    """A time that is taken already: by the same station, or by the same host elsewhere."""

    session_id: int
    station_id: int
    host_id: int | None
    starts_at: datetime
    ends_at: datetime


def faults_of(plan: SessionPlan, lengths_s: Sequence[int], rule: SessionRule, now: datetime) -> dict[str, str]:
    """Everything that is wrong with a plan by itself: field of the form → code; empty when it is right.

    ``lengths_s``: the lengths of its lessons in seconds.
    """
    faults = {}
    length = plan.ends_at - plan.starts_at
    if length <= timedelta(0):
        faults["end"] = "sessions.end_before_start"
    elif length < timedelta(minutes=rule.shortest_minutes):
        faults["end"] = "sessions.too_short"
    elif length > timedelta(minutes=rule.longest_minutes):
        faults["end"] = "sessions.too_long"
    if plan.starts_at < now - timedelta(days=rule.plan_back_days):
        faults["date"] = "sessions.too_far_back"
    elif plan.starts_at > now + timedelta(days=rule.plan_ahead_days):
        faults["date"] = "sessions.too_far_ahead"
    if not plan.title:
        faults["title"] = "sessions.title_missing"
    if not plan.lesson_ids:
        faults["lessons"] = "sessions.lessons_missing"
    elif "end" not in faults and playing_time(lengths_s, rule) > length:
        faults["lessons"] = "sessions.programme_too_long"
    return faults


def overlap(one_start: datetime, one_end: datetime, other_start: datetime, other_end: datetime) -> bool:
    """True when two periods share a moment; one may begin when the other ends."""
    return one_start < other_end and other_start < one_end


def find_clash(plan: SessionPlan, taken: Iterable[Occupied]) -> tuple[str, Occupied] | None:
    """The first clash of a plan with times taken already, as (``station`` or ``host``, the other session)."""
    for other in taken:
        if overlap(plan.starts_at, plan.ends_at, other.starts_at, other.ends_at):
            if other.station_id == plan.station_id:
                return "station", other
            if other.host_id == plan.host_id:
                return "host", other
    return None


def step(state: str, act: str) -> State | None:
    """The state after an act (change, hold, cancel, close), or None when the act does not fit the state."""
    return _STEPS.get((State(state), act))


def opening_times(starts_at: datetime, ends_at: datetime, rule: SessionRule) -> tuple[datetime, datetime]:
    """From when until when a planned session may be opened for its roll call."""
    return starts_at - timedelta(minutes=rule.open_before_minutes), ends_at + timedelta(days=rule.open_after_days)


def playing_time(lengths_s: Iterable[int], rule: SessionRule) -> timedelta:
    """The time that must be there for the programme, and must have passed before anybody is credited for it."""
    return timedelta(seconds=round(sum(lengths_s) * rule.programme_share))


def earliest_close(starts_at: datetime, lengths_s: Iterable[int], rule: SessionRule) -> datetime:
    """Closing credits the people present, so it must wait until the programme can have been shown."""
    return starts_at + playing_time(lengths_s, rule)


def is_credited(status: str, rule: SessionRule) -> bool:
    """True when a person with this mark earns the hours of the session's lessons."""
    return status in rule.credited


def changes_credit(before: str, after: str, rule: SessionRule) -> int:
    """1 when a changed mark earns the hours, -1 when it loses them, 0 when nothing changes."""
    return int(is_credited(after, rule)) - int(is_credited(before, rule))


def may_mark(state: str, reason: str) -> str | None:
    """None when the roll may be changed in this state, else the code of the refusal; a closed roll needs a reason."""
    if state == State.HELD:
        return None
    if state == State.CLOSED:
        return None if reason else "sessions.reason_missing"
    return "sessions.roll_not_open"
