"""Lessons made of what editors uploaded: a new one in a course, or new media for one that is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import peewee

from learnhub.catalog.actions.measuring import note_prepared, write_totals
from learnhub.catalog.events import CoursePublished
from learnhub.catalog.models import Course, Lesson, LessonVersion
from learnhub.catalog.rules import LONGEST_TITLE, State, kind_for_asset
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


def add_media_lesson(
    actor: Actor, course_id: int, asset_id: int, title: str, *, settings: Settings, now: datetime
) -> Lesson:
    """Puts a lesson that shows a medium at the end of a published course, at once for its audience.

    Raises NotFound, Forbidden ``org.not_allowed``, Conflict ``catalog.not_published`` and, where two people are needed to
    publish, ``catalog.upload_not_reviewed``; Invalid ``catalog.title_…`` and ``catalog.media_nature_unfit``.
    """
    title = clean(title)
    with transaction():
        course = _course(actor, course_id, settings)
        asset = usable_asset(actor, asset_id)
        if not title or len(title) > LONGEST_TITLE:
            raise Invalid("catalog.title_missing", fields={"title": "catalog.title_missing"})
        last = Lesson.select(peewee.fn.MAX(Lesson.number)).where(Lesson.course == course).scalar() or 0
        kind = kind_for_asset(asset.kind)
        if kind is None:
            raise Invalid("catalog.media_nature_unfit")
        lesson = Lesson.create(course=course, key=f"m-{new_id(10)}", number=last + 1, title=title, kind=kind)
        _write(lesson, asset, {"title": title}, 1, now)
        _tell(actor, course, lesson, asset, "added", settings, now)
    return lesson  # type: ignore[no-any-return]


def replace_media(actor: Actor, lesson_id: int, asset_id: int, *, settings: Settings, now: datetime) -> LessonVersion:
    """Gives a lesson a new version that shows another medium of the same kind; what was earned stays with the old one.

    Captions and chapter marks belong to the recording and are not carried over. Raises like :func:`add_media_lesson`;
    Conflict ``catalog.same_media``.
    """
    with transaction():
        lesson: Lesson | None = Lesson.get_or_none((Lesson.id == lesson_id) & ~Lesson.is_retired)
        if lesson is None:
            raise NotFound("catalog.lesson_not_found")
        course = _course(actor, lesson.course_id, settings)
        asset = usable_asset(actor, asset_id)
        if kind_for_asset(asset.kind) != lesson.kind:
            raise Invalid("catalog.media_nature_unfit")
        versions = LessonVersion.select().where(LessonVersion.lesson == lesson)
        old: LessonVersion = versions.where(LessonVersion.is_current).get()
        if old.asset_id == asset.id:
            raise Conflict("catalog.same_media")
        number = versions.order_by(LessonVersion.number.desc()).first().number + 1
        LessonVersion.update(is_current=False).where(LessonVersion.id == old.id).execute()
        made = _write(lesson, asset, {name: getattr(old, name) for name in _CARRIED}, number, now)
        _tell(actor, course, lesson, asset, "changed", settings, now)
    return made


def usable_asset(actor: Actor, asset_id: int) -> Asset:
    """A medium on the list of a unit in the actor's care, ready and not withdrawn. Raises NotFound ``media.not_found``."""
    if asset_id not in uploads.held_by(actor, [asset_id]):
        raise NotFound("media.not_found")
    asset = media.get_asset(asset_id)
    if asset.state != "ready" or asset.withdrawn_at is not None:
        raise NotFound("media.not_found")
    return asset


def _course(actor: Actor, course_id: int, settings: Settings) -> Course:
    query = Course.select(Course, Unit).join(Unit).where(Course.id == course_id)
    course: Course | None = query.first()
    if course is None or not may(actor, "catalog.edit", course.unit.path):
        raise NotFound("catalog.course_not_found")
    require(actor, "catalog.publish", course.unit.path)
    locked(Course.select(Course.id).where(Course.id == course_id)).execute()
    if course.state != State.PUBLISHED:
        raise Conflict("catalog.not_published")
    if settings.two_person_publishing:
        # A verdict counts for the content of a folder; an upload by itself has nothing that could be approved.
        raise Conflict("catalog.upload_not_reviewed")
    return course


def _write(lesson: Lesson, asset: Asset, values: dict[str, Any], number: int, now: datetime) -> LessonVersion:
    told = {"media": asset.sha256, "kind": lesson.kind, **values}
    made: LessonVersion = LessonVersion.create(
        lesson=lesson, number=number, asset=asset, digest=digest(told), published_at=now, **values
    )
    return made


def _tell(
    actor: Actor, course: Course, lesson: Lesson, asset: Asset, what: str, settings: Settings, now: datetime
) -> None:
    note_prepared(asset.id, settings=settings)
    write_totals(course.id)
    Course.update(changed_at=now).where(Course.id == course.id).execute()
    told = {"lesson": lesson.title, "file": asset.file_name, "sha256": asset.sha256}
    action = "catalog.media_added" if what == "added" else "catalog.media_changed"
    audit.record(actor, action, "course", course.id, unit_id=course.unit_id, now=now, **told)
    published = CoursePublished(course.id, added=(), changed=(), retired=())
    events.publish(replace(published, **{what: (lesson.id,)}))
    events.publish(events.DocumentChanged("course", str(course.id)))
