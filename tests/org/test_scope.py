"""One function answers every "may they, here?": the check and the lists agree on random trees and grants."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learnhub.org.abilities import ABILITIES, ROLES
from learnhub.org.models import Account, AuditLine, LoginSession, Person, RoleGrant, Station, Unit
from learnhub.org.queries import PeopleFilter, list_people, stations_for
from learnhub.org.rules import Level, NewUnit
from learnhub.org.scope import in_scope, load_actor, may, scope_of
from learnhub.org.tree import place_units
from tests.cast import Cast

PLACES = ("city", "county", "other_county", "township", "village", "sibling_village", "group")

# A tree is a list of parents: unit number n+1 hangs below one of the units before it.
trees = st.lists(st.integers(min_value=0, max_value=30), min_size=1, max_size=14)
grants = st.lists(
    st.tuples(st.sampled_from(sorted(ROLES)), st.integers(min_value=0, max_value=30), st.integers(-2, 2)), max_size=6
)


def _build(parents: list[int], given_roles: list[tuple[str, int, int]], now: datetime) -> int:
    """Writes the tree, a station and a person per unit, and the grants of the first person, whose id it returns."""
    for table in (RoleGrant, Station, LoginSession, Account, AuditLine, Person):
        table.delete().execute()
    for level in reversed(Level):
        Unit.delete().where(Unit.level == level.value).execute()
    levels = [Level.CITY]
    news = [NewUnit("u0", "", Level.CITY, "u0")]
    for number, wish in enumerate(parents, start=1):
        able = [index for index, level in enumerate(levels) if level is not Level.GROUP]
        parent = able[wish % len(able)]
        levels.append(list(Level)[levels[parent].depth])
        news.append(NewUnit(f"u{number}", f"u{parent}", levels[-1], f"u{number}"))
    place_units(news)
    ids = [unit_id for (unit_id,) in Unit.select(Unit.id).order_by(Unit.code).tuples()]
    for unit_id in ids:
        Station.create(station_no=f"s{unit_id}", name="s", unit=unit_id)
        Person.create(name="p", name_folded="p", unit=unit_id, created_at=now)
    person = Person.select().order_by(Person.id).first()
    for role, wish, shift in given_roles:
        starts = now + timedelta(days=shift)
        ends = None if wish % 3 else starts + timedelta(days=1)
        RoleGrant.create(person=person, role=role, unit=ids[wish % len(ids)], starts_at=starts, ends_at=ends)
    return int(person.id)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parents=trees, given_roles=grants)
def test_the_check_and_every_list_agree(
    db: str, now: datetime, parents: list[int], given_roles: list[tuple[str, int, int]]
) -> None:
    actor = load_actor(_build(parents, given_roles, now), now)
    units = list(Unit.select())
    for ability in ABILITIES:
        allowed = {unit.id for unit in units if may(actor, ability, unit.path)}
        assert allowed == {unit.id for unit in Unit.select().where(in_scope(actor, ability))}
        assert allowed == {station.unit_id for station in stations_for(actor, ability)}
    seen = {row.unit_id for row in list_people(actor, PeopleFilter(), size=100).items}
    assert seen == {unit.id for unit in units if may(actor, "people.view", unit.path)}


def test_paths_hold_the_ids_from_the_root_down(cast: Cast) -> None:
    for unit in Unit.select():
        above = Unit.get_by_id(unit.parent_id).path if unit.parent_id else "/"
        assert unit.path == f"{above}{unit.id}/"


def test_a_brother_whose_id_begins_alike_is_not_below(cast: Cast, now: datetime) -> None:
    parent = cast.units["county"]
    for number in range(20):
        place_units([NewUnit(f"x{number}", parent.code, Level.TOWNSHIP, f"x{number}")])
    short = Unit.get(Unit.code == "x0")
    longer = Unit.create(code="y", name="y", level="township", parent=parent, path=short.path[:-1] + "0/")
    RoleGrant.create(person=cast.people["learner"], role="department", unit=short, starts_at=now)
    actor = cast.actor("learner")
    assert may(actor, "people.view", short.path)
    assert not may(actor, "people.view", longer.path)
    assert list(Unit.select().where(in_scope(actor, "people.view"))) == [short]


def test_grants_count_only_between_their_start_and_their_end(cast: Cast, now: datetime) -> None:
    RoleGrant.create(
        person=cast.people["learner"],
        role="department",
        unit=cast.units["county"],
        starts_at=now,
        ends_at=now + timedelta(days=1),
    )
    held = [bool(cast.actor("learner", now + timedelta(hours=hours)).roles) for hours in (-1, 0, 23, 24)]
    assert held == [False, True, True, False]


def test_nested_grants_leave_one_root(cast: Cast, now: datetime) -> None:
    for place in ("village", "county", "group"):
        RoleGrant.create(person=cast.people["learner"], role="department", unit=cast.units[place], starts_at=now)
    assert scope_of(cast.actor("learner"), "records.read") == (cast.units["county"].path,)


def test_an_unknown_power_is_an_error_and_not_nobodys(cast: Cast) -> None:
    with pytest.raises(KeyError):
        scope_of(cast.actor("system_admin"), "peple.view")


def test_the_neighbour_may_do_nothing_on_this_side(cast: Cast) -> None:
    neighbour = cast.actor("neighbour")
    for ability in ABILITIES:
        for place in PLACES:
            if place != "other_county":
                assert not may(neighbour, ability, cast.units[place].path), (ability, place)
