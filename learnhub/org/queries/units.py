"""Reading the tree and its stations: always within what an actor may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import peewee

from learnhub.kernel.errors import Conflict, NotFound
from learnhub.kernel.paging import Page, page_of
from learnhub.kernel.text import fold
from learnhub.org.models import Person, Station, Unit
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, in_scope, may, scope_of, within


@dataclass(frozen=True)
class UnitRow:
    """A unit among its brothers, with what stands in its subtree."""

    id: int
    code: str
    name: str
    level: str
    children: int
    stations: int
    people: int


@dataclass(frozen=True)
class StationFilter:
    """What a list of stations is narrowed to; every part may be left out."""

    unit_id: int | None = None
    text: str = ""


@dataclass(frozen=True)
class StationRow:
    """A station in a list; ``place`` is the unit with those above it, the city left out."""

    id: int
    station_no: str
    name: str
    unit_id: int
    place: str
    level: str
    is_open: bool


def unit_for(actor: Actor, unit_id: int, ability: str = "people.view") -> Unit:
    """A unit over which the actor holds ``ability``. Raises NotFound for all others. One query."""
    unit = Unit.select().where((Unit.id == unit_id) & in_scope(actor, ability)).first()
    if unit is None:
        raise NotFound("org.no_such_unit")
    return unit


def standing_unit_for(actor: Actor, unit_id: int, ability: str) -> Unit:
    """As :func:`unit_for`, for changing what belongs to it. Raises Conflict ``org.unit_retired`` for a retired one."""
    unit = unit_for(actor, unit_id, ability)
    if unit.is_retired:
        raise Conflict("org.unit_retired", name=unit.name)
    return unit


def station_for(actor: Actor, station_id: int, ability: str = "people.view") -> Station:
    """A station (with its unit) over which the actor holds ``ability``. Raises NotFound for all others. One query."""
    station = _stations().where((Station.id == station_id) & in_scope(actor, ability)).first()
    if station is None:
        raise NotFound("org.no_such_station")
    return station


def find_unit_by_code(code: str) -> Unit | None:
    """The unit with a code, or None."""
    return Unit.select().where(Unit.code == code).first()


def roots_for(actor: Actor, ability: str = "people.view") -> list[Unit]:
    """The units over which the actor was given ``ability``, the highest first. One query."""
    roots = [ids_on(path)[-1] for path in scope_of(actor, ability)]
    return list(Unit.select().where(Unit.id.in_(roots) & ~Unit.is_retired).order_by(Unit.path)) if roots else []


def ancestors(path: str) -> list[Unit]:
    """The units on a path, from the root down to the unit itself. One query."""
    units = {unit.id: unit for unit in Unit.select().where(Unit.id.in_(ids_on(path)))}
    return [units[unit_id] for unit_id in ids_on(path)]


def ancestors_for(actor: Actor, path: str, ability: str = "people.view") -> list[Unit]:
    """As :func:`ancestors`, without the units that lie above the actor's scope. One query."""
    return [unit for unit in ancestors(path) if may(actor, ability, unit.path)]


def names_along(paths: Iterable[str], *, skip: int = 1) -> dict[str, str]:
    """For each path the names from the top down, ``红塔区 / 北城街道``; the first ``skip`` are left out below them.

    One query for all paths.
    """
    paths = set(paths)
    ids = {unit_id for path in paths for unit_id in ids_on(path)}
    names: dict[int, str] = {}
    for chunk in peewee.chunked(sorted(ids), 900):
        names.update(Unit.select(Unit.id, Unit.name).where(Unit.id.in_(chunk)).tuples())
    shown = {}
    for path in paths:
        own = ids_on(path)
        shown[path] = " / ".join(names[unit_id] for unit_id in (own[skip:] or own))
    return shown


