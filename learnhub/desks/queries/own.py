"""The part of the home page that everybody has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from learnhub.catalog import queries as catalog
from learnhub.catalog.posters import posters_of
from learnhub.catalog.queries import CourseCard
from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.org import queries as org
from learnhub.org.models import Person
from learnhub.org.scope import Actor
from learnhub.sessions import queries as sessions
from learnhub.sessions.queries import CalendarEntry
from learnhub.study import queries as study
from learnhub.study.queries import Continue
from learnhub.study.rules.hours import Balance

NEW_COURSES = 4
SESSIONS = 4


@dataclass(frozen=True)
class OwnDesk:
    """``place``: the unit with those above it. ``balances``: what this year asks for, against what was earned.

    ``going_on``: the lesson studied last and not finished. ``posters``: addresses by asset id.
    """

    person: Person
    place: str
    year: int
    going_on: Continue | None
    balances: tuple[Balance, ...]
    sessions: list[CalendarEntry]
    courses: list[CourseCard]
    posters: dict[int, str]


def own_desk(actor: Actor, *, now: datetime, settings: Settings) -> OwnDesk:
    """What everybody finds at home. Nine queries."""
    person, year = org.get_person(actor.person_id), clock.local_year(now)
    rank = person.rank.code if person.rank_id is not None else None
    courses = catalog.list_courses(actor, catalog.CourseFilters(), size=NEW_COURSES).items
    return OwnDesk(
        person=person,
        place=org.names_along([actor.unit_path])[actor.unit_path],
        year=year,
        going_on=study.continue_for(actor),
        balances=_of_one_year(study.balances_of(actor.person_id, actor.unit_path, rank, year, settings=settings)),
        sessions=sessions.list_for_own_unit(actor, now, limit=SESSIONS),
        courses=courses,
        posters=posters_of(actor, [card.poster_id for card in courses], settings=settings, now=now),
    )


def _of_one_year(balances: tuple[Balance, ...]) -> tuple[Balance, ...]:
    return tuple(one for one in balances if one.requirement.years == 1)
