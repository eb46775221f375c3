"""Lists, pages and files of units, stations and people: within the scope, with few queries, as people look for them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime

import pytest

from learnhub.kernel.errors import NotFound
from learnhub.kernel.text import fold_name
from learnhub.org.models import Person, Rank
from learnhub.org.queries import (
    PeopleFilter,
    StationFilter,
    ancestors,
    ancestors_for,
    list_people,
    list_stations,
    list_units,
    look_below,
    people_of_unit,
    person_for,
    roots_for,
    station_for,
    stations_for,
    stream_people,
    unit_for,
)
from learnhub.org.ranks import load_ranks
from learnhub.org.rules import browser_name
from tests.cast import Cast
from tests.client import CheckingClient

Count = Callable[[], int]
ClientFor = Callable[[str], CheckingClient]


def _names(cast: Cast, who: str, **wanted: object) -> set[str]:
    return {row.name for row in list_people(cast.actor(who), PeopleFilter(**wanted), size=100).items}  # type: ignore[arg-type]


@pytest.mark.parametrize("fetch", [unit_for, station_for, person_for])
def test_what_lies_outside_is_not_found(cast: Cast, fetch: Callable[..., object]) -> None:
    ids = {
        unit_for: cast.units["village"].id,
        station_for: cast.stations["station"].id,
        person_for: cast.people["learner"].id,
    }
    assert fetch(cast.actor("unit_admin"), ids[fetch])
    for stranger in ("neighbour", "learner", "editor"):
        with pytest.raises(NotFound):
            fetch(cast.actor(stranger), ids[fetch])


def test_people_are_found_by_name_however_it_is_typed(cast: Cast) -> None:
    for typed in ("阿依古丽·买买提", "阿依古丽•买买提", "买买提", "阿依古丽 · 买买提"):
        assert _names(cast, "unit_admin", text=typed) == {"阿依古丽·买买提"}
    assert _names(cast, "unit_admin", text="ht2001") == {"杨建国"}
    assert _names(cast, "unit_admin", text="100%") == set()


def test_the_list_of_people_narrows_by_unit_rank_and_service(cast: Cast) -> None:
    village = cast.units["village"].id
    assert _names(cast, "unit_admin", unit_id=village) == {"杨建国", "阿依古丽·买买提", "李㛃"}
    assert _names(cast, "unit_admin", unit_id=village, rank="resident") == {"李㛃"}
    assert "陈国栋" in _names(cast, "unit_admin", unit_id=village, include_retired=True)
    with pytest.raises(NotFound):
        _names(cast, "unit_admin", unit_id=cast.units["other_village"].id)
    assert _names(cast, "neighbour") == {"马德胜", "孔令辉"}
    assert _names(cast, "learner") == set()


def test_lists_take_few_queries_however_long_they_are(cast: Cast, queries: Count) -> None:
    admin = cast.actor("system_admin")
    for limit, call in (
        (4, lambda: list_people(admin, PeopleFilter())),
        (4, lambda: list_stations(admin, StationFilter())),
        (1, lambda: stations_for(admin, "sessions.plan")),
        (1, lambda: person_for(admin, cast.people["learner"].id)),
        (1, lambda: unit_for(admin, cast.units["village"].id)),
        (2, lambda: people_of_unit(cast.units["county"].id)),
        (4, lambda: look_below(cast.units["city"])),
        (1, lambda: ancestors(cast.units["group"].path)),
    ):
        queries()
        call()
        assert queries() <= limit


def test_a_stream_gives_everybody_once_in_the_order_of_the_list(cast: Cast, now: datetime) -> None:
    for number in range(7):
        Person.create(
            name="同名", name_folded="同名", unit=cast.units["village"], staff_no=f"S{number}", created_at=now
        )
    admin = cast.actor("system_admin")
    whole = [row.id for row in list_people(admin, PeopleFilter(), size=100).items]
    for size in (1, 2, 5, 100):
        assert [row.id for row in stream_people(admin, PeopleFilter(), size)] == whole


def test_a_stream_refuses_before_its_first_line(cast: Cast) -> None:
    with pytest.raises(NotFound):
        stream_people(cast.actor("unit_admin"), PeopleFilter(unit_id=cast.units["other_village"].id))


def test_counts_of_children_are_those_of_their_subtrees(cast: Cast) -> None:
    rows = {row.name: (row.children, row.stations, row.people) for row in look_below(cast.units["city"]).children}
    assert rows == {"红塔区": (2, 5, 10), "江川区": (1, 1, 2)}
    county = look_below(cast.units["county"])
    assert (county.units, county.stations, county.people) == (6, 5, 10)


def test_the_trail_begins_where_the_scope_begins(cast: Cast) -> None:
    path = cast.units["village"].path
    assert [unit.name for unit in ancestors_for(cast.actor("station_manager"), path)] == [
        "北城街道",
        "大石板社区居民委员会",
    ]
    assert [unit.name for unit in roots_for(cast.actor("neighbour"))] == ["江川区"]
    assert [unit.name for unit in ancestors(path)][0] == "玉溪市"


def test_units_and_stations_are_found_by_name_and_number(cast: Cast) -> None:
    admin = cast.actor("unit_admin")
    found = {unit.name for unit in list_units(admin, "社区").items}
    assert found == {"莲池社区居民委员会", "大石板社区居民委员会"}
    assert [row.name for row in list_stations(admin, StationFilter(text="yx0190")).items] == ["大石板社区站点"]
    assert list_stations(admin, StationFilter(text="江城")).total == 0
    assert list_stations(admin, StationFilter(unit_id=cast.units["township"].id)).total == 3


def test_people_of_a_unit_are_those_in_service_below_it(cast: Cast) -> None:
    assert {person.name for person in people_of_unit(cast.units["village"].id)} == {"杨建国", "阿依古丽·买买提", "李㛃"}


def test_the_file_of_people_holds_nobody_from_outside(client_for: ClientFor) -> None:
    response = client_for("neighbour").get("/people.csv")
    assert response.data.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(response.text.lstrip("\ufeff"))))
    assert [row["姓名"] for row in rows] == ["马德胜", "孔令辉"]


def test_a_person_page_offers_only_what_may_be_given(client_for: ClientFor, cast: Cast) -> None:
    page = client_for("unit_admin").get(f"/people/{cast.people['learner'].id}").text
    assert 'value="station_manager"' in page
    assert 'value="editor"' not in page
    assert f'value="{cast.units["city"].id}"' not in page
    assert 'name="role"' not in client_for("auditor").get(f"/people/{cast.people['learner'].id}").text


def test_a_slip_shows_the_first_password_once_and_is_kept_nowhere(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for("unit_admin")
    browser.get(f"/people/{cast.people['learner'].id}")
    response = browser.send(f"/people/{cast.people['learner'].id}/password")
    assert response.headers["Cache-Control"] == "no-store"
    assert "一次性密码" in response.text


def test_every_page_is_well_made_in_both_languages(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for("system_admin")
    for language in ("en", "zh_CN"):
        browser.get("/account")
        browser.send("/language", {"lang": language})
        for path in (
            "/account",
            "/password",
            "/units?q=社区",
            "/stations",
            "/people",
            "/people/1",
            "/roles",
            "/units/2",
        ):
            assert browser.get(path).status_code == 200


def test_the_usual_ranks_are_loaded_once_and_ordered(db: str) -> None:
    assert load_ranks() == 25
    assert load_ranks() == 0
    orders = [rank.order for rank in Rank.select().order_by(Rank.id)]
    assert orders == sorted(set(orders))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/80.0.3987.132 Safari/537.36",
            "Chrome 80, Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; HMA-AL00) AppleWebKit/537.36 Chrome/86.0 Mobile "
            "MicroMessenger/8.0.2 Language/zh_CN",
            "WeChat 8, Android",
        ),
        ("curl/8", "curl/8"),
    ],
)
def test_browsers_are_named_as_people_know_them(line: str, shown: str) -> None:
    assert browser_name(line) == shown


def test_folded_names_are_what_the_tables_compare(cast: Cast) -> None:
    assert all(person.name_folded == fold_name(person.name) for person in Person.select())
