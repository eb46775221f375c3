"""What this feature knows about a person, as parts of their own data."""

from __future__ import annotations

import peewee

from learnhub.catalog.models import Course, Lesson, LessonVersion
from learnhub.design.i18n import _l
from learnhub.org.own_data import Part, register_part, whole_part
from learnhub.study.models import Attempt, Completion, LedgerEntry, Progress, Viewing, YearHours

_LESSON = {"course": _l("Course"), "lesson": _l("Lesson")}


def _of_lesson(query: peewee.ModelSelect, table: type[peewee.Model]) -> peewee.ModelSelect:
    query = query.join_from(table, LessonVersion, on=table.version == LessonVersion.id)
    return query.join_from(LessonVersion, Lesson).join_from(Lesson, Course)


_PARTS = (
    Part(
        "hours",
        _l("Your hours, each with its evidence"),
        {
            "number": _l("Number"),
            "year": _l("Year"),
            "centihours": _l("Hundredths of an hour"),
            "source": _l("Source"),
            "is_required": _l("Required"),
            **_LESSON,
            "rule": _l("Rule"),
            "evidence": _l("Evidence"),
            "earned_at": _l("Earned"),
            "written_at": _l("Written"),
            "digest": _l("Digest"),
        },
        lambda person: (
            LedgerEntry.select(
                *(LedgerEntry.number, LedgerEntry.year, LedgerEntry.centihours, LedgerEntry.source),
                *(LedgerEntry.is_required, Course.title, Lesson.title, LedgerEntry.rule, LedgerEntry.evidence),
                *(LedgerEntry.earned_at, LedgerEntry.written_at, LedgerEntry.digest),
            )
            .join_from(LedgerEntry, Course, peewee.JOIN.LEFT_OUTER)
            .join_from(LedgerEntry, Lesson, peewee.JOIN.LEFT_OUTER)
            .where(LedgerEntry.person == person)
            .order_by(LedgerEntry.number)
            .tuples()
            .iterator()
        ),
        (LedgerEntry,),
    ),
    Part(
        "viewings",
        _l("Every opening of a lesson"),
        {
            **_LESSON,
            "opened_at": _l("Opened"),
            "reported_at": _l("Last report"),
            "ended_at": _l("Ended at"),
            "ended_by": _l("Ended by"),
            "seen": _l("Parts seen, in milliseconds"),
            "reports": _l("Reports"),
            "refused_ms": _l("Not believed, in milliseconds"),
            "device": _l("Device"),
        },
        lambda person: (
            _of_lesson(
                Viewing.select(
                    *(Course.title, LessonVersion.title, Viewing.opened_at, Viewing.reported_at, Viewing.ended_at),
                    *(Viewing.ended_by, Viewing.seen, Viewing.reports, Viewing.refused_ms, Viewing.device),
                ),
                Viewing,
            )
            .where(Viewing.person == person)
            .order_by(Viewing.opened_at)
            .tuples()
            .iterator()
        ),
        (Viewing,),
    ),
    Part(
        "progress",
        _l("How far you are in each lesson"),
        {
            **_LESSON,
            "seen": _l("Parts seen, in milliseconds"),
            "started_at": _l("Begun"),
            "changed_at": _l("Last studied"),
            "done_at": _l("Done"),
            "done_by": _l("Done by"),
        },
        lambda person: (
            _of_lesson(
                Progress.select(
                    *(Course.title, LessonVersion.title, Progress.seen, Progress.started_at),
                    *(Progress.changed_at, Progress.done_at, Progress.done_by),
                ),
                Progress,
            )
            .where(Progress.person == person)
            .order_by(Progress.id)
            .tuples()
            .iterator()
        ),
        (Progress,),
    ),
    Part(
        "tests",
        _l("Your tries at tests"),
        {
            **_LESSON,
            "number": _l("Try"),
            "answers": _l("Answers"),
            "score": _l("Share right"),
            "is_passed": _l("Passed"),
            "at": _l("When"),
        },
        lambda person: (
            _of_lesson(
                Attempt.select(
                    *(Course.title, LessonVersion.title, Attempt.number, Attempt.answers, Attempt.score),
                    *(Attempt.is_passed, Attempt.at),
                ),
                Attempt,
            )
            .where(Attempt.person == person)
            .order_by(Attempt.id)
            .tuples()
            .iterator()
        ),
        (Attempt,),
    ),
    Part(
        "completions",
        _l("Courses that you completed"),
        {"course": _l("Course"), "completed_at": _l("Completed")},
        lambda person: (
            Completion.select(Course.title, Completion.completed_at)
            .join(Course)
            .where(Completion.person == person)
            .order_by(Completion.id)
            .tuples()
        ),
        (Completion,),
    ),
)


_YEAR = {
    "year": _l("Year"),
    "source": _l("Source"),
    "given": _l("Hours given, in hundredths"),
    "counted": _l("Counted after upper limits, in hundredths"),
    "required": _l("Of these from required courses, in hundredths"),
    "rule": _l("Rule"),
}


def register() -> None:
    """Names the parts of this feature."""
    register_part(*_PARTS, whole_part(YearHours, _l("Your hours of each year by source"), _YEAR))
