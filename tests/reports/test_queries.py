"""Records and their sums stay inside the scope and add up."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learnhub.catalog.models import Course
from learnhub.kernel import clock
from learnhub.kernel.errors import NotFound
from learnhub.kernel.text import fold_name
from learnhub.org.models import Person, Rank, RoleGrant, Unit
from learnhub.org.rules import Level
from learnhub.org.scope import load_actor
from learnhub.org.tree import NewUnit, place_unit
from learnhub.reports import queries
from learnhub.reports.queries import RecordFilter
from learnhub.study.models import Completion
from tests.cast import Cast
from tests.reports.conftest import Complete, make_course

EVERYTHING = RecordFilter()


def test_a_record_tells_person_place_course_day_and_hours_by_source(cast: Cast, complete: Complete) -> None:
    complete("colleague", online=100, group=50, test=25)
    (record,) = queries.page_of_records(cast.department, EVERYTHING, 1).items
    assert (record.name, record.staff_no) == ("阿依古丽·买买提", "HT2002")
    assert record.place == "红塔区 / 北城街道 / 大石板社区居民委员会"
    assert (record.online, record.group, record.test, record.total) == (100, 50, 25, 175)
    assert list(queries.stream_records(cast.department, EVERYTHING)) == [record]


def test_a_person_without_staff_number_or_rank_is_still_listed(cast: Cast, complete: Complete) -> None:
    Person.update(rank=None).where(Person.id == cast.people["villager"].id).execute()
    complete("villager")
    (record,) = queries.page_of_records(cast.department, EVERYTHING, 1).items
    assert (record.name, record.staff_no, record.rank, record.total) == ("李㛃", "", "", 0)


def test_the_neighbour_reads_nothing_of_this_county(cast: Cast, complete: Complete) -> None:
    complete("learner", online=100)
    assert queries.page_of_records(cast.neighbour, EVERYTHING, 1).total == 0
    assert list(queries.stream_records(cast.neighbour, EVERYTHING)) == []
    overview = queries.overview_of(cast.neighbour, queries.settle_unit(cast.neighbour, EVERYTHING))
    assert (overview.completed, overview.centihours) == (0, 0)
    here = RecordFilter(unit_id=cast.village.id)
    for ask in (
        lambda: queries.settle_unit(cast.neighbour, here),
        lambda: queries.page_of_records(cast.neighbour, here, 1),
        lambda: queries.overview_of(cast.neighbour, here),
        lambda: list(queries.stream_records(cast.neighbour, here)),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_learner_reads_nobodys_records(cast: Cast, complete: Complete) -> None:
    complete("learner", online=100)
    assert queries.page_of_records(cast.learner, EVERYTHING, 1).total == 0


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, {"杨建国", "普丽华", "赵志强"}),
        ({"text": "建 国"}, {"杨建国"}),
        ({"text": "ht2003"}, {"普丽华"}),
        ({"text": "HT200"}, set()),
        ({"unit": "village"}, {"杨建国"}),
        ({"unit": "township"}, {"杨建国", "普丽华", "赵志强"}),
        ({"unit": "group"}, set()),
        ({"rank": "township-deputy"}, {"赵志强"}),
        ({"days": (-10, -5)}, {"普丽华"}),
        ({"days": (-3, -3)}, {"杨建国", "赵志强"}),
        ({"course": True}, {"杨建国", "普丽华", "赵志强"}),
    ],
)
def test_each_filter_narrows_list_file_and_sums_alike(
    cast: Cast, complete: Complete, course: Course, wanted: dict[str, object], names: set[str]
) -> None:
    complete("learner", online=100)
    complete("township_learner", online=100)
    complete("sibling_learner", at=cast.now - timedelta(days=8), online=100)
    today = clock.local_date(cast.now)
    first, last = wanted.get("days", (None, None))  # type: ignore[misc]
    asked = RecordFilter(
        unit_id=cast.units[str(wanted["unit"])].id if "unit" in wanted else cast.county.id,
        rank_id=Rank.get(code=wanted["rank"]).id if "rank" in wanted else None,
        course_id=course.id if "course" in wanted else None,
        first=today + timedelta(days=first) if first else None,
        last=today + timedelta(days=last) if last else None,
        text=str(wanted.get("text", "")),
    )
    assert {record.name for record in queries.page_of_records(cast.department, asked, 1).items} == names
    assert {record.name for record in queries.stream_records(cast.department, asked)} == names
    overview = queries.overview_of(cast.department, asked)
    assert (overview.completed, overview.centihours) == (len(names), 100 * len(names))


def test_the_chart_has_a_bar_for_each_child_and_one_for_the_unit_itself(cast: Cast, complete: Complete) -> None:
    complete("learner", online=100)
    complete("township_learner", group=50)
    overview = queries.overview_of(cast.department, RecordFilter(unit_id=cast.township.id))
    told = {one.name: (one.is_itself, one.people, one.completed, one.centihours) for one in overview.sums}
    assert told["北城街道"] == (True, 2, 1, 50)
    assert told["大石板社区居民委员会"] == (False, 3, 1, 100)
    assert told["莲池社区居民委员会"] == (False, 1, 0, 0)
    assert [unit.name for unit in overview.way] == ["红塔区", "北城街道"]


def test_somebody_who_completed_two_courses_counts_once_among_people(cast: Cast, complete: Complete) -> None:
    complete("learner", online=100)
    complete("learner", of=make_course("B", cast.county, cast.now), online=50)
    overview = queries.overview_of(cast.department, RecordFilter(unit_id=cast.village.id))
    assert (overview.completed, overview.centihours) == (1, 150)
    assert queries.page_of_records(cast.department, EVERYTHING, 1).total == 2


def test_an_officer_of_two_areas_sees_both_side_by_side(cast: Cast, complete: Complete) -> None:
    complete("other_learner", online=100)
    RoleGrant.create(
        person=cast.people["department"],
        role="auditor",
        unit=cast.other_township,
        starts_at=cast.now - timedelta(days=1),
    )
    overview = queries.overview_of(cast.department, queries.settle_unit(cast.department, EVERYTHING))
    assert overview.unit is None
    assert {one.name: one.completed for one in overview.sums} == {"红塔区": 0, "江城镇": 1}
    # the file needs records.export, which an auditor does not hold
    assert list(queries.stream_records(cast.department, EVERYTHING)) == []


def test_the_number_of_statements_does_not_grow(cast: Cast, complete: Complete, queries_of: Callable[[], int]) -> None:
    complete("learner", online=100)

    def look() -> int:
        wanted = queries.settle_unit(cast.department, EVERYTHING)
        queries_of()
        queries.page_of_records(cast.department, wanted, 1)
        queries.overview_of(cast.department, wanted)
        list(queries.stream_records(cast.department, wanted))
        return queries_of()

    few = look()
    for number in range(60):
        unit = place_unit(NewUnit(f"V{number}", "", Level.VILLAGE, f"村{number}"), cast.township)
        person = Person.create(name=f"某{number}", name_folded=f"某{number}", unit=unit, created_at=cast.now)
        complete(person, online=25)
    assert look() == few


@pytest.fixture
def queries_of(queries: Callable[[], int]) -> Callable[[], int]:
    """The statement counter under another name than the module."""
    return queries


@given(seed=st.integers(0, 10**6))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_on_random_trees_nobody_reads_outside_of_the_scope(cast: Cast, course: Course, seed: int) -> None:
    """List, file and sums of a random officer hold exactly the people whose unit lies below a granted one."""
    chance = random.Random(seed)
    units: list[Unit] = list(Unit.select())
    for number in range(12):
        parent = chance.choice([unit for unit in units if unit.level != "group"])
        level = list(Level)[min(list(Level).index(Level(parent.level)) + 1, 4)]
        units.append(place_unit(NewUnit(f"{seed}-{number}-{len(units)}", "", level, f"单位{number}"), parent))
    for number in range(15):
        person = Person.create(
            name=f"人{number}", name_folded=fold_name(f"人{number}"), unit=chance.choice(units), created_at=cast.now
        )
        Completion.create(person=person, course=course, completed_at=cast.now)
    officer = Person.create(name="干事", name_folded="干事", unit=units[0], created_at=cast.now)
    granted = chance.sample(units, 2)
    for unit in granted:
        RoleGrant.create(person=officer, role="department", unit=unit, starts_at=cast.now - timedelta(days=1))
    actor = load_actor(officer.id, cast.now)
    rows = Completion.select(Completion.id, Unit.path).join(Person).join(Unit).tuples()
    inside = {record for record, path in rows if any(path.startswith(unit.path) for unit in granted)}
    wanted = queries.settle_unit(actor, EVERYTHING)
    assert {record.completion_id for record in queries.stream_records(actor, wanted)} == inside
    page = queries.page_of_records(actor, wanted, 1, size=10**6)
    assert ({record.completion_id for record in page.items}, page.total) == (inside, len(inside))
    people = {row[0] for row in Completion.select(Completion.person).where(Completion.id.in_(list(inside))).tuples()}
    assert queries.overview_of(actor, wanted).completed == len(people)
