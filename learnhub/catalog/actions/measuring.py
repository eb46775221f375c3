"""What is learned of a recording or a document only when it has been prepared: its length."""

from __future__ import annotations

from learnhub.catalog.models import Course, Lesson, LessonVersion
from learnhub.catalog.rules import Kind, lesson_seconds, page_characters
from learnhub.config import Settings
from learnhub.kernel import events
from learnhub.kernel.db import transaction
from learnhub.media import queries as media
from learnhub.media.models import Asset


def note_prepared(asset_id: int, *, settings: Settings) -> None:
    """Writes what a prepared asset is now known to hold into the versions that show it and their courses' totals."""
    with transaction():
        asset = media.get_asset(asset_id)
        versions = list(LessonVersion.select(LessonVersion, Lesson).join(Lesson).where(LessonVersion.asset == asset))
        pages = media.list_pages(asset_id, settings=settings) if asset.kind == "document" else []
        read = sum(page_characters(page.text) for page in pages)
        for version in versions:
            written = len("".join(version.body_text.split()))
            _write_length(version, asset, written + read)
        for course_id in sorted({version.lesson.course_id for version in versions}):
            write_totals(course_id)
            events.publish(events.DocumentChanged("course", str(course_id)))


def note_captions(asset_id: int) -> None:
    """Tells search about the courses that show a medium whose captions, or whose being shown, changed."""
    with transaction():
        shown = LessonVersion.select(Lesson.course).join(Lesson)
        courses = shown.where((LessonVersion.asset == asset_id) & LessonVersion.is_current).distinct().tuples()
        for (course_id,) in courses:
            events.publish(events.DocumentChanged("course", str(course_id)))


def _write_length(version: LessonVersion, asset: Asset, characters: int) -> None:
    kind = version.lesson.kind
    length_s = lesson_seconds(kind, characters=characters, duration_ms=asset.duration_ms)
    values = {"length_s": length_s}
    if kind == Kind.DOCUMENT:
        values["characters"] = characters
    LessonVersion.update(**values).where(LessonVersion.id == version.id).execute()


def write_totals(course_id: int) -> None:
    """Adds up the current lessons of a course anew."""
    rows = (
        LessonVersion.select(LessonVersion.length_s)
        .join(Lesson)
        .where((Lesson.course == course_id) & ~Lesson.is_retired & LessonVersion.is_current)
        .tuples()
    )
    lengths = [length for (length,) in rows]
    Course.update(length_s=sum(lengths), lesson_count=len(lengths)).where(Course.id == course_id).execute()
