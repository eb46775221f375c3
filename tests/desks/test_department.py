"""How far the people of an area are with their year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from learnhub.config import Settings
from learnhub.desks.queries import department_desk
from learnhub.org.scope import Actor
from learnhub.study import ledger
from learnhub.study.models import LedgerEntry
from tests.cast import Cast
from tests.desks.conftest import Library

Give = Callable[[str, int, str], None]


@pytest.fixture
def give(cast: Cast, now: datetime) -> Give:
    """``give("learner", 5000, "online")``: hours in the ledger, in hundredths."""

    def entry(nickname: str, centihours: int, source: str) -> None:
        number = LedgerEntry.select().count() + 1
        LedgerEntry.create(
            person=cast.people[nickname], number=number, year=2026, source=source, is_required=True,
            centihours=centihours, credit_key=f"k{number}", rule="yunnan-online", evidence={}, evidence_digest="",
            previous_digest="", digest=str(number), earned_at=now, written_at=now,
        )  # fmt: skip
        ledger.recount(cast.people[nickname].id, 2026)

    return entry


@pytest.fixture
def desk(cast: Cast, now: datetime, settings: Settings) -> Callable[[Actor], dict[str, tuple[int, int, int, float]]]:
    """Unit → people, reached, begun, share of the hours."""

    def read(actor: Actor) -> dict[str, tuple[int, int, int, float]]:
        units = department_desk(actor, now=now, settings=settings).units
        return {one.name: (one.people, one.reached, one.begun, round(one.share, 4)) for one in units}

    return read


def test_people_are_counted_below_each_child_unit(cast: Cast, desk: Callable[[Actor], object]) -> None:
    """Those without an account cannot study on line and are not counted; nor are those who have left."""
    assert desk(cast.department) == {"红塔区": (4, 0, 0, 0.0), "北城街道": (5, 0, 0, 0.0)}


def test_who_has_all_that_the_rank_asks_has_reached_the_year(
    cast: Cast, give: Give, desk: Callable[[Actor], dict[str, tuple[int, int, int, float]]]
) -> None:
    give("learner", 5000, "online")  # a village cadre: 50 hours on line
    give("colleague", 4975, "online")
    give("sibling_learner", 9000, "group")  # hours in a group do not count as on line
    people, reached, begun, _share = desk(cast.department)["北城街道"]
    assert (people, reached, begun) == (5, 1, 3)


def test_a_rank_with_two_requirements_needs_both(
    cast: Cast, give: Give, desk: Callable[[Actor], dict[str, tuple[int, int, int, float]]]
) -> None:
    give("township_learner", 5000, "online")  # section rank: 50 on line and 90 in all
    assert desk(cast.department)["北城街道"][1] == 0
    give("township_learner", 4000, "group")
    assert desk(cast.department)["北城街道"][1] == 1


def test_hours_beyond_what_is_asked_make_up_for_nobody(
    cast: Cast, give: Give, desk: Callable[[Actor], dict[str, tuple[int, int, int, float]]]
) -> None:
    give("learner", 50_000, "online")
    asked = 5000 * 3 + 9000 * 2  # three of the villages; station manager and township learner of section rank
    assert desk(cast.department)["北城街道"][3] == round(5000 / asked, 4)


def test_hours_of_another_year_do_not_count(cast: Cast, give: Give, now: datetime, settings: Settings) -> None:
    give("learner", 5000, "online")
    later = department_desk(cast.department, now=now.replace(year=2027), settings=settings)
    assert (later.reached, later.not_begun) == (0, 9)


def test_the_neighbour_counts_only_the_own_county(
    cast: Cast, give: Give, desk: Callable[[Actor], dict[str, tuple[int, int, int, float]]]
) -> None:
    give("learner", 5000, "online")
    assert desk(cast.neighbour) == {"江川区": (1, 0, 0, 0.0), "江城镇": (1, 0, 0, 0.0)}


def test_completions_of_the_month_are_counted(busy: Library, cast: Cast, now: datetime, settings: Settings) -> None:
    assert department_desk(cast.department, now=now, settings=settings).completions == 3
    assert department_desk(cast.neighbour, now=now, settings=settings).completions == 0
