"""Entries that may be one person: which are found, seen side by side before they are merged, and parted again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from learnhub.kernel import clock
from learnhub.kernel.text import fold_name
from learnhub.org import actions, queries
from learnhub.org.duplicate_rules import Entry, Pair, find_pairs, shape_of
from learnhub.org.models import Person, PersonMerge
from learnhub.org.scope import load_actor
from tests.cast import Cast
from tests.client import CheckingClient

Sign = Callable[[str], CheckingClient]


def _pairs(*people: tuple[str, int, str]) -> list[Pair]:
    return find_pairs(Entry(at, fold_name(name), unit, number) for at, (name, unit, number) in enumerate(people, 1))


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (("杨建国", 1, ""), ("杨建国", 1, ""), "same_name"),
        (("阿依·买买提", 1, ""), ("阿依买买提", 1, ""), "same_name"),
        (("阿依•买买提", 1, ""), ("阿依·买买提", 1, ""), "same_name"),
        (("杨建国", 1, ""), ("杨健国", 1, ""), "near_name"),
        (("杨建国", 1, "HT-0O1"), ("李丽", 2, "ht001"), "staff_no"),
        (("杨建国", 1, "0017"), ("杨建国", 1, "17"), "same_name"),
    ],
)
def test_the_same_and_near_names_of_a_unit_and_numbers_alike_are_found_once(
    one: tuple[str, int, str], other: tuple[str, int, str], why: str
) -> None:
    assert _pairs(one, other) == [Pair(why, 1, 2)]


def test_other_units_short_names_and_common_names_are_no_sign() -> None:
    assert _pairs(("杨建国", 1, ""), ("杨建国", 2, "")) == []
    assert _pairs(("李丽", 1, ""), ("李莉", 1, "")) == []
    assert _pairs(*[("王伟", 1, "")] * 7) == []
    assert shape_of(" ht-00l7") == "HT0017"


def test_the_list_shows_pairs_of_ones_own_part_only(client_for: Sign, cast: Cast) -> None:
    now = clock.now()
    for unit in (cast.units["village"], cast.units["other_village"]):
        for name in ("和丽芳", "和丽方"):
            actions.add_person(None, actions.NewPerson(name, unit.id), now=now)
    admin = load_actor(cast.unit_admin.person_id, now)
    found = queries.find_duplicates(admin)
    assert [(one.why, one.one.unit_id, one.other.unit_id) for one in found] == [
        ("near_name", cast.units["village"].id, cast.units["village"].id)
    ]
    page = client_for("unit_admin").get("/people/duplicates").text
    assert page.count("和丽方") >= 1 and str(found[0].other.id) in page


def test_a_merge_is_looked_at_first_and_undone_afterwards(client_for: Sign, cast: Cast) -> None:
    now, village = clock.now(), cast.units["village"].id
    kept, gone = (
        actions.add_person(None, actions.NewPerson(name, village), now=now).id for name in ("和丽芳", "和丽方")
    )
    browser = client_for("unit_admin")
    seen = browser.get(f"/people/{kept}/merge?with={gone}")
    assert "和丽芳" in seen.text and "和丽方" in seen.text
    assert Person.get_by_id(gone).is_active, "looking changes nothing"
    assert browser.send(f"/people/{kept}/merge", {"with": gone, "reason": "同一人"}).status_code == 302
    assert not Person.get_by_id(gone).is_active
    browser.get(f"/people/{kept}")
    assert browser.send(f"/people/{kept}/merge/undo", {}).status_code == 302
    assert Person.get_by_id(gone).is_active
    assert PersonMerge.get().undone_at is not None
