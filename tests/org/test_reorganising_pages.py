"""The pages of a reorganisation: look first, confirm with a reason, and the old figures stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from learnhub.kernel import clock, jobs
from learnhub.org.models import Account, AuditLine, LoginSession, Person, PersonSpell, PlannedTransfer, Station, Unit
from tests.cast import Cast
from tests.client import CheckingClient

Sign = Callable[[str], CheckingClient]


@pytest.mark.parametrize("act", ["rename", "move", "merge", "split", "retire", "restore"])
def test_each_act_shows_its_form_first(client_for: Sign, cast: Cast, act: str) -> None:
    page = client_for("unit_admin").get(f"/units/{cast.units['village'].id}/{act}")
    assert page.status_code == 200


def test_a_unit_is_found_shown_and_moved(client_for: Sign, cast: Cast) -> None:
    browser, village, town = client_for("unit_admin"), cast.units["village"], cast.units["sibling_township"]
    found = browser.get(f"/units/{village.id}/move?q=春和")
    assert f"target={town.id}" in found.text
    assert "江川" not in browser.get(f"/units/{village.id}/move?q=江").text
    shown = browser.get(f"/units/{village.id}/move?target={town.id}")
    assert "2 个单位" in shown.text
    done = browser.send(f"/units/{village.id}/move", {"target": town.id, "reason": "区划调整"})
    assert done.status_code == 302
    assert Unit.get_by_id(village.id).parent_id == town.id
    assert "区划调整" in browser.get(f"/units/{village.id}").text


def test_a_refused_move_shows_the_form_again(client_for: Sign, cast: Cast) -> None:
    browser, village = client_for("unit_admin"), cast.units["village"]
    browser.get(f"/units/{village.id}/move?target={cast.units['group'].id}")
    answer = browser.send(f"/units/{village.id}/move", {"target": cast.units["group"].id})
    assert answer.status_code == 422
    assert "单位不能隶属于自身" in answer.text


def test_the_page_of_an_earlier_day_keeps_its_figures(client_for: Sign, cast: Cast, now: datetime) -> None:
    Person.update(created_at=now - timedelta(days=400)).execute()
    browser, village = client_for("unit_admin"), cast.units["village"]
    address = f"/units/{cast.units['township'].id}?as_of=2026-06-30"
    before = browser.get(address).text
    browser.get(f"/units/{village.id}/merge?target={cast.units['sibling_village'].id}")
    browser.send(f"/units/{village.id}/merge", {"target": cast.units["sibling_village"].id, "reason": "撤并"})
    browser.get("/account")
    after = browser.get(address).text
    main = [page[page.index("<main") : page.index("</main")] for page in (before, after)]
    assert main[0] == main[1]
    assert browser.get(f"/units/{village.id}?as_of=tomorrow").status_code == 422
    assert browser.get(f"/units/{village.id}?as_of=1999-01-01").status_code == 404


def test_a_unit_is_added_and_split(client_for: Sign, cast: Cast) -> None:
    browser, village = client_for("unit_admin"), cast.units["village"]
    browser.get(f"/units/{village.id}/new")
    assert browser.send(f"/units/{village.id}/new", {"code": "N1", "name": "新组", "level": "city"}).status_code == 422
    browser.send(f"/units/{village.id}/new", {"code": "N1", "name": "新组", "level": "group"})
    new = Unit.get(Unit.code == "N1")
    browser.get(f"/units/{village.id}/split")
    chosen = {"code": "N2", "name": "新村", "children": [new.id], "people": [cast.people["learner"].id]}
    browser.send(f"/units/{village.id}/split", chosen)
    part = Unit.get(Unit.code == "N2")
    assert Unit.get_by_id(new.id).parent_id == part.id
    assert Person.get_by_id(cast.people["learner"].id).unit_id == part.id


def test_a_station_is_added_and_closed(client_for: Sign, cast: Cast) -> None:
    browser, village = client_for("unit_admin"), cast.units["village"]
    browser.get(f"/units/{village.id}/stations/new")
    browser.send(f"/units/{village.id}/stations/new", {"station_no": "YX9", "name": "新站点"})
    station = Station.get(Station.station_no == "YX9")
    browser.get(f"/stations/{station.id}/edit")
    browser.send(f"/stations/{station.id}/edit", {"name": "新站点", "state": "closed"})
    assert not Station.get_by_id(station.id).is_open
    assert "已关闭" in browser.get("/stations").text


def test_a_transfer_of_today_counts_at_once(client_for: Sign, cast: Cast) -> None:
    browser, person = client_for("unit_admin"), cast.people["learner"]
    target = cast.units["sibling_village"].id
    assert f"target={target}" in browser.get(f"/people/{person.id}/transfer?q=莲池").text
    browser.get(f"/people/{person.id}/transfer?target={target}")
    browser.send(f"/people/{person.id}/transfer", {"target": target, "reason": "任职"})
    assert Person.get_by_id(person.id).unit_id == target
    assert PersonSpell.select().count() == 1
    assert "大石板" in browser.get(f"/people/{person.id}").text


def test_a_transfer_to_come_waits_for_its_day(client_for: Sign, cast: Cast) -> None:
    browser, person = client_for("unit_admin"), cast.people["learner"]
    target, day = cast.units["sibling_village"].id, clock.local_date(clock.now()) + timedelta(days=3)
    browser.get(f"/people/{person.id}/transfer?target={target}")
    browser.send(f"/people/{person.id}/transfer", {"target": target, "day": day.isoformat()})
    jobs.run_all(clock.now())
    assert Person.get_by_id(person.id).unit_id == cast.units["village"].id
    with clock.told_by(lambda: clock.instant(day)):
        jobs.run_all(clock.instant(day))
    moved = Person.get_by_id(person.id)
    assert (moved.unit_id, moved.since) == (target, day)
    assert PlannedTransfer.get().state == "done"


def test_a_planned_transfer_is_withdrawn(client_for: Sign, cast: Cast) -> None:
    browser, person = client_for("unit_admin"), cast.people["learner"]
    target, day = cast.units["sibling_village"].id, clock.local_date(clock.now()) + timedelta(days=3)
    browser.get(f"/people/{person.id}/transfer?target={target}")
    browser.send(f"/people/{person.id}/transfer", {"target": target, "day": day.isoformat()})
    browser.get(f"/people/{person.id}")
    browser.send(f"/people/{person.id}/transfer/withdraw", {})
    with clock.told_by(lambda: clock.instant(day)):
        jobs.run_all(clock.instant(day))
    assert Person.get_by_id(person.id).unit_id == cast.units["village"].id


def test_a_retired_person_is_signed_out_and_may_come_back(client_for: Sign, cast: Cast) -> None:
    learner, browser, person = client_for("learner"), client_for("unit_admin"), cast.people["learner"]
    browser.get(f"/people/{person.id}/retire")
    browser.send(f"/people/{person.id}/retire", {"reason": "退休"})
    assert learner.get("/account").status_code == 302
    own = Account.get(Account.person == person)
    assert not LoginSession.select().where((LoginSession.account == own) & LoginSession.ended_at.is_null()).exists()
    assert AuditLine.select().where(AuditLine.action == "person.retired").get().detail["reason"] == "退休"
    browser.get(f"/people/{person.id}/restore")
    browser.send(f"/people/{person.id}/restore", {})
    assert Person.get_by_id(person.id).is_active


def test_nobody_retires_themselves_or_somebody_above(client_for: Sign, cast: Cast) -> None:
    browser = client_for("unit_admin")
    for nickname, status in (("unit_admin", 403), ("editor", 403), ("system_admin", 404)):
        person = cast.people[nickname]
        browser.get(f"/people/{cast.people['learner'].id}/retire")
        assert browser.send(f"/people/{person.id}/retire", {}).status_code == status
        assert Person.get_by_id(person.id).is_active
