"""What browsers send, as plain values; a field that cannot be read is refused with its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from werkzeug.datastructures import MultiDict

from learnhub.kernel import clock
from learnhub.kernel.errors import Invalid
from learnhub.org.queries import GRANT_STATES, AuditFilter, GrantFilter, PeopleFilter, StationFilter

Form = MultiDict[str, str]


@dataclass(frozen=True)
class PasswordForm:
    """The present password (None where it is not asked for) and the new one."""

    old: str | None
    new: str


@dataclass(frozen=True)
class GrantForm:
    """A role to be given; ``ends_at`` is the instant after its last day."""

    role: str
    unit_id: int
    ends_at: datetime | None


@dataclass(frozen=True)
class SlipsForm:
    """Who gets a slip; ``key`` is that of the form that was sent."""

    person_ids: tuple[int, ...]
    key: str


def read_slips(form: Form) -> SlipsForm:
    """Raises Invalid for a form without a key."""
    key = form.get("key", "")
    if not 8 <= len(key) <= 40:
        raise Invalid("org.slips_nobody", fields={"person": "org.slips_nobody"})
    return SlipsForm(tuple(form.getlist("person", type=int)), key)


def read_password(form: Form) -> PasswordForm:
    """Raises Invalid when the two entries of the new password differ."""
    if form.get("new", "") != form.get("again", ""):
        raise Invalid("org.password_differs", fields={"again": "org.password_differs"})
    return PasswordForm(form.get("old"), form.get("new", ""))


def read_grant(form: Form) -> GrantForm:
    """Raises Invalid for a date that cannot be read."""
    return GrantForm(form.get("role", ""), form.get("unit_id", 0, type=int), _read_end(form.get("last_day", "")))


def _read_end(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return clock.instant(date.fromisoformat(text) + timedelta(days=1))
    except (ValueError, OverflowError) as error:
        raise Invalid("org.date_unreadable", fields={"last_day": "org.date_unreadable"}) from error


def read_people_filter(args: Form) -> PeopleFilter:
    """The filter of the list of people from the address."""
    return PeopleFilter(
        unit_id=args.get("unit", None, type=int),
        text=args.get("q", "")[:80],
        rank=args.get("rank", "")[:40],
        include_retired=args.get("retired") == "1",
    )


def read_station_filter(args: Form) -> StationFilter:
    """The filter of the list of stations from the address."""
    return StationFilter(unit_id=args.get("unit", None, type=int), text=args.get("q", "")[:80])


def read_grant_filter(args: Form) -> GrantFilter:
    """The filter of the list of roles given from the address."""
    state = args.get("state", "now")
    return GrantFilter(
        unit_id=args.get("unit", None, type=int),
        role=args.get("role", "")[:40],
        text=args.get("q", "")[:80],
        state=state if state in GRANT_STATES else "now",
    )


def grant_values(wanted: GrantFilter) -> dict[str, str | int]:
    """The same filter as parameters of an address; what is not narrowed is left out."""
    told = {"unit": wanted.unit_id, "role": wanted.role, "q": wanted.text, "state": wanted.state}
    return {name: value for name, value in told.items() if value and value != "now"}


def page_number(args: Form) -> int:
    """The number of the page asked for; 1 for anything unreadable."""
    return min(max(1, args.get("page", 1, type=int)), 1_000_000)


def read_audit_filter(args: Form) -> AuditFilter:
    """The filter of the audit trail from the address; a day that cannot be read counts as not given."""
    return AuditFilter(
        text=args.get("q", "")[:80],
        action=args.get("action", "")[:60],
        unit_id=args.get("unit", None, type=int),
        first=args.get("first", None, type=date.fromisoformat),
        last=args.get("last", None, type=date.fromisoformat),
    )


def audit_values(wanted: AuditFilter) -> dict[str, str | int]:
    """The same filter as parameters of an address; what is not narrowed is left out."""
    told = {
        "q": wanted.text,
        "action": wanted.action,
        "unit": wanted.unit_id,
        "first": wanted.first.isoformat() if wanted.first else None,
        "last": wanted.last.isoformat() if wanted.last else None,
    }
    return {name: value for name, value in told.items() if value}


def read_day(text: str) -> date | None:
    """A day of the address, ``2026-06-30``; None for an empty text. Raises Invalid for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("org.date_unreadable", fields={"as_of": "org.date_unreadable"}) from error
