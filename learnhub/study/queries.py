"""Reads on study: where a person stands in a course, what to continue with, the year and the evidence behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import peewee

from learnhub.catalog import queries as catalog
from learnhub.catalog.models import Course, Lesson
from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.errors import NotFound
from learnhub.org.models import Person, Rank, Unit
from learnhub.org.scope import Actor
from learnhub.study import hours, ledger
from learnhub.study.models import Attempt, Completion, LedgerEntry, Progress, RefusedReports, YearHours
from learnhub.study.rules.hours import GROUP, Balance, HoursRule, Requirement, balances
from learnhub.study.rules.year import Counted


@dataclass(frozen=True)
class LessonState:
    """Where a person stands in a lesson; milliseconds. ``done_by``: viewing, test, group or empty."""

    seen_ms: int = 0
    needed_ms: int = 0
    length_ms: int = 0
    position_ms: int = 0
    done_at: datetime | None = None
    done_by: str = ""

    @property
    def is_begun(self) -> bool:
        """Something was seen, and it is not done."""
        return self.done_at is None and self.seen_ms > 0

    @property
    def share(self) -> float:
        """How much of what must be seen was seen, 0 to 1; 1 when done."""
        if self.done_at is not None:
            return 1.0
        return min(1.0, self.seen_ms / self.needed_ms) if self.needed_ms else 0.0

    @property
    def left_s(self) -> int:
        """Seconds still to be seen, rounded up."""
        return 0 if self.done_at is not None else max(0, -(-(self.needed_ms - self.seen_ms) // 1000))


NOT_BEGUN = LessonState()


@dataclass(frozen=True)
class Continue:
    """The lesson to go on with, one click from the home page."""

    lesson_id: int
    lesson_title: str
    course_id: int
    course_title: str
    kind: str
    state: LessonState
    lesson_title_en: str = ""
    course_title_en: str = ""


@dataclass(frozen=True)
class Year:
    """A person's year; all hours in centihours. ``entries`` newest first, each with ``.course`` and ``.lesson``.

    ``sources``: what each source gave and what of it counts. ``person`` has unit and rank.
    """

    year: int
    person: Person
    rule: HoursRule
    balances: tuple[Balance, ...]
    sources: dict[str, Counted]
    entries: list[LedgerEntry]
    until: date

    @property
    def total_centihours(self) -> int:
        """All hours that count in the year."""
        return sum(one.counted for one in self.sources.values())

    @property
    def required_centihours(self) -> int:
        """Those from required courses."""
        return sum(one.required for one in self.sources.values())

    @property
    def elective_centihours(self) -> int:
        """All others."""
        return self.total_centihours - self.required_centihours

    @property
    def uncounted_centihours(self) -> int:
        """What was given and does not count because of a cap."""
        return sum(one.given - one.counted for one in self.sources.values())


def lesson_states(person_id: int, course_id: int) -> dict[int, LessonState]:
    """Where the person stands in each lesson of a course that was begun, by lesson id. One query."""
    rows = Progress.select().where((Progress.person == person_id) & (Progress.course == course_id))
    states: dict[int, LessonState] = {}
    for row in rows.order_by(Progress.version):
        known = states.get(row.lesson_id)
        if known is None or known.done_at is None:  # done in an older version stays done
            states[row.lesson_id] = _state(row)
    return states


def lesson_state(person_id: int, lesson_id: int) -> LessonState:
    """Where the person stands in one lesson. One query."""
    rows = Progress.select().where((Progress.person == person_id) & (Progress.lesson == lesson_id))
    newest = rows.order_by(Progress.done_at.is_null(), Progress.version.desc()).first()
    return _state(newest) if newest is not None else NOT_BEGUN


def _state(row: Progress) -> LessonState:
    return LessonState(row.seen_ms, row.needed_ms, row.length_ms, row.position_ms, row.done_at, row.done_by)


def continue_for(actor: Actor) -> Continue | None:
    """The lesson that the person studied last and has not finished, if they may still open it. One query."""
    found = list_unfinished(actor, 1)
    return found[0] if found else None


def list_unfinished(actor: Actor, limit: int) -> list[Continue]:
    """Lessons begun and not done, the last studied first. One query."""
    rows = (
        Progress.select(Progress, Lesson, Course)
        .join_from(Progress, Lesson)
        .join_from(Lesson, Course)
        .where((Progress.person == actor.person_id) & Progress.done_at.is_null() & ~Lesson.is_retired)
        .where(catalog.visible_to(actor))
        .order_by(Progress.changed_at.desc())
        .limit(limit)
    )
    return [
        Continue(
            *(row.lesson_id, row.lesson.title, row.course_id, row.lesson.course.title, row.lesson.kind, _state(row)),
            *(row.lesson.title_en, row.lesson.course.title_en),
        )
        for row in rows
    ]


def completed_course_ids(person_id: int) -> set[int]:
    """The courses that the person has finished. One query."""
    return {row.course_id for row in Completion.select(Completion.course).where(Completion.person == person_id)}


def list_attempts(person_id: int, version_id: int) -> list[Attempt]:
    """The tries at one test, the first first."""
    tries = (Attempt.person == person_id) & (Attempt.version == version_id)
    return list(Attempt.select().where(tries).order_by(Attempt.number))


def attempt_for(actor: Actor, version_id: int, number: int) -> Attempt:
    """One of the person's own tries. Raises NotFound ``study.no_lesson``."""
    found = Attempt.get_or_none(
        (Attempt.person == actor.person_id) & (Attempt.version == version_id) & (Attempt.number == number)
    )
    if found is None:
        raise NotFound("study.no_lesson")
    return found


