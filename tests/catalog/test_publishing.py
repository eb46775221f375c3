"""Publishing writes a folder as a whole, once; what people saw stays; a refused folder changes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from learnhub.catalog import actions
from learnhub.catalog.course_folder import BadCourseFolder
from learnhub.catalog.events import CoursePublished, CourseRestored, CourseWithdrawn
from learnhub.catalog.models import Chapter, Course, CourseAudience, Lesson, LessonVersion
from learnhub.config import Settings
from learnhub.kernel import events, jobs
from learnhub.kernel.db import db as database
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from learnhub.media import tasks as media_tasks
from learnhub.media.models import Asset, Caption
from learnhub.org.models import AuditLine
from learnhub.tables import all_tables
from tests.cast import Cast
from tests.catalog.folders import edit, write_course


@pytest.fixture
def courses(settings: Settings) -> Path:
    """The courses directory."""
    settings.courses_dir.mkdir(parents=True, exist_ok=True)
    return settings.courses_dir


@pytest.fixture
def told() -> Iterator[list[object]]:
    """What was published on the bus of events."""
    heard: list[object] = []
    kinds = (CoursePublished, CourseWithdrawn, CourseRestored, events.DocumentChanged)
    for kind in kinds:
        events.subscribe(kind, heard.append)
    yield heard
    for kind in kinds:
        events._subscribers[kind].remove(heard.append)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    return {
        table.__name__: sorted(table.select().tuples(), key=str) for table in all_tables() if table is not AuditLine
    } | {"audit": sorted(AuditLine.select().tuples(), key=str)}


def publish(path: Path, cast: Cast, settings: Settings, **changes: Any) -> actions.Published:
    return actions.publish_folder(cast.editor, path, settings=settings, **{"now": cast.now, **changes})


def test_a_published_folder_is_there_as_a_whole(
    cast: Cast, courses: Path, settings: Settings, told: list[object]
) -> None:
    done = publish(write_course(courses, with_video=True), cast, settings)
    course = Course.get_by_id(done.course_id)
    assert (course.state, course.level, course.unit_id, course.is_required) == (
        "published",
        "county",
        cast.county.id,
        True,
    )
    assert [row.unit_id for row in CourseAudience.select()] == [cast.county.id]
    lessons = list(Lesson.select().order_by(Lesson.number))
    assert [(one.number, one.key, one.kind) for one in lessons] == [
        (1, "know-fire", "text"),
        (2, "extinguisher", "video"),
        (3, "test", "test"),
    ]
    assert lessons[0].chapter.title == "基础"
    versions = {row.lesson.key: row for row in LessonVersion.select()}
    assert versions["know-fire"].length_s == 60
    assert versions["extinguisher"].asset.kind == "video"
    assert [one["answer"] for one in versions["test"].questions] == [[1], [0, 1], [1]]
    assert Caption.get().language == "zh-CN"
    assert told[0] == CoursePublished(course.id, added=tuple(one.id for one in lessons))
    assert told[1] == events.DocumentChanged("course", str(course.id))
    line = AuditLine.get(AuditLine.action == "catalog.publish_course")
    assert (line.subject_id, line.unit_id, line.actor_id) == (str(course.id), cast.county.id, cast.editor.person_id)


def test_publishing_the_same_folder_again_changes_not_one_row(
    cast: Cast, courses: Path, settings: Settings, told: list[object]
) -> None:
    path = write_course(courses, with_video=True)
    publish(path, cast, settings)
    before = everything()
    told.clear()
    again = publish(path, cast, settings, now=cast.now + timedelta(days=3))
    assert not again.is_changed
    assert everything() == before
    assert told == []


def test_a_changed_lesson_gets_a_new_version_and_the_old_one_stays(
    cast: Cast, courses: Path, settings: Settings
) -> None:
    path = write_course(courses)
    publish(path, cast, settings)
    old = LessonVersion.get(LessonVersion.title == "认识火灾")
    edit(path / "lessons/01-know-fire.md", "盖上锅盖", "盖上锅盖，关火")
    done = publish(path, cast, settings, now=cast.now + timedelta(days=1))
    assert (done.added, done.changed, done.retired) == (0, 1, 0)
    versions = list(LessonVersion.select().where(LessonVersion.lesson == old.lesson_id).order_by(LessonVersion.number))
    assert [(one.number, one.is_current) for one in versions] == [(1, False), (2, True)]
    assert "关火" not in versions[0].body_text
    assert "关火" in versions[1].body_text
    assert versions[0].published_at == cast.now
    assert Course.get().published_at == cast.now, "the day of first publishing stays"


def test_a_lesson_that_only_moved_keeps_its_version(cast: Cast, courses: Path, settings: Settings) -> None:
    path = write_course(courses)
    publish(path, cast, settings)
    (path / "lessons/01-know-fire.md").rename(path / "lessons/05-know-fire.md")
    done = publish(path, cast, settings)
    assert (done.is_changed, done.changed, done.added, done.retired) == (True, 0, 0, 0)
    assert Lesson.get(Lesson.key == "know-fire").number == 5
    assert LessonVersion.select().count() == 2


def test_a_lesson_that_left_is_retired_and_comes_back_as_the_same(
    cast: Cast, courses: Path, settings: Settings
) -> None:
    path = write_course(courses)
    publish(path, cast, settings)
    lesson_id = Lesson.get(Lesson.key == "know-fire").id
    kept = (path / "lessons/01-know-fire.md").read_text("utf-8")
    (path / "lessons/01-know-fire.md").unlink()
    assert publish(path, cast, settings).retired == 1
    assert Lesson.get_by_id(lesson_id).is_retired
    assert Course.get().lesson_count == 1
    (path / "lessons/01-know-fire.md").write_text(kept, "utf-8")
    publish(path, cast, settings)
    back = Lesson.get(Lesson.key == "know-fire")
    assert (back.id, back.is_retired) == (lesson_id, False)
    assert LessonVersion.select().where(LessonVersion.lesson == lesson_id).count() == 1
    assert Course.get().lesson_count == 2


def test_a_lesson_cannot_become_one_of_another_kind(cast: Cast, courses: Path, settings: Settings) -> None:
    path = write_course(courses, with_video=True)
    publish(path, cast, settings)
    before = everything()
    (path / "lessons/02-extinguisher.md").write_text(
        '+++\ntitle = "灭火器使用"\nkind = "text"\n+++\n\n改成文字。\n', "utf-8"
    )
    with pytest.raises(BadCourseFolder) as refused:
        publish(path, cast, settings)
    problem = refused.value.problems[0]
    assert (problem.file, problem.line, problem.code) == ("lessons/02-extinguisher.md", 3, "catalog.kind_changed")
    assert everything() == before


def test_corrected_captions_replace_the_old_ones_without_a_new_version(
    cast: Cast, courses: Path, settings: Settings, told: list[object]
) -> None:
    path = write_course(courses, with_video=True)
    publish(path, cast, settings)
    before = Caption.get().path
    told.clear()
    edit(path / "captions/clip.vtt", "火焰根部", "火焰的根部")
    assert publish(path, cast, settings).changed == 0
    assert Caption.get().path != before
    assert LessonVersion.select().count() == 3
    assert events.DocumentChanged("course", str(Course.get().id)) in told


def test_chapters_follow_the_folder(cast: Cast, courses: Path, settings: Settings) -> None:
    path = write_course(courses)
    publish(path, cast, settings)
    edit(path / "course.toml", 'key = "basics"\ntitle = "基础"', 'key = "start"\ntitle = "入门"')
    edit(path / "lessons/01-know-fire.md", '"basics"', '"start"')
    publish(path, cast, settings)
    assert [(row.key, row.title) for row in Chapter.select()] == [("start", "入门")]
    assert Lesson.get(Lesson.key == "know-fire").chapter.key == "start"


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ('unit = "530402"', 'unit = "999999"', 7),
        ('kind = "required"', 'audience = ["530402", "x"]\nkind = "required"', 8),
    ],
)
def test_an_unknown_unit_is_named_with_its_line_and_nothing_is_written(
    cast: Cast, courses: Path, settings: Settings, before: str, after: str, line: int
) -> None:
    path = write_course(courses)
    edit(path / "course.toml", before, after)
    rows = everything()
    with pytest.raises(BadCourseFolder) as refused:
        publish(path, cast, settings)
    assert [(one.file, one.line, one.code) for one in refused.value.problems] == [
        ("course.toml", line, "catalog.unit_unknown")
    ]
    assert everything() == rows


@pytest.mark.parametrize("how", ["truncated", "renamed picture"])
def test_a_film_that_cannot_be_played_is_named_and_nothing_is_written(
    cast: Cast, courses: Path, settings: Settings, how: str
) -> None:
    path = write_course(courses, with_video=True)
    film = path / "media/clip.mp4"
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 500
    film.write_bytes(film.read_bytes()[:3000] if how == "truncated" else picture)
    rows = everything()
    with pytest.raises(BadCourseFolder) as refused:
        publish(path, cast, settings)
    assert [(one.file, one.line) for one in refused.value.problems] == [("lessons/02-extinguisher.md", 4)]
    assert everything() == rows


def test_one_who_may_not_publish_here_is_refused(cast: Cast, courses: Path, settings: Settings) -> None:
    path = write_course(courses)
    rows = everything()
    for nickname in ("learner", "station_manager", "department", "neighbour"):
        with pytest.raises(Forbidden):
            actions.publish_folder(cast.actor(nickname), path, now=cast.now, settings=settings)
    assert everything() == rows


def test_an_editor_cannot_publish_to_people_outside_the_own_area(cast: Cast, courses: Path, settings: Settings) -> None:
    path = write_course(courses, audience=("530402", "530403"))
    with pytest.raises(Forbidden) as refused:
        publish(path, cast, settings)
    assert refused.value.code == "catalog.audience_not_allowed"
    actions.publish_folder(cast.system_admin, path, now=cast.now, settings=settings)
    edit(path / "lessons/01-know-fire.md", "盖上锅盖", "盖上锅盖，关火")
    assert publish(path, cast, settings).changed == 1, "what was given from above stays when the editor goes on"


def test_a_withdrawn_course_stays_so_until_it_is_restored(
    cast: Cast, courses: Path, settings: Settings, told: list[object]
) -> None:
    path = write_course(courses)
    course_id = publish(path, cast, settings).course_id
    told.clear()
    actions.withdraw_course(cast.editor, course_id, "内容过时", now=cast.now)
    assert told == [CourseWithdrawn(course_id), events.DocumentChanged("course", str(course_id))]
    with pytest.raises(Conflict) as refused:
        publish(path, cast, settings)
    assert refused.value.code == "catalog.is_withdrawn"
    with pytest.raises(Conflict):
        actions.withdraw_course(cast.editor, course_id, "再来一次", now=cast.now)
    actions.restore_course(cast.editor, course_id, "已经修订", now=cast.now)
    course = Course.get_by_id(course_id)
    assert (course.state, course.state_reason) == ("published", "")
    assert not publish(path, cast, settings).is_changed
    lines = AuditLine.select().where(AuditLine.action.startswith("catalog.")).order_by(AuditLine.id)
    assert [line.detail.get("reason") for line in lines][-2:] == ["内容过时", "已经修订"]


def test_withdrawing_needs_power_and_a_reason(cast: Cast, courses: Path, settings: Settings) -> None:
    course_id = publish(write_course(courses), cast, settings).course_id
    for nickname in ("neighbour", "learner"):
        with pytest.raises(NotFound):
            actions.withdraw_course(cast.actor(nickname), course_id, "不是我的", now=cast.now)
    for reason, code in (("  ", "catalog.reason_missing"), ("长" * 301, "catalog.reason_too_long")):
        with pytest.raises(Invalid) as refused:
            actions.withdraw_course(cast.editor, course_id, reason, now=cast.now)
        assert refused.value.code == code
    assert Course.get_by_id(course_id).state == "published"


def test_the_length_of_a_film_is_known_once_it_is_prepared(
    app: Any, cast: Cast, courses: Path, settings: Settings, now: datetime
) -> None:
    media_tasks.register(settings)
    publish(write_course(courses, with_video=True), cast, settings)
    version = LessonVersion.select().join(Lesson).where(Lesson.key == "extinguisher")
    assert version.get().length_s == 0
    assert jobs.run_next(now, ["media.prepare"])
    assert Asset.get().state == "ready"
    assert version.get().length_s == 2
    assert Course.get().length_s == 60 + 2 + 3 * 45


def test_nothing_is_left_when_the_last_step_fails(cast: Cast, courses: Path, settings: Settings) -> None:
    path = write_course(courses, with_video=True)
    rows = everything()

    def fail(_event: object) -> None:
        raise RuntimeError("a listener broke")

    events.subscribe(CoursePublished, fail)
    try:
        with pytest.raises(RuntimeError):
            publish(path, cast, settings)
    finally:
        events._subscribers[CoursePublished].remove(fail)
    assert everything() == rows
    assert not database.in_transaction()


def test_categories_are_renamed_and_never_removed(cast: Cast, courses: Path, settings: Settings) -> None:
    path = write_course(courses)
    publish(path, cast, settings)
    edit(courses / "categories.toml", "法律法规", "法治")
    publish(path, cast, settings)
    assert Course.get().category.name == "法治"


def test_a_course_keeps_the_settings_it_was_given(cast: Cast, courses: Path, settings: Settings) -> None:
    path = write_course(courses)
    edit(path / "course.toml", "keywords", 'required_share = 95\nseries = "平安乡村"\nkeywords')
    publish(path, cast, dataclasses.replace(settings))
    course = Course.get()
    assert (course.required_share, course.series, course.keywords) == (0.95, "平安乡村", ["消防", "安全"])
