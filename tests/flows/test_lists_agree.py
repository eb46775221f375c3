"""On random trees and grants, for every role: what :func:`may` allows is exactly what each list of the site shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learnhub.catalog.queries import list_edited_courses
from learnhub.kernel import clock
from learnhub.kernel.db import Model
from learnhub.kernel.db import db as database
from learnhub.org.abilities import ROLES
from learnhub.org.models import AuditLine, Person, Reading, RoleGrant, Station, Unit
from learnhub.org.queries import (
    AuditFilter,
    GrantFilter,
    PeopleFilter,
    StationFilter,
    list_audit_lines,
    list_grants,
    list_people,
    list_readings,
    list_stations,
    list_units,
)
from learnhub.org.scope import Actor, may
from learnhub.reports import queries as reports
from learnhub.sessions import queries as sessions
from tests.cast import Cast
from tests.checks.objects import MAKERS, record_of

SIZE = 200
KINDS = ("session_id", "line_id", "grant_id")  # a session brings its station along
trees = st.lists(st.integers(0, 30), max_size=5)
grants = st.fixed_dictionaries({role: st.lists(st.integers(0, 30), min_size=1, max_size=2) for role in sorted(ROLES)})
LEVELS = ("city", "county", "township", "village", "group")


class _Undone(Exception):
    """Ends an example so that the next one finds the cast as it was."""


def _grow(parents: list[int]) -> list[Unit]:
    """The units of the cast and a further one below one of them for each number."""
    units = list(Unit.select().order_by(Unit.id))
    for number, wish in enumerate(parents):
        able = [unit for unit in units if unit.level != "group"]
        above = able[wish % len(able)]
        level = LEVELS[LEVELS.index(above.level) + 1]
        unit = Unit.create(code=f"n{number}", name=f"单位{number}", level=level, parent=above, path=f"new{number}")
        unit.path = f"{above.path}{unit.id}/"
        unit.save()
        units.append(unit)
    return units


def _edited(actor: Actor) -> Iterator[int]:
    pages = 1 + list_edited_courses(actor).total // 20
    for number in range(1, pages + 1):
        yield from (one.course.unit_id for one in list_edited_courses(actor, page=number).items)


def _lists(actor: Actor, now: datetime) -> dict[str, tuple[str, Iterable[int]]]:
    """Each list by name: the power behind it, and the units of what it shows."""
    month = (now - timedelta(days=40), now + timedelta(days=40))
    wanted = reports.RecordFilter()

    def unit_of(table: type[Model], one: int) -> int:
        return int(table.get_by_id(one).unit_id)

    readings = list_readings(actor, AuditFilter(), size=SIZE).items
    return {
        "units": ("people.view", (one.id for one in list_units(actor, "", size=SIZE).items)),
        "people": ("people.view", (one.unit_id for one in list_people(actor, PeopleFilter(), size=SIZE).items)),
        "stations": ("people.view", (one.unit_id for one in list_stations(actor, StationFilter(), size=SIZE).items)),
        "courses": ("catalog.edit", _edited(actor)),
        "sessions": (
            "sessions.view",
            (unit_of(Station, one.station_id) for one in sessions.list_sessions_between(actor, *month)),
        ),
        "records": (
            "records.read",
            (unit_of(Person, one.person_id) for one in reports.page_of_records(actor, wanted, 1, SIZE).items),
        ),
        "lines": (
            "audit.read",
            (unit_of(AuditLine, one.id) for one in list_audit_lines(actor, AuditFilter(), size=SIZE).items),
        ),
        "readings": ("audit.read", (unit_of(Reading, one.id) for one in readings)),
        "grants": (
            "audit.read",
            (unit_of(RoleGrant, one.id) for one in list_grants(actor, GrantFilter(), now=now, size=SIZE).items),
        ),
    }


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parents=trees, given_roles=grants)
def test_every_list_shows_what_may_allows_for_every_role(
    cast: Cast, now: datetime, parents: list[int], given_roles: dict[str, list[int]]
) -> None:
    with clock.told_by(lambda: now), pytest.raises(_Undone), database.atomic():
        units = _grow(parents)
        for unit in units:
            record_of(unit)
            for kind in KINDS:
                MAKERS[kind](unit)
        for role, wishes in given_roles.items():
            for wish in wishes:
                unit = units[wish % len(units)]
                RoleGrant.create(person=cast.people["learner"], role=role, unit=unit, starts_at=now)
            actor = cast.actor("learner")
            for name, (ability, shown) in _lists(actor, now).items():
                allowed = {unit.id for unit in units if may(actor, ability, unit.path)}
                assert set(shown) == allowed, f"{name} of {role} over {wishes}"
            RoleGrant.delete().where(RoleGrant.person == cast.people["learner"]).execute()
        raise _Undone
