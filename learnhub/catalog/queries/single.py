"""One course, one lesson, and the table of contents."""

from __future__ import annotations

from dataclasses import dataclass

import peewee

from learnhub.catalog.models import Category, Chapter, Course, CourseAudience, Lesson, LessonVersion
from learnhub.catalog.rules import State
from learnhub.kernel.errors import NotFound
from learnhub.media.models import Asset
from learnhub.org.models import Unit
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, in_scope, require


@dataclass(frozen=True)
class OutlineLesson:
    """A line of the table of contents; ``version_id`` is the current version, ``questions`` of a test."""

    id: int
    version_id: int
    number: int
    key: str
    kind: str
    title: str
    title_en: str
    length_s: int
    questions: int


@dataclass(frozen=True)
class OutlineChapter:
    """A part of the course; lessons before or without chapters stand under one without ``key`` and titles."""

    key: str
    title: str
    title_en: str
    lessons: tuple[OutlineLesson, ...]


def visible_to(actor: Actor) -> peewee.Expression:
    """The SQL condition on Course: published, and offered to a unit on the way down to the actor's own."""
    offered = CourseAudience.select(CourseAudience.course).where(CourseAudience.unit.in_(ids_on(actor.unit_path)))
    return (Course.state == State.PUBLISHED) & Course.id.in_(offered)


def may_open(actor: Actor) -> peewee.Expression:
    """The SQL condition on Course joined to Unit: visible, or published and in the actor's care as an editor."""
    return visible_to(actor) | ((Course.state == State.PUBLISHED) & in_scope(actor, "catalog.edit"))


def course_for(actor: Actor, course_id: int) -> Course:
    """A course that the actor may open, with category and unit. One query. Raises NotFound."""
    course: Course | None = (
        Course.select(Course, Category, Unit)
        .join_from(Course, Category)
        .join_from(Course, Unit)
        .where((Course.id == course_id) & may_open(actor))
        .first()
    )
    if course is None:
        raise NotFound("catalog.course_not_found")
    return course


def find_course_by_code(code: str) -> Course | None:
    """The course made from the folder of that name, in any state; for those who may publish the folder."""
    found: Course | None = Course.get_or_none(Course.code == code)
    return found


def edited_course_for(actor: Actor, course_id: int) -> Course:
    """A course in any state in the actor's care as an editor. One query. Raises NotFound."""
    course: Course | None = (
        Course.select(Course, Category, Unit)
        .join_from(Course, Category)
        .join_from(Course, Unit)
        .where((Course.id == course_id) & in_scope(actor, "catalog.edit"))
        .first()
    )
    if course is None:
        raise NotFound("catalog.course_not_found")
    require(actor, "catalog.edit", course.unit.path)
    return course


def edited_recording_for(actor: Actor, lesson_id: int) -> LessonVersion:
    """The current version of a video or audio lesson in the actor's care, with ``.asset``. Raises NotFound."""
    version: LessonVersion | None = (
        LessonVersion.select(LessonVersion, Lesson, Course, Unit, Asset)
        .join_from(LessonVersion, Lesson)
        .join_from(Lesson, Course)
        .join_from(Course, Unit)
        .join_from(LessonVersion, Asset, on=LessonVersion.asset == Asset.id)
        .where((Lesson.id == lesson_id) & LessonVersion.is_current & Asset.kind.in_(("video", "audio")))
        .where(in_scope(actor, "catalog.edit"))
        .first()
    )
    if version is None:
        raise NotFound("catalog.lesson_not_found")
    require(actor, "catalog.edit", version.lesson.course.unit.path)
    return version


def lesson_for(actor: Actor, lesson_id: int) -> LessonVersion:
    """The current version of a lesson that the actor may open, with ``.lesson``, ``.lesson.course`` (its category and
    unit) and ``.asset``. One query. Raises NotFound; a retired lesson is not found."""
    version: LessonVersion | None = (
        LessonVersion.select(LessonVersion, Lesson, Course, Category, Unit, Asset, Chapter)
        .join_from(LessonVersion, Lesson)
        .join_from(Lesson, Course)
        .join_from(Course, Category)
        .join_from(Course, Unit)
        .join_from(LessonVersion, Asset, peewee.JOIN.LEFT_OUTER, on=LessonVersion.asset == Asset.id)
        .join_from(Lesson, Chapter, peewee.JOIN.LEFT_OUTER, on=Lesson.chapter == Chapter.id)
        .where((Lesson.id == lesson_id) & ~Lesson.is_retired & LessonVersion.is_current & may_open(actor))
        .first()
    )
    if version is None:
        raise NotFound("catalog.lesson_not_found")
    return version


def outline(course: Course | int) -> list[OutlineChapter]:
    """The table of contents in the order of the lessons, chapters in between. Two queries."""
    chapters = {row.id: row for row in Chapter.select().where(Chapter.course == course)}
    rows = (
        LessonVersion.select(LessonVersion.id, LessonVersion.length_s, LessonVersion.questions, Lesson)
        .join(Lesson)
        .where((Lesson.course == course) & ~Lesson.is_retired & LessonVersion.is_current)
        .order_by(Lesson.number)
    )
    parts: list[tuple[int | None, list[OutlineLesson]]] = []
    for row in rows:
        if not parts or parts[-1][0] != row.lesson.chapter_id:
            parts.append((row.lesson.chapter_id, []))
        parts[-1][1].append(_line(row))
    return [_chapter(chapters.get(chapter_id), lessons) for chapter_id, lessons in parts]


def _line(row: LessonVersion) -> OutlineLesson:
    lesson = row.lesson
    return OutlineLesson(
        id=lesson.id,
        version_id=row.id,
        number=lesson.number,
        key=lesson.key,
        kind=lesson.kind,
        title=lesson.title,
        title_en=lesson.title_en,
        length_s=row.length_s,
        questions=len(row.questions or ()),
    )


def _chapter(row: Chapter | None, lessons: list[OutlineLesson]) -> OutlineChapter:
    if row is None:
        return OutlineChapter("", "", "", tuple(lessons))
    return OutlineChapter(row.key, row.title, row.title_en, tuple(lessons))
