"""Roles are given and taken only within what one holds oneself, only downward; each act leaves one audit line."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from learnhub.org import actions
from learnhub.org.abilities import ROLES, abilities_of, roles_with
from learnhub.org.models import Account, AuditLine, Person, RoleGrant, Station, Unit
from learnhub.org.rules import Level, NewUnit, SignInPolicy
from tests.cast import PASSWORD, Cast


def test_an_administrator_appoints_a_station_manager_below(cast: Cast, now: datetime) -> None:
    admin, village = cast.actor("unit_admin"), cast.units["village"]
    actions.grant_role(admin, cast.people["learner"].id, "station_manager", village.id, now=now)
    assert cast.actor("learner").can("sessions.plan")


@pytest.mark.parametrize(
    ("who", "whom", "role", "where", "refusal"),
    [
        ("unit_admin", "learner", "editor", "village", Forbidden),
        ("unit_admin", "learner", "system_admin", "village", Forbidden),
        ("unit_admin", "learner", "station_manager", "city", NotFound),
        ("unit_admin", "learner", "station_manager", "other_village", NotFound),
        ("unit_admin", "other_learner", "station_manager", "village", NotFound),
        ("station_manager", "learner", "station_manager", "village", NotFound),
        ("neighbour", "learner", "station_manager", "village", NotFound),
        ("unit_admin", "learner", "learner", "village", Invalid),
        ("unit_admin", "learner", "king", "village", Invalid),
    ],
)
def test_nobody_gives_what_they_do_not_hold_there(
    cast: Cast, now: datetime, who: str, whom: str, role: str, where: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        actions.grant_role(cast.actor(who), cast.people[whom].id, role, cast.units[where].id, now=now)
    assert cast.actor(whom).grants == ()
    assert AuditLine.select().count() == 0


def test_a_role_with_an_end_ends(cast: Cast, now: datetime) -> None:
    admin, learner = cast.actor("unit_admin"), cast.people["learner"].id
    where = cast.units["village"].id
    with pytest.raises(Invalid):
        actions.grant_role(admin, learner, "auditor", where, ends_at=now, now=now)
    actions.grant_role(admin, learner, "auditor", where, ends_at=now + timedelta(days=2), now=now)
    assert cast.actor("learner", now + timedelta(days=1)).roles == {"auditor"}
    assert cast.actor("learner", now + timedelta(days=2)).roles == frozenset()


def test_a_role_is_not_given_twice_but_again_after_its_end(cast: Cast, now: datetime) -> None:
    admin, learner, where = cast.actor("unit_admin"), cast.people["learner"].id, cast.units["village"].id
    grant = actions.grant_role(admin, learner, "auditor", where, now=now)
    with pytest.raises(Conflict):
        actions.grant_role(admin, learner, "auditor", where, now=now)
    actions.revoke_role(admin, grant.id, now=now)
    actions.grant_role(admin, learner, "auditor", where, now=now)
    assert RoleGrant.select().where(RoleGrant.person == learner).count() == 2


def test_a_role_above_ones_own_is_not_taken_away(cast: Cast, now: datetime) -> None:
    editing = RoleGrant.get(RoleGrant.person == cast.people["editor"])
    with pytest.raises(Forbidden):
        actions.revoke_role(cast.actor("unit_admin"), editing.id, now=now)
    with pytest.raises(NotFound):
        actions.revoke_role(cast.actor("neighbour"), editing.id, now=now)
    actions.revoke_role(cast.actor("system_admin"), editing.id, now=now)
    assert cast.actor("editor").grants == ()


def test_the_last_system_administrator_stays(cast: Cast, now: datetime) -> None:
    boss, city = cast.actor("system_admin"), cast.units["city"].id
    own = RoleGrant.get(RoleGrant.role == "system_admin")
    with pytest.raises(Conflict) as refused:
        actions.revoke_role(boss, own.id, now=now)
    assert refused.value.code == "org.last_admin"
    # One without an account, and one for a time only, cannot be the last.
    actions.grant_role(boss, cast.people["villager"].id, "system_admin", city, now=now)
    end = now + timedelta(days=9)
    actions.grant_role(boss, cast.people["auditor"].id, "system_admin", city, ends_at=end, now=now)
    with pytest.raises(Conflict):
        actions.revoke_role(boss, own.id, now=now)
    actions.grant_role(boss, cast.people["department"].id, "system_admin", city, now=now)
    actions.revoke_role(boss, own.id, now=now)
    assert not cast.actor("system_admin").can("roles.grant")


def test_the_command_line_makes_the_first_administrator(cast: Cast, now: datetime) -> None:
    first = actions.add_administrator("赵管理", "Boss", now=now)
    assert actions.sign_in("boss", first, policy=SignInPolicy(), now=now)
    boss = Person.get(Person.name == "赵管理")
    assert RoleGrant.get(RoleGrant.person == boss).unit_id == cast.units["city"].id


def test_without_a_unit_there_is_no_administrator(db: str, now: datetime) -> None:
    with pytest.raises(NotFound):
        actions.add_administrator("赵管理", "boss", now=now)
    assert Account.select().count() == 0


def test_every_change_leaves_one_audit_line_with_actor_and_place(cast: Cast, now: datetime) -> None:
    admin, policy = cast.actor("unit_admin"), SignInPolicy()
    village = cast.units["village"]
    person = actions.add_person(admin, actions.NewPerson("和㛃", village.id, "HT9", "clerk-1"), now=now)
    actions.open_account(admin, person.id, now=now)
    unit = actions.add_unit(admin, NewUnit("53040200401302", village.code, Level.GROUP, "第2居民小组"), now=now)
    actions.rename_unit(admin, unit.id, "第二居民小组", now=now)
    actions.add_station(admin, "YX9", "第2组站点", unit.id, now=now)
    grant = actions.grant_role(admin, person.id, "station_manager", unit.id, now=now)
    actions.revoke_role(admin, grant.id, now=now)
    actions.reset_password(admin, person.id, now=now)
    actions.change_password(admin, PASSWORD, "三 只 白鹭 飞", policy=policy, now=now)
    actions.set_locale(admin, "en", now=now)
    lines = list(AuditLine.select().order_by(AuditLine.id))
    assert [line.action for line in lines] == [
        *("person.added", "account.opened", "unit.added", "unit.renamed", "station.added", "role.granted"),
        *("role.revoked", "account.password_reset", "account.password_changed", "account.language_set"),
    ]
    assert {line.actor_id for line in lines} == {admin.person_id}
    assert all(line.at == now and line.unit_id for line in lines)


def test_a_refused_change_leaves_nothing(cast: Cast, now: datetime) -> None:
    counts = [table.select().count() for table in (Unit, Station, Person)]
    village, admin = cast.units["village"], cast.actor("unit_admin")
    refused = [
        lambda: actions.add_unit(admin, NewUnit("530402", "530402", Level.TOWNSHIP, "甲"), now=now),
        lambda: actions.add_unit(admin, NewUnit("x", village.code, Level.COUNTY, "甲"), now=now),
        lambda: actions.add_unit(admin, NewUnit("x", "530403", Level.TOWNSHIP, "甲"), now=now),
        lambda: actions.add_unit(admin, NewUnit("x", "", Level.CITY, "甲"), now=now),
        lambda: actions.add_unit(admin, NewUnit(" ", village.code, Level.GROUP, "甲"), now=now),
        lambda: actions.rename_unit(cast.actor("neighbour"), village.id, "甲", now=now),
        lambda: actions.add_station(admin, cast.stations["station"].station_no, "甲", village.id, now=now),
        lambda: actions.add_station(admin, "S1", "甲", cast.units["other_village"].id, now=now),
        lambda: actions.add_person(admin, actions.NewPerson(" ", village.id), now=now),
        lambda: actions.add_person(admin, actions.NewPerson("甲", village.id, "ht2001"), now=now),
        lambda: actions.add_person(admin, actions.NewPerson("甲", village.id, "Learner"), now=now),
        lambda: actions.add_person(admin, actions.NewPerson("甲", village.id, rank="king"), now=now),
        lambda: actions.add_person(cast.actor("department"), actions.NewPerson("甲", village.id), now=now),
    ]
    for attempt in refused:
        with pytest.raises(Refusal):
            attempt()
    assert [table.select().count() for table in (Unit, Station, Person)] == counts
    assert AuditLine.select().count() == 0


def test_a_name_is_stored_as_written(cast: Cast, now: datetime) -> None:
    new = actions.NewPerson("  阿依古丽•买买提\u200b ", cast.units["village"].id)
    person = Person.get_by_id(actions.add_person(cast.actor("unit_admin"), new, now=now).id)
    assert person.name == "阿依古丽•买买提"
    assert person.name_folded == cast.people["colleague"].name_folded


def test_the_roles_name_only_known_powers() -> None:
    assert all(abilities_of(role) for role in ROLES if role != "learner")
    assert set(roles_with("roles.grant")) == {"unit_admin", "system_admin"}
