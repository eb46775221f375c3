"""The tree and its people as they stood at the end of a day, whatever has been reorganised since.

The present rows count from their ``since``, the spells say what was before. Whoever may see a unit today may see what
it held then: its figures, and by name only what lies within their part today.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import peewee

from learnhub.kernel import clock
from learnhub.kernel.errors import NotFound
from learnhub.org.models import Person, PersonSpell, Station, StationSpell, Unit, UnitSpell
from learnhub.org.queries.units import unit_for
from learnhub.org.scope import Actor, may


@dataclass(frozen=True)
class UnitThen:
    """A unit as it stood; ``path`` is that of today, for asking who may see it."""

    id: int
    code: str
    kind: str
    name: str
    level: str
    parent_id: int | None
    path: str


@dataclass(frozen=True)
class TreeThen:
    """All units that stood on a day."""

    day: date
    units: dict[int, UnitThen]
    children: dict[int | None, list[int]] = field(default_factory=lambda: defaultdict(list))

    def below(self, unit_id: int) -> Iterator[int]:
        """The ids of a unit and all that stood below it, parents first."""
        waiting = [unit_id] if unit_id in self.units else []
        while waiting:
            one = waiting.pop()
            yield one
            waiting += self.children.get(one, ())

    def way(self, unit_id: int) -> list[UnitThen]:
        """The units from the top of that day's tree down to this one."""
        found: list[UnitThen] = []
        at: int | None = unit_id
        while at is not None and at in self.units:
            found.append(self.units[at])
            at = self.units[at].parent_id
        return found[::-1]


@dataclass(frozen=True)
class FiguresThen:
    """What stood in the subtree of a unit; ``units`` without itself. ``id`` is None where one may not see it today."""

    id: int | None
    name: str
    level: str
    units: int
    stations: int
    people: int


def tree_as_of(day: date) -> TreeThen:
    """The tree of both kinds at the end of a day. Two queries."""
    tree = TreeThen(day, {})
    fixed = (Unit.id, Unit.code, Unit.kind)
    now = Unit.select(*fixed, Unit.name, Unit.level, Unit.parent, Unit.path).where(
        (Unit.since <= day) & ~Unit.is_retired
    )
    then = (
        UnitSpell.select(*fixed, UnitSpell.name, UnitSpell.level, UnitSpell.parent, Unit.path)
        .join(Unit, on=UnitSpell.unit == Unit.id)
        .where(_held(UnitSpell, day) & ~UnitSpell.is_retired)
    )
    for query in (now, then):
        for row in query.tuples():
            tree.units[row[0]] = UnitThen(*row)
    for one in sorted(tree.units.values(), key=lambda unit: unit.code):
        tree.children[one.parent_id].append(one.id)
    return tree


def _held(spell: type[UnitSpell] | type[StationSpell] | type[PersonSpell], day: date) -> peewee.Expression:
    return (spell.from_day <= day) & (spell.until_day > day)


def unit_as_of(actor: Actor, unit_id: int, day: date) -> UnitThen:
    """A unit of the actor's scope as it stood. Raises NotFound ``org.not_yet`` when it did not stand. Three queries."""
    unit_for(actor, unit_id)
    then = tree_as_of(day).units.get(unit_id)
    if then is None:
        raise NotFound("org.not_yet")
    return then


def figures_as_of(actor: Actor, unit_id: int, day: date) -> tuple[TreeThen, FiguresThen, list[FiguresThen]]:
    """That day's tree, the figures of a unit of the actor's scope, and those of the units directly below it then.

    Raises NotFound ``org.not_yet`` when the unit did not stand on that day. Seven queries.
    """
    unit_for(actor, unit_id)
    tree = tree_as_of(day)
    if unit_id not in tree.units:
        raise NotFound("org.not_yet")
    people = _counts(_people_then(day, party=tree.units[unit_id].kind == "party"))
    stations = _counts(_stations_then(day))

    def figures(one: int) -> FiguresThen:
        inside = list(tree.below(one))
        unit = tree.units[one]
        return FiguresThen(
            one if may(actor, "people.view", unit.path) else None,
            unit.name,
            unit.level,
            len(inside) - 1,
            sum(stations.get(inner, 0) for inner in inside),
            sum(people.get(inner, 0) for inner in inside),
        )

    return tree, figures(unit_id), [figures(child) for child in tree.children.get(unit_id, ())]


