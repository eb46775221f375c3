"""A small published library to study from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from learnhub.catalog.models import Category, Course, CourseAudience, Lesson, LessonVersion
from learnhub.config import Settings
from learnhub.media.models import Asset
from tests.cast import Cast
from tests.study.serving import HttpServer

QUESTIONS = [
    {
        "key": "q1",
        "kind": "single",
        "text": "谁领导？",
        "options": ["党", "协会", "公司"],
        "answer": [0],
        "explanation": "第四条。",
    },
    {
        "key": "q2",
        "kind": "multiple",
        "text": "哪些振兴？",
        "options": ["产业", "人才", "股票"],
        "answer": [0, 1],
        "explanation": "",
    },
    {"key": "q3", "kind": "judge", "text": "粮食安全靠自己。", "options": [], "answer": [0], "explanation": "第八条。"},
]


@dataclass(frozen=True)
class Library:
    """A course of the county with one lesson of each kind, and one of the neighbour county."""

    course: Course
    video: Lesson
    text: Lesson
    document: Lesson
    test: Lesson
    foreign: Lesson


def add_course(cast: Cast, code: str, unit: str, now: datetime, **values: Any) -> Course:
    """A published course that the people of ``unit`` see."""
    category = Category.get_or_create(code="rural", defaults={"name": "乡村", "name_en": "Rural", "order": 1})[0]
    course = Course.create(
        code=code, title=f"课程 {code}", title_en=f"Course {code}", category=category, unit=cast.units[unit],
        level="county", state="published", published_at=now, changed_at=now, **values,
    )  # fmt: skip
    CourseAudience.create(course=course, unit=cast.units[unit])
    return course


def add_lesson(
    course: Course, number: int, kind: str, now: datetime, *, duration_ms: int | None = None, **values: Any
) -> Lesson:
    """A lesson in its first version."""
    lesson = Lesson.create(course=course, key=f"{number:02d}-{kind}", number=number, title=f"第{number}课", kind=kind)
    asset = None
    if duration_ms is not None:
        asset = Asset.create(
            sha256=f"{course.code}-{number}", kind=kind, file_name="a.mp4", size=1, duration_ms=duration_ms,
            state="ready", created_at=now,
        )  # fmt: skip
    LessonVersion.create(
        lesson=lesson,
        number=1,
        digest=f"{course.code}-{number}",
        title=lesson.title,
        asset=asset,
        published_at=now,
        **values,
    )
    return lesson


@pytest.fixture
def library(cast: Cast, now: datetime) -> Library:
    """See :class:`Library`."""
    course = add_course(cast, "village", "county", now, is_required=True)
    foreign = add_course(cast, "foreign", "other_county", now)
    words = "第一条 为了全面实施乡村振兴战略。" * 20
    return Library(
        course=course,
        video=add_lesson(course, 1, "video", now, duration_ms=600_000, length_s=600),
        text=add_lesson(
            course, 2, "text", now, body_html=f"<p>{words}</p>", body_text=words, characters=len(words), length_s=68
        ),
        document=add_lesson(course, 3, "document", now, characters=0, length_s=30),
        test=add_lesson(course, 4, "test", now, questions=QUESTIONS, pass_share=0.6),
        foreign=add_lesson(foreign, 1, "video", now, duration_ms=600_000, length_s=600),
    )


@pytest.fixture
def server(cast: Cast, library: Library, settings: Settings, now: datetime) -> HttpServer:
    """A server on which the learner of the cast watches the ten-minute video."""
    return HttpServer(cast, library.video.id, settings, now)
