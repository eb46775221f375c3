"""Publishing a course folder: all of it or nothing; the same folder again changes nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from learnhub.catalog.actions.lessons import check_media, number_chapters, put_assets, write_lessons
from learnhub.catalog.actions.measuring import write_totals
from learnhub.catalog.actions.reviewing import require_approval
from learnhub.catalog.actions.shelves import set_categories
from learnhub.catalog.course_folder import (
    BadCourseFolder,
    CourseFolder,
    LessonPart,
    Problem,
    read_categories,
    read_course_folder,
)
from learnhub.catalog.events import CoursePublished
from learnhub.catalog.models import Category, Course, CourseAudience, Lesson
from learnhub.catalog.rules import PUBLISH_JOB, LessonPlan, State
from learnhub.config import Settings
from learnhub.kernel import events, jobs
from learnhub.kernel.db import is_postgres, transaction
from learnhub.kernel.errors import Conflict, Forbidden
from learnhub.org import audit
from learnhub.org.models import Unit
from learnhub.org.scope import Actor, may, require

_SOON = 30  # somebody looks at the page and waits


@dataclass(frozen=True)
class Published:
    """What publishing did; ``is_changed`` is False when the folder said nothing new. Counts are of lessons."""

    course_id: int
    code: str
    is_new: bool
    is_changed: bool
    added: int = 0
    changed: int = 0
    retired: int = 0


def publish_folder(
    actor: Actor | None,
    path: Path,
    *,
    now: datetime,
    settings: Settings,
    progress: Callable[[float], None] = lambda share: None,
) -> Published:
    """Reads the course folder at ``path`` with the categories beside it and publishes it.

    New files are looked through from end to end before anything is written; ``progress`` is told the share. Raises BadCourseFolder and whatever :func:`publish_course` raises.
    """
    categories = read_categories(path.parent) or read_categories(settings.courses_dir)
    folder = read_course_folder(path, [line.code for line in categories])
    _look_through(actor, folder, settings, progress)
    with transaction():
        set_categories(actor, categories, now=now)
        return _publish(actor, folder, now, settings)


def publish_course(actor: Actor | None, folder: CourseFolder, *, now: datetime, settings: Settings) -> Published:
    """Publishes a checked folder to its audience; ``actor`` None is the command line, which may do everything.

    A lesson whose content changed gets a new version; one that left the folder is retired. Raises BadCourseFolder for
    what only the database or the media can tell, Forbidden when the unit or a new audience lies outside the actor's
    area, Conflict ``catalog.is_withdrawn``, or ``catalog.not_approved`` where two people are needed. A refused folder leaves the database as it was.
    """
    _look_through(actor, folder, settings)
    with transaction():
        return _publish(actor, folder, now, settings)


def ask_to_publish(actor: Actor, name: str, *, now: datetime) -> None:
    """Has the worker publish a folder for the actor; asked again while that waits or runs, it changes nothing.

    What became of it is the job's outcome: ``course`` and ``is_changed``, or ``problems``, or ``code`` and ``params``.
    """
    key = f"{PUBLISH_JOB}:{name}"
    running = jobs.latest([key]).get(key)
    if running is None or running.state not in ("waiting", "running"):
        told = {"folder": name, "person": actor.person_id, "address": actor.address}
        jobs.enqueue(PUBLISH_JOB, told, now=now, key=key, priority=_SOON)


def _look_through(
    actor: Actor | None,
    folder: CourseFolder,
    settings: Settings,
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Opens new media before the transaction: it takes its time, and others must not wait for the database. What will
    be refused anyway is refused first."""
    course: Course | None = Course.get_or_none(Course.code == folder.code)
    _authorise(actor, course, *_units_of(folder))
    if course is not None and course.digest == folder.digest:
        return
    if course is not None and course.state == State.WITHDRAWN:
        raise Conflict("catalog.is_withdrawn", course=folder.code)
    if settings.two_person_publishing:
        require_approval(actor, folder)
    check_media(folder, progress=progress)


