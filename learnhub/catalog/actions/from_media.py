"""Lessons made of what editors uploaded: a new one in a course, or new media for one that is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import peewee

from learnhub.catalog.actions.measuring import note_prepared, write_totals
from learnhub.catalog.events import CoursePublished
from learnhub.catalog.models import Course, Lesson, LessonVersion
from learnhub.catalog.rules import LONGEST_TITLE, Kind, State, kind_for_asset
from learnhub.config import Settings
from learnhub.kernel import events
from learnhub.kernel.db import locked, transaction
from learnhub.kernel.errors import Conflict, Invalid, NotFound
from learnhub.kernel.ids import new_id
from learnhub.kernel.signing import digest
from learnhub.kernel.text import clean
from learnhub.media import queries as media
from learnhub.media.models import Asset
from learnhub.media.uploads import queries as uploads
from learnhub.org import audit
from learnhub.org.models import Unit
from learnhub.org.scope import Actor, may, require

_CARRIED = ("title", "title_en", "source", "body_html", "body_text", "questions", "pass_share")


@dataclass(frozen=True)
class MediaChange:
    """What is to become of a medium: a new lesson called ``title`` at the end of ``course``, or, with ``lesson``, the
    next version of that one after ``base``."""

    course: Course
    asset: Asset
    kind: Kind
    title: str
    lesson: Lesson | None = None
    base: LessonVersion | None = None


def add_media_lesson(
    actor: Actor, course_id: int, asset_id: int, title: str, *, settings: Settings, now: datetime
) -> Lesson:
    """Puts a lesson that shows a medium at the end of a published course, at once for its audience.

    Raises NotFound, Forbidden ``org.not_allowed``, Conflict ``catalog.not_published`` and, where two people are needed to
    publish, ``catalog.not_approved``; Invalid ``catalog.title_…`` and ``catalog.media_nature_unfit``.
    """
    with transaction():
        _require_alone(settings)
        hold_course(course_id)
        change = plan_addition(actor, course_id, asset_id, title, now=now)
        return write_change(actor, change, settings=settings, now=now).lesson  # type: ignore[no-any-return]


def replace_media(actor: Actor, lesson_id: int, asset_id: int, *, settings: Settings, now: datetime) -> LessonVersion:
    """Gives a lesson a new version that shows another medium of the same kind; what was earned stays with the old one.

    Captions and chapter marks belong to the recording and are not carried over. Raises like :func:`add_media_lesson`;
    Conflict ``catalog.same_media``.
    """
    with transaction():
        _require_alone(settings)
        hold_course(_lesson(lesson_id).course_id)
        return write_change(
            actor, plan_replacement(actor, lesson_id, asset_id, now=now), settings=settings, now=now
        )  # fmt: skip


def plan_addition(actor: Actor, course_id: int, asset_id: int, title: str, *, now: datetime) -> MediaChange:
    """A checked change that nothing was written of yet. Raises like :func:`add_media_lesson`."""
    course, asset, title = _course(actor, course_id), usable_asset(actor, asset_id, now=now), clean(title)
    if not title or len(title) > LONGEST_TITLE:
        raise Invalid("catalog.title_missing", fields={"title": "catalog.title_missing"})
    kind = kind_for_asset(asset.kind)
    if kind is None:
        raise Invalid("catalog.media_nature_unfit")
    return MediaChange(course, asset, kind, title)


def plan_replacement(actor: Actor, lesson_id: int, asset_id: int, *, now: datetime) -> MediaChange:
    """A checked change that nothing was written of yet. Raises like :func:`replace_media`."""
    lesson = _lesson(lesson_id)
    course, asset = _course(actor, lesson.course_id), usable_asset(actor, asset_id, now=now)
    if kind_for_asset(asset.kind) != lesson.kind:
        raise Invalid("catalog.media_nature_unfit")
    base: LessonVersion = LessonVersion.get((LessonVersion.lesson == lesson) & LessonVersion.is_current)
    if base.asset_id == asset.id:
        raise Conflict("catalog.same_media")
    return MediaChange(course, asset, Kind(lesson.kind), lesson.title, lesson, base)


def write_change(
    actor: Actor, change: MediaChange, *, settings: Settings, now: datetime, **told: object
) -> LessonVersion:
    """Publishes a checked change within the caller's transaction; ``told`` stands in its audit line too."""
    lesson, base = change.lesson, change.base
    if lesson is None or base is None:
        last = Lesson.select(peewee.fn.MAX(Lesson.number)).where(Lesson.course == change.course).scalar() or 0
        lesson = Lesson.create(
            course=change.course, key=f"m-{new_id(10)}", number=last + 1, title=change.title, kind=change.kind
        )
        made = _write(lesson, change.asset, {"title": change.title}, 1, now)
    else:
        LessonVersion.update(is_current=False).where(LessonVersion.id == base.id).execute()
        number = (
            LessonVersion.select(peewee.fn.MAX(LessonVersion.number)).where(LessonVersion.lesson == lesson).scalar()
        )
        made = _write(lesson, change.asset, {name: getattr(base, name) for name in _CARRIED}, number + 1, now)
    _tell(actor, change, lesson, settings, now, told)
    return made


