"""The list of roles given: only one's own part, filtered, exported, and a role ended from it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from learnhub.kernel import clock
from learnhub.org import actions, queries
from learnhub.org.abilities import ABILITIES, OF_EVERYBODY, ROLES
from learnhub.org.models import RoleGrant
from learnhub.org.queries import GrantFilter
from tests.cast import Cast
from tests.client import CheckingClient

ClientFor = Callable[[str], CheckingClient]


def _named(cast: Cast, who: str, now: datetime, **wanted: object) -> set[tuple[str, str]]:
    found = queries.list_grants(cast.actor(who), GrantFilter(**wanted), now=now)  # type: ignore[arg-type]
    return {(row.name, row.role) for row in found.items}


def test_all_eight_roles_exist_and_the_page_shows_each_with_its_powers(client_for: ClientFor, cast: Cast) -> None:
    assert set(ROLES) == {
        *("learner", "station_manager", "editor", "reviewer", "department", "auditor", "unit_admin", "system_admin"),
    }
    page = client_for("unit_admin").get("/roles").text
    for label, _powers in ROLES.values():
        assert str(label) in page
    assert page.count("<tr") == len(ABILITIES) + 1
    assert set(ROLES["system_admin"][1]) | set(OF_EVERYBODY) == set(ABILITIES)


def test_one_sees_the_roles_over_ones_own_part_only(cast: Cast, now: datetime) -> None:
    own = _named(cast, "unit_admin", now)
    assert (cast.people["station_manager"].name, "station_manager") in own
    assert {role for _name, role in own} == {"station_manager", "editor", "department", "auditor", "unit_admin"}
    assert cast.people["system_admin"].name not in {name for name, _role in own}
    assert cast.people["neighbour"].name not in {name for name, _role in own}
    assert {name for name, _role in _named(cast, "neighbour", now)} == {cast.people["neighbour"].name}
    assert len(_named(cast, "system_admin", now)) == RoleGrant.select().count()


def test_states_roles_and_names_narrow_the_list(cast: Cast, now: datetime) -> None:
    learner, village = cast.people["learner"], cast.units["village"].id
    actions.grant_role(cast.unit_admin, learner.id, "auditor", village, ends_at=now + timedelta(days=9), now=now)
    gone = actions.grant_role(cast.unit_admin, learner.id, "station_manager", village, now=now)
    actions.revoke_role(cast.unit_admin, gone.id, now=now)
    assert _named(cast, "unit_admin", now, state="soon") == {(learner.name, "auditor")}
    assert _named(cast, "unit_admin", now, state="ended") == {(learner.name, "station_manager")}
    assert _named(cast, "unit_admin", now, text=" ht2001 ") == {(learner.name, "auditor")}
    assert _named(cast, "unit_admin", now, role="editor") == {(cast.people["editor"].name, "editor")}
    assert _named(cast, "unit_admin", now, unit_id=village) == {(learner.name, "auditor")}
    assert queries.count_ending_soon(cast.unit_admin, now) == 1
    assert queries.count_ending_soon(cast.neighbour, now) == 0


def test_only_what_one_could_give_can_be_ended_from_the_list(client_for: ClientFor, cast: Cast, now: datetime) -> None:
    found = queries.list_grants(cast.unit_admin, GrantFilter(), now=now)
    assert {row.role for row in found.items if not row.may_end} == {"editor"}
    assert not any(row.may_end for row in queries.list_grants(cast.auditor, GrantFilter(), now=now).items)
    browser = client_for("unit_admin")
    grants = {row.role: row.id for row in found.items}
    browser.get("/grants")
    assert browser.send(f"/grants/{grants['editor']}/end").status_code == 403
    answer = browser.send(f"/grants/{grants['auditor']}/end?role=auditor")
    assert answer.headers["Location"] == "/grants?role=auditor"
    assert "role" not in str(cast.actor("auditor", clock.now()).roles)


def test_the_download_holds_the_same_lines(client_for: ClientFor, cast: Cast) -> None:
    text = client_for("auditor").get("/grants.csv").get_data().decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert len(lines) == 1 + 5
    assert cast.people["editor"].name in {line[0] for line in lines}
    assert all(len(line) == 7 for line in lines)
    assert client_for("auditor").get("/grants.xlsx").status_code == 200


def test_the_list_takes_few_queries(cast: Cast, now: datetime, queries: Callable[[], int]) -> None:
    from learnhub.org.queries import list_grants

    boss = cast.system_admin
    queries()
    list_grants(boss, GrantFilter(), now=now)
    assert queries() <= 4


@pytest.mark.parametrize("who", ["learner", "editor", "department", "station_manager"])
def test_the_list_is_closed_to_others(client_for: ClientFor, app: Flask, who: str) -> None:
    assert client_for(who).get("/grants").status_code == 403