def _publish(actor: Actor | None, folder: CourseFolder, now: datetime, settings: Settings) -> Published:
    unit, audience = _units_of(folder)
    if is_postgres():  # two who publish for one unit queue up; SQLite has one writer anyway
        Unit.select(Unit.id).where(Unit.id == unit.id).for_update().execute()
    course: Course | None = Course.get_or_none(Course.code == folder.code)
    _authorise(actor, course, unit, audience)
    if course is not None and course.state == State.WITHDRAWN:
        raise Conflict("catalog.is_withdrawn", course=folder.code)
    digest = folder.digest
    if course is not None and (course.state, course.digest) == (State.PUBLISHED, digest):
        return Published(course.id, course.code, is_new=False, is_changed=False)
    if settings.two_person_publishing:
        require_approval(actor, folder)
    assets = put_assets(actor, folder, unit, now=now, settings=settings)
    is_new = course is None
    course = _write_course(course or Course(code=folder.code), folder, unit, now)
    _write_audience(course, audience)
    chapters = number_chapters(course, folder.chapters)
    plan = write_lessons(course, folder, chapters, assets, now)
    course.poster = assets.get(folder.poster.sha256) if folder.poster else _first_poster(folder, assets)
    course.digest = digest
    course.save()
    write_totals(course.id)
    _tell(actor, course, plan, is_new, now)
    return Published(course.id, course.code, is_new, True, len(plan.added), len(plan.changed), len(plan.retired))


def _units_of(folder: CourseFolder) -> tuple[Unit, list[Unit]]:
    codes = {folder.unit, *folder.audience}
    known = {unit.code: unit for unit in Unit.select().where(Unit.code.in_(codes) & ~Unit.is_retired)}
    problems = [
        Problem("course.toml", folder.lines.get(key, 1), "catalog.unit_unknown", {"key": key, "value": code})
        for key, wanted in (("unit", (folder.unit,)), ("audience", folder.audience))
        for code in wanted
        if code not in known and (key == "unit" or code != folder.unit)
    ]
    if problems:
        raise BadCourseFolder(folder.name, problems)
    return known[folder.unit], [known[code] for code in folder.audience]


def _authorise(actor: Actor | None, course: Course | None, unit: Unit, audience: list[Unit]) -> None:
    """An editor publishes for units of the own area; an audience outside of it must have been given from above."""
    if actor is None:
        return
    require(actor, "catalog.publish", unit.path)
    given: set[int] = set()
    if course is not None:
        require(actor, "catalog.publish", course.unit.path)
        rows = CourseAudience.select(CourseAudience.unit).where(CourseAudience.course == course)
        given = {row.unit_id for row in rows}
    for wanted in audience:
        if wanted.id not in given and not may(actor, "catalog.publish", wanted.path):
            raise Forbidden("catalog.audience_not_allowed", unit=wanted.name)


def _write_course(course: Course, folder: CourseFolder, unit: Unit, now: datetime) -> Course:
    for name in ("title", "title_en", "summary", "summary_en", "series", "series_en", "source", "licence"):
        setattr(course, name, getattr(folder, name))
    course.keywords = list(folder.keywords)
    course.category = Category.get(Category.code == folder.category)
    course.unit = unit
    course.level = unit.level
    course.is_required = folder.kind == "required"
    course.required_share = folder.required_share
    course.state = State.PUBLISHED
    course.published_at = course.published_at or now
    course.changed_at = now
    course.save()
    return course


def _write_audience(course: Course, audience: list[Unit]) -> None:
    wanted = {unit.id for unit in audience}
    present = {row.unit_id for row in CourseAudience.select().where(CourseAudience.course == course)}
    gone = present - wanted
    if gone:
        CourseAudience.delete().where((CourseAudience.course == course) & CourseAudience.unit.in_(gone)).execute()
    for unit_id in sorted(wanted - present):
        CourseAudience.create(course=course, unit=unit_id)


def _first_poster(folder: CourseFolder, assets: dict[str, int]) -> int | None:
    """Without a picture of its own a course shows that of its first video."""
    video: LessonPart | None = next((part for part in folder.lessons if part.kind == "video"), None)
    return assets[video.media.sha256] if video is not None and video.media is not None else None


def _tell(actor: Actor | None, course: Course, plan: LessonPlan, is_new: bool, now: datetime) -> None:
    ids = {row.key: row.id for row in Lesson.select(Lesson.id, Lesson.key).where(Lesson.course == course)}
    named = {name: keys for name, keys in asdict(plan).items() if name in ("added", "changed", "retired")}
    audit.record(
        actor,
        "catalog.publish_course",
        "course",
        course.id,
        unit_id=course.unit_id,
        now=now,
        code=course.code,
        is_new=is_new,
        digest=course.digest,
        **{name: list(keys) for name, keys in named.items()},
    )
    events.publish(
        CoursePublished(course.id, **{name: tuple(ids[key] for key in keys) for name, keys in named.items()})
    )
    events.publish(events.DocumentChanged("course", str(course.id)))
