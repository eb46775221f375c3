"""A lesson as study needs it: its version, how long it is and how much of it must be seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import peewee

from learnhub.catalog import queries as catalog
from learnhub.catalog.models import Course, Lesson, LessonVersion
from learnhub.kernel.errors import NotFound
from learnhub.media.models import Asset
from learnhub.org.scope import Actor
from learnhub.study.rules import completion


@dataclass(frozen=True)
class StudyLesson:
    """One lesson in one of its versions; lengths in milliseconds (rules.completion).

    ``length_ms`` judges what was seen; ``hours_ms``, the length that the catalogue shows, decides the hours.
    ``asked_share``: how much of a recording the course asks for.
    """

    lesson_id: int
    course_id: int
    version_id: int
    kind: str
    title: str
    is_required: bool
    length_ms: int
    needed_ms: int
    hours_ms: int
    asked_share: float
    pass_share: float
    questions: list[dict[str, Any]]


def lesson_for(actor: Actor, lesson_id: int) -> StudyLesson:
    """The lesson in its current version, if this person may study it. One query. Raises NotFound."""
    return study_lesson(catalog.lesson_for(actor, lesson_id))


def by_rule(lesson: StudyLesson, rule_share: float) -> StudyLesson:
    """The lesson where the rule of hours asks for at least this share of a recording."""
    share = completion.share_for(lesson.kind, lesson.asked_share, rule_share)
    return replace(lesson, needed_ms=completion.needed_ms(lesson.length_ms, share))


def lesson_shown(lesson_id: int) -> StudyLesson:
    """The current version whoever sees it: for a group at a station. Raises NotFound ``study.no_lesson``."""
    return _get((Lesson.id == lesson_id) & LessonVersion.is_current)


def lesson_of_version(version_id: int) -> StudyLesson:
    """The lesson in one of its versions, also a former one. Raises NotFound ``study.no_lesson``."""
    return _get(LessonVersion.id == version_id)


def _get(condition: peewee.Expression) -> StudyLesson:
    row = (
        LessonVersion.select(LessonVersion, Lesson, Course, Asset)
        .join_from(LessonVersion, Lesson)
        .join_from(Lesson, Course)
        .join_from(LessonVersion, Asset, peewee.JOIN.LEFT_OUTER)
        .where(condition)
        .first()
    )
    if row is None:
        raise NotFound("study.no_lesson")
    return study_lesson(row)


def study_lesson(row: LessonVersion) -> StudyLesson:
    """The lesson of a version that was read together with its lesson, course and asset."""
    lesson, course = row.lesson, row.lesson.course
    length = completion.length_ms(
        lesson.kind,
        duration_ms=row.asset.duration_ms if row.asset_id is not None else None,
        length_s=row.length_s,
        characters=row.characters,
    )
    return StudyLesson(
        lesson_id=lesson.id, course_id=course.id, version_id=row.id, kind=lesson.kind, title=row.title,
        is_required=course.is_required, length_ms=length,
        needed_ms=completion.needed_ms(length, completion.share_for(lesson.kind, course.required_share)),
        hours_ms=row.length_s * 1000 or length, asked_share=course.required_share,
        pass_share=row.pass_share, questions=row.questions or [],
    )  # fmt: skip
