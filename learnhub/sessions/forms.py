"""What the pages of sessions send, read into plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from learnhub.kernel import clock
from learnhub.kernel.errors import Invalid, Malformed
from learnhub.kernel.text import clean
from learnhub.sessions.actions import Mark
from learnhub.sessions.rules import SessionPlan


@dataclass
class PlanForm:
    """The fields of the planning page as typed; ``read`` makes a plan of them or says what is wrong."""

    station: str = ""
    date: str = ""
    start: str = ""
    end: str = ""
    title: str = ""
    host: str = ""
    lessons: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, data: MultiDict[str, str]) -> PlanForm:
        """The form as it was sent."""
        single = ("station", "date", "start", "end", "title", "host")
        return cls(**{name: clean(data.get(name, "")) for name in single}, lessons=data.getlist("lessons"))

    def read(self) -> SessionPlan:
        """The plan. Raises Invalid ``sessions.plan_refused`` with the faults by field."""
        faults: dict[str, str] = {}
        day = _date(self.date)
        start, end = _time(self.start), _time(self.end)
        station, host = whole(self.station), whole(self.host)
        lessons = tuple(dict.fromkeys(number for text in self.lessons if (number := whole(text)) is not None))
        for name, value in (("station", station), ("date", day), ("host", host)):
            if value is None:
                faults[name] = f"sessions.{name}_missing"
        for name, at in (("start", start), ("end", end)):
            if at is None:
                faults[name] = "sessions.time_missing"
        if not self.title:
            faults["title"] = "sessions.title_missing"
        if not lessons:
            faults["lessons"] = "sessions.lessons_missing"
        if faults or station is None or day is None or start is None or end is None or host is None:
            raise Invalid("sessions.plan_refused", fields=faults)
        starts_at, ends_at = clock.instant(day, start), clock.instant(day, end)
        return SessionPlan(station, self.title[:200], starts_at, ends_at, host, lessons)


def whole(text: str | None) -> int | None:
    """A whole number that fits a row's id, or None."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def read_month(text: str | None, today: date) -> date:
    """The first day of a month written ``2026-11``; this month for anything else."""
    parts = (text or "").split("-")
    numbers = [whole(part) for part in parts]
    if len(numbers) == 2 and numbers[0] and numbers[1] and 2000 <= numbers[0] <= 2100 and 1 <= numbers[1] <= 12:
        return date(numbers[0], numbers[1], 1)
    return today.replace(day=1)


def read_day(text: str | None) -> date | None:
    """A day written ``2026-11-05``, or None."""
    return _date(text or "")


def month_after(month: date) -> date:
    """The first day of the next month."""
    return (month + timedelta(days=32)).replace(day=1)


def month_before(month: date) -> date:
    """The first day of the month before."""
    return (month - timedelta(days=1)).replace(day=1)


def read_changed_marks(data: Mapping[str, str]) -> list[Mark]:
    """The rows of a roll sent as a form that differ from what the page showed: ``mark-7=late``, ``was-7=3:present``."""
    marks = []
    for name, status in data.items():
        person = whole(name.removeprefix("mark-")) if name.startswith("mark-") else None
        if person is None:
            continue
        version, _colon, before = data.get(f"was-{person}", "").partition(":")
        if status != before:
            marks.append(Mark(person, status, whole(version)))
    return marks


def read_json_marks(data: Any) -> list[Mark]:
    """``{"marks": [{"person": 7, "status": "late", "version": 3}, …]}``. Raises Malformed ``sessions.marks_shape``."""
    marks = data.get("marks") if isinstance(data, dict) else None
    if not isinstance(marks, list) or len(marks) > 1000:
        raise Malformed("sessions.marks_shape")
    return [_json_mark(item) for item in marks]


def read_json_status(data: Any) -> str:
    """``{"status": "present"}``. Raises Malformed ``sessions.marks_shape``."""
    status = data.get("status") if isinstance(data, dict) else None
    if not isinstance(status, str):
        raise Malformed("sessions.marks_shape")
    return status


def _json_mark(item: Any) -> Mark:
    person, status, version = (
        (item.get(name) for name in ("person", "status", "version")) if isinstance(item, dict) else (None,) * 3
    )
    if type(person) is not int or not isinstance(status, str) or type(version) is not int:
        raise Malformed("sessions.marks_shape")
    return Mark(person, status, version)


def _date(text: str) -> date | None:
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day of China
    except ValueError:
        return None


def _time(text: str) -> time | None:
    for pattern in ("%H:%M", "%H:%M:%S"):
        try:
            return datetime.strptime(text.strip().replace("：", ":"), pattern).time()  # noqa: DTZ007 - a wall clock
        except ValueError:
            continue
    return None