def _counts(queries: tuple[peewee.ModelSelect, ...]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for query in queries:
        for unit_id, count in query.tuples():
            found[unit_id] += count
    return found


def _people_then(day: date, *, party: bool) -> tuple[peewee.ModelSelect, ...]:
    """People in service by unit (or by branch): as they stand, and as they stood before a later change."""
    known = Person.created_at < clock.day_bounds(day, day)[1]
    own, before = (Person.branch, PersonSpell.branch) if party else (Person.unit, PersonSpell.unit)
    now = Person.select(own, peewee.fn.COUNT(Person.id)).where((Person.since <= day) & Person.is_active & known)
    then = PersonSpell.select(before, peewee.fn.COUNT(PersonSpell.id)).join(Person, on=PersonSpell.person == Person.id)
    then = then.where(_held(PersonSpell, day) & PersonSpell.is_active & known)
    return now.where(own.is_null(False)).group_by(own), then.where(before.is_null(False)).group_by(before)


def _stations_then(day: date) -> tuple[peewee.ModelSelect, ...]:
    now = Station.select(Station.unit, peewee.fn.COUNT(Station.id)).where((Station.since <= day) & Station.is_open)
    then = StationSpell.select(StationSpell.unit, peewee.fn.COUNT(StationSpell.id))
    then = then.where(_held(StationSpell, day) & StationSpell.is_open)
    return now.group_by(Station.unit), then.group_by(StationSpell.unit)


def memberships_on(day: date) -> peewee.SelectQuery:
    """Who was in service in which unit at the end of a day, as a subquery of ``person_id`` and ``unit_id``."""
    known = Person.created_at < clock.day_bounds(day, day)[1]
    now = Person.select(Person.id.alias("person_id"), Person.unit.alias("unit_id"))
    then = PersonSpell.select(PersonSpell.person, PersonSpell.unit).join(Person, on=PersonSpell.person == Person.id)
    return now.where((Person.since <= day) & Person.is_active & known) + then.where(
        _held(PersonSpell, day) & PersonSpell.is_active & known
    )


def members_as_of(actor: Actor, unit_id: int, day: date) -> list[Person]:
    """The people in service in a unit (of the actor's scope) and all that stood below it, by name.

    Only those who lie within the actor's scope today. Six queries, one more for each 500 units.
    """
    unit_for(actor, unit_id)
    tree = tree_as_of(day)
    inside = list(tree.below(unit_id))
    party = unit_id in tree.units and tree.units[unit_id].kind == "party"
    own, before = (Person.branch, PersonSpell.branch) if party else (Person.unit, PersonSpell.unit)
    known = Person.created_at < clock.day_bounds(day, day)[1]
    found: dict[int, Person] = {}
    for chunk in peewee.chunked(inside, 500):
        now = Person.select(Person, Unit).join(Unit, on=Person.unit == Unit.id)
        then = now.switch(Person).join(PersonSpell, on=PersonSpell.person == Person.id)
        here = own.in_(chunk) & (Person.since <= day) & Person.is_active & known
        before_here = before.in_(chunk) & _held(PersonSpell, day) & PersonSpell.is_active & known
        for query in (now.where(here), then.where(before_here)):
            found.update({person.id: person for person in query})
    mine = [person for person in found.values() if may(actor, "people.view", person.unit.path)]
    return sorted(mine, key=lambda person: (person.name_folded, person.id))
