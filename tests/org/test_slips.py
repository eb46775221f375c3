"""Slips for a village: once, only downward, all or nothing, with an end; the password must be changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from learnhub.kernel import clock
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, Refusal
from learnhub.org import actions, queries
from learnhub.org.models import Account, AuditLine, Person, RoleGrant, SlipRun
from learnhub.org.rules import SignInPolicy
from tests.cast import PASSWORD, Cast
from tests.client import CheckingClient

POLICY = SignInPolicy()
NEW = "四只 绵羊 过 抚仙湖"


def _make(cast: Cast, who: str, unit: str, people: list[str], now: datetime, key: str = "k" * 20) -> list[actions.Slip]:
    ids = [cast.people[one].id for one in people]
    actor, unit_id = cast.actor(who), cast.units[unit].id
    return actions.make_slips(actor, unit_id, ids, key=key, ends_at=now + timedelta(days=14), now=now)


def _sign_in(login: str, password: str, now: datetime) -> str:
    return actions.sign_in(login, password, policy=POLICY, now=now)


def test_a_village_gets_its_slips_with_and_without_accounts(cast: Cast, now: datetime) -> None:
    slips = _make(cast, "unit_admin", "village", ["learner", "villager"], now)
    assert {slip.name for slip in slips} == {cast.people["learner"].name, cast.people["villager"].name}
    assert len({slip.password for slip in slips}) == 2
    for slip in slips:
        assert _sign_in(slip.username, slip.password, now)
        account = Account.get(Account.person == slip.person_id)
        assert account.must_change
        assert slip.password not in account.password_hash
    with pytest.raises(NotSignedIn):
        _sign_in("learner", PASSWORD, now)
    lines = list(AuditLine.select().where(AuditLine.action.in_(["account.opened", "account.password_reset"])))
    assert len(lines) == 2, "one line each"
    assert not any(slip.password in str(line.detail) for slip in slips for line in lines)
    assert SlipRun.get().count == 2


def test_a_slip_runs_out_unless_it_was_used(cast: Cast, now: datetime) -> None:
    used, left = _make(cast, "unit_admin", "village", ["learner", "colleague"], now)
    policy = SignInPolicy()
    actions.change_password(cast.actor("learner" if used.username == "learner" else "colleague"), None, NEW,
                            policy=policy, now=now)  # fmt: skip
    later = now + timedelta(days=14)
    assert _sign_in(left.username, left.password, later - timedelta(seconds=1))
    with pytest.raises(NotSignedIn) as refused:
        _sign_in(left.username, left.password, later)
    assert refused.value.code == "org.password_ended"
    with pytest.raises(NotSignedIn) as wrong:
        _sign_in(left.username, "wrong", later)
    assert wrong.value.code == "org.sign_in_refused", "only who has the slip learns that it has run out"
    assert _sign_in(used.username, NEW, later)


@pytest.mark.parametrize(
    ("who", "unit", "people", "refusal"),
    [
        ("unit_admin", "village", [], Invalid),
        ("unit_admin", "county", ["learner", "unit_admin"], Conflict),
        ("unit_admin", "county", ["learner", "editor"], Forbidden),
        ("unit_admin", "village", ["learner", "township_learner"], Conflict),
        ("unit_admin", "village", ["learner", "retiree"], Conflict),
        ("unit_admin", "village", ["learner", "other_learner"], Conflict),
        ("unit_admin", "other_village", ["other_learner"], NotFound),
        ("unit_admin", "city", ["learner"], NotFound),
        ("neighbour", "village", ["learner"], NotFound),
        ("department", "village", ["learner"], NotFound),
        ("station_manager", "village", ["learner"], NotFound),
    ],
)
def test_slips_go_only_downward_and_all_or_nothing(
    cast: Cast, now: datetime, who: str, unit: str, people: list[str], refusal: type[Refusal]
) -> None:
    before = sorted(Account.select(Account.username, Account.password_hash).tuples())
    expected = Forbidden if people[-1:] == ["unit_admin"] else refusal
    with pytest.raises(expected):
        _make(cast, who, unit, people, now)
    assert sorted(Account.select(Account.username, Account.password_hash).tuples()) == before
    assert AuditLine.select().count() == SlipRun.select().count() == 0


def test_the_same_form_makes_no_second_password(cast: Cast, now: datetime) -> None:
    [slip] = _make(cast, "unit_admin", "village", ["learner"], now)
    with pytest.raises(Conflict) as refused:
        _make(cast, "unit_admin", "village", ["learner"], now)
    assert refused.value.code == "org.slips_printed"
    assert _sign_in(slip.username, slip.password, now)


def test_at_most_two_hundred_at_a_time(cast: Cast, now: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        actions.make_slips(cast.unit_admin, cast.units["village"].id, range(1, 202), key="k" * 20, ends_at=now, now=now)
    assert refused.value.code == "org.slips_many"


def test_the_last_system_administrators_password_has_no_end(cast: Cast, now: datetime) -> None:
    end = now + timedelta(days=9)
    RoleGrant.create(person=cast.people["department"], role="system_admin", unit=cast.city, starts_at=now, ends_at=end)
    first = actions.reset_password(cast.department, cast.people["system_admin"].id, ends_at=end, now=now)
    assert queries.holds_system(now=now)
    assert _sign_in("system_admin", first, now + timedelta(days=99))


def test_the_pages_choose_print_once_and_say_where_to_sign_in(
    client_for: Callable[[str], CheckingClient], app: Flask, cast: Cast
) -> None:
    browser = client_for("unit_admin")
    path = f"/units/{cast.units['village'].id}/slips"
    page = browser.get(path).text
    key = re.search(r'name="key"[^>]*value="([^"]+)"', page)
    assert key is not None
    assert page.count('name="person"') == 3, "all who are in service, nobody of the group is there yet"
    form = {"key": key[1], "person": [cast.people["villager"].id, cast.people["learner"].id]}
    shown = browser.send(path, form)
    assert shown.headers["Cache-Control"] == "no-store"
    found = re.findall(r"<dd>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</dd>", shown.text)
    assert len(set(found)) == 2
    assert "http://localhost/login" in shown.text
    assert "<svg" in shown.text
    again = browser.send(path, form)
    assert again.status_code == 409
    assert not re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", again.text.replace(key[1], ""))
    person: CheckingClient = app.test_client()  # type: ignore[assignment]
    person.sign_in(f"u{cast.people['villager'].id}", found[0] if "李㛃" in shown.text.split(found[0])[0] else found[1])
    assert person.get("/").headers["Location"] == "/password"
    assert browser.get(path).text.count("<td") >= 3, "the print stands in the list of prints"


def test_a_big_unit_leads_to_smaller_ones(client_for: Callable[[str], CheckingClient], cast: Cast) -> None:
    now = clock.now()
    Person.insert_many(
        [{"name": "甲", "name_folded": "甲", "unit": cast.village.id, "created_at": now} for _ in range(201)]
    ).execute()
    page = client_for("unit_admin").get(f"/units/{cast.units['county'].id}/slips").text
    assert 'name="person"' not in page
    assert "200" in page
