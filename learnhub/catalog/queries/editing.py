"""What an editor looks after: the courses of the units in scope, whatever their state."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import peewee

from learnhub.catalog.models import Category, Course, CourseAudience, Lesson, LessonVersion
from learnhub.kernel.paging import Page, page_of
from learnhub.media import queries as media
from learnhub.media.models import Asset
from learnhub.media.queries import Preparation
from learnhub.org.models import Unit
from learnhub.org.scope import Actor, in_scope

PAGE_SIZE = 20


@dataclass(frozen=True)
class EditedCourse:
    """A course with the names of the units that it is offered to, and how many of its recordings are not ready."""

    course: Course
    audience: tuple[str, ...]
    waiting: int
    refused: int


def list_edited_courses(actor: Actor, state: str = "", page: int = 1) -> Page[EditedCourse]:
    """The courses in the actor's care, last changed first. Four queries."""
    condition = in_scope(actor, "catalog.edit")
    if state:
        condition &= Course.state == state
    query = (
        Course.select(Course, Category, Unit)
        .join_from(Course, Category)
        .join_from(Course, Unit)
        .where(condition)
        .order_by(Course.changed_at.desc(), Course.title)
    )
    found = page_of(query, page, PAGE_SIZE)
    ids = [course.id for course in found.items]
    audiences = _audiences(ids)
    waiting = count_waiting_media(ids)
    return found.map(
        lambda course: EditedCourse(course, tuple(audiences.get(course.id, ())), *waiting.get(course.id, (0, 0)))
    )


def count_by_state(actor: Actor) -> dict[str, int]:
    """State → how many courses in the actor's care are in it. One query."""
    counted = Course.select(Course.state, peewee.fn.COUNT(Course.id)).join(Unit).where(in_scope(actor, "catalog.edit"))
    return dict(counted.group_by(Course.state).tuples())


def _audiences(course_ids: list[int]) -> dict[int, list[str]]:
    rows = (
        CourseAudience.select(CourseAudience.course, Unit.name)
        .join(Unit)
        .where(CourseAudience.course.in_(course_ids))
        .order_by(Unit.path)
        .tuples()
    )
    names: dict[int, list[str]] = defaultdict(list)
    for course_id, name in rows:
        names[course_id].append(name)
    return names


def list_audience(course: Course) -> list[Unit]:
    """The units whose people see the course, from the top. One query."""
    return list(
        Unit.select()
        .join(CourseAudience, on=CourseAudience.unit == Unit.id)
        .where(CourseAudience.course == course)
        .order_by(Unit.path)
    )


def list_preparations(course_id: int) -> list[Preparation]:
    """How far those files of a course are that are not ready. Four queries."""
    current = LessonVersion.is_current & ~Lesson.is_retired & (Lesson.course == course_id)
    rows = (
        LessonVersion.select(LessonVersion.asset)
        .join_from(LessonVersion, Lesson)
        .join_from(LessonVersion, Asset)
        .where(current & (Asset.state != "ready"))
        .distinct()
        .tuples()
    )
    return media.list_preparations([asset_id for (asset_id,) in rows])


def count_waiting_media(course_ids: list[int]) -> dict[int, tuple[int, int]]:
    """How many recordings of each course are still being prepared, and how many were refused. One query."""
    rows = (
        LessonVersion.select(Lesson.course, Asset.state)
        .join_from(LessonVersion, Lesson)
        .join_from(LessonVersion, Asset)
        .where(Lesson.course.in_(course_ids) & LessonVersion.is_current & ~Lesson.is_retired & (Asset.state != "ready"))
        .tuples()
    )
    counts: dict[int, tuple[int, int]] = {}
    for course_id, state in rows:
        waiting, refused = counts.get(course_id, (0, 0))
        counts[course_id] = (waiting + (state != "refused"), refused + (state == "refused"))
    return counts
