"""Units are renamed, moved, merged, split, retired and restored; every change is dated and keeps the past as it was."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import peewee
import pytest

import learnhub.org
from learnhub.kernel.db import db as database
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from learnhub.org import actions, queries
from learnhub.org.models import AuditLine, Person, RoleGrant, Station, Unit, UnitSpell
from learnhub.org.rules import Level, NewUnit, PartyLevel
from learnhub.org.scope import Actor, Grant, may
from tests.cast import Cast

DEMO = Path(learnhub.org.__file__).parent / "demo"
DAY = timedelta(days=1)


def _paths_agree() -> bool:
    paths = dict(Unit.select(Unit.id, Unit.path).tuples())
    return all(unit.path == f"{paths[unit.parent_id] if unit.parent_id else '/'}{unit.id}/" for unit in Unit.select())


def test_a_renamed_unit_keeps_its_old_name_as_of_yesterday(cast: Cast, now: datetime) -> None:
    admin, village = cast.actor("unit_admin"), cast.units["village"]
    actions.rename_unit(admin, village.id, "大石板 社区", reason="地名规范", now=now)
    assert Unit.get_by_id(village.id).name == "大石板 社区"
    assert queries.unit_as_of(admin, village.id, now.date()).name == "大石板 社区"
    assert queries.unit_as_of(admin, village.id, now.date() - DAY).name == village.name
    assert AuditLine.select().order_by(AuditLine.id.desc()).first().detail["reason"] == "地名规范"


def test_two_changes_on_one_day_leave_one_spell(cast: Cast, now: datetime) -> None:
    admin, village = cast.actor("unit_admin"), cast.units["village"]
    for name in ("甲", "乙"):
        actions.rename_unit(admin, village.id, name, now=now)
    assert [spell.name for spell in UnitSpell.select()] == [village.name]


def test_a_moved_unit_takes_all_below_it_along(cast: Cast, now: datetime) -> None:
    admin = cast.actor("unit_admin")
    actions.move_unit(admin, cast.units["village"].id, cast.units["sibling_township"].id, now=now)
    group, town = Unit.get_by_id(cast.units["group"].id), cast.units["sibling_township"]
    assert group.path == f"{town.path}{cast.units['village'].id}/{group.id}/"
    assert _paths_agree()
    manager = cast.actor("station_manager")
    assert not may(manager, "sessions.plan", group.path)


def test_figures_as_of_the_old_day_are_those_before_the_move(cast: Cast, now: datetime) -> None:
    admin, old = cast.actor("unit_admin"), now.date() - DAY
    Person.update(created_at=now - 2 * DAY).execute()
    before = [queries.figures_as_of(admin, cast.units[at].id, old)[1:] for at in ("township", "sibling_township")]
    actions.move_unit(admin, cast.units["village"].id, cast.units["sibling_township"].id, now=now)
    after = [queries.figures_as_of(admin, cast.units[at].id, old)[1:] for at in ("township", "sibling_township")]
    assert after == before
    today = queries.figures_as_of(admin, cast.units["township"].id, now.date())[1]
    assert today.people == before[0][0].people - 3


@pytest.mark.parametrize(
    ("unit", "parent", "refusal"),
    [
        ("county", "village", Forbidden),
        ("township", "village", Invalid),
        ("township", "township", Invalid),
        ("village", "cousin_village", Invalid),
        ("village", "township", Conflict),
        ("village", "other_township", NotFound),
        ("other_village", "township", NotFound),
    ],
)
def test_loops_wrong_levels_and_foreign_parts_are_refused(
    cast: Cast, now: datetime, unit: str, parent: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        actions.move_unit(cast.actor("unit_admin"), cast.units[unit].id, cast.units[parent].id, now=now)
    assert not UnitSpell.select().exists()


@pytest.mark.parametrize(
    ("unit", "values"),
    [
        ("township", {"parent": "village"}),
        ("township", {"parent": "township"}),
        ("village", {"parent": "cousin_village"}),
        ("village", {"parent": None}),
        ("village", {"level": "group"}),
        ("village", {"kind": "party"}),
        ("village", {"parent": 999_999}),
    ],
)
def test_the_database_itself_refuses_loops_wrong_levels_and_orphans(
    cast: Cast, unit: str, values: dict[str, object]
) -> None:
    wanted = {name: cast.units[value].id if value in cast.units else value for name, value in values.items()}
    with pytest.raises((peewee.IntegrityError, peewee.InternalError)), database.atomic():
        Unit.update(**wanted).where(Unit.id == cast.units[unit].id).execute()


def test_the_database_refuses_spells_that_overlap(cast: Cast, now: datetime) -> None:
    actions.rename_unit(cast.actor("unit_admin"), cast.units["village"].id, "甲", now=now)
    spell = UnitSpell.select().dicts().get()
    wrong = {**spell, "from_day": spell["from_day"] + DAY, "until_day": spell["until_day"] + DAY}
    del wrong["id"]
    with pytest.raises((peewee.IntegrityError, peewee.InternalError)), database.atomic():
        UnitSpell.insert(wrong).execute()


def test_merging_hands_everything_over_and_keeps_the_past(cast: Cast, now: datetime) -> None:
    admin, gone, kept = cast.actor("system_admin"), cast.units["village"], cast.units["sibling_village"]
    RoleGrant.create(person=cast.people["learner"], role="auditor", unit=gone, starts_at=now - DAY)
    Person.update(created_at=now - 2 * DAY).execute()
    old = now.date() - DAY
    before = queries.figures_as_of(admin, cast.units["township"].id, old)
    actions.merge_units(admin, gone.id, kept.id, reason="撤并", now=now)
    assert Unit.get_by_id(gone.id).is_retired
    assert not Person.select().where(Person.unit == gone).exists()
    assert not Station.select().where(Station.unit == gone).exists()
    assert Unit.get_by_id(cast.units["group"].id).parent_id == kept.id
    assert cast.actor("learner").grants == (Grant("auditor", kept.id, kept.path),)
    assert queries.figures_as_of(admin, cast.units["township"].id, old)[1:] == before[1:]
    assert "learner" in {name for name, one in cast.people.items() if one in queries.members_as_of(admin, gone.id, old)}
    assert _paths_agree()


def test_merging_gives_nobody_more_than_the_actor_holds(cast: Cast, now: datetime) -> None:
    admin = cast.actor("unit_admin")
    RoleGrant.create(person=cast.people["learner"], role="editor", unit=cast.units["village"], starts_at=now)
    with pytest.raises(Forbidden):
        actions.merge_units(admin, cast.units["village"].id, cast.units["sibling_village"].id, now=now)
    assert not Unit.get_by_id(cast.units["village"].id).is_retired


def test_splitting_gives_the_chosen_ones_to_a_new_unit_beside(cast: Cast, now: datetime) -> None:
    admin, village = cast.actor("unit_admin"), cast.units["village"]
    chosen = cast.people["learner"].id
    part = actions.split_unit(
        *(admin, village.id, NewUnit("530402004099", "", Level.VILLAGE, "新社区")),
        people=[chosen],
        children=[cast.units["group"].id],
        stations=[cast.stations["station"].id],
        now=now,
    )
    assert (part.level, part.parent_id) == (village.level, village.parent_id)
    assert [row.id for row in Person.select().where(Person.unit == part)] == [chosen]
    assert Unit.get_by_id(cast.units["group"].id).path == f"{part.path}{cast.units['group'].id}/"
    assert Station.get_by_id(cast.stations["station"].id).unit_id == part.id
    assert _paths_agree()


def test_the_unit_at_the_top_is_not_split(cast: Cast, now: datetime) -> None:
    new = NewUnit("n-1", "", Level.CITY, "另一个市")
    with pytest.raises(Conflict, match="org.split_top"):
        actions.split_unit(cast.actor("system_admin"), cast.units["city"].id, new, now=now)


def test_splitting_refuses_people_of_another_unit(cast: Cast, now: datetime) -> None:
    new = NewUnit("530402004099", "", Level.VILLAGE, "新社区")
    with pytest.raises(Invalid):
        actions.split_unit(
            *(cast.actor("unit_admin"), cast.units["village"].id, new),
            people=[cast.people["other_learner"].id],
            now=now,
        )
    assert queries.find_unit_by_code(new.code) is None


def test_a_unit_with_people_cannot_be_retired(cast: Cast, now: datetime) -> None:
    with pytest.raises(Conflict):
        actions.retire_unit(cast.actor("unit_admin"), cast.units["village"].id, now=now)


def test_a_retired_unit_leaves_the_lists_its_roles_rest_and_it_comes_back(cast: Cast, now: datetime) -> None:
    admin, group = cast.actor("unit_admin"), cast.units["group"]
    RoleGrant.create(person=cast.people["learner"], role="auditor", unit=group, starts_at=now - DAY)
    actions.retire_unit(admin, group.id, now=now)
    assert not queries.list_units(admin, group.code).items
    assert not queries.look_below(cast.units["village"]).children
    assert cast.actor("learner").grants == ()
    with pytest.raises(Conflict):
        actions.add_person(admin, actions.NewPerson("甲", group.id), now=now)
    actions.restore_unit(admin, group.id, now=now)
    assert queries.list_units(admin, group.code).items == [group]
    assert cast.actor("learner").grants == (Grant("auditor", group.id, group.path),)


def test_a_county_cannot_retire_or_move_itself(cast: Cast, now: datetime) -> None:
    admin, county = cast.actor("unit_admin"), cast.units["county"]
    for act in (
        lambda: actions.retire_unit(admin, county.id, now=now),
        lambda: actions.merge_units(admin, county.id, cast.units["township"].id, now=now),
    ):
        with pytest.raises(Refusal):
            act()


def test_the_partys_tree_lives_beside_the_other_with_scope_of_its_own(cast: Cast, now: datetime) -> None:
    text = "code,parent_code,level,name\nD2,D1,党委,红塔区党委\nD3,D2,党总支,大石板党总支\nD4,D3,党支部,第一党支部\nD1,,党委,玉溪市委\n"
    done = actions.import_units(None, text.encode(), file_name="party.csv", now=now)
    assert done.created == 4
    admin, branch = cast.actor("system_admin"), queries.find_unit_by_code("D4")
    assert branch is not None
    assert (branch.kind, branch.level) == ("party", PartyLevel.BRANCH)
    assert may(admin, "people.manage", branch.path)
    assert not may(cast.actor("unit_admin"), "people.view", branch.path)
    learner = cast.people["learner"]
    actions.transfer_person(admin, learner.id, learner.unit_id, branch_id=branch.id, now=now)
    assert Person.get_by_id(learner.id).branch_id == branch.id
    root = queries.find_unit_by_code("D1")
    assert root is not None
    below = queries.look_below(root)
    assert (below.units, below.stations, below.people) == (3, 0, 1)
    assert [row.people for row in below.children] == [1]
    with pytest.raises(Invalid):
        actions.move_unit(admin, cast.units["village"].id, branch.parent_id, now=now)
    with pytest.raises(Invalid):
        actions.transfer_person(admin, learner.id, branch.id, now=now)


def test_figures_of_the_old_day_are_the_published_counts_after_a_reorganisation(db: str, now: datetime) -> None:
    actions.import_units(None, (DEMO / "yuxi-divisions.csv").read_bytes(), file_name="u", now=now)
    actions.import_stations(None, (DEMO / "yuxi-stations-1409.csv").read_bytes(), file_name="s", now=now)
    city = Unit.get(Unit.parent.is_null())
    powers = (Grant("system_admin", city.id, city.path),)
    admin, later = Actor(_somebody(city, now), "甲", city.id, city.path, powers), now + 30 * DAY
    counties = list(Unit.select().where(Unit.parent == city).order_by(Unit.code))
    first, second, third = counties[:3]
    towns = list(Unit.select().where((Unit.parent == first) & (Unit.level == "township")).order_by(Unit.code))
    actions.move_unit(admin, towns[0].id, second.id, now=later)
    actions.merge_units(admin, towns[1].id, towns[2].id, now=later)
    actions.merge_units(admin, third.id, second.id, now=later)
    assert _paths_agree()
    with (DEMO / "yuxi-counts.csv").open(encoding="utf-8", newline="") as file:
        published = {row["county_code"]: row for row in csv.DictReader(file)}
    for county in counties:
        tree, whole, _children = queries.figures_as_of(admin, county.id, now.date())
        levels = [tree.units[one].level for one in tree.below(county.id)]
        row = published[county.code]
        assert whole.stations == int(row["stations_total"])
        assert levels.count("township") == int(row["townships"])
        assert levels.count("village") == int(row["villages"])
        assert levels.count("group") == int(row["groups_synthetic"])
    today = queries.figures_as_of(admin, second.id, later.date())[1]
    assert today.stations > int(published[second.code]["stations_total"])
    with pytest.raises(NotFound):
        queries.figures_as_of(admin, third.id, later.date())


def _somebody(unit: Unit, now: datetime) -> int:
    return int(Person.create(name="甲", name_folded="甲", unit=unit, created_at=now).id)


def test_an_act_of_the_future_has_no_figures_yet(cast: Cast, now: datetime) -> None:
    with pytest.raises(NotFound):
        queries.unit_as_of(cast.actor("unit_admin"), cast.units["village"].id, date(1999, 12, 31))
