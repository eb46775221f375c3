"""What would give a person hours: lessons that may be opened, and group sessions at the stations of the unit."""

from __future__ import annotations

from datetime import datetime

import peewee

from learnhub.catalog import queries as catalog
from learnhub.catalog.models import Course, Lesson, LessonVersion
from learnhub.config import Settings
from learnhub.org.models import Station
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor
from learnhub.sessions.models import SessionLesson, StationSession
from learnhub.study import hours
from learnhub.study.models import LedgerEntry, Progress
from learnhub.study.queries import Year
from learnhub.study.rules.hours import GROUP, ONLINE, TEST, HoursRule, lesson_centihours, passed_test_centihours
from learnhub.years.rules.shortest import Choice, Way, shortest_way

_SESSIONS = 20
_LESSONS = 1_500


def way_for(actor: Actor, year: Year, *, now: datetime, settings: Settings) -> Way:
    """The shortest way to what the year still asks. Four queries."""
    if not any(one.missing_centihours for one in year.balances):
        return Way()
    rule = hours.rule_for(actor.unit_path, year.year, settings)
    had = _credited(actor.person_id, year.year)
    lessons = {row.lesson_id: row for row in _lessons(actor) if row.lesson_id not in had}
    left = _seen(actor.person_id)
    choices = [_lesson_choice(row, rule, left) for row in lessons.values()]
    return shortest_way(year.balances, [*choices, *_sessions(actor, lessons, rule, now)])


def _credited(person_id: int, year: int) -> set[int]:
    rows = (
        LedgerEntry.select(LedgerEntry.lesson)
        .where((LedgerEntry.person == person_id) & (LedgerEntry.year == year) & LedgerEntry.lesson.is_null(False))
        .group_by(LedgerEntry.lesson)
        .having(peewee.fn.SUM(LedgerEntry.centihours) > 0)
    )
    return {lesson for (lesson,) in rows.tuples()}


def _lessons(actor: Actor) -> list[LessonVersion]:
    """The current lessons of the courses offered to the person: required ones first, then short ones."""
    return list(
        LessonVersion.select(LessonVersion.id, LessonVersion.lesson, LessonVersion.length_s, Lesson, Course)
        .join_from(LessonVersion, Lesson)
        .join_from(Lesson, Course)
        .where(LessonVersion.is_current & ~Lesson.is_retired & catalog.visible_to(actor))
        .order_by(Course.is_required.desc(), LessonVersion.length_s, LessonVersion.id)
        .limit(_LESSONS)
    )


def _seen(person_id: int) -> dict[int, int]:
    """Milliseconds still to be seen of lessons that were begun, by version."""
    rows = Progress.select(Progress.version, Progress.needed_ms - Progress.seen_ms)
    return dict(rows.where((Progress.person == person_id) & Progress.done_at.is_null()).tuples())


def _lesson_choice(row: LessonVersion, rule: HoursRule, left: dict[int, int]) -> Choice:
    lesson, course = row.lesson, row.lesson.course
    if lesson.kind == "test":
        source, given = TEST, passed_test_centihours(rule, is_required=course.is_required)
    else:
        source, given = ONLINE, lesson_centihours(rule, row.length_s * 1000, is_required=course.is_required)
    seconds = max(1, left[row.id] // 1000) if row.id in left else max(1, row.length_s)
    return Choice(
        f"lesson:{lesson.id:09d}", source, course.is_required, given if row.length_s or source == TEST else 0, seconds,
        (lesson.id,), lesson.title, lesson.title_en, course.title, course.title_en,
    )  # fmt: skip


def _sessions(actor: Actor, lessons: dict[int, LessonVersion], rule: HoursRule, now: datetime) -> list[Choice]:
    """Sessions to come at a station of the person's unit or of one above it, with lessons that give hours yet."""
    rows = (
        SessionLesson.select(SessionLesson.lesson, StationSession)
        .join(StationSession)
        .join(Station, on=StationSession.station == Station.id)
        .where(Station.unit.in_(ids_on(actor.unit_path)) & (StationSession.state == "planned"))
        .where(StationSession.starts_at > now)
        .order_by(StationSession.starts_at)
        .limit(_SESSIONS * 4)
    )
    shown: dict[int, list[SessionLesson]] = {}
    for row in rows:
        if row.lesson_id in lessons:
            shown.setdefault(row.session_id, []).append(row)
    found = []
    for session_id, ones in list(shown.items())[:_SESSIONS]:
        session, versions = ones[0].session, [lessons[one.lesson_id] for one in ones]
        given = sum(
            lesson_centihours(rule, one.length_s * 1000, is_required=one.lesson.course.is_required) for one in versions
        )
        found.append(
            Choice(
                f"session:{session_id:09d}", GROUP, all(one.lesson.course.is_required for one in versions), given,
                int((session.ends_at - session.starts_at).total_seconds()), tuple(one.lesson_id for one in versions),
                session.title, starts_at=session.starts_at, session_id=session_id,
            )
        )  # fmt: skip
    return found
