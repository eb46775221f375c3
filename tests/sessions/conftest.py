"""A published course for the whole county, a course of the neighbours, and forty people at the station."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from learnhub.catalog.models import Category, Course, CourseAudience, Lesson, LessonVersion
from learnhub.config import Settings
from learnhub.kernel.text import fold_name
from learnhub.org.models import Person, Unit
from learnhub.sessions import actions
from learnhub.sessions.models import StationSession
from learnhub.sessions.rules import SessionPlan
from tests.cast import Cast


def make_course(code: str, audience: Unit, now: datetime, lengths_s: tuple[int, ...] = (1800, 1200)) -> list[Lesson]:
    """A published course for the people below ``audience``; returns its lessons, videos of these lengths."""
    category, _made = Category.get_or_create(code="party", defaults={"name": "党建", "name_en": "Party", "order": 1})
    course = Course.create(
        code=code,
        title=f"课程 {code}",
        category=category,
        unit=audience,
        level=audience.level,
        is_required=True,
        state="published",
        lesson_count=len(lengths_s),
        published_at=now,
        changed_at=now,
    )
    CourseAudience.create(course=course, unit=audience)
    return [_make_lesson(course, number, length, now) for number, length in enumerate(lengths_s, 1)]


def _make_lesson(course: Course, number: int, length_s: int, now: datetime) -> Lesson:
    title = f"第{number}课"
    lesson = Lesson.create(course=course, key=f"l{number}", number=number, title=title, kind="video")
    LessonVersion.create(
        lesson=lesson, number=1, digest=f"{course.code}-{number}", title=title, length_s=length_s, published_at=now
    )
    return lesson


@pytest.fixture
def lessons(cast: Cast, now: datetime) -> list[Lesson]:
    """Two lessons, 30 and 20 minutes long, that everybody in the county sees."""
    return make_course("C1", cast.county, now)


@dataclass
class Planner:
    """Makes plans and sessions around a base plan: tomorrow 9 to 10 at the village station."""

    cast: Cast
    lessons: list[Lesson]
    settings: Settings

    def plan(self, **changes: object) -> SessionPlan:
        """The base plan with some values changed."""
        start = self.cast.now + timedelta(days=1)
        values: dict[str, object] = {
            "station_id": self.cast.station.id,
            "title": "主题党日学习",
            "starts_at": start,
            "ends_at": start + timedelta(hours=1),
            "host_id": self.cast.station_manager.person_id,
            "lesson_ids": tuple(lesson.id for lesson in self.lessons),
        }
        return SessionPlan(**{**values, **changes})  # type: ignore[arg-type]

    def scheduled(self, **changes: object) -> StationSession:
        """A session put on the calendar by the station manager."""
        return actions.schedule_session(self.cast.station_manager, self.plan(**changes), now=self.cast.now)

    def held(self, **changes: object) -> StationSession:
        """A session opened at its start."""
        session = self.scheduled(**changes)
        return actions.hold_session(self.cast.station_manager, session.id, now=session.starts_at)

    def closed(self, statuses: dict[str, str], **changes: object) -> StationSession:
        """A session held and closed with these marks by nickname; everybody else was absent."""
        session = self.held(**changes)
        manager, told = self.cast.station_manager, {"now": session.ends_at, "settings": self.settings}
        for nickname, status in statuses.items():
            person_id = self.cast.people[nickname].id
            actions.mark_attendance(manager, session.id, actions.Mark(person_id, status), **told)
        actions.mark_rest(manager, session.id, "absent", **told)
        return actions.close_session(manager, session.id, **told)


@pytest.fixture
def planner(cast: Cast, lessons: list[Lesson], settings: Settings) -> Planner:
    """Plans, held and closed sessions at the village station."""
    return Planner(cast, lessons, settings)


@pytest.fixture
def crowd(cast: Cast) -> Callable[[int], list[Person]]:
    """``crowd(37)``: so many more people in the village, without accounts."""

    def gather(count: int) -> list[Person]:
        return [
            Person.create(
                name=f"村民{number:02d}",
                name_folded=fold_name(f"村民{number:02d}"),
                unit=cast.village,
                created_at=cast.now,
            )
            for number in range(count)
        ]

    return gather
