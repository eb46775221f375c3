"""The tree changes: people go on seeing their courses and finding them, and every course has somebody who cares for it."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask

from learnhub.catalog.models import Category, Course, CourseAudience
from learnhub.catalog.queries import visible_to
from learnhub.org import actions
from learnhub.org.models import Person, Station, Unit
from learnhub.org.rules import Level, NewUnit
from learnhub.org.scope import load_actor
from learnhub.search.models import SearchOutbox
from learnhub.sessions.models import StationSession
from learnhub.sessions.queries import get_session
from tests.cast import Cast


@pytest.fixture
def course(app: Flask, cast: Cast, now: datetime) -> Course:
    """A course of the learner's village for that village alone."""
    category = Category.create(code="m", name="类", name_en="kind", order=1)
    unit = cast.units["village"]
    made = Course.create(
        code="own", title="村史", category=category, unit=unit, level="village", state="published",
        published_at=now, changed_at=now, lesson_count=1,
    )  # fmt: skip
    CourseAudience.create(course=made, unit=unit)
    return made


def _sees(person_id: int, now: datetime) -> list[str]:
    actor = load_actor(person_id, now)
    return [course.code for course in Course.select().where(visible_to(actor))]


def _is_told_to_the_index(course: Course) -> bool:
    return bool(SearchOutbox.select().where(SearchOutbox.source_id == str(course.id)).count())


def _units_of(course: Course) -> set[int]:
    return {row.unit_id for row in CourseAudience.select().where(CourseAudience.course == course)}


def test_after_a_merge_the_people_of_both_units_see_the_course(cast: Cast, course: Course, now: datetime) -> None:
    village, sibling = cast.units["village"], cast.units["sibling_village"]
    actions.merge_units(cast.unit_admin, village.id, sibling.id, now=now)
    for nickname in ("learner", "sibling_learner"):
        assert _sees(cast.people[nickname].id, now) == ["own"], nickname
    assert (Course.get().unit_id, _units_of(course)) == (sibling.id, {sibling.id})
    assert _is_told_to_the_index(course)


def test_a_course_for_both_units_is_offered_once_after_the_merge(cast: Cast, course: Course, now: datetime) -> None:
    village, sibling = cast.units["village"], cast.units["sibling_village"]
    CourseAudience.create(course=course, unit=sibling)
    actions.merge_units(cast.unit_admin, village.id, sibling.id, now=now)
    assert CourseAudience.select().count() == 1 and _units_of(course) == {sibling.id}


def test_those_who_were_split_off_go_on_seeing_it(cast: Cast, course: Course, now: datetime) -> None:
    learner = cast.people["learner"].id
    new = NewUnit("530402004099", "", Level.VILLAGE, "新社区")
    part = actions.split_unit(cast.unit_admin, cast.units["village"].id, new, people=[learner], now=now)
    assert Person.get_by_id(learner).unit_id == part.id
    assert _sees(learner, now) == _sees(cast.people["colleague"].id, now) == ["own"]
    assert Course.get().unit_id == cast.units["village"].id and _is_told_to_the_index(course)


def test_the_unit_above_cares_for_the_courses_of_a_retired_one(cast: Cast, course: Course, now: datetime) -> None:
    village, sibling = cast.units["village"], cast.units["sibling_village"]
    Person.update(unit=sibling).where(Person.unit == village).execute()
    Station.update(unit=sibling).where(Station.unit == village).execute()
    actions.retire_unit(cast.unit_admin, cast.units["group"].id, now=now)
    actions.retire_unit(cast.unit_admin, village.id, now=now)
    assert (Course.get().unit_id, Course.get().level) == (cast.units["township"].id, "township")
    assert _is_told_to_the_index(course)


def test_a_moved_unit_keeps_its_courses_and_gains_those_of_its_new_place(
    cast: Cast, course: Course, now: datetime
) -> None:
    CourseAudience.create(course=course, unit=cast.units["sibling_township"])
    CourseAudience.delete().where(CourseAudience.unit == cast.units["village"]).execute()
    assert _sees(cast.people["learner"].id, now) == []
    actions.move_unit(cast.unit_admin, cast.units["village"].id, cast.units["sibling_township"].id, now=now)
    assert _sees(cast.people["learner"].id, now) == ["own"]


def test_a_refused_merge_leaves_the_catalogue_as_it_was(cast: Cast, course: Course, now: datetime) -> None:
    with pytest.raises(Exception, match="org"):
        actions.merge_units(cast.unit_admin, cast.units["village"].id, cast.units["group"].id, now=now)
    assert _units_of(course) == {cast.units["village"].id} and not _is_told_to_the_index(course)


def test_stations_and_their_sessions_go_along_with_a_merge(cast: Cast, course: Course, now: datetime) -> None:
    village, sibling = cast.units["village"], cast.units["sibling_village"]
    session = StationSession.create(station=cast.stations["station"], title="学习", starts_at=now, ends_at=now)
    actions.merge_units(cast.unit_admin, village.id, sibling.id, now=now)
    found = get_session(cast.station_manager, session.id, "sessions.hold")
    assert found.station.unit_id == sibling.id
    assert not Unit.select().join(Station).where(Unit.is_retired).exists()
