"""Reading the tree and its stations: always within what an actor may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import peewee

from learnhub.kernel.db import db, is_postgres
from learnhub.kernel.errors import Conflict, NotFound
from learnhub.kernel.paging import Page, page_of
from learnhub.kernel.text import fold
from learnhub.org.models import Person, Station, Unit
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, in_scope, may, scope_of


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


@dataclass(frozen=True)
class Below:
    """How many units (without itself), open stations and people in service stand below a unit, and its children."""

    units: int
    stations: int
    people: int
    children: list[UnitRow]


def look_below(unit: Unit) -> Below:
    """What stands in the subtree of a unit. Four queries."""
    child = Unit.alias()
    rows = (
        Unit.select(Unit, peewee.fn.COUNT(child.id).alias("children"))
        .join(child, peewee.JOIN.LEFT_OUTER, on=(child.parent == Unit.id) & ~child.is_retired)
        .where((Unit.parent == unit) & ~Unit.is_retired)
        .group_by(Unit.id)
        .order_by(Unit.code)
    )
    stations, people = _stations_below(unit), _people_below(unit)
    children = [
        UnitRow(row.id, row.code, row.name, row.level, row.children, stations[row.path], people[row.path])
        for row in rows
    ]
    units = Unit.select().where(Unit.path.within(unit.path) & (Unit.id != unit.id) & ~Unit.is_retired).count()
    return Below(units, stations.total(), people.total(), children)


def _stations_below(unit: Unit) -> Counter[str]:
    """How many open stations stand in the subtree of each child of ``unit``, by the child's path. One query."""
    query = Station.select(_child_of(unit).alias("child"), peewee.fn.COUNT(Station.id).alias("own")).join(Unit)
    return _by_child(query.where(Unit.path.within(unit.path) & Station.is_open).group_by(peewee.SQL("child")))


def _people_below(unit: Unit) -> Counter[str]:
    """The same for people in service; in the Party's tree they are counted where they are members. One query.

    An index answers for each unit: joining each person with the unit takes five times as long.
    """
    belongs = Person.branch if unit.kind == "party" else Person.unit
    own = Person.select(peewee.fn.COUNT(Person.id)).where((belongs == Unit.id) & Person.is_active)
    return _by_child(Unit.select(_child_of(unit).alias("child"), own.alias("own")).where(Unit.path.within(unit.path)))


def _child_of(unit: Unit) -> peewee.Function:
    """The path of the child of ``unit`` in whose subtree a unit lies; for ``unit`` itself its own."""
    prefix = len(unit.path)
    place = peewee.fn.STRPOS if is_postgres() else peewee.fn.INSTR
    return peewee.fn.SUBSTR(Unit.path, 1, prefix + place(peewee.fn.SUBSTR(Unit.path, prefix + 1), "/"))


def _by_child(counts: peewee.ModelSelect) -> Counter[str]:
    """Sums by child, made by the database: a city has 13,000 units below it, and nine children."""
    sums = peewee.Select([counts], [counts.c.child, peewee.fn.SUM(counts.c.own)]).group_by(counts.c.child).bind(db.obj)
    return Counter({child: int(own) for child, own in sums.tuples() if own})


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


def count_in_scope(actor: Actor, ability: str = "people.view") -> tuple[int, int, int]:
    """How many units, open stations and active people lie where the actor holds ``ability``. Three queries."""
    inside = in_scope(actor, ability)
    own = Person.select(peewee.fn.COUNT(Person.id)).where((Person.unit == Unit.id) & Person.is_active)
    return (
        Unit.select().where(inside & ~Unit.is_retired).count(),
        Station.select().join(Unit).where(inside & Station.is_open).count(),
        int(Unit.select(peewee.fn.COALESCE(peewee.fn.SUM(own), 0)).where(inside & (Unit.kind != "party")).scalar()),
    )
