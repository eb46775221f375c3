"""Completions and hours of the cast, written as study writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from learnhub.catalog.models import Category, Course, CourseAudience, Lesson
from learnhub.org.models import Person, Unit
from learnhub.study import ledger
from learnhub.study.models import Completion
from tests.cast import Cast

SOURCES = ("online", "group", "test")
Complete = Callable[..., Completion]


def make_course(code: str, unit: Unit, now: datetime) -> Course:
    """A published course without lessons."""
    category, _made = Category.get_or_create(code="law", defaults={"name": "法治", "name_en": "Law", "order": 1})
    course = Course.create(
        code=code,
        title=f"课程 {code}",
        title_en=f"Course {code}",
        category=category,
        unit=unit,
        level=unit.level,
        state="published",
        published_at=now,
        changed_at=now,
    )
    CourseAudience.create(course=course, unit=unit)
    for number, source in enumerate(SOURCES, 1):
        Lesson.create(course=course, key=source, number=number, title=source, kind="video")
    return course


@pytest.fixture
def course(cast: Cast) -> Course:
    """A course for the whole city."""
    return make_course("A", cast.city, cast.now)


@pytest.fixture
def complete(cast: Cast, course: Course) -> Complete:
    """``complete("learner", online=100)``: the person has completed the course and earned these centihours."""

    def write(person: str | Person, at: datetime | None = None, of: Course | None = None, **hours: int) -> Completion:
        who = cast.people[person] if isinstance(person, str) else person
        what, moment = of or course, at or cast.now - timedelta(days=3)
        for source, centihours in hours.items():
            lesson = Lesson.get((Lesson.course == what) & (Lesson.key == source))
            credit = ledger.Credit(
                person_id=who.id,
                source=source,
                is_required=True,
                centihours=centihours,
                course_id=what.id,
                lesson_id=lesson.id,
                rule="yunnan-online",
                evidence={},
                earned_at=moment,
            )
            assert ledger.append(credit, now=moment) is not None
        return Completion.create(person=who.id, course=what, completed_at=moment)

    return write
