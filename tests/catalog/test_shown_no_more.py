"""A medium or a course that is shown no more: nobody opens it, its address is dead, search does not find it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from learnhub.catalog import actions
from learnhub.catalog.models import Course, Lesson
from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.media.delivery import addresses_of
from learnhub.media.models import Asset
from learnhub.media.uploads import life
from learnhub.media.uploads.models import Upload
from tests.cast import Cast
from tests.client import CheckingClient
from tests.media.uploads.conftest import Sender
from tests.study.conftest import add_course

WORD = "山地核桃嫁接"


class Told:
    """A clock that the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now


@pytest.fixture
def told(now: datetime) -> Iterator[Told]:
    """The time of the whole application."""
    told = Told(now)
    with clock.told_by(lambda: told.now):
        yield told


@pytest.fixture
def shown(told: Told, client_for: Callable[[str], Any], cast: Cast, settings: Settings) -> tuple[Course, Lesson, Asset]:
    """A document that a lesson of a published course shows, found by search."""
    Sender(client_for("editor")).send(f"{WORD}要点\n".encode() * 200, "核桃.txt")
    jobs.run_all()
    asset = Upload.get().asset
    course = add_course(cast, "walnut", "county", told.now)
    lesson = actions.add_media_lesson(cast.editor, course.id, asset.id, "核桃", settings=settings, now=told.now)
    jobs.run_all(told.now + timedelta(seconds=5))
    return course, lesson, asset


@pytest.fixture
def is_open(
    shown: tuple[Course, Lesson, Asset], client_for: Callable[[str], CheckingClient], cast: Cast, settings: Settings,
    told: Told,
) -> Callable[[], tuple[bool, bool, bool]]:  # fmt: skip
    """Whether a learner can open the lesson for study, fetch by an address given out in time, and find it."""
    _course, lesson, asset = shown

    def ask() -> tuple[bool, bool, bool]:
        jobs.run_all(told.now + timedelta(seconds=5))
        learner = client_for("learner")
        learner.get("/courses")
        opened = learner.send(f"/lessons/{lesson.id}/viewings", {}).status_code
        given = addresses_of(asset, cast.learner.person_id, settings=settings, now=told.now).original
        fetched = learner.get(given).status_code
        found = f"/lessons/{lesson.id}" in learner.get(f"/search?q={WORD}").text
        assert opened in (200, 404) and fetched in (200, 403), (opened, fetched)
        return opened == 200, fetched == 200, found

    return ask


def test_a_withdrawn_medium_is_gone_everywhere_and_comes_back(
    shown: tuple[Course, Lesson, Asset], is_open: Callable[[], Any], cast: Cast, settings: Settings, told: Told
) -> None:
    assert is_open() == (True, True, True)
    life.withdraw(cast.editor, shown[2].id, "有错", settings=settings, now=told.now)
    assert is_open() == (False, False, False)
    life.restore(cast.editor, shown[2].id, settings=settings, now=told.now)
    assert is_open() == (True, True, True)


def test_after_its_last_day_it_is_gone_though_nobody_writes_anything(
    shown: tuple[Course, Lesson, Asset], is_open: Callable[[], Any], cast: Cast, settings: Settings, told: Told
) -> None:
    life.set_last_day(cast.editor, shown[2].id, clock.local_date(told.now), settings=settings, now=told.now)
    assert is_open() == (True, True, True)
    told.now = clock.instant(clock.local_date(told.now) + timedelta(days=1), datetime.min.time()) + timedelta(minutes=1)
    assert is_open() == (False, False, False)


def test_a_withdrawn_course_takes_its_media_along_unless_another_course_shows_them(
    shown: tuple[Course, Lesson, Asset], is_open: Callable[[], Any], cast: Cast, settings: Settings, told: Told
) -> None:
    course, _lesson, asset = shown
    actions.withdraw_course(cast.editor, course.id, "过时", now=told.now)
    assert is_open() == (False, False, False)
    actions.restore_course(cast.editor, course.id, "再用", now=told.now)
    assert is_open() == (True, True, True)
    other = add_course(cast, "other", "county", told.now)
    actions.add_media_lesson(cast.editor, other.id, asset.id, "也用", settings=settings, now=told.now)
    actions.withdraw_course(cast.editor, course.id, "过时", now=told.now)
    assert is_open() == (False, True, False), "the other course shows it"


def test_a_course_that_is_not_published_yet_shows_nothing(
    shown: tuple[Course, Lesson, Asset], is_open: Callable[[], Any]
) -> None:
    Course.update(state="draft").execute()
    opened, _address, _found = is_open()
    assert not opened
