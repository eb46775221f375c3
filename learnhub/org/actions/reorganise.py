"""The tree changes: renaming, moving, merging, splitting, retiring and restoring units, each dated.

Whoever changes where a unit stands needs people.manage over it and over the units on both sides; so nobody takes a
piece out of another's part, or puts one into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from learnhub.kernel import events
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid
from learnhub.kernel.text import clean
from learnhub.org import audit, history
from learnhub.org.events import UnitRetired, UnitsMerged, UnitSplit
from learnhub.org.models import Person, PlannedTransfer, RoleGrant, Station, TreeChange, Unit
from learnhub.org.queries.grants import holds_system
from learnhub.org.queries.units import find_unit_by_code, standing_unit_for, unit_for
from learnhub.org.rules import NewUnit, is_within, level_named, may_be_child
from learnhub.org.scope import Actor, Grant, holds_all_of, in_force, require
from learnhub.org.tree import hang_below, place_unit

MANAGE = "people.manage"


def rename_unit(actor: Actor, unit_id: int, name: str, *, reason: str = "", now: datetime) -> Unit:
    """Gives a unit another name from today; needs people.manage over it."""
    unit = standing_unit_for(actor, unit_id, MANAGE)
    name = clean(name)
    if not name:
        raise Invalid("org.field_empty", fields={"name": "org.field_empty"})
    with transaction():
        before = unit.name
        change = history.begin(actor, "rename", unit=unit, reason=reason, now=now, before=before, after=name)
        history.put_unit(unit, change, name=name)
        _tell(actor, "unit.renamed", unit, reason, now, before=before, after=name)
    return unit


def move_unit(actor: Actor, unit_id: int, parent_id: int, *, reason: str = "", now: datetime) -> Unit:
    """Hangs a unit with all below it under another parent from today.

    Raises Invalid when it would stand below itself (``org.move_below_itself``) or below a unit of a level that cannot
    carry it (``org.level_wrong``), Conflict when it stands there already.
    """
    with transaction():
        unit, parent = _changeable(actor, unit_id), standing_unit_for(actor, parent_id, MANAGE)
        against = why_not_below(unit, parent)
        if against is not None:
            raise against
        before = unit.parent_id
        change = history.begin(actor, "move", unit=unit, other=parent, reason=reason, now=now, before=before)
        history.put_unit(unit, change)
        hang_below(unit, parent)
        _tell(actor, "unit.moved", unit, reason, now, before=before, after=parent.id)
    return unit


def why_not_below(unit: Unit, parent: Unit) -> Conflict | Invalid | None:
    """The refusal of hanging ``unit`` below ``parent``, or None."""
    if is_within(parent.path, unit.path):
        return Invalid("org.move_below_itself", fields={"target": "org.move_below_itself"})
    if parent.id == unit.parent_id:
        return Conflict("org.stands_there", fields={"target": "org.stands_there"})
    if not may_be_child(level_named(unit.level), level_named(parent.level)):
        return Invalid("org.level_wrong", fields={"target": "org.level_wrong"})
    return None


def merge_units(actor: Actor, gone_id: int, kept_id: int, *, reason: str = "", now: datetime) -> Unit:
    """Everything of a unit goes over to another: people, members, stations, children, roles; the first is retired.

    As of an earlier day both stand as they stood. Returns the kept unit. Raises Invalid when one lies in the other's
    subtree or a child could not stand there, Forbidden when a role would come to hold over more than one may give.
    """
    with transaction():
        gone, kept = _changeable(actor, gone_id), standing_unit_for(actor, kept_id, MANAGE)
        against = why_not_merged(gone, kept)
        if against is not None:
            raise against
        change = history.begin(actor, "merge", unit=gone, other=kept, reason=reason, now=now)
        people = _hand_over(gone, kept, change)
        roles = _hand_over_roles(actor, gone, kept, now)
        history.put_unit(gone, change, is_retired=True)
        _tell(actor, "unit.merged", gone, reason, now, into=kept.id, people=people, roles=roles)
        events.publish(UnitsMerged(kept.id, gone.id, now))
    return kept


def why_not_merged(gone: Unit, kept: Unit) -> Invalid | None:
    """The refusal of merging ``gone`` into ``kept``, or None. One query."""
    if is_within(kept.path, gone.path) or gone.kind != kept.kind:
        return Invalid("org.merge_within", fields={"target": "org.merge_within"})
    level = level_named(kept.level)
    for child in _children(gone):
        if child.id != kept.id and not may_be_child(level_named(child.level), level):
            return Invalid("org.merge_level", fields={"target": "org.merge_level"}, name=child.name)
    return None


def _children(unit: Unit) -> list[Unit]:
    return list(Unit.select().where((Unit.parent == unit) & ~Unit.is_retired))


def _hand_over(gone: Unit, kept: Unit, change: TreeChange) -> int:
    people = history.put_people(Person.unit == gone, change, unit=kept)
    people += history.put_people(Person.branch == gone, change, branch=kept)
    history.put_stations(Station.unit == gone, change, unit=kept)
    for child in _children(gone):
        history.put_unit(child, change)
        hang_below(child, kept)
    planned = PlannedTransfer.state == "planned"
    PlannedTransfer.update(unit=kept).where(planned & (PlannedTransfer.unit == gone)).execute()
    PlannedTransfer.update(branch=kept).where(planned & (PlannedTransfer.branch == gone)).execute()
    return people


def _hand_over_roles(actor: Actor, gone: Unit, kept: Unit, now: datetime) -> int:
    """Ends the roles over ``gone`` and gives them over ``kept``, except those that are held there already."""
    grants = list(RoleGrant.select().where((RoleGrant.unit == gone) & in_force(now)))
    if any(grant.role == "system_admin" for grant in grants) and not holds_system(but=gone, now=now):
        raise Conflict("org.last_admin")
    if not holds_all_of(actor, [Grant(grant.role, kept.id, kept.path) for grant in grants]):
        raise Forbidden("org.grant_beyond")
    there = RoleGrant.select(RoleGrant.person, RoleGrant.role).where((RoleGrant.unit == kept) & in_force(now))
    held = set(there.tuples())
    for grant in grants:
        if (grant.person_id, grant.role) not in held:
            RoleGrant.create(
                person=grant.person_id, role=grant.role, unit=kept, granted_by=actor.person_id,
                starts_at=now, ends_at=grant.ends_at,
            )  # fmt: skip
            held.add((grant.person_id, grant.role))
    RoleGrant.update(ends_at=now).where(RoleGrant.id.in_([grant.id for grant in grants])).execute()
    return len(grants)


def split_unit(
    actor: Actor,
    unit_id: int,
    new: NewUnit,
    *,
    people: Sequence[int] = (),
    children: Sequence[int] = (),
    stations: Sequence[int] = (),
    reason: str = "",
    now: datetime,
) -> Unit:
    """Makes a new unit beside this one, of its level, and gives it the chosen people, children and stations (ids).

    Only ``new.code`` and ``new.name`` are looked at. Raises Conflict for a code that exists and for the unit at the top,
    Invalid for an id that does not belong directly to the unit.
    """
    code, name = clean(new.code), clean(new.name)
    if not code or not name:
        field = "name" if code else "code"
        raise Invalid("org.field_empty", fields={field: "org.field_empty"})
    with transaction():
        unit = _changeable(actor, unit_id)
        _require_second_beside(unit, code)
        change = history.begin(actor, "split", unit=unit, reason=reason, now=now)
        place = replace(new, code=code, name=name, level=level_named(unit.level))
        part = place_unit(place, unit.parent, since=change.day)
        TreeChange.update(other=part).where(TreeChange.id == change.id).execute()
        own = Person.branch if unit.kind == "party" else Person.unit
        _put_exactly(history.put_people(Person.id.in_(people) & (own == unit), change, **{own.name: part}), people)
        chosen = Station.id.in_(stations) & (Station.unit == unit)
        _put_exactly(history.put_stations(chosen, change, unit=part), stations)
        found = [child for child in _children(unit) if child.id in set(children)]
        _put_exactly(len(found), children)
        for child in found:
            history.put_unit(child, change)
            hang_below(child, part)
        _tell(actor, "unit.split", unit, reason, now, into=part.id, people=len(people), children=len(found))
        events.publish(UnitSplit(unit.id, part.id, now))
    return part


def _require_second_beside(unit: Unit, code: str) -> None:
    if unit.parent_id is None:
        raise Conflict("org.split_top", name=unit.name)
    if find_unit_by_code(code) is not None:
        raise Conflict("org.unit_code_taken", fields={"code": "org.unit_code_taken"}, unit_code=code)


def _put_exactly(done: int, wanted: Sequence[int]) -> None:
    if done != len(set(wanted)):
        raise Invalid("org.not_of_this_unit")


def retire_unit(actor: Actor, unit_id: int, *, reason: str = "", now: datetime) -> Unit:
    """Ends a unit today: it leaves all lists and its roles rest.

    Raises Conflict while active people or members, open stations or units below belong to it.
    """
    with transaction():
        unit = _changeable(actor, unit_id)
        if why_not_retired(unit):
            raise Conflict("org.unit_not_empty")
        over = (RoleGrant.unit == unit) & (RoleGrant.role == "system_admin") & in_force(now)
        if RoleGrant.select().where(over).exists() and not holds_system(but=unit, now=now):
            raise Conflict("org.last_admin")
        change = history.begin(actor, "retire", unit=unit, reason=reason, now=now)
        history.put_unit(unit, change, is_retired=True)
        _tell(actor, "unit.retired", unit, reason, now)
        events.publish(UnitRetired(unit.id, unit.parent_id, now))
    return unit


def why_not_retired(unit: Unit) -> dict[str, int]:
    """What still stands in the way of retiring a unit, counted; empty when nothing does. Three queries."""
    belongs = (Person.unit == unit) | (Person.branch == unit)
    found = {
        "people": Person.select().where(belongs & Person.is_active).count(),
        "stations": Station.select().where((Station.unit == unit) & Station.is_open).count(),
        "units": Unit.select().where((Unit.parent == unit) & ~Unit.is_retired).count(),
    }
    return {name: count for name, count in found.items() if count}


def restore_unit(actor: Actor, unit_id: int, *, reason: str = "", now: datetime) -> Unit:
    """Brings a retired unit back where it stood. Raises Conflict when it is not retired or what is above it is."""
    with transaction():
        unit = _changeable(actor, unit_id, retired=True)
        if not unit.is_retired:
            raise Conflict("org.unit_stands")
        if unit.parent_id is not None and unit.parent.is_retired:
            raise Conflict("org.unit_retired", name=unit.parent.name)
        change = history.begin(actor, "restore", unit=unit, reason=reason, now=now)
        history.put_unit(unit, change, is_retired=False)
        _tell(actor, "unit.restored", unit, reason, now)
    return unit


def _changeable(actor: Actor, unit_id: int, *, retired: bool = False) -> Unit:
    """A unit that the actor may take from its place; a root only by whoever runs the system."""
    unit = unit_for(actor, unit_id, MANAGE) if retired else standing_unit_for(actor, unit_id, MANAGE)
    if unit.parent_id is None:
        require(actor, "system.run", unit.path)
    else:
        require(actor, MANAGE, unit.parent.path)
    return unit


def _tell(actor: Actor, action: str, unit: Unit, reason: str, now: datetime, **detail: object) -> None:
    audit.record(actor, action, "unit", unit.id, unit_id=unit.id, now=now, reason=reason, name=unit.name, **detail)
