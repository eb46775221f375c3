"""A little of everything: a course, hours, sessions of today and of last week, failed jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from learnhub.catalog.models import Category, Course, CourseAudience, Lesson, LessonVersion
from learnhub.kernel.models import Job
from learnhub.sessions.models import StationSession
from learnhub.study.models import Completion, Progress
from tests.cast import Cast


@dataclass(frozen=True)
class Library:
    """The courses of the county, the newest first; ``lesson`` belongs to the newest and is 20 minutes long."""

    courses: list[Course]
    lesson: Lesson
    version: LessonVersion


@pytest.fixture
def library(cast: Cast, now: datetime) -> Library:
    """Six published courses for the whole county."""
    category = Category.create(code="rural", name="乡村振兴", name_en="Rural revitalisation", order=1)
    made = []
    for number in range(6):
        at = now - timedelta(days=number)
        course = Course.create(
            code=f"c{number}", title=f"课程{number}号", title_en=f"Course {number}", category=category, unit=cast.county,
            level="county", state="published", lesson_count=1, length_s=1200, published_at=at, changed_at=at,
        )  # fmt: skip
        CourseAudience.create(course=course, unit=cast.county)
        lesson = Lesson.create(course=course, key="01", number=1, title=f"第{number}讲", kind="video")
        version = LessonVersion.create(
            lesson=lesson, number=1, digest=f"d{number}", title=lesson.title, length_s=1200, published_at=at
        )
        made.append((course, lesson, version))
    return Library([course for course, _lesson, _version in made], made[0][1], made[0][2])


@pytest.fixture
def begun(cast: Cast, library: Library, now: datetime) -> Library:
    """The learner has seen a quarter of the newest lesson."""
    Progress.create(
        person=cast.learner.person_id, version=library.version, lesson=library.lesson, course=library.courses[0],
        length_ms=1_200_000, needed_ms=1_080_000, seen=[[0, 270_000]], seen_ms=270_000, position_ms=270_000,
        started_at=now, changed_at=now,
    )  # fmt: skip
    return library


def add_session(cast: Cast, station: str, title: str, starts_at: datetime, state: str = "planned") -> StationSession:
    """A session of an hour."""
    return StationSession.create(
        station=cast.stations[station], title=title, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1),
        host=cast.station_manager.person_id, state=state,
    )  # fmt: skip


def add_job(state: str, now: datetime, kind: str = "search.index", **values: object) -> Job:
    """A background job."""
    return Job.create(kind=kind, payload={}, state=state, run_at=now, created_at=now, **values)


@pytest.fixture
def busy(cast: Cast, begun: Library, now: datetime) -> Library:
    """Everything that the fullest home page shows."""
    for station in ("station", "sibling_station", "township_station", "other_station"):
        add_session(cast, station, f"今天 {station}", now + timedelta(minutes=30))
        add_session(cast, station, f"上周 {station}", now - timedelta(days=5))
        add_session(cast, station, f"下周 {station}", now + timedelta(days=5))
    for state in ("waiting", "failed", "failed", "done"):
        add_job(state, now, note="Unavailable: kernel.database_busy" if state == "failed" else "", attempts=5)
    for nickname in ("learner", "colleague", "sibling_learner"):
        Completion.create(person=cast.people[nickname], course=begun.courses[0], completed_at=now)
    return begun
