"""What of the catalogue can be found by text: courses, lessons by section, pages of documents, captions by the second.

Plain values: the search feature must not be known here; ``wiring`` turns them into its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import peewee

from learnhub.catalog.body import sections_of
from learnhub.catalog.models import Category, Course, CourseAudience, Lesson, LessonVersion
from learnhub.catalog.rules import Kind, State
from learnhub.config import Settings
from learnhub.media.captions import Cue
from learnhub.media.models import Asset
from learnhub.media.queries import list_caption_cues, list_pages, why_not_shown
from learnhub.org.models import Unit

SOURCE = "course"
LONGEST_SECTION = 4000  # characters; longer ones are cut at a line, so that a hit leads near its place


@dataclass(frozen=True)
class CatalogDocument:
    """A text to be found. ``kind``: course, lesson, document (a page), caption. ``part`` is unique within the course.

    ``unit_ids``: the audience. ``parents``: (title, address) from the course down. A caption document carries the
    ``cues`` of one language of one lesson; whoever indexes joins them into passages.
    """

    part: str
    kind: str
    title: str
    body: str
    url: str
    unit_ids: tuple[int, ...]
    parents: tuple[tuple[str, str], ...] = ()
    category: str = ""
    level: str = ""
    length_s: int | None = None
    cues: tuple[Cue, ...] = ()


@dataclass(frozen=True)
class _Frame:
    """What all documents of a course share."""

    course: Course
    unit_ids: tuple[int, ...]

    def document(self, **values: object) -> CatalogDocument:
        shared = {"unit_ids": self.unit_ids, "category": self.course.category.name, "level": self.course.level}
        return CatalogDocument(**{**shared, **values})  # type: ignore[arg-type]

    @property
    def parents(self) -> tuple[tuple[str, str], ...]:
        return ((self.course.title, f"/courses/{self.course.id}"),)


def list_course_ids() -> list[str]:
    """The ids of all published courses."""
    return [str(row.id) for row in Course.select(Course.id).where(Course.state == State.PUBLISHED).order_by(Course.id)]


def search_documents(course_id: str | int, *, settings: Settings, now: datetime) -> list[CatalogDocument]:
    """Every text of a published course; none when it is withdrawn or unknown, and none of a lesson whose medium was
    withdrawn or has expired."""
    course = (
        Course.select(Course, Category, Unit)
        .join_from(Course, Category)
        .join_from(Course, Unit)
        .where((Course.id == int(course_id)) & (Course.state == State.PUBLISHED))
        .first()
    )
    if course is None:
        return []
    audience = CourseAudience.select(CourseAudience.unit).where(CourseAudience.course == course)
    frame = _Frame(course, tuple(sorted(row.unit_id for row in audience)))
    versions = list(
        LessonVersion.select(LessonVersion, Lesson, Asset)
        .join_from(LessonVersion, Lesson)
        .join_from(LessonVersion, Asset, peewee.JOIN.LEFT_OUTER)
        .where((Lesson.course == course) & ~Lesson.is_retired & LessonVersion.is_current)
        .order_by(Lesson.number)
    )
    documents = [_course_document(frame)]
    for version in versions:
        if version.asset is not None and why_not_shown(version.asset, now) in ("withdrawn", "expired"):
            continue
        documents += _lesson_documents(frame, version)
        if version.lesson.kind == Kind.DOCUMENT:
            documents += _page_documents(frame, version, settings)
        elif version.asset_id:
            documents += _caption_documents(frame, version, settings)
    return documents


def _course_document(frame: _Frame) -> CatalogDocument:
    course = frame.course
    words = [course.summary, course.series, course.unit.name, " ".join(course.keywords)]
    english = [course.title_en, course.summary_en]
    body = "\n".join(part for part in (*words, *english) if part)
    return frame.document(
        part="course",
        kind="course",
        title=course.title,
        body=body,
        url=f"/courses/{course.id}",
        length_s=course.length_s,
    )


def _lesson_documents(frame: _Frame, version: LessonVersion) -> Iterator[CatalogDocument]:
    """The lesson itself with what stands before its first heading, then each section with its anchor."""
    lesson = version.lesson
    url = f"/lessons/{lesson.id}"
    sections = sections_of(version.body_html)
    head = sections.pop(0).text if sections and not sections[0].anchor else ""
    body = "\n".join(part for part in (head[:LONGEST_SECTION], version.title_en, version.source) if part)
    yield frame.document(
        part=f"lesson-{lesson.id}",
        kind="lesson",
        title=version.title,
        body=body,
        url=url,
        parents=frame.parents,
        length_s=version.length_s,
    )
    parents = (*frame.parents, (version.title, url))
    pieces = [(one.anchor, one.title, piece) for one in sections for piece in _pieces(one.text)]
    if len(head) > LONGEST_SECTION:
        pieces = [("", version.title, piece) for piece in _pieces(head)[1:]] + pieces
    for number, (anchor, title, text) in enumerate(pieces, 1):
        yield frame.document(
            part=f"lesson-{lesson.id}-{number}",
            kind="lesson",
            title=title,
            body=text,
            url=f"{url}#{anchor}" if anchor else url,
            parents=parents,
            length_s=version.length_s,
        )


def _pieces(text: str) -> list[str]:
    """A text in pieces of at most about :data:`LONGEST_SECTION` characters, cut between lines; never none."""
    pieces = [""]
    for line in text.split("\n"):
        if pieces[-1] and len(pieces[-1]) + len(line) > LONGEST_SECTION:
            pieces.append("")
        pieces[-1] += f"{line}\n"
    return [piece.strip() for piece in pieces]


def _page_documents(frame: _Frame, version: LessonVersion, settings: Settings) -> Iterator[CatalogDocument]:
    url = f"/lessons/{version.lesson_id}"
    for page in list_pages(version.asset_id, settings=settings):
        if page.text.strip():
            yield frame.document(
                part=f"page-{version.lesson_id}-{page.number}",
                kind="document",
                title=version.title,
                body=page.text,
                url=f"{url}#page-{page.number}",
                parents=(*frame.parents, (version.title, url)),
            )


def _caption_documents(frame: _Frame, version: LessonVersion, settings: Settings) -> Iterator[CatalogDocument]:
    url = f"/lessons/{version.lesson_id}"
    rows = list_caption_cues(version.asset_id, settings=settings)
    for language, cues in groupby(rows, key=lambda row: row[0]):
        timed = tuple(Cue(start_ms, end_ms, text) for _language, start_ms, end_ms, text in cues)
        yield frame.document(
            part=f"caption-{version.lesson_id}-{language}",
            kind="caption",
            title=version.title,
            body="".join(cue.text for cue in timed),
            url=url,
            parents=(*frame.parents, (version.title, url)),
            cues=timed,
        )
