"""Records as of an earlier day: the same figures before and after a re-organisation, and nobody from outside by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from learnhub.catalog.models import Category, Course
from learnhub.kernel import clock
from learnhub.kernel.errors import NotFound
from learnhub.org import actions
from learnhub.org.models import Person, Unit
from learnhub.org.rules import Level, NewUnit
from learnhub.reports import queries
from learnhub.reports.queries import RecordFilter
from learnhub.study.models import Completion
from tests.cast import Cast
from tests.client import CheckingClient

DAY = timedelta(days=1)


@pytest.fixture
def done(cast: Cast, now: datetime) -> Course:
    """A course that the people of three villages completed two days ago."""
    category = Category.create(code="m", name="类", name_en="kind", order=1)
    unit = cast.units["city"]
    course = Course.create(
        code="c", title="课程", category=category, unit=unit, level="city", state="published", changed_at=now
    )
    Person.update(created_at=now - 3 * DAY).execute()
    for nickname in ("learner", "colleague", "sibling_learner", "other_learner"):
        Completion.create(person=cast.people[nickname], course=course, completed_at=now - 2 * DAY)
    return course


def _told(cast: Cast, unit: str, now: datetime) -> list[object]:
    wanted = RecordFilter(unit_id=cast.units[unit].id, as_of=clock.local_date(now - DAY))
    overview = queries.overview_of(cast.department, wanted)
    page = queries.page_of_records(cast.department, wanted, 1)
    return [overview.sums, [(one.name, one.unit, one.place) for one in page.items], page.total]


def _reorganise(cast: Cast, now: datetime) -> None:
    admin, units = cast.unit_admin, cast.units
    actions.transfer_person(admin, cast.people["learner"].id, units["cousin_village"].id, now=now)
    actions.merge_units(admin, units["village"].id, units["sibling_village"].id, now=now)
    actions.rename_unit(admin, units["sibling_village"].id, "联合社区", now=now)
    actions.move_unit(admin, units["sibling_village"].id, units["sibling_township"].id, now=now)
    new = NewUnit("530402004099", "", Level.VILLAGE, "新社区")
    actions.split_unit(admin, units["cousin_village"].id, new, people=[cast.people["learner"].id], now=now)


@pytest.mark.parametrize("unit", ["county", "township", "sibling_township"])
def test_the_figures_of_an_earlier_day_outlive_any_reorganisation(
    cast: Cast, done: Course, now: datetime, unit: str
) -> None:
    before = _told(cast, unit, now)
    _reorganise(cast, now)
    assert _told(cast, unit, now) == before


def test_today_the_same_figures_are_those_of_the_new_tree(cast: Cast, done: Course, now: datetime) -> None:
    _reorganise(cast, now)
    wanted = RecordFilter(unit_id=cast.units["township"].id)
    assert queries.count_records(cast.department, wanted) == 0
    assert _told(cast, "township", now)[2] == 3


def test_what_was_completed_later_is_not_counted(cast: Cast, done: Course, now: datetime) -> None:
    Completion.update(completed_at=now).where(Completion.person == cast.people["learner"]).execute()
    assert _told(cast, "county", now)[2] == 2


def test_by_name_only_those_who_are_within_the_scope_today(cast: Cast, done: Course, now: datetime) -> None:
    chief, other = cast.system_admin, cast.units["other_village"]
    actions.transfer_person(chief, cast.people["learner"].id, other.id, now=now)
    sums, names, total = _told(cast, "township", now)
    assert total == 2 and "杨建国" not in [name for name, *_rest in names]  # type: ignore[attr-defined]
    assert sum(one.completed for one in sums) == 3  # type: ignore[attr-defined]


def test_a_unit_that_did_not_stand_and_one_outside_are_not_found(cast: Cast, done: Course, now: datetime) -> None:
    day = clock.local_date(now - DAY)
    Unit.update(since=clock.local_date(now)).where(Unit.id == cast.units["group"].id).execute()
    for unit in ("group", "other_village"):
        with pytest.raises(NotFound):
            queries.overview_of(cast.department, RecordFilter(unit_id=cast.units[unit].id, as_of=day))


@pytest.mark.parametrize("path", ["/records", "/records.csv", "/records.xlsx"])
def test_page_and_files_take_the_day(
    cast: Cast, done: Course, now: datetime, client_for: Callable[[str], CheckingClient], path: str
) -> None:
    _reorganise(cast, now)
    day = clock.local_date(now - DAY)
    response = client_for("department").get(f"{path}?unit={cast.units['township'].id}&first=&as_of={day}")
    assert response.status_code == 200
    if not path.endswith("xlsx"):
        text = response.get_data().decode("utf-8-sig")
        assert "杨建国" in text and "大石板社区居民委员会" in text and "孔令辉" not in text
