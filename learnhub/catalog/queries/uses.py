"""Which lessons show a medium, and where a medium could be shown."""

from __future__ import annotations

from learnhub.catalog.models import Course, Lesson, LessonVersion, MediaProposal
from learnhub.catalog.rules import ProposalState, State
from learnhub.media.uploads.shelf import Use
from learnhub.org.models import Unit
from learnhub.org.scope import Actor, in_scope

MOST_SHOWN = 500


def uses_of_assets(actor: Actor, asset_ids: list[int]) -> dict[int, list[Use]]:
    """The lessons in the actor's care that show these assets now. One query."""
    rows = (
        LessonVersion.select(LessonVersion.asset, Course.id, Course.title, Lesson.title)
        .join_from(LessonVersion, Lesson)
        .join_from(Lesson, Course)
        .join_from(Course, Unit)
        .where(
            LessonVersion.asset.in_(asset_ids)
            & LessonVersion.is_current
            & ~Lesson.is_retired
            & in_scope(actor, "catalog.edit")
        )
        .order_by(Course.title, Lesson.number)
        .tuples()
    )
    found: dict[int, list[Use]] = {}
    for asset_id, course_id, course, lesson in rows:
        found.setdefault(asset_id, []).append(Use(f"{course} · {lesson}", f"/editing/courses/{course_id}"))
    return found


def assets_of(course_id: int) -> list[int]:
    """The media that a course shows or showed in earlier versions. One query."""
    shown = LessonVersion.select(LessonVersion.asset).join(Lesson)
    wanted = (Lesson.course == course_id) & LessonVersion.asset.is_null(False)
    return sorted(asset_id for (asset_id,) in shown.where(wanted).distinct().tuples())


def is_withheld(asset_id: int) -> bool:
    """Whether every course that shows a medium, and there is one, was withdrawn; not while the medium waits for
    approval. Two queries at the most."""
    shown = Course.select(Course.state).join(Lesson).join(LessonVersion).where(LessonVersion.asset == asset_id)
    states = {state for (state,) in shown.distinct().tuples()}
    waits = (MediaProposal.asset == asset_id) & (MediaProposal.state == ProposalState.OPEN)
    return states == {State.WITHDRAWN} and not MediaProposal.select().where(waits).exists()


def courses_to_extend(actor: Actor) -> list[tuple[int, str]]:
    """The published courses that the actor publishes for, by title. One query."""
    wanted = (Course.state == State.PUBLISHED) & in_scope(actor, "catalog.publish")
    rows = Course.select(Course.id, Course.title).join(Unit).where(wanted).order_by(Course.title).limit(MOST_SHOWN)
    return list(rows.tuples())


def lessons_to_replace(actor: Actor, kind: str, asset_id: int) -> list[tuple[int, str]]:
    """The lessons of that kind in those courses that show something else. One query."""
    wanted = (Course.state == State.PUBLISHED) & in_scope(actor, "catalog.publish")
    rows = (
        Lesson.select(Lesson.id, Course.title, Lesson.number, Lesson.title)
        .join_from(Lesson, Course)
        .join_from(Course, Unit)
        .join_from(Lesson, LessonVersion, on=(LessonVersion.lesson == Lesson.id) & LessonVersion.is_current)
        .where(wanted & (Lesson.kind == kind) & ~Lesson.is_retired & (LessonVersion.asset != asset_id))
        .order_by(Course.title, Lesson.number)
        .limit(MOST_SHOWN)
        .tuples()
    )
    return [(lesson_id, f"{course} · {number} {title}") for lesson_id, course, number, title in rows]