def usable_asset(actor: Actor, asset_id: int, *, now: datetime) -> Asset:
    """A medium on the list of a unit in the actor's care that can be shown now. Raises NotFound ``media.not_found``."""
    if asset_id not in uploads.held_by(actor, [asset_id]):
        raise NotFound("media.not_found")
    asset = media.get_asset(asset_id)
    if media.why_not_shown(asset, now):
        raise NotFound("media.not_found")
    return asset


def hold_course(course_id: int) -> None:
    """Whoever changes the lessons of a course at the same time waits for the end of this transaction."""
    locked(Course.select(Course.id).where(Course.id == course_id)).execute()


def _require_alone(settings: Settings) -> None:
    if settings.two_person_publishing:
        raise Conflict("catalog.not_approved")


def _lesson(lesson_id: int) -> Lesson:
    lesson: Lesson | None = Lesson.get_or_none((Lesson.id == lesson_id) & ~Lesson.is_retired)
    if lesson is None:
        raise NotFound("catalog.lesson_not_found")
    return lesson


def _course(actor: Actor, course_id: int) -> Course:
    course: Course | None = Course.select(Course, Unit).join(Unit).where(Course.id == course_id).first()
    if course is None or not may(actor, "catalog.edit", course.unit.path):
        raise NotFound("catalog.course_not_found")
    require(actor, "catalog.publish", course.unit.path)
    if course.state != State.PUBLISHED:
        raise Conflict("catalog.not_published")
    return course


def _write(lesson: Lesson, asset: Asset, values: dict[str, Any], number: int, now: datetime) -> LessonVersion:
    told = {"media": asset.sha256, "kind": lesson.kind, **values}
    made: LessonVersion = LessonVersion.create(
        lesson=lesson, number=number, asset=asset, digest=digest(told), published_at=now, **values
    )
    return made


def _tell(
    actor: Actor, change: MediaChange, lesson: Lesson, settings: Settings, now: datetime, told: dict[str, object]
) -> None:
    course, asset = change.course, change.asset
    note_prepared(asset.id, settings=settings)
    write_totals(course.id)
    Course.update(changed_at=now).where(Course.id == course.id).execute()
    told = {"lesson": lesson.title, "file": asset.file_name, "sha256": asset.sha256, **told}
    what = "added" if change.lesson is None else "changed"
    action = "catalog.media_added" if change.lesson is None else "catalog.media_changed"
    audit.record(actor, action, "course", course.id, unit_id=course.unit_id, now=now, **told)
    published = CoursePublished(course.id, added=(), changed=(), retired=())
    events.publish(replace(published, **{what: (lesson.id,)}))
    events.publish(events.DocumentChanged("course", str(course.id)))
