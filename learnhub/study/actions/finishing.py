"""What follows when a lesson is done: hours, and perhaps the end of the course. Called within a transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from learnhub.catalog.models import Lesson
from learnhub.kernel import events
from learnhub.study import ledger
from learnhub.study.events import CourseCompleted, LessonCompleted
from learnhub.study.lessons import StudyLesson
from learnhub.study.models import Completion, LedgerEntry, Progress
from learnhub.study.rules.year import is_better


def finish_lesson(
    progress: Progress, lesson: StudyLesson, *, by: str, source: str, centihours: int, rule: str,
    evidence: dict[str, Any], at: datetime, now: datetime,
) -> LedgerEntry | None:  # fmt: skip
    """Marks the lesson as done, writes its hours and, when it was the last one, the course's completion.

    A lesson studied several ways counts once a year, the better way (rules.year). Returns the ledger entry, or None
    when the lesson has given as good hours in that year already.
    """
    ledger.lock_person(progress.person_id)
    if progress.done_at is None or (progress.done_by == "group" and by != "group"):
        first = not _is_done_in_any_version(progress)
        Progress.update(done_at=at, done_by=by, changed_at=now).where(Progress.id == progress.id).execute()
        if first:
            events.publish(LessonCompleted(progress.person_id, lesson.lesson_id, lesson.course_id, by, at))
    entry = _give(
        ledger.Credit(
            person_id=progress.person_id, source=source, is_required=lesson.is_required, centihours=centihours,
            course_id=lesson.course_id, lesson_id=lesson.lesson_id, rule=rule, evidence=evidence, earned_at=at,
        ),
        now,
    )  # fmt: skip
    _complete_course(progress.person_id, lesson.course_id, at)
    return entry


def _give(credit: ledger.Credit, now: datetime) -> LedgerEntry | None:
    """Writes the hours; a lesson that gave fewer, or the same in a group, gives the better ones in their place."""
    standing = ledger.standing_entry(credit.person_id, credit.base)
    if standing is not None:
        if not is_better(credit.source, credit.centihours, standing.source, standing.centihours):
            return None
        ledger.reverse(standing, {"reason": "better", "source": credit.source}, now=now)
    return ledger.append(credit, now=now)


def progress_of(person_id: int, lesson: StudyLesson, now: datetime) -> Progress:
    """The person's progress in the current version; made when there is none.

    A length that was not known before the medium was prepared is taken over, and so is a rule that asks for more.
    """
    known = Progress.get_or_none((Progress.person == person_id) & (Progress.version == lesson.version_id))
    if known is not None:
        changed = known.length_ms != lesson.length_ms or known.needed_ms < lesson.needed_ms
        if known.done_at is None and changed:
            known.length_ms, known.needed_ms = lesson.length_ms, lesson.needed_ms
            known.save(only=[Progress.length_ms, Progress.needed_ms])
        return known
    return Progress.create(
        person=person_id, version=lesson.version_id, lesson=lesson.lesson_id, course=lesson.course_id,
        length_ms=lesson.length_ms, needed_ms=lesson.needed_ms, seen=[], started_at=now, changed_at=now,
    )  # fmt: skip


def _is_done_in_any_version(progress: Progress) -> bool:
    done = (Progress.lesson == progress.lesson_id) & Progress.done_at.is_null(False)
    return Progress.select(Progress.id).where((Progress.person == progress.person_id) & done).exists()


def _complete_course(person_id: int, course_id: int, at: datetime) -> None:
    done = Progress.select(Progress.lesson).where(
        (Progress.person == person_id) & (Progress.course == course_id) & Progress.done_at.is_null(False)
    )
    open_lessons = (Lesson.course == course_id) & ~Lesson.is_retired & Lesson.id.not_in(done)
    if Lesson.select(Lesson.id).where(open_lessons).exists():
        return
    known = (Completion.person == person_id) & (Completion.course == course_id)
    if not Completion.select(Completion.id).where(known).exists():
        Completion.create(person=person_id, course=course_id, completed_at=at)
        events.publish(CourseCompleted(person_id, course_id, at))