def children_of(unit: Unit) -> list[UnitRow]:
    """The units directly below ``unit``, with the counts of their subtrees. Three queries."""
    below = Unit.alias()
    children = (
        Unit.select(Unit, peewee.fn.COUNT(below.id).alias("children"))
        .join(below, peewee.JOIN.LEFT_OUTER, on=(below.parent == Unit.id) & ~below.is_retired)
        .where((Unit.parent == unit) & ~Unit.is_retired)
        .group_by(Unit.id)
        .order_by(Unit.code)
    )
    stations, people = _counts_below(unit, Station), _counts_below(unit, Person)
    return [
        UnitRow(
            child.id,
            child.code,
            child.name,
            child.level,
            child.children,
            stations[child.path],
            people[child.path],
        )
        for child in children
    ]


def _counts_below(unit: Unit, table: type[Station] | type[Person]) -> Counter[str]:
    """How many rows of ``table`` stand in the subtree of each child of ``unit``, by the child's path. One query.

    In the Party's tree people are counted where they are members.
    """
    belongs = Person.branch if table is Person and unit.kind == "party" else table.unit
    query = table.select(Unit.path, peewee.fn.COUNT(table.id)).join(Unit, on=belongs == Unit.id)
    query = query.where(Unit.path.within(unit.path))
    if table is Person:
        query = query.where(Person.is_active)
    depth = len(ids_on(unit.path)) + 1
    found: Counter[str] = Counter()
    for path, count in query.group_by(Unit.path).tuples():
        found["/" + "".join(f"{part}/" for part in ids_on(path)[:depth])] += count
    return found


def list_units(actor: Actor, text: str, page: int = 1, size: int = 25) -> Page[Unit]:
    """The units in the actor's scope whose name contains ``text`` or whose code begins with it. Two queries."""
    wanted = text.strip()
    named = (Unit.name.contains(wanted) | Unit.code.startswith(wanted)) & ~Unit.is_retired
    return page_of(Unit.select().where(in_scope(actor, "people.view") & named).order_by(Unit.path), page, size)


def list_stations(actor: Actor, wanted: StationFilter, page: int = 1, size: int = 25) -> Page[StationRow]:
    """One page of the stations in the actor's scope, by number. At most four queries."""
    query = _stations().where(in_scope(actor, "people.view")).order_by(Station.station_no)
    if wanted.unit_id is not None:
        query = query.where(Unit.path.within(unit_for(actor, wanted.unit_id).path))
    if text := fold(wanted.text):
        named = Station.name.contains(text) | (peewee.fn.LOWER(Station.station_no) == text) | Unit.name.contains(text)
        query = query.where(named)
    found = page_of(query, page, size)
    places = names_along([station.unit.path for station in found.items])
    return found.map(
        lambda station: StationRow(
            station.id,
            station.station_no,
            station.name,
            station.unit_id,
            places[station.unit.path],
            station.unit.level,
            station.is_open,
        )
    )


def stations_for(actor: Actor, ability: str) -> list[Station]:
    """All open stations (with their units) over which the actor holds ``ability``, by unit and number. One query."""
    condition = in_scope(actor, ability) & Station.is_open
    return list(_stations().where(condition).order_by(Unit.path, Station.station_no))


def _stations() -> peewee.ModelSelect:
    return Station.select(Station, Unit).join(Unit)


def count_below(path: str) -> tuple[int, int, int]:
    """How many units (without itself), open stations and active people stand in a subtree. Four queries."""
    inside = within([path])
    return (
        Unit.select().where(inside & ~Unit.is_retired).count() - 1,
        Station.select().join(Unit).where(inside & Station.is_open).count(),
        _count_people(inside),
    )


def _count_people(inside: peewee.Expression) -> int:
    """The active people of these units, in the Party's tree its members. A subtree lies in one tree only. Two queries."""
    ways = (Person.unit, Person.branch)
    return sum(Person.select().join(Unit, on=way == Unit.id).where(inside & Person.is_active).count() for way in ways)


def count_in_scope(actor: Actor, ability: str = "people.view") -> tuple[int, int, int]:
    """How many units, open stations and active people lie where the actor holds ``ability``. Three queries."""
    inside = in_scope(actor, ability)
    return (
        Unit.select().where(inside & ~Unit.is_retired).count(),
        Station.select().join(Unit).where(inside & Station.is_open).count(),
        Person.select().join(Unit).where(inside & Person.is_active).count(),
    )
