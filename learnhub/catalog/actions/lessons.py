"""The lessons of a course being published: rows for chapters, lessons and versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from learnhub.catalog.course_folder import BadCourseFolder, ChapterPart, CourseFolder, LessonPart, MediaPart, Problem
from learnhub.catalog.models import Chapter, Course, Lesson, LessonVersion
from learnhub.catalog.rules import LessonPlan, LessonState, lesson_seconds, plan_lessons
from learnhub.config import Settings
from learnhub.kernel.errors import Refusal
from learnhub.media.actions import add_asset, add_captions, check_file
from learnhub.media.models import Asset
from learnhub.org.models import Unit
from learnhub.org.scope import Actor


def put_assets(
    actor: Actor | None, folder: CourseFolder, unit: Unit, *, now: datetime, settings: Settings
) -> dict[str, int]:
    """Hands every media file to ``media``; asset ids by checksum. Raises BadCourseFolder for files that it refuses."""
    assets: dict[str, int] = {}
    problems: list[Problem] = []
    for place, part, _kind, captions in _media_of(folder):
        try:
            asset = add_asset(actor, part.path, part.name, unit_id=unit.id, now=now, settings=settings)
            for language, text in captions.items():
                add_captions(asset.id, language, text.encode(), settings=settings)
        except Refusal as refusal:
            problems.append(Problem(*place, refusal.code, dict(refusal.params)))
        else:
            assets[part.sha256] = asset.id
    if problems:
        raise BadCourseFolder(folder.name, sorted(problems))
    return assets


def check_media(folder: CourseFolder, *, progress: Callable[[float], None] = lambda share: None) -> None:
    """Looks through the files that are not kept yet, from end to end. Raises BadCourseFolder with file and line.

    ``progress`` is told the share of their bytes.
    """
    problems: list[Problem] = []
    kept = {part.sha256 for _place, part, _kind, _captions in _media_of(folder)}
    known = {row.sha256 for row in Asset.select(Asset.sha256).where(Asset.sha256.in_(kept) & (Asset.state == "ready"))}
    new = [one for one in _media_of(folder) if one[1].sha256 not in known]
    total, done = sum(part.size for _place, part, _kind, _captions in new) or 1, 0
    for place, part, kind, _captions in new:
        progress(done / total)
        done += part.size
        if part.sha256 in known:
            continue
        known.add(part.sha256)
        try:
            found = check_file(part.path, part.name)
        except Refusal as refusal:
            problems.append(Problem(*place, refusal.code, dict(refusal.params)))
        else:
            if found != kind:
                problems.append(Problem(*place, "catalog.media_nature", {"path": part.name}))
    if problems:
        raise BadCourseFolder(folder.name, sorted(problems))


def _media_of(folder: CourseFolder) -> Iterable[tuple[tuple[str, int], MediaPart, str, dict[str, str]]]:
    """Where a file is named, the file, the kind that it must be of, its captions."""
    if folder.poster:
        yield ("course.toml", folder.lines.get("poster", 1)), folder.poster, "image", {}
    for part in folder.lessons:
        if part.media:
            yield (part.file, part.lines.get("media", 1)), part.media, part.kind, part.captions


def number_chapters(course: Course, chapters: Iterable[ChapterPart]) -> dict[str, Chapter]:
    """Writes the chapters as the folder orders them and returns them by key; those that left it go."""
    present = {row.key: row for row in Chapter.select().where(Chapter.course == course)}
    kept: dict[str, Chapter] = {}
    for number, part in enumerate(chapters, 1):
        row = kept[part.key] = present.get(part.key) or Chapter(course=course, key=part.key)
        row.number, row.title, row.title_en = number, part.title, part.title_en
        row.save()
    gone = [row.id for key, row in present.items() if key not in kept]
    if gone:
        Lesson.update(chapter=None).where(Lesson.chapter.in_(gone)).execute()
        Chapter.delete().where(Chapter.id.in_(gone)).execute()
    return kept


def write_lessons(
    course: Course, folder: CourseFolder, chapters: Mapping[str, Chapter], assets: Mapping[str, int], now: datetime
) -> LessonPlan:
    """Brings the lessons of ``course`` to what the folder says and returns what was done."""
    rows = {row.key: row for row in Lesson.select().where(Lesson.course == course)}
    parts = {part.key: part for part in folder.lessons}
    plan = plan_lessons(_present(course, rows), {key: _wanted(part) for key, part in parts.items()})
    if plan.clashing:
        raise BadCourseFolder(folder.name, [_clash(parts[key], rows[key].kind) for key in plan.clashing])
    for key in (*plan.added, *plan.changed, *plan.moved):
        row = _write_lesson(rows.get(key) or Lesson(course=course, key=key), parts[key], chapters)
        if key not in plan.moved:
            _write_version(row, parts[key], assets, now)
    if plan.retired:
        Lesson.update(is_retired=True).where((Lesson.course == course) & Lesson.key.in_(plan.retired)).execute()
    return plan


def _present(course: Course, rows: Mapping[str, Lesson]) -> dict[str, LessonState]:
    current = (
        LessonVersion.select(LessonVersion.lesson, LessonVersion.digest)
        .join(Lesson)
        .where((Lesson.course == course) & LessonVersion.is_current)
    )
    digests = {row.lesson_id: row.digest for row in current}
    chapter_keys = {row.id: row.key for row in Chapter.select().where(Chapter.course == course)}
    return {
        key: LessonState(
            row.number,
            row.kind,
            row.title,
            row.title_en,
            chapter_keys.get(row.chapter_id, ""),
            digests.get(row.id, ""),
            row.is_retired,
        )
        for key, row in rows.items()
    }


def _wanted(part: LessonPart) -> LessonState:
    return LessonState(part.number, part.kind, part.title, part.title_en, part.chapter, part.digest)


def _clash(part: LessonPart, before: str) -> Problem:
    line = part.lines.get("kind", part.lines.get("", 1))
    return Problem(part.file, line, "catalog.kind_changed", {"before": before, "after": part.kind})


def _write_lesson(row: Lesson, part: LessonPart, chapters: Mapping[str, Chapter]) -> Lesson:
    row.number, row.kind, row.title, row.title_en = part.number, part.kind, part.title, part.title_en
    row.chapter = chapters.get(part.chapter)
    row.is_retired = False
    row.save()
    return row


def _write_version(row: Lesson, part: LessonPart, assets: Mapping[str, int], now: datetime) -> None:
    last = LessonVersion.select().where(LessonVersion.lesson == row).order_by(LessonVersion.number.desc()).first()
    LessonVersion.update(is_current=False).where((LessonVersion.lesson == row) & LessonVersion.is_current).execute()
    asset = Asset.get_by_id(assets[part.media.sha256]) if part.media else None
    characters = len("".join(part.body_text.split()))
    LessonVersion.create(
        lesson=row,
        number=last.number + 1 if last else 1,
        digest=part.digest,
        title=part.title,
        title_en=part.title_en,
        source=part.source,
        body_html=part.body_html,
        body_text=part.body_text,
        asset=asset,
        length_s=lesson_seconds(
            part.kind,
            characters=characters,
            duration_ms=asset.duration_ms if asset else None,
            questions=len(part.questions),
        ),
        characters=characters,
        questions=[asdict(one) for one in part.questions] if part.kind == "test" else None,
        marks=[asdict(one) for one in part.marks] or None,
        pass_share=part.pass_share,
        published_at=now,
    )
