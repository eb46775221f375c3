"""Whatever is done to the tree, in whatever order: paths agree with parents and no figure of the past changes."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learnhub.kernel.db import db as database
from learnhub.kernel.errors import Refusal
from learnhub.org import actions, queries
from learnhub.org.models import Person, RoleGrant, Station, Unit
from learnhub.org.queries import PeopleFilter, list_people
from learnhub.org.rules import Level, NewUnit, level_named, may_be_child
from learnhub.org.scope import Actor, load_actor, may
from tests.cast import Cast

ACTS = ("rename", "move", "move", "merge", "split", "retire", "restore", "transfer", "retire_person", "add")
acts = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 40), st.integers(0, 40), st.booleans()), min_size=1, max_size=8
)


class _Undone(Exception):
    """Ends an example so that the next one finds the cast as it was."""


def _act(admin: Actor, kind: str, one: int, other: int, at: datetime) -> None:
    units, people = list(Unit.select().order_by(Unit.id)), list(Person.select().order_by(Person.id))
    unit, target, person = units[one % len(units)], units[other % len(units)], people[one % len(people)]
    code = f"n{at.timestamp():.0f}-{len(units)}"
    if kind == "rename":
        actions.rename_unit(admin, unit.id, f"新名{other}", now=at)
    elif kind == "move":
        actions.move_unit(admin, unit.id, target.id, now=at)
    elif kind == "merge":
        actions.merge_units(admin, unit.id, target.id, now=at)
    elif kind == "split":
        own = [row.id for row in Person.select().where(Person.unit == unit).limit(other % 3)]
        actions.split_unit(admin, unit.id, NewUnit(code, "", Level.GROUP, "新"), people=own, now=at)
    elif kind == "retire":
        actions.retire_unit(admin, unit.id, now=at)
    elif kind == "restore":
        actions.restore_unit(admin, unit.id, now=at)
    elif kind == "transfer":
        actions.transfer_person(admin, person.id, target.id, now=at)
    elif kind == "retire_person":
        actions.retire_person(admin, person.id, now=at)
    else:
        actions.add_unit(admin, NewUnit(code, unit.code, Level.GROUP, "新组"), now=at)


def _figures(admin: Actor, at: datetime) -> list[object]:
    """What a report says of every unit that stood at the end of a day."""
    tree = queries.tree_as_of(at.date())
    return [queries.figures_as_of(admin, one, at.date())[1:] for one in sorted(tree.units)]


def _check_tree(admin: Actor) -> None:
    units = {unit.id: unit for unit in Unit.select()}
    for unit in units.values():
        above = units[unit.parent_id] if unit.parent_id else None
        assert unit.path == f"{above.path if above else '/'}{unit.id}/"
        assert may_be_child(level_named(unit.level), level_named(above.level) if above else None)
        assert unit.is_retired or above is None or not above.is_retired
    for person in Person.select().where(Person.is_active):
        assert not units[person.unit_id].is_retired
    for station in Station.select().where(Station.is_open):
        assert not units[station.unit_id].is_retired
    seen = {row.id for row in list_people(admin, PeopleFilter(include_retired=True), size=500).items}
    assert seen == {one.id for one in Person.select() if may(admin, "people.view", units[one.unit_id].path)}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=acts)
def test_any_reorganisation_keeps_the_tree_whole_and_the_past_as_it_was(
    cast: Cast, now: datetime, wanted: list[tuple[str, int, int, bool]]
) -> None:
    with pytest.raises(_Undone), database.atomic():
        Person.update(created_at=now - timedelta(days=90)).execute()
        RoleGrant.create(person=cast.people["learner"], role="auditor", unit=cast.units["township"], starts_at=now)
        admin, at = cast.actor("system_admin"), now
        told = {at - timedelta(days=1): _figures(admin, at - timedelta(days=1))}
        for kind, one, other, is_next_day in wanted:
            if is_next_day:
                told[at] = _figures(admin, at)
                at += timedelta(days=1)
            with suppress(Refusal):
                _act(admin, kind, one, other, at)
            admin = load_actor(admin.person_id, at)
            _check_tree(admin)
        for day, before in told.items():
            assert _figures(admin, day) == before
        raise _Undone
