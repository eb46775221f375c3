"""What a reorganisation would touch, shown before it is confirmed, and what was done before."""

from __future__ import annotations

from dataclasses import dataclass, field

import peewee

from learnhub.kernel import clock
from learnhub.org.models import Person, PersonSpell, PlannedTransfer, RoleGrant, Station, TreeChange, Unit
from learnhub.org.queries.people import person_for
from learnhub.org.queries.units import look_below, names_along, unit_for
from learnhub.org.rules import AnyLevel, Level, PartyLevel, level_named, may_be_child
from learnhub.org.scope import Actor, in_scope, may

CHOICES = 15
LISTED = 300


@dataclass(frozen=True)
class Candidate:
    """A unit that may be chosen; ``place`` has those above it."""

    id: int
    code: str
    name: str
    level: str
    place: str


@dataclass(frozen=True)
class Preview:
    """What an act on ``unit`` would touch: counts of its subtree without itself, what belongs to it directly."""

    unit: Unit
    target: Unit | None
    place: str
    target_place: str
    units: int
    stations: int
    people: int
    roles: int
    children: list[Unit] = field(default_factory=list)
    own_people: list[Person] = field(default_factory=list)
    own_stations: list[Station] = field(default_factory=list)


def find_candidates(actor: Actor, text: str, kind: str, *, but: int | None = None) -> list[Candidate]:
    """The units of one tree that the actor manages and whose name contains ``text`` or whose code begins with it.

    At most :data:`CHOICES`, the highest first. Two queries; an empty text finds nothing.
    """
    wanted = text.strip()
    if not wanted:
        return []
    named = (Unit.name.contains(wanted) | Unit.code.startswith(wanted)) & (Unit.kind == kind) & ~Unit.is_retired
    query = Unit.select().where(in_scope(actor, "people.manage") & named)
    query = query.where(Unit.id != but) if but else query
    found = list(query.order_by(peewee.fn.LENGTH(Unit.path), Unit.path).limit(CHOICES))
    places = names_along([unit.path for unit in found])
    return [Candidate(unit.id, unit.code, unit.name, unit.level, places[unit.path]) for unit in found]


def preview_of(actor: Actor, unit_id: int, target_id: int | None, *, with_lists: bool) -> Preview:
    """What would be touched; ``with_lists`` adds what belongs to the unit directly. At most ten queries.

    Raises NotFound for units outside of the actor's scope.
    """
    unit = unit_for(actor, unit_id, "people.manage")
    target = unit_for(actor, target_id, "people.manage") if target_id else None
    paths = [one.path for one in (unit, target) if one]
    places = names_along(paths, skip=0)
    below = look_below(unit)
    lists = _lists(unit) if with_lists else ([], [], [])
    return Preview(
        unit, target, places[unit.path], places[target.path] if target else "",
        below.units, below.stations, below.people,
        RoleGrant.select().join(Unit).where((RoleGrant.unit == unit) & RoleGrant.ends_at.is_null()).count(), *lists,
    )  # fmt: skip


def _lists(unit: Unit) -> tuple[list[Unit], list[Person], list[Station]]:
    own = Person.branch if unit.kind == "party" else Person.unit
    people = Person.select().where((own == unit) & Person.is_active).order_by(Person.name_folded, Person.id)
    return (
        list(Unit.select().where((Unit.parent == unit) & ~Unit.is_retired).order_by(Unit.code).limit(LISTED)),
        list(people.limit(LISTED)),
        list(Station.select().where((Station.unit == unit) & Station.is_open).order_by(Station.station_no)),
    )


def levels_below(unit: Unit) -> list[AnyLevel]:
    """The levels that may stand below a unit, the highest first."""
    levels: list[AnyLevel] = [*Level, *PartyLevel]
    return [level for level in levels if may_be_child(level, level_named(unit.level))]


def changes_of_unit(actor: Actor, unit_id: int, limit: int = 20) -> list[TreeChange]:
    """The latest dated acts on a unit of the actor's scope or towards it, with the units on both sides. Two queries.

    A unit on the other side that lies outside of the scope is left out (None).
    """
    unit_for(actor, unit_id)
    near, far, who = Unit.alias("near"), Unit.alias("far"), Person.alias("who")
    query = (
        TreeChange.select(TreeChange, near, far, who)
        .join_from(TreeChange, near, on=TreeChange.unit == near.id, attr="unit")
        .join_from(TreeChange, far, peewee.JOIN.LEFT_OUTER, on=TreeChange.other == far.id, attr="other")
        .join_from(TreeChange, who, peewee.JOIN.LEFT_OUTER, on=TreeChange.actor == who.id, attr="actor")
        .where(((TreeChange.unit == unit_id) | (TreeChange.other == unit_id)) & TreeChange.kind.not_in(_OF_PEOPLE))
        .order_by(TreeChange.day.desc(), TreeChange.id.desc())
        .limit(limit)
    )
    return [one for one in query if may(actor, "people.view", one.unit.path) and _seen(actor, one.other)]


_OF_PEOPLE = ("transfer", "retire_person", "restore_person", "merge_people")


def _seen(actor: Actor, unit: Unit | None) -> bool:
    return unit is None or may(actor, "people.view", unit.path)


@dataclass(frozen=True)
class Membership:
    """Where a person belonged; ``until`` None: still. Days as dates, ``until`` the day after the last."""

    unit: str
    branch: str
    is_active: bool
    since: object
    until: object | None


def memberships_of(actor: Actor, person_id: int) -> list[Membership]:
    """Where a person (of the actor's scope) belongs and belonged, the present first. Four queries.

    The first begins on the day when the person was entered at the earliest.
    """
    person = person_for(actor, person_id)
    spells = list(PersonSpell.select().where(PersonSpell.person == person).order_by(PersonSpell.from_day.desc()))
    ids = {one.unit_id for one in (person, *spells)} | {one.branch_id for one in (person, *spells) if one.branch_id}
    paths = dict(Unit.select(Unit.id, Unit.path).where(Unit.id.in_(ids)).tuples())
    names = names_along(paths.values())

    def name(unit_id: int | None) -> str:
        return names[paths[unit_id]] if unit_id else ""

    entered = clock.local_date(person.created_at)
    since = max(person.since, entered)
    now = Membership(name(person.unit_id), name(person.branch_id), person.is_active, since, None)
    then = [
        Membership(name(one.unit_id), name(one.branch_id), one.is_active, max(one.from_day, entered), one.until_day)
        for one in spells
        if one.until_day > entered
    ]
    return [now, *then]


def planned_for(person_id: int) -> PlannedTransfer | None:
    """The transfer that is planned for a person, with its unit, or None. One query."""
    planned = (PlannedTransfer.person == person_id) & (PlannedTransfer.state == "planned")
    return (
        PlannedTransfer.select(PlannedTransfer, Unit)
        .join(Unit, on=PlannedTransfer.unit == Unit.id)
        .where(planned)
        .first()
    )