def record_of(person_id: int, year: int) -> list[LedgerEntry]:
    """All entries of a person's year, newest first, with ``.course`` and ``.lesson``. One query."""
    return list(_entries().where((LedgerEntry.person == person_id) & (LedgerEntry.year == year)))


def hours_of_session(session_id: int, person_ids: Iterable[int], lesson_ids: Iterable[int]) -> dict[int, int]:
    """Person id → centihours that a group viewing gave and that stand; who got none is absent. One query."""
    shown = LedgerEntry.person.in_(list(person_ids)) & LedgerEntry.lesson.in_(list(lesson_ids))
    given: dict[int, int] = {}
    for entry in ledger.standing(LedgerEntry.select().where(shown & (LedgerEntry.source == GROUP))):
        if entry.evidence.get("session") == session_id:
            given[entry.person_id] = given.get(entry.person_id, 0) + entry.centihours
    return given


def _entries() -> peewee.ModelSelect:
    return (
        LedgerEntry.select(LedgerEntry, Course, Lesson)
        .join_from(LedgerEntry, Course, peewee.JOIN.LEFT_OUTER)
        .join_from(LedgerEntry, Lesson, peewee.JOIN.LEFT_OUTER)
        .order_by(LedgerEntry.number.desc())
    )


def entry_for(actor: Actor, entry_id: int) -> LedgerEntry:
    """One of the person's own entries. Raises NotFound ``study.no_entry``."""
    entry = _entries().where((LedgerEntry.id == entry_id) & (LedgerEntry.person == actor.person_id)).first()
    if entry is None:
        raise NotFound("study.no_entry")
    return entry


@dataclass(frozen=True)
class KeptYear:
    """What a year holds by source, and the stamp of the rule by which it was counted."""

    rule: str
    sources: dict[str, Counted]


def kept_years(person_id: int, first: int, last: int) -> dict[int, KeptYear]:
    """The years from ``first`` to ``last`` that hold something. One query."""
    mine = (YearHours.person == person_id) & YearHours.year.between(first, last)
    found: dict[int, KeptYear] = {}
    for row in YearHours.select().where(mine):
        year = found.setdefault(row.year, KeptYear(row.rule, {}))
        year.sources[row.source] = Counted(row.given, row.counted, row.required)
    return found


LOOKS_BACK = 9
"""Years before the present one that a requirement may ask about: what is read at once."""


def balances_in(asked: tuple[Requirement, ...], year: int, kept: dict[int, KeptYear]) -> tuple[Balance, ...]:
    """The requirements of a year against what it and, where a requirement looks back, the years before hold."""
    found: list[Balance] = []
    for one in asked:
        earned: dict[str, int] = defaultdict(int)
        required: dict[str, int] = defaultdict(int)
        for back in range(one.years):
            for source, counted in kept[year - back].sources.items() if year - back in kept else ():
                earned[source] += counted.counted
                required[source] += counted.required
        found += balances((one,), earned, required)
    return tuple(found)


def years_of(person_id: int, now: datetime) -> list[int]:
    """The years in which the person has hours, and the present one, newest first."""
    rows = LedgerEntry.select(LedgerEntry.year).where(LedgerEntry.person == person_id).distinct().tuples()
    return sorted({year for (year,) in rows} | {clock.local_year(now)}, reverse=True)


def year_of(person_id: int, year: int, *, settings: Settings) -> Year:
    """What a person earned in a year, what the rank asks for and what is missing; the caller authorises.

    A year that holds something keeps the rule by which it was counted. At most five queries.
    """
    person = (
        Person.select(Person, Unit, Rank)
        .join_from(Person, Unit, on=Person.unit)
        .join_from(Person, Rank, peewee.JOIN.LEFT_OUTER)
        .where(Person.id == person_id)
        .get()
    )
    kept = kept_years(person_id, year - LOOKS_BACK, year)
    rule = _rule_of(year, kept, person.unit.path, settings)
    asked = hours.requirements_of(rule, person.rank.code if person.rank_id is not None else None)
    return Year(
        year=year, person=person, rule=rule, balances=balances_in(asked, year, kept),
        sources=kept[year].sources if year in kept else {}, entries=record_of(person_id, year),
        until=date(year, 12, 31),
    )  # fmt: skip


def _rule_of(year: int, kept: dict[int, KeptYear], unit_path: str, settings: Settings) -> HoursRule:
    return hours.rule_stamped(kept[year].rule) if year in kept else hours.rule_for(unit_path, year, settings)


def balances_of(
    person_id: int, unit_path: str, rank_code: str | None, year: int, *, settings: Settings
) -> tuple[Balance, ...]:
    """Only the requirements of a year against what was earned: for a home page. At most two queries."""
    kept = kept_years(person_id, year - LOOKS_BACK, year)
    asked = hours.requirements_of(_rule_of(year, kept, unit_path, settings), rank_code)
    return balances_in(asked, year, kept)


def seen_of(person_id: int, version_id: int) -> list[list[int]]:
    """The parts of a lesson version that the person has seen, as [from_ms, to_ms]. One query."""
    row = Progress.get_or_none((Progress.person == person_id) & (Progress.version == version_id))
    return row.seen if row is not None else []


def list_refused_reports(last: date, days: int = 7) -> list[tuple[str, int, int]]:
    """(reason, on the last day, in all the days) of reports that were refused or not believed. One query."""
    first = last - timedelta(days=days - 1)
    counted: dict[str, tuple[int, int]] = {}
    for row in RefusedReports.select().where(RefusedReports.day.between(first, last)):
        of_day, of_all = counted.get(row.code, (0, 0))
        counted[row.code] = (of_day + (row.number if row.day == last else 0), of_all + row.number)
    return sorted(((code, *numbers) for code, numbers in counted.items()), key=lambda line: (-line[2], line[0]))
